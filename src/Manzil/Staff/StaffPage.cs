using Manzil.Access;
using Manzil.Layout;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Staff;

/// <summary>
/// A page for officers of the roles that its folder names (<see cref="AccessRules"/>): <see cref="Staff"/> stands before a handler
/// runs. Others are asked to sign in; an officer of another role is told that this is not theirs (403). No page of this kind is
/// stored anywhere.
/// </summary>
public abstract class StaffPage : PageModel
{
    public StaffMember Staff { get; private set; } = null!;

    // A filter, and not what its name would make it: a handler for a method called PAGE.
    [NonHandler]
    public sealed override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        context.Result = Refuse(context);
        if (context.Result is not null) return;
        Staff = HttpContext.Features.Get<StaffMember>()!;
        await next();
    }

    /// <returns>What somebody is answered who may not open this page; null where an officer is signed in who may.</returns>
    internal static IActionResult? Refuse(PageHandlerExecutingContext context)
    {
        var http = context.HttpContext;
        if (http.Features.Get<StaffMember>() is not { } staff) return SignedOut.Result(http);
        if (AccessRules.OfPage(context.ActionDescriptor.ViewEnginePath) is { Door: Door.Staff } rule && rule.Roles.Contains(staff.Role)) return null;
        SecurityEvents.OfficerRefused(http, staff, context.ActionDescriptor);
        return new StatusCodeResult(StatusCodes.Status403Forbidden);
    }

    /// <summary>Comes after routing and before the page, so that its language can be the officer's.</summary>
    public static async Task FindAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/staff") && context.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>() is not null
            && context.Features.Get<StaffMember>() is null)
        {
            await FindAsync(context);
            if (context.Features.Get<StaffMember>() is { } staff) LanguageChoice.Prefer(context, staff.Language);
        }

        await next(context);
    }

    /// <summary>Call once the body has come: whoever was signed out or dismissed meanwhile is so for all that follows.</summary>
    public static Task FindAgainAsync(HttpContext context) => context.Features.Get<StaffMember>() is null ? Task.CompletedTask : FindAsync(context);

    static async Task FindAsync(HttpContext context)
    {
        var sessions = context.RequestServices.GetRequiredService<StaffSessions>();
        var staff = await sessions.FindAsync(context);
        context.Features.Set(staff);
        // A worker's cookie beside it is not who asks.
        AskedIn.Note(context, staff is null ? null : sessions.HashOf(context));
    }
}
