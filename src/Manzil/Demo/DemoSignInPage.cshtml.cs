using Manzil.Register;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Demo;

/// <summary>Signs in as an officer of the demo by a one-time link. There is none outside the demo.</summary>
public sealed class DemoSignInPage(ServiceSettings settings, DemoSignIn links, StaffSessions sessions) : PageModel
{
    public async Task<IActionResult> OnGetAsync([Typed(TextKind.Made)] string token)
    {
        if (!settings.Demo) return NotFound();
        if (links.Take(token) is not { } staff)
        {
            Response.StatusCode = StatusCodes.Status404NotFound;
            return Page();
        }

        await sessions.EnterAsync(HttpContext, staff);
        return Redirect("/staff");
    }
}
