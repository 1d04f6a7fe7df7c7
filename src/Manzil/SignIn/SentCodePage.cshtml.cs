using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

/// <summary>In with the card and a code that was sent, second page: the code, if one came.</summary>
public sealed class SentCodePage(Texts texts, BackIn backIn, BackInCookie cookie, Passkeys passkeys, Sessions sessions, WebSession web, Jurisdiction rules)
    : SigningInPage(texts, passkeys, sessions, web)
{
    [BindProperty(SupportsGet = true), Typed(TextKind.Made)]
    public string? Return { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? Code { get; set; }

    public int RememberedDays => rules.Intervals.RememberedPhoneDays;

    public IReadOnlyList<Office> Offices => rules.Offices;

    public string Next => ReturnPath.Of(Url, Return, "/");

    public IActionResult OnGet() => cookie.Of(HttpContext) is null ? Redirect("/sign-in") : Page();

    public async Task<IActionResult> OnPostAsync()
    {
        var next = Next;
        if (ReadCode(nameof(Code), Code, Texts["fresh.code-missing"]) is not { } code) return Again(StatusCodes.Status400BadRequest);
        switch (await backIn.EnterByCardAsync(cookie.Of(HttpContext), code, KindOfSession, HttpContext.Connection.RemoteIpAddress))
        {
            case SignInResult.SignedIn signedIn:
                cookie.Drop(HttpContext);
                return await EnterAsync(signedIn.Token, signedIn.Session, next);
            default:
                return Wrong(nameof(Code), Texts["sent-code.wrong"]);
        }
    }
}
