using Manzil.Rules;
using Manzil.Staff;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Access;

/// <summary>
/// Who got in, who did not, and what was refused: one line each in the operator's log. Of a worker or a helper it says how and never
/// who, and no address stands in it; an officer is named by number. Nothing that somebody typed or a path held goes in.
/// </summary>
public static class SecurityEvents
{
    public const string Category = "Manzil.Security";

    /// <param name="kind">Of the session: api, browser or phone.</param>
    public static void WorkerSignedIn(ILogger? log, string kind)
    {
        if (log is not null) LogEvents.WorkerSignedIn(log, LogWord.Of(kind));
    }

    /// <param name="way">By which somebody wants to get in: card, recovery, document, helper.</param>
    public static void CodeFailed(ILogger? log, string way)
    {
        if (log is not null) LogEvents.CodeFailed(log, LogWord.Of(way));
    }

    public static void ToldToWait(ILogger? log, string way)
    {
        if (log is not null) LogEvents.ToldToWait(log, LogWord.Of(way));
    }

    public static void HelperCameIn(HttpContext http) => LogEvents.HelperCameIn(Of(http));

    /// <param name="table">passkey or staff_passkey.</param>
    public static void PasskeyFailed(HttpContext http, string table, string purpose) => LogEvents.PasskeyFailed(Of(http), LogWord.Of(table), LogWord.Of(purpose));

    public static void OfficerSignedIn(HttpContext http, StaffMember? staff) => LogEvents.OfficerSignedIn(Of(http), staff is null ? default : LogOfficer.Of(staff));

    public static void OfficerRefused(HttpContext http, StaffMember staff, CompiledPageActionDescriptor page) =>
        LogEvents.OfficerRefused(Of(http), LogOfficer.Of(staff), LogWord.Of(staff.Role.Name()), LogRoute.Of(page));

    /// <summary>Any answer that turns somebody away. The route as it is declared: a path may hold a number of somebody's.</summary>
    public static void Refused(HttpContext http)
    {
        if (http.Response.StatusCode is not (400 or 401 or 403 or 404 or 405 or 413 or 415 or 429)) return;
        LogEvents.Refused(Of(http), new LogNumber(http.Response.StatusCode), LogWord.Of(http.Request.Method), LogRoute.Of(http.GetEndpoint()));
    }

    static ILogger Of(HttpContext http) => http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
}
