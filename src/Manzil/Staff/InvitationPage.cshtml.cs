using Manzil.Layout;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Staff;

/// <summary>What an invitation's link opens: who is invited to what, whether a lead reviewer has agreed, and then the first passkey.</summary>
public sealed class InvitationPage(Texts texts, Officers officers, StaffPasskeys passkeys, StaffSessions sessions, Jurisdiction rules) : PageModel
{
    [BindProperty(SupportsGet = true), Typed(TextKind.Made)]
    public string Token { get; set; } = "";

    /// <summary>Null where the link opens nothing any more.</summary>
    public Invitation? Invitation { get; private set; }

    public bool PasskeysAreUsable => passkeys.AreUsable;

    public string Until => Dates.InWords(Invitation!.Expires, rules.Zone, texts.Lang);

    public async Task OnGetAsync() => await FindAsync(StatusCodes.Status200OK);

    public async Task<IActionResult> OnPostAsync([Typed(TextKind.Made)] string? challenge, [Typed(TextKind.Made)] string? credential)
    {
        await FindAsync(StatusCodes.Status409Conflict);
        if (Invitation?.Staff is not { } staff) return Page();
        if (await passkeys.AcceptAsync(HttpContext, Invitation, challenge, credential))
        {
            await sessions.EnterAsync(HttpContext, staff.Id);
            return Redirect("/staff");
        }

        ModelState.Clear();
        ModelState.AddModelError("", texts["staff-passkey.failed"]);
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }

    async Task FindAsync(int status)
    {
        Invitation = await officers.InvitationAsync(Token);
        Response.StatusCode = Invitation is null ? StatusCodes.Status404NotFound : status;
    }
}
