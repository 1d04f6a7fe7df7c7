using Manzil.Layout;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

/// <summary>Offered after signing in, and from the account page; never forced.</summary>
public sealed class PasskeyOfferPage(Texts texts, Passkeys passkeys) : WorkerPage
{
    [BindProperty(SupportsGet = true), Typed(TextKind.Made)]
    public string? Return { get; set; }

    public string Next => ReturnPath.Of(Url, Return, "/");

    public IActionResult OnGet() => !passkeys.AreUsable ? LocalRedirect(Next) : IsFresh ? Page() : AskFresh();

    public async Task<IActionResult> OnPostAsync([Typed(TextKind.Made)] string? challenge, [Typed(TextKind.Made)] string? credential)
    {
        if (!IsFresh) return AskFresh();
        if (await passkeys.AddAsync(HttpContext, Worker, challenge, credential)) return LocalRedirect(Next);
        ModelState.Clear();
        ModelState.AddModelError("", texts["passkey.failed"]);
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }
}
