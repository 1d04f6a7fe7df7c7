using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

/// <summary>Back in without the card, first page: the identity document. Whatever is typed, the same page comes next.</summary>
public sealed class DocumentPage(Texts texts, BackIn backIn, BackInCookie cookie, Passkeys passkeys, Sessions sessions, WebSession web, Jurisdiction rules)
    : SigningInPage(texts, passkeys, sessions, web)
{
    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? State { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? Number { get; set; }

    [BindProperty]
    public DateEntry BirthDate { get; set; } = new();

    public IReadOnlyList<Office> Offices => rules.Offices;

    public async Task<IActionResult> OnPostAsync()
    {
        var state = ReadState();
        var number = ReadNumber(nameof(Number), Number, "back-in.number-missing");
        var birthDate = ReadBirthDate(nameof(BirthDate), BirthDate);
        if (state is null || number is null || birthDate is not { } born) return Again(StatusCodes.Status400BadRequest);
        switch (await backIn.AskAsync(new CodeClaim.ByDocument(new IdentityDocument(state, number, born)), HttpContext.Connection.RemoteIpAddress))
        {
            case BackIn.Asking.Begun begun:
                cookie.Keep(HttpContext, begun.Token);
                return Redirect("/sign-in/document/code");
            case BackIn.Asking.Wait wait:
                return Wait(wait.For);
            default:
                return Busy.TurnAway(Response);
        }
    }

    string? ReadState()
    {
        var (state, fault) = CardNumber.ReadState(State);
        if (fault is not null) ModelState.AddModelError(nameof(State), Texts[fault]);
        return state;
    }
}
