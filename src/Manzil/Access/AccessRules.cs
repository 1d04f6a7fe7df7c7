using Manzil.Rules;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.StaticAssets;

namespace Manzil.Access;

/// <summary>
/// Who may open what: each folder of pages and each tree of routes once, with its rule. Nothing else says it. What stands below
/// none of them does not exist (404), and a test walks every route with everybody.
/// </summary>
public static class AccessRules
{
    static readonly StaffRole[] EveryRole = [.. StaffRoles.All];

    /// <summary>
    /// Folders of pages, and single pages where a folder holds those of workers and a few for everybody. The longest that fits
    /// counts. A page's base class (WorkerPage, HelperPage, StaffPage, or PersonPage, which has the worker's door and the desk's) is what
    /// asks visitors to sign in; it must agree with the rule.
    /// </summary>
    public static IReadOnlyList<(string Folder, AccessRule Rule)> Folders { get; } =
    [
        ("/Home/", AccessRule.Everybody),
        ("/Layout/", AccessRule.Everybody),
        ("/Status/", AccessRule.Everybody),
        // Pages that exist in the demo only.
        ("/Demo/", AccessRule.Everybody),
        ("/SignIn/", AccessRule.Worker),
        ("/SignIn/SignInPage", AccessRule.Everybody),
        ("/SignIn/SignOutPage", AccessRule.Everybody),
        ("/SignIn/SentCodePage", AccessRule.Everybody),
        ("/SignIn/DocumentPage", AccessRule.Everybody),
        ("/SignIn/DocumentCodePage", AccessRule.Everybody),
        ("/SignIn/RecoverySignInPage", AccessRule.Everybody),
        ("/Messages/", AccessRule.Worker),
        // For whoever gets a message that is not for them.
        ("/Messages/NotMinePage", AccessRule.Everybody),
        ("/Notices/", AccessRule.Worker),
        ("/Cases/Mine/", AccessRule.Worker),
        ("/Helping/Mine/", AccessRule.Worker),
        ("/Helping/Door/", AccessRule.Helper),
        // Where a helper comes in with the code.
        ("/Helping/Door/HelperEntryPage", AccessRule.Everybody),
        ("/Receipts/", AccessRule.Worker),
        ("/Receipts/VerifyPage", AccessRule.Everybody),
        // Signing in, and the page that an invitation opens.
        ("/Staff/", AccessRule.Everybody),
        ("/Staff/Desk/", AccessRule.Staff(EveryRole)),
        ("/Staff/Lead/", AccessRule.Staff(StaffRole.LeadReviewer)),
        ("/Cases/Desk/", AccessRule.Staff(StaffRole.Caseworker, StaffRole.Reviewer, StaffRole.LeadReviewer)),
        ("/Registrations/Desk/", AccessRule.Staff(StaffRole.Clerk)),
        ("/Status/Desk/", AccessRule.Staff(StaffRole.Auditor, StaffRole.LeadReviewer)),
    ];

    /// <summary>Routes that are no pages: by method where one is named, and by how they begin. The first that fits counts.</summary>
    public static IReadOnlyList<(string? Method, string Begin, AccessRule Rule)> Routes { get; } =
    [
        ("POST", "/api/v1/sessions", AccessRule.Everybody),
        ("POST", "/api/v1/sessions/sent-code", AccessRule.Everybody),
        ("POST", "/api/v1/sessions/by-sent-code", AccessRule.Everybody),
        (null, "/api/v1/", AccessRule.Bearer),
        (null, "/gateway/", AccessRule.Gateway),
        (null, "/sign-in/passkey/", AccessRule.Everybody),
        (null, "/staff/passkey/", AccessRule.Everybody),
        (null, "/log/", AccessRule.Everybody),
        (null, "/.well-known/manzil/", AccessRule.Everybody),
        (null, "/openapi/", AccessRule.Everybody),
        (null, "/health/", AccessRule.Everybody),
        // Only an unpublished build has it: files that are newer than its list of assets.
        (null, "/{**path:file}", AccessRule.File),
    ];

    /// <param name="page">Its path without the ending, such as /Staff/Desk/DeskPage.</param>
    /// <returns>Null where nothing is declared.</returns>
    public static AccessRule? OfPage(string page) => Folders
        .Where(f => f.Folder.EndsWith('/') ? page.StartsWith(f.Folder, StringComparison.Ordinal) : page == f.Folder)
        .OrderByDescending(f => f.Folder.Length).FirstOrDefault().Rule;

    /// <returns>Null where nothing is declared.</returns>
    public static AccessRule? Of(RouteEndpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<PageActionDescriptor>() is { } page) return OfPage(page.ViewEnginePath);
        if (endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null) return AccessRule.File;
        var path = "/" + endpoint.RoutePattern.RawText?.TrimStart('/');
        var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
        // A tree ends with a slash; where a method is named, it is that one route.
        return Routes.FirstOrDefault(r => r.Method is null ? path.StartsWith(r.Begin, StringComparison.Ordinal) : path == r.Begin && methods is [var only] && only == r.Method).Rule;
    }

    /// <summary>Comes after routing: what has no rule, or is of another kind than its rule says, is answered as if it were not there.</summary>
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint)
        {
            var rule = Of(endpoint);
            if (rule is null || (endpoint.Metadata.GetMetadata<CompiledPageActionDescriptor>() is { } page && !rule.IsKeptBy(page.HandlerTypeInfo)))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }
        }

        return next(context);
    }
}
