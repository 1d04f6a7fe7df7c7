using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

/// <summary>Back in by a code from the printed sheet.</summary>
public sealed class RecoverySignInPage(Texts texts, RecoveryCodes codes, Passkeys passkeys, Sessions sessions, WebSession web, Jurisdiction rules)
    : SigningInPage(texts, passkeys, sessions, web)
{
    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? Number { get; set; }

    [BindProperty]
    public DateEntry BirthDate { get; set; } = new();

    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? Code { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? EndOthers { get; set; }

    public int RememberedDays => rules.Intervals.RememberedPhoneDays;

    public async Task<IActionResult> OnPostAsync()
    {
        var number = ReadNumber(nameof(Number), Number, "recovery.number-missing");
        var birthDate = ReadBirthDate(nameof(BirthDate), BirthDate);
        var code = ReadCode(nameof(Code), Code, Texts["recovery.code-missing"]);
        if (number is null || birthDate is not { } born || code is null) return Again(StatusCodes.Status400BadRequest);
        return await codes.EnterAsync(number, born, code, EndOthers == "yes", KindOfSession, HttpContext.Connection.RemoteIpAddress) switch
        {
            SignInResult.SignedIn signedIn => await EnterAsync(signedIn.Token, signedIn.Session, $"/notices/{signedIn.Number}"),
            SignInResult.Wait wait => Wait(wait),
            SignInResult.Unavailable => Busy.TurnAway(Response),
            _ => Wrong(nameof(Number), WithDay(Texts["recovery.failed"], BirthDate)),
        };
    }
}
