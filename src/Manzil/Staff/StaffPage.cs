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
        if (HttpContext.Features.Get<StaffMember>() is not { } staff)
        {
            context.Result = Redirect("/staff/sign-in" + QueryString.Create("return", (Request.PathBase + Request.Path).ToUriComponent()).ToUriComponent());
            return;
        }

        if (AccessRules.OfPage(context.ActionDescriptor.ViewEnginePath) is not { Door: Door.Staff } rule || !rule.Roles.Contains(staff.Role))
        {
            SecurityEvents.OfficerRefused(HttpContext, staff, context.ActionDescriptor.ViewEnginePath);
            context.Result = StatusCode(StatusCodes.Status403Forbidden);
            return;
        }

        Staff = staff;
        await next();
    }

    /// <summary>Comes after routing and before the page, so that its language can be the officer's.</summary>
    public static async Task FindAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/staff") && context.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>() is not null
            && context.Features.Get<StaffMember>() is null
            && await context.RequestServices.GetRequiredService<StaffSessions>().FindAsync(context) is { } staff)
        {
            context.Features.Set(staff);
            LanguageChoice.Prefer(context, staff.Language);
        }

        await next(context);
    }
}
