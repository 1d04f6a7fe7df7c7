using System.Globalization;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Register;
using Manzil.SignIn;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using SignInResult = Manzil.SignIn.SignInResult;

namespace Manzil.Messages;

/// <summary>For whoever gets a message that is not for them: they type where it came, and the six digits in it, and sign in nowhere.</summary>
public sealed class NotMinePage(NotMine notMine, Attempts attempts, CurrentRules current, Texts texts) : PageModel
{
    const string Way = "not-mine";

    [BindProperty, Typed(TextKind.Contact, Max = 254)]
    public string? Contact { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = 20)]
    public string? Mark { get; set; }

    public bool IsDone { get; private set; }

    public void OnGet([Typed(TextKind.Made)] string? done) => IsDone = done == "1";

    public async Task<IActionResult> OnPostAsync()
    {
        var email = ContactAddress.Email(Contact ?? "");
        var address = email ?? ContactAddress.Phone(Contact ?? "", current.Now);
        if (address is null) ModelState.AddModelError(nameof(Contact), texts["not-mine.contact-missing"]);
        var mark = SecretCode.Normalize(Mark ?? "");
        if (mark.Length != SecretCode.ShortLength || !mark.All(char.IsAsciiDigit)) ModelState.AddModelError(nameof(Mark), texts["not-mine.mark-missing"]);
        if (!ModelState.IsValid) return Again(StatusCodes.Status400BadRequest);

        // Guessed at like a code: counted by what it is guessed for, and by where it comes from.
        using var attempt = attempts.Begin(Way, address, HttpContext.Connection.RemoteIpAddress);
        if (attempt.MustWait is { } wait) return Wait(wait);
        switch (await notMine.EndAsync(email is null ? "sms" : "email", address!, mark))
        {
            case ActResult.Accepted:
                attempt.Succeeded();
                return Redirect("/not-mine?done=1");
            case ActResult.Unavailable:
                return Busy.TurnAway(Response);
            default:
                if (attempt.Failed() is SignInResult.Wait later) return Wait(later);
                ModelState.AddModelError(nameof(Mark), texts["not-mine.wrong"]);
                return Again(StatusCodes.Status400BadRequest);
        }
    }

    IActionResult Wait(SignInResult.Wait wait)
    {
        Response.Headers.RetryAfter = wait.Seconds.ToString(CultureInfo.InvariantCulture);
        ModelState.AddModelError("", SignInProblems.Sentence(texts, wait));
        return Again(StatusCodes.Status429TooManyRequests);
    }

    PageResult Again(int status)
    {
        Response.StatusCode = status;
        return Page();
    }
}
