using Manzil.Layout;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

/// <summary>Offered after signing in, and from the account page; never forced.</summary>
public sealed class PasskeyOfferPage(Texts texts, Passkeys passkeys) : WorkerPage
{
    [BindProperty(SupportsGet = true)]
    public string? Return { get; set; }

    public string Next => ReturnPath.Of(Url, Return, "/");

    public IActionResult OnGet() => !passkeys.AreUsable ? LocalRedirect(Next) : IsFresh ? Page() : AskFresh();

    public async Task<IActionResult> OnPostAsync(string? challenge, string? credential)
    {
        if (!IsFresh) return AskFresh();
        if (await passkeys.AddAsync(HttpContext, Worker, challenge, credential)) return LocalRedirect(Next);
        ModelState.Clear();
        ModelState.AddModelError("", texts["passkey.failed"]);
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }
}
