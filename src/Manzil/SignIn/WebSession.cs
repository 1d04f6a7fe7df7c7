using Manzil.Layout;

namespace Manzil.SignIn;

/// <summary>The session of a page's request: an own cookie with the token, out of scripts' reach.</summary>
public sealed class WebSession(Sessions sessions, ServiceFacts facts)
{
    string Cookie => facts.CookieName("manzil");

    /// <summary>What the browser holds, believed or not.</summary>
    public string? TokenOf(HttpContext http) => http.Request.Cookies[Cookie];

    public async ValueTask<Session?> FindAsync(HttpContext http) =>
        TokenOf(http) is { } token ? await sessions.FindOfBrowserAsync(token.AsMemory()) : null;

    /// <summary>A remembered phone keeps its cookie; otherwise it ends with the browser.</summary>
    public void Start(HttpContext http, string token, Session session) =>
        http.Response.Cookies.Append(Cookie, token, new CookieOptions
        {
            HttpOnly = true,
            Secure = facts.IsHttps,
            SameSite = SameSiteMode.Lax,
            Path = "/",
            // Each visit moves the end in the database; the cookie itself may outlive it.
            MaxAge = session.Kind == Session.Phone ? TimeSpan.FromDays(400) : null,
            IsEssential = true,
        });

    public async Task EndAsync(HttpContext http)
    {
        if (await FindAsync(http) is { } session) await sessions.EndAsync(session);
        http.Response.Cookies.Delete(Cookie, new CookieOptions { Path = "/", Secure = facts.IsHttps });
        SecurityHeaders.Forget(http.Response);
    }
}
