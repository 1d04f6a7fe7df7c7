using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

public sealed class SignInPage(
    Texts texts, SignInByCard byCard, BackIn backIn, BackInCookie cookie, Passkeys passkeys, Sessions sessions, WebSession web, Jurisdiction rules)
    : SigningInPage(texts, passkeys, sessions, web)
{
    [BindProperty(SupportsGet = true), Typed(TextKind.Made)]
    public string? Return { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? Card { get; set; }

    [BindProperty]
    public DateEntry BirthDate { get; set; } = new();

    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? Code { get; set; }

    public bool PasskeysAreUsable => Passkeys.AreUsable;

    public int RememberedDays => rules.Intervals.RememberedPhoneDays;

    string Next => ReturnPath.Of(Url, Return, "/");

    public async Task<IActionResult> OnPostAsync()
    {
        if (Read() is not { } birthDate) return Again(StatusCodes.Status400BadRequest);
        var next = Next;
        return await byCard.TryAsync(Card!, birthDate, Code!, KindOfSession, HttpContext.Connection.RemoteIpAddress) switch
        {
            SignInResult.SignedIn signedIn => await EnterAsync(signedIn.Token, signedIn.Session, next),
            SignInResult.Wait wait => Wait(wait),
            SignInResult.Unavailable => Busy.TurnAway(Response),
            _ => Wrong(nameof(Card), WithDay(Texts["problem.sign-in-failed.detail"], BirthDate)),
        };
    }

    /// <summary>The other choice: a code is sent. Whatever is typed, the same page comes next.</summary>
    public async Task<IActionResult> OnPostSendAsync()
    {
        if (ReadPerson() is not { } birthDate || !ModelState.IsValid) return Again(StatusCodes.Status400BadRequest);
        var next = Next;
        switch (await backIn.AskAsync(new CodeClaim.ByCard(CardNumber.Read(Card!) ?? "", birthDate), HttpContext.Connection.RemoteIpAddress))
        {
            case BackIn.Asking.Begun begun:
                cookie.Keep(HttpContext, begun.Token);
                return Redirect("/sign-in/code" + QueryString.Create("return", next).ToUriComponent());
            case BackIn.Asking.Wait wait:
                return Wait(wait.For);
            default:
                return Busy.TurnAway(Response);
        }
    }

    public async Task<IActionResult> OnPostPasskeyAsync([Typed(TextKind.Made)] string? challenge, [Typed(TextKind.Made)] string? credential)
    {
        var next = Next;
        if (await Passkeys.CheckAsync(HttpContext, null, challenge, credential) is not { } worker)
        {
            ModelState.Clear();
            ModelState.AddModelError("", Texts["passkey.failed"]);
            return Again(StatusCodes.Status400BadRequest);
        }

        var (token, session) = await Sessions.StartAsync(worker, Session.Browser, Session.ByPasskey);
        return await EnterAsync(token, session, next);
    }

    BirthDate? Read()
    {
        var birthDate = ReadPerson();
        if (string.IsNullOrWhiteSpace(Code)) ModelState.AddModelError(nameof(Code), Texts["sign-in.code-or-send"]);
        else if (Code.Length > MaxTyped) ModelState.AddModelError(nameof(Code), Texts["fault.text-too-long"]);
        else if (CardNumber.HasOtherLetters(Code)) ModelState.AddModelError(nameof(Code), Texts["back-in.number-letters"]);
        return ModelState.IsValid ? birthDate : null;
    }

    BirthDate? ReadPerson()
    {
        ReadNumber(nameof(Card), Card, "sign-in.card-missing");
        return ReadBirthDate(nameof(BirthDate), BirthDate);
    }
}
