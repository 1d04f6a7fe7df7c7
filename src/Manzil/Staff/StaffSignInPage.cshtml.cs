using Manzil.Layout;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Staff;

/// <summary>Officers sign in with a passkey and with nothing else.</summary>
public sealed class StaffSignInPage(Texts texts, StaffPasskeys passkeys, StaffSessions sessions) : PageModel
{
    [BindProperty(SupportsGet = true), Typed(TextKind.Made)]
    public string? Return { get; set; }

    public bool PasskeysAreUsable => passkeys.AreUsable;

    public async Task<IActionResult> OnPostAsync([Typed(TextKind.Made)] string? challenge, [Typed(TextKind.Made)] string? credential)
    {
        var next = ReturnPath.Of(Url, Return, "/staff") is var path && path.StartsWith("/staff", StringComparison.Ordinal) ? path : "/staff";
        if (await passkeys.CheckAsync(HttpContext, null, challenge, credential) is { } staff)
        {
            await sessions.EnterAsync(HttpContext, staff);
            return LocalRedirect(next);
        }

        ModelState.Clear();
        ModelState.AddModelError("", texts["staff-passkey.failed"]);
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }
}
