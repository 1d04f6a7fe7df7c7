using Manzil.Access;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Notices;

/// <summary>
/// I leave; with a receipt number, the date of that departure corrected. First the day, then everything to check: what ends when, and how
/// it is undone.
/// </summary>
public sealed class DeparturePage(NoticeBook book, Jurisdiction rules, Texts texts) : GivingPage(book, texts), IHasSteps
{
    public const string Ask = "ask", Check = "check", Give = "give";

    [FromRoute, Typed(TextKind.Number)]
    public string? Replaces { get; set; }

    [BindProperty]
    public DateEntry On { get; set; } = new();

    /// <summary>Where the pressed button leads.</summary>
    [BindProperty, Typed(TextKind.Made)]
    public string? Go { get; set; }

    public string Step { get; private set; } = Ask;

    public string FirstStep => Ask;

    public override string? StepBack => Step == Ask ? null : FormsKept.StepAfter(Request, Ask);

    public LocalDate Date { get; private set; }

    /// <summary>The day that ends the registration, if every channel is told today; null where no calendar covers it.</summary>
    public LocalDate? Ends { get; private set; }

    public override string Title => Texts[(Step, Replaces) switch
    {
        (Check, _) => "departure.check",
        (_, null) => "departure.title",
        _ => "departure.correct-title",
    }];

    public int KeptYears => rules.Retention.FileYears;

    /// <summary>Whether a case is open in which the worker can still answer.</summary>
    public bool HasCase => Worker.Entry.Standing == Standing.UnderReview;

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

    public Task<IActionResult> OnPostAsync() => StepAsync(gives: true);

    public Task<IActionResult> OnPostShowAsync() => StepAsync(gives: false);

    async Task<IActionResult> StepAsync(bool gives)
    {
        var replaced = Replaces is null ? null : await FindAsync();
        if (Replaces is not null && replaced is null) return NotFound();
        if (!HasKey) return BadRequest();
        if (!IsFresh) return AskFresh();
        if (Go == Ask || this.ReadDate(nameof(On), On, DateSense.OfNow, Texts) is not { } date) return Page();
        Date = date;
        // From here on the form carries the day itself: what "today" or a word means changes with the day and the language.
        On = DateEntry.Of(date);
        var kind = replaced is null ? NoticeKind.Departure : NoticeKind.CorrectedDeparture;
        var outcome = Book.Consider(Worker, kind, date, replaced?.Act.Number);
        Ends = outcome.After.EndsOn(outcome.After.DepartureTold ?? Book.Today, rules.WorkersCalendar, rules.Intervals);
        if (Go == Give && gives) return await SendAsync(replaced is null ? new Notice.Departure(date) : new Notice.Correction(ReceiptNumber.Parse(replaced.Act.Number), null, null, date));
        // What else the rules say is said when it is sent: by then the same form may have been filed already.
        if (outcome.Refusal is { } refusal) Refuse(refusal.Name());
        else Step = Check;
        return Page();
    }

    async Task<IActionResult> SendAsync(Notice notice)
    {
        Step = Check;
        var result = await GiveAsync(notice);
        // A date may have become too old while the form lay open: it is asked for again.
        if (!ModelState.IsValid) Step = Ask;
        return result;
    }

    async Task<Replaced?> FindAsync() =>
        ReceiptNumber.TryParse(Replaces, out var number) ? await Book.FindReplacedAsync(Worker.Id, number) : null;
}
