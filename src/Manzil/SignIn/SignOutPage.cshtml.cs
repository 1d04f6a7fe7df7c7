using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.SignIn;

/// <summary>
/// Signing out: one tap for whoever can come back by themselves, and a question for whoever could not. Afterwards it says that they are
/// out, and how they come back, without saying who.
/// </summary>
public sealed class SignOutPage(WebSession web, Sessions sessions, WaysBack waysBack) : PageModel
{
    /// <summary>How whoever signed out here comes back.</summary>
    [BindProperty(SupportsGet = true), Typed(TextKind.Made)]
    public string? Ways { get; set; }

    /// <summary>Chosen by whoever was told that there is no way back.</summary>
    [BindProperty, Typed(TextKind.Made)]
    public string? Anyway { get; set; }

    /// <summary>Null where nobody is signed in (any more).</summary>
    public SignedIn? Reader => SignedIn.Of(HttpContext);

    public IReadOnlyList<string> Known { get; private set; } = [];

    // Only a form signs out: a link that another site may plant does not.
    public async Task OnGetAsync() => Known = Reader is { } reader ? await waysBack.FindAsync(reader.Worker, reader.Session) : WaysBack.Read(Ways);

    public async Task<IActionResult> OnPostAsync()
    {
        var ways = Reader is { } reader ? await waysBack.FindAsync(reader.Worker, reader.Session) : null;
        if (ways is { Count: 0 } && Anyway != "yes") return Redirect("/sign-out");
        await web.EndAsync(HttpContext);
        return Redirect("/sign-out" + (ways is { Count: > 0 } ? QueryString.Create("ways", string.Join(',', ways)).ToUriComponent() : ""));
    }

    /// <summary>This browser's session becomes a remembered phone's.</summary>
    public async Task<IActionResult> OnPostRememberAsync()
    {
        if (Reader is not { } reader) return Redirect("/sign-in");
        // Whoever can show again that it is them is asked to: it outlasts the visit. Whoever cannot has the phone in hand, and nothing else.
        if (!sessions.IsFresh(reader.Session) && (reader.Worker.Channels.Count > 0 || (await waysBack.FindAsync(reader.Worker, reader.Session)).Contains(WaysBack.Passkey)))
            return WorkerPage.ToFresh(Request, "/sign-out");
        web.Start(HttpContext, web.TokenOf(HttpContext)!, await sessions.RememberAsync(reader.Session));
        return Redirect("/account");
    }
}
