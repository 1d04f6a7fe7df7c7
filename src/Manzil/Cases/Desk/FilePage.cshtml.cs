using Manzil.Layout;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Cases.Desk;

/// <summary>A case: first the reason for opening it, then the file with what may be done now, and why the rest may not.</summary>
public sealed class FilePage(CaseDesk desk, Timeline timeline, Texts texts) : DeskPage(desk)
{
    /// <summary>Why the officer opens the file. Never prefilled.</summary>
    [BindProperty, Typed(TextKind.Line, Max = Looks.MaxReason)]
    public string? Reason { get; set; }

    /// <summary>False: nothing of a person is shown, and the reason is asked for.</summary>
    public bool IsOpen => Open is not null;

    public IReadOnlyList<TimelineEntry> Entries { get; private set; } = [];

    /// <summary>What the worker said and this officer has not read.</summary>
    public IReadOnlyList<TimelineEntry> Unread { get; private set; } = [];

    /// <summary>What is possible now, with the page that does it.</summary>
    public IReadOnlyList<(string Words, string Link)> Possible { get; private set; } = [];

    /// <summary>What this officer's role does and is not possible now, and why.</summary>
    public IReadOnlyList<(string Why, IReadOnlyList<string> Words)> Refused { get; private set; } = [];

    public string When(Instant at) => Dates.InWords(at, Desk.Rules.Zone, texts.Lang);

    public string In(LocalDate date) => Dates.InWords(date, texts.Lang);

    public async Task<IActionResult> OnGetAsync()
    {
        if (await FindAsync() is not { } file) return NotFound();
        Number = file.Number;
        if (!await TryReadAsync(file)) return Page();
        Entries = await timeline.ReadAsync(Open, texts);
        Unread = [.. Entries.Where(e => e is { IsAnswer: true, IsOpened: false })];
        Offer();
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (await FindAsync() is not { } file) return NotFound();
        Number = file.Number;
        if (!Looks.IsReason(Reason) || TypedBinder.IsWrong(ModelState, nameof(Reason)))
        {
            ModelState.AddModelError(nameof(Reason), texts["desk.look.reason-length", ("least", Looks.MinReason), ("most", Looks.MaxReason)]);
            return Page();
        }

        // Sent twice, it is one opening.
        if (await Desk.SittingAsync(Staff, file) is null) await Desk.OpenFileAsync(Staff, file, Reason!);
        return LocalRedirect($"/staff/cases/{file.Number}");
    }

    void Offer()
    {
        var possible = new List<(string, string)>();
        var refused = new List<(string Words, string Why)>();
        foreach (var act in CaseRules.Acts)
        {
            var slug = act == CaseAct.OpenWithReason ? "open" : DeskAct.Of(act)?.Slug;
            var refusal = Open.WouldRefuse(act, Staff.Actor);
            if (slug is null || refusal is CaseRefusal.NotForThisRole or CaseRefusal.NotTheProposer) continue;
            var words = texts[$"desk.act.{slug}.title"];
            if (refusal is { } why) refused.Add((words, RefusalWords.Of(why, Open, texts)));
            else if (!Open.IsNewest) refused.Add((words, texts["desk.refused.newer"]));
            else possible.Add((words, act == CaseAct.OpenWithReason ? $"/staff/search/{Open.Sitting.Look}/open" : $"/staff/cases/{Open.File.Number}/{slug}"));
        }

        if (Staff.Role == StaffRole.Caseworker && Open.AwaitsDelivery) possible.Add((texts["desk.delivered.link"], $"/staff/cases/{Open.File.Number}/delivered"));
        // What waits for the same thing is said once.
        (Possible, Refused) = (possible, [.. refused.GroupBy(r => r.Why, r => r.Words).Select(g => (g.Key, (IReadOnlyList<string>)[.. g]))]);
    }
}
