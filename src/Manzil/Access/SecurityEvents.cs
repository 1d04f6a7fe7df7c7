using Manzil.Rules;
using Manzil.Staff;

namespace Manzil.Access;

/// <summary>
/// Who got in, who did not, and what was refused: one line each in the operator's log. Of a worker or a helper it says how and never
/// who, and no address stands in it; an officer is named by number. Nothing that somebody typed or a path held goes in.
/// </summary>
public static class SecurityEvents
{
    public const string Category = "Manzil.Security";

    /// <param name="kind">Of the session: api, browser or phone.</param>
    public static void WorkerSignedIn(ILogger? log, string kind) => log?.LogInformation("A worker signed in: {Kind}", kind);

    /// <param name="way">By which somebody wants to get in: card, recovery, document, helper.</param>
    public static void CodeFailed(ILogger? log, string way) => log?.LogInformation("A try to get in did not succeed, or not yet: {Way}", way);

    public static void ToldToWait(ILogger? log, string way) => log?.LogInformation("A try to get in has to wait: {Way}", way);

    public static void HelperCameIn(HttpContext http) => Of(http).LogInformation("A helper came in");

    /// <param name="table">passkey or staff_passkey.</param>
    public static void PasskeyFailed(HttpContext http, string table, string purpose) => Of(http).LogInformation("A passkey did not count: {Table} {Purpose}", table, purpose);

    public static void OfficerSignedIn(HttpContext http, string? number) => Of(http).LogInformation("Officer {Number} signed in", number);

    public static void OfficerRefused(HttpContext http, StaffMember staff, string page) =>
        Of(http).LogInformation("Officer {Number} ({Role}) was refused {Page}", staff.Number, staff.Role.Name(), page);

    /// <summary>Any answer that turns somebody away. The route as it is declared: a path may hold a number of somebody's.</summary>
    public static void Refused(HttpContext http)
    {
        if (http.Response.StatusCode is not (400 or 401 or 403 or 404 or 405 or 413 or 415 or 429)) return;
        var method = http.Request.Method is "GET" or "HEAD" or "POST" or "DELETE" ? http.Request.Method : "another method";
        Of(http).LogInformation("Refused with {Status}: {Method} {Route}", http.Response.StatusCode, method, (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "no route");
    }

    static ILogger Of(HttpContext http) => http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
}
