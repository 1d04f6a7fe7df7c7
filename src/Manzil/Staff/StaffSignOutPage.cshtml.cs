using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Staff;

/// <summary>Signing out: one tap for whoever has a passkey, and a question for whoever has none, as officers of the demo.</summary>
public sealed class StaffSignOutPage(StaffSessions sessions, StaffPasskeys passkeys) : PageModel
{
    /// <summary>Chosen by whoever was told that there is no way back.</summary>
    [BindProperty, Typed(TextKind.Made)]
    public string? Anyway { get; set; }

    /// <summary>Whether somebody is signed in still.</summary>
    public bool IsIn { get; private set; }

    public bool HasPasskey { get; private set; }

    // Only a form signs out: a link that another site may plant does not.
    public Task OnGetAsync() => FindAsync();

    public async Task<IActionResult> OnPostAsync()
    {
        await FindAsync();
        if (IsIn && !HasPasskey && Anyway != "yes") return Redirect("/staff/sign-out");
        await sessions.EndAsync(HttpContext);
        return Redirect("/staff/sign-out");
    }

    async Task FindAsync()
    {
        if (await sessions.FindAsync(HttpContext) is not { } staff) return;
        (IsIn, HasPasskey) = (true, passkeys.AreUsable && (await passkeys.ListAsync(staff.Id)).Count > 0);
    }
}
