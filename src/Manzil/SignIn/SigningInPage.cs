using System.Globalization;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.SignIn;

/// <summary>A page by which one signs in: what is typed there is checked, and every wrong guess gets the same answer.</summary>
public abstract class SigningInPage(Texts texts, Passkeys passkeys, Sessions sessions, WebSession web) : PageModel
{
    protected const int MaxTyped = 40;

    protected Texts Texts => texts;

    protected Passkeys Passkeys => passkeys;

    protected Sessions Sessions => sessions;

    [BindProperty, Typed(TextKind.Made)]
    public string? Remember { get; set; }

    protected string KindOfSession => Remember == "yes" ? Session.Phone : Session.Browser;

    /// <summary>Starts the browser's session and leads to <paramref name="next"/>, by way of the offer of a passkey where there is none yet.</summary>
    protected async Task<IActionResult> EnterAsync(string token, Session session, string next)
    {
        // Whoever was signed in here before is not any more.
        if (SignedIn.Of(HttpContext) is { } before) await sessions.EndAsync(before.Session);
        web.Start(HttpContext, token, session);
        if (!passkeys.AreUsable || (await passkeys.ListAsync(session.WorkerId)).Count > 0) return LocalRedirect(next);
        return Redirect("/sign-in/passkey-offer" + QueryString.Create("return", next).ToUriComponent());
    }

    /// <summary>The same words and the same status, whichever of what was typed is wrong.</summary>
    protected IActionResult Wrong(string field, string error)
    {
        ModelState.AddModelError(field, error);
        return Again(StatusCodes.Status401Unauthorized);
    }

    protected IActionResult Wait(SignInResult.Wait wait)
    {
        Response.Headers.RetryAfter = wait.Seconds.ToString(CultureInfo.InvariantCulture);
        ModelState.AddModelError("", SignInProblems.Sentence(texts, wait));
        return Again(StatusCodes.Status429TooManyRequests);
    }

    protected PageResult Again(int status)
    {
        Response.StatusCode = status;
        return Page();
    }

    /// <summary>A document's number as it is kept; null, with an error beside the field, where it cannot be one.</summary>
    protected string? ReadNumber(string field, string? typed, string missing)
    {
        var (number, fault) = CardNumber.ReadField(typed, missing);
        if (fault is not null) ModelState.AddModelError(field, texts[fault]);
        return number;
    }

    /// <summary>What is left empty is not in the document: to type a day that it has is for whoever signs in, and who guesses learns nothing of it.</summary>
    protected BirthDate? ReadBirthDate(string field, DateEntry typed) => this.ReadBirthDate(field, typed, texts, isTicked: false, "sign-in.birth-date-missing");

    /// <summary>What does not fit is named no more than it was, but a day that was left empty may have been forgotten: that is said of what was typed, whatever is known.</summary>
    protected string WithDay(string error, DateEntry typed) => string.IsNullOrWhiteSpace(typed.Day) ? $"{error} {texts["sign-in.day-empty"]}" : error;

    /// <summary>A code as typed; null, with an error beside the field. It is never shown again: it may be used up.</summary>
    protected string? ReadCode(string field, string? typed, string missing)
    {
        if (ModelState.TryGetValue(field, out var entry)) entry.AttemptedValue = "";
        if (string.IsNullOrWhiteSpace(typed)) ModelState.AddModelError(field, missing);
        else if (typed.Length > MaxTyped) ModelState.AddModelError(field, texts["fault.text-too-long"]);
        else if (CardNumber.HasOtherLetters(typed)) ModelState.AddModelError(field, texts["back-in.number-letters"]);
        else return typed;
        return null;
    }
}
