using System.Globalization;
using Manzil.Layout;
using Manzil.SignIn;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using NodaTime;
using Waiting = Manzil.SignIn.SignInResult.Wait;

namespace Manzil.Helping.Door;

/// <summary>Where a helper comes in with the code that a worker handed them. A wrong code learns nothing, and guessing is slowed.</summary>
public sealed class HelperEntryPage(HelperSessions sessions, Attempts attempts, Texts texts) : PageModel
{
    [BindProperty]
    public string? Code { get; set; }

    public bool HasEnded { get; private set; }

    public async Task<IActionResult> OnGetAsync(string? ended)
    {
        HasEnded = ended is not null;
        return !HasEnded && await sessions.FindAsync(HttpContext) is not null ? Redirect("/helper/file") : Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (string.IsNullOrWhiteSpace(Code)) return Wrong(texts["helper.code-missing"], StatusCodes.Status400BadRequest);
        var (name, address) = ("helper:" + SecretCode.Normalize(Code.Length <= 60 ? Code : Code[..60]), HttpContext.Connection.RemoteIpAddress);
        if (attempts.Wait(name, address) is var longer && longer > Duration.Zero)
        {
            var wait = Waiting.For(longer);
            Response.Headers.RetryAfter = wait.Seconds.ToString(CultureInfo.InvariantCulture);
            return Wrong(texts["problem.sign-in-wait.detail", ("count", wait.Minutes)], StatusCodes.Status429TooManyRequests);
        }

        if (await sessions.EnterAsync(HttpContext, Code))
        {
            attempts.Succeeded(name, address);
            return Redirect("/helper/file");
        }

        attempts.Failed(name, address);
        return Wrong(texts["helper.code-wrong"], StatusCodes.Status400BadRequest);
    }

    PageResult Wrong(string error, int status)
    {
        ModelState.Clear();
        ModelState.AddModelError(nameof(Code), error);
        Response.StatusCode = status;
        return Page();
    }
}
