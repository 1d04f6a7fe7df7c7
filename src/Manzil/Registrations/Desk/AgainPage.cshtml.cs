using Manzil.Access;
using Manzil.Cases.Files;
using Manzil.Layout;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Registrations.Desk;

/// <summary>
/// The sitting ended while something was being typed: a reason is asked for again, and the rest is kept. With it the same form goes
/// on to where it was sent, under the new look.
/// </summary>
public sealed class AgainPage(Serving serving, Looks looks, Drafts drafts, Texts texts) : StaffPage, ITakesFiles, IKeepsItself
{
    [FromRoute]
    public long Look { get; set; }

    /// <summary>Where the form was sent, after the sitting's root. It stands in the address, since the form is somebody else's; and leads nowhere but below that root.</summary>
    public string? To => Request.Query["to"];

    [BindProperty, Typed(TextKind.Line, Max = Looks.MaxReason)]
    public string? LookReason { get; set; }

    public IReadOnlyList<(string Name, string Value)> Kept { get; private set; } = [];

    /// <summary>Files cannot stay in a form.</summary>
    public bool HadFiles { get; private set; }

    /// <summary>What was kept when the officer's own session ended, or the page was asked for in another language.</summary>
    public async Task<IActionResult> OnGetAsync()
    {
        if (To is not { Length: > 1 } || !Url.IsLocalUrl(To) || await serving.FindServedAsync(Staff, Look) is null || ShownTo.AskerOf(HttpContext) is not { } owner) return Redirect("/staff/desk/serve");
        var draft = await drafts.FindAsync(HttpContext, owner, Request.Path.Value!) ?? await drafts.FindAsync(HttpContext, owner, Served.RootOf(Look) + To);
        if (draft is null) return Redirect("/staff/desk/serve");
        LookReason = draft.ValueOf(nameof(LookReason));
        Kept = [.. draft.Fields.Where(f => f.Name != nameof(LookReason)).Select(f => (f.Name, f.Value))];
        HadFiles = draft.HadFiles;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (To is not { Length: > 1 } || !Url.IsLocalUrl(To) || await serving.FindServedAsync(Staff, Look) is not { } worker) return Redirect("/staff/desk/serve");
        if (Looks.IsReason(LookReason) && !TypedBinder.IsWrong(ModelState, nameof(LookReason)))
            return LocalRedirectPreserveMethod(Served.RootOf(await looks.RecordAsync(Staff, worker, Looks.Desk, null, LookReason!)) + To);
        if (LookReason is not null) ModelState.AddModelError(nameof(LookReason), texts["desk.look.reason-length", ("least", Looks.MinReason), ("most", Looks.MaxReason)]);
        Kept = [.. Request.Form.Where(f => f.Key is not (nameof(LookReason) or "__RequestVerificationToken")).SelectMany(f => f.Value, (f, value) => (f.Key, value ?? ""))];
        HadFiles = Request.Form.Files.Any(f => f.Length > 0) || Uploads.AreFilesLeftOut(HttpContext);
        return Page();
    }
}
