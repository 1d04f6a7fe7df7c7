using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Staff;

public sealed class StaffSignOutPage(StaffSessions sessions) : PageModel
{
    // Only a form signs out: a link that another site may plant does not.
    public IActionResult OnGet() => Redirect("/staff");

    public async Task<IActionResult> OnPostAsync()
    {
        await sessions.EndAsync(HttpContext);
        return Redirect("/staff/sign-in");
    }
}
