using System.Globalization;
using Manzil.Layout;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using NodaTime;

namespace Manzil.SignIn;

public sealed class SignInPage(Texts texts, SignInByCard byCard, Passkeys passkeys, Sessions sessions, WebSession web, Jurisdiction rules) : PageModel
{
    const int MaxTyped = 40;

    [BindProperty(SupportsGet = true)]
    public string? Return { get; set; }

    [BindProperty]
    public string? Card { get; set; }

    [BindProperty]
    public DateEntry BirthDate { get; set; } = new();

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty]
    public string? Remember { get; set; }

    public bool PasskeysAreUsable => passkeys.AreUsable;

    public int RememberedDays => rules.Intervals.RememberedPhoneDays;

    public async Task<IActionResult> OnPostAsync()
    {
        if (Read() is not { } birthDate) return Again(StatusCodes.Status400BadRequest);
        var kind = Remember == "yes" ? Session.Phone : Session.Browser;
        switch (await byCard.TryAsync(Card!, birthDate, Code!, kind, HttpContext.Connection.RemoteIpAddress))
        {
            case SignInByCard.Result.SignedIn signedIn:
                return await EnterAsync(signedIn.Token, signedIn.Session);
            case SignInByCard.Result.Wait wait:
                Response.Headers.RetryAfter = wait.Seconds.ToString(CultureInfo.InvariantCulture);
                ModelState.AddModelError("", texts["problem.sign-in-wait.detail", ("count", wait.Minutes)]);
                return Again(StatusCodes.Status429TooManyRequests);
            default:
                // The same words and the same status, whichever of the three was wrong.
                ModelState.AddModelError(nameof(Card), texts["problem.sign-in-failed.detail"]);
                return Again(StatusCodes.Status401Unauthorized);
        }
    }

    public async Task<IActionResult> OnPostPasskeyAsync(string? challenge, string? credential)
    {
        if (await passkeys.CheckAsync(HttpContext, null, challenge, credential) is not { } worker)
        {
            ModelState.Clear();
            ModelState.AddModelError("", texts["passkey.failed"]);
            return Again(StatusCodes.Status400BadRequest);
        }

        var (token, session) = await sessions.StartAsync(worker, Session.Browser);
        return await EnterAsync(token, session);
    }

    async Task<IActionResult> EnterAsync(string token, Session session)
    {
        // Whoever was signed in here before is not any more.
        if (SignedIn.Of(HttpContext) is { } before) await sessions.EndAsync(before.Session);
        web.Start(HttpContext, token, session);
        var next = Url.IsLocalUrl(Return) ? Return : "/";
        if (!passkeys.AreUsable || (await passkeys.ListAsync(session.WorkerId)).Count > 0) return LocalRedirect(next);
        return Redirect("/sign-in/passkey-offer" + QueryString.Create("return", next).ToUriComponent());
    }

    LocalDate? Read()
    {
        if (string.IsNullOrWhiteSpace(Card)) ModelState.AddModelError(nameof(Card), texts["sign-in.card-missing"]);
        else if (Card.Length > MaxTyped) ModelState.AddModelError(nameof(Card), texts["fault.text-too-long"]);
        var birthDate = default(LocalDate);
        if (BirthDate.IsEmpty) ModelState.AddModelError(nameof(BirthDate), texts["sign-in.birth-date-missing"]);
        else if (!BirthDate.TryRead(texts.Lang, out birthDate)) ModelState.AddModelError(nameof(BirthDate), texts["sign-in.birth-date-wrong"]);
        if (string.IsNullOrWhiteSpace(Code)) ModelState.AddModelError(nameof(Code), texts["sign-in.code-missing"]);
        else if (Code.Length > MaxTyped) ModelState.AddModelError(nameof(Code), texts["fault.text-too-long"]);
        return ModelState.IsValid ? birthDate : null;
    }

    PageResult Again(int status)
    {
        Response.StatusCode = status;
        return Page();
    }
}
