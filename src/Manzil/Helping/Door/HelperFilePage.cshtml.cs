using Manzil.Cases.Mine;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Helping.Door;

/// <summary>The file as a helper sees it. That they look is written down before anything is read.</summary>
public sealed class HelperFilePage(Database database, CurrentRules current, CaseStories stories, CaseWording wording, Looks looks, HelperSessions sessions, IClock clock) : HelperPage
{
    public ShownStories Stories { get; private set; } = null!;

    public bool CanAnswer { get; private set; }

    public bool CanAppeal { get; private set; }

    /// <summary>The receipt of what was just sent.</summary>
    public string? Done { get; private set; }

    public async Task OnGetAsync([Typed(TextKind.Number)] string? done)
    {
        await looks.RecordHelperAsync(Grant.Name, Worker.Id, Looks.File, null, HelperLook.Reason(Grant, Worker));
        Stories = new(await stories.ReadAsync(Worker, Only), wording, "/helper/files/", ForHelper: true);
        var rules = current.Now;
        var now = MayAct ? await MyCase.FindAsync(database, Worker, rules, rules.DateOf(clock.GetCurrentInstant())) : null;
        if (now?.File.Id == Grant.CaseId) (CanAnswer, CanAppeal) = (now?.CanAnswer == true, now?.CanAppeal == true);
        Done = ReceiptNumber.TryParse(done, out var number) ? number.ToString() : null;
    }

    public async Task<IActionResult> OnPostLeaveAsync()
    {
        await sessions.EndAsync(HttpContext);
        return Redirect("/helper?left=1");
    }
}

/// <summary>Why a helper looks: because the worker let them, and for what.</summary>
static class HelperLook
{
    public static string Reason(HelperGrant grant, Worker worker) => Texts.For(worker.Language)[$"helping.scope-{grant.Scope}"];
}
