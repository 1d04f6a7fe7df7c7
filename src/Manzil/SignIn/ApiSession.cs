using Manzil.Access;
using Manzil.Layout;

namespace Manzil.SignIn;

/// <summary>The session of an API request: a bearer token and nothing else, so that no other site can lend a cookie.</summary>
public static class ApiSession
{
    const string Bearer = "Bearer ";

    /// <returns>The session; null where there is none, and then 401 has been answered.</returns>
    public static ValueTask<Session?> RequireAsync(HttpContext http) =>
        RequireAsync(http, http.RequestServices.GetRequiredService<Sessions>(), remembered: false);

    /// <summary>What the request holds, believed or not; empty where it holds none.</summary>
    public static ReadOnlyMemory<char> TokenOf(HttpContext http)
    {
        var header = http.Request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } value && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? value.AsMemory(Bearer.Length)
            : default;
    }

    /// <summary>The same, where nothing is done for it but an act: that asks for the session once more.</summary>
    public static ValueTask<Session?> RequireRememberedAsync(HttpContext http, Sessions sessions) => RequireAsync(http, sessions, remembered: true);

    static async ValueTask<Session?> RequireAsync(HttpContext http, Sessions sessions, bool remembered)
    {
        if (TokenOf(http) is { IsEmpty: false } token && await sessions.FindOfProgramAsync(token, remembered) is { } session)
        {
            AskedIn.Note(http, session.TokenHash);
            return session;
        }

        http.Response.Headers.WWWAuthenticate = "Bearer";
        await Problems.Result(http, Problems.SignInNeeded).ExecuteAsync(http);
        return null;
    }
}
