using System.Globalization;
using Manzil.Layout;
using Manzil.SignIn;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Waiting = Manzil.SignIn.SignInResult.Wait;

namespace Manzil.Helping.Door;

/// <summary>Where a helper comes in with the code that a worker handed them. A wrong code learns nothing.</summary>
public sealed class HelperEntryPage(HelperSessions sessions, Attempts attempts, Texts texts) : PageModel
{
    [BindProperty, Typed(TextKind.Number, Max = 60)]
    public string? Code { get; set; }

    public bool HasEnded { get; private set; }

    public bool HasLeft { get; private set; }

    public async Task<IActionResult> OnGetAsync([Typed(TextKind.Made)] string? ended, [Typed(TextKind.Made)] string? left)
    {
        (HasEnded, HasLeft) = (ended is not null, left is not null);
        return !HasEnded && await sessions.FindAsync(HttpContext) is not null ? Redirect("/helper/file") : Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (TypedBinder.HasTooLong(HttpContext))
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }

        if (string.IsNullOrWhiteSpace(Code)) return Wrong(texts["helper.code-missing"], StatusCodes.Status400BadRequest);
        if (CardNumber.HasOtherLetters(Code)) return Wrong(texts["back-in.number-letters"], StatusCodes.Status400BadRequest);
        // Nothing but the code is typed, and 80 bits are not guessed: the address alone counts, and never stands in the way of a right one.
        using var attempt = attempts.Begin("helper", null, HttpContext.Connection.RemoteIpAddress);
        if (await sessions.EnterAsync(HttpContext, Code))
        {
            attempt.Succeeded();
            return Redirect("/helper/file");
        }

        if (attempt.Failed() is not Waiting wait) return Wrong(texts["helper.code-wrong"], StatusCodes.Status400BadRequest);
        Response.Headers.RetryAfter = wait.Seconds.ToString(CultureInfo.InvariantCulture);
        return Wrong(SignInProblems.Sentence(texts, wait), StatusCodes.Status429TooManyRequests);
    }

    PageResult Wrong(string error, int status)
    {
        ModelState.Clear();
        ModelState.AddModelError(nameof(Code), error);
        Response.StatusCode = status;
        return Page();
    }
}
