using Manzil.Layout;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Staff;

/// <summary>Which roles a folder of pages is for; a page below none of these folders is no page for officers.</summary>
public static class StaffFolders
{
    static readonly StaffRole[] Everybody = [.. StaffRoles.All];

    /// <summary>Each folder once, with its roles. Nothing else says who may open a page for officers.</summary>
    public static IReadOnlyList<(string Folder, IReadOnlyList<StaffRole> Roles)> All { get; } =
    [
        ("/Staff/Desk/", Everybody),
        ("/Staff/Lead/", [StaffRole.LeadReviewer]),
        ("/Cases/Desk/", [StaffRole.Caseworker, StaffRole.Reviewer, StaffRole.LeadReviewer]),
        ("/Registrations/Desk/", [StaffRole.Clerk]),
        ("/Status/Desk/", [StaffRole.Auditor, StaffRole.LeadReviewer]),
    ];

    public static IReadOnlyList<StaffRole> RolesOf(string page) =>
        All.Where(f => page.StartsWith(f.Folder, StringComparison.Ordinal)).Select(f => f.Roles).SingleOrDefault() ?? [];
}

/// <summary>
/// A page for officers: <see cref="Staff"/> stands before a handler runs. Others are asked to sign in; an officer of another role is
/// told that this is not theirs (403). No page of this kind is stored anywhere.
/// </summary>
public abstract class StaffPage : PageModel
{
    public StaffMember Staff { get; private set; } = null!;

    public sealed override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (HttpContext.Features.Get<StaffMember>() is not { } staff)
        {
            context.Result = Redirect("/staff/sign-in" + QueryString.Create("return", (Request.PathBase + Request.Path).ToUriComponent()).ToUriComponent());
            return;
        }

        if (!StaffFolders.RolesOf(context.ActionDescriptor.ViewEnginePath).Contains(staff.Role))
        {
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
