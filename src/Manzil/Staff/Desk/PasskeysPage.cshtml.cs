using Manzil.Layout;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Staff.Desk;

/// <summary>An officer's own passkeys: a second one, so that a lost phone needs no new invitation.</summary>
public sealed class PasskeysPage(Texts texts, StaffPasskeys passkeys, StaffSessions sessions, Jurisdiction rules) : StaffPage
{
    public IReadOnlyList<KeptPasskey> Kept { get; private set; } = [];

    public bool PasskeysAreUsable => passkeys.AreUsable;

    /// <summary>Signed in a short while ago, and so allowed to change what signs in.</summary>
    public bool IsNew { get; private set; }

    public string DateOf(NodaTime.Instant instant) => Dates.InWords(rules.DateOf(instant), texts.Lang);

    public async Task OnGetAsync() => await ReadAsync();

    public async Task<IActionResult> OnPostAddAsync([Typed(TextKind.Made)] string? challenge, [Typed(TextKind.Made)] string? credential)
    {
        await ReadAsync();
        if (!IsNew) return SignInAgain();
        if (await passkeys.AddAsync(HttpContext, Staff, challenge, credential)) return await ChangedAsync();
        ModelState.Clear();
        ModelState.AddModelError("", texts["staff-passkey.failed"]);
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }

    public async Task<IActionResult> OnPostRemoveAsync([Typed(TextKind.Made)] string? id)
    {
        await ReadAsync();
        if (!IsNew) return SignInAgain();
        // The last one stays: without it nobody gets in again.
        if (Kept.Count > 1 && Kept.FirstOrDefault(p => p.Id == id) is { } passkey) await passkeys.RemoveAsync(Staff.Id, passkey);
        return await ChangedAsync();
    }

    // Whoever signed in with what is gone now, or before somebody noticed, is out.
    async Task<IActionResult> ChangedAsync()
    {
        await sessions.EndOthersAsync(HttpContext, Staff.Id);
        return Redirect("/staff/passkeys");
    }

    RedirectResult SignInAgain() => Redirect("/staff/sign-in?return=/staff/passkeys");

    async Task ReadAsync()
    {
        Kept = await passkeys.ListAsync(Staff.Id);
        IsNew = await sessions.FindNewAsync(HttpContext) is not null;
    }
}
