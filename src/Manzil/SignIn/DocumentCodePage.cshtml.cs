using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

/// <summary>Back in without the card, second page: the code, if one came.</summary>
public sealed class DocumentCodePage(Texts texts, BackIn backIn, BackInCookie cookie, Passkeys passkeys, Sessions sessions, WebSession web, Jurisdiction rules)
    : SigningInPage(texts, passkeys, sessions, web)
{
    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? Code { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? EndOthers { get; set; }

    public int RememberedDays => rules.Intervals.RememberedPhoneDays;

    public IReadOnlyList<Office> Offices => rules.Offices;

    public IActionResult OnGet() => cookie.Of(HttpContext) is null ? Redirect("/sign-in/document") : Page();

    public async Task<IActionResult> OnPostAsync()
    {
        if (ReadCode(nameof(Code), Code, Texts["fresh.code-missing"]) is not { } code) return Again(StatusCodes.Status400BadRequest);
        switch (await backIn.EnterAsync(cookie.Of(HttpContext), code, EndOthers == "yes", KindOfSession))
        {
            case SignInResult.SignedIn signedIn:
                cookie.Drop(HttpContext);
                return await EnterAsync(signedIn.Token, signedIn.Session, $"/notices/{signedIn.Number}");
            case SignInResult.Unavailable:
                return Busy.TurnAway(Response);
            default:
                return Wrong(nameof(Code), Texts["back-in.code-wrong"]);
        }
    }
}
