using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Notices;

/// <summary>I leave; with a receipt number, the date of that departure corrected.</summary>
public sealed class DeparturePage(NoticeBook book, Jurisdiction rules, Texts texts) : GivingPage(book, texts)
{
    [FromRoute, Typed(TextKind.Number)]
    public string? Replaces { get; set; }

    [BindProperty]
    public DateEntry On { get; set; } = new();

    public override string Title => Texts[Replaces is null ? "departure.title" : "departure.correct-title"];

    public int WorkingDays => rules.Intervals.DepartureWorkingDays;

    public override string? CorrectFiled => Filed is null ? null : $"{Root}/departure/{Filed}";

    protected override string DateField => nameof(On);

    public async Task<IActionResult> OnGetAsync()
    {
        // Asked before anything is typed, so that nothing typed is lost on the way.
        if (!IsFresh) return AskFresh();
        Begin();
        if (Replaces is null)
        {
            MayGive(NoticeKind.Departure);
            return Page();
        }

        if (await FindAsync() is not { } replaced) return NotFound();
        if (replaced.IsReplaced) Refuse(NoticeRefusal.AlreadyReplaced.Name());
        else if (replaced.Origin != StatementKind.Departure) Refuse(NoticeRefusal.NotCorrectable.Name());
        else if (MayGive(NoticeKind.CorrectedDeparture, null, replaced.Act.Number)
            && replaced.Record.Particulars.TryGetValue(GiveNotice.DepartureOn, out var text) && IsoDate.Read(text) is { } on) On = DateEntry.Of(on);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        var replaced = Replaces is null ? null : await FindAsync();
        if (Replaces is not null && replaced is null) return NotFound();
        if (!HasKey) return BadRequest();
        if (!IsFresh) return AskFresh();
        if (this.ReadDate(nameof(On), On, DateSense.OfNow, Texts) is not { } date) return Page();
        return await GiveAsync(replaced is null ? new Notice.Departure(date) : new Notice.Correction(ReceiptNumber.Parse(replaced.Act.Number), null, null, date));
    }

    async Task<Replaced?> FindAsync() =>
        ReceiptNumber.TryParse(Replaces, out var number) ? await Book.FindReplacedAsync(Worker.Id, number) : null;
}
