using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.SignIn;

public sealed class SignOutPage(WebSession web) : PageModel
{
    // Only a form signs out: a link that another site may plant does not.
    public IActionResult OnGet() => Redirect("/");

    public async Task<IActionResult> OnPostAsync()
    {
        await web.EndAsync(HttpContext);
        return Redirect("/sign-in");
    }
}
