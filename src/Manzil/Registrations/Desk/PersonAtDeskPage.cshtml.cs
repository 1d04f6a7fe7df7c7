using Manzil.Access;
using Manzil.Cases.Mine;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;
using Record = Manzil.Receipts.Record;

namespace Manzil.Registrations.Desk;

/// <summary>Whoever is at the desk: what a clerk needs to know of them, and what can be done for them now.</summary>
public sealed class PersonAtDeskPage(NoticeBook book, Serving serving, CurrentRules current, Database database, MoveDeadlines moveDeadlines, IClock clock, Texts texts) : ServedPage
{
    readonly Jurisdiction _rules = current.Now;

    public Standing Standing { get; private set; }

    public LocalDate? Due => Worker.Entry.Due(_rules.WorkersCalendar, _rules.Intervals);

    public RecordAddress? Address { get; private set; }

    public MyCase? Case { get; private set; }

    public IReadOnlyList<ListedNotice> Receipts { get; private set; } = [];

    /// <summary>What can be filed now: the path after the sitting's root, and the key of its text.</summary>
    public IReadOnlyList<(string Path, string Text)> Possible { get; private set; } = [];

    public string Until => Dates.InWords(Served!.Until, _rules.Zone, texts.Lang);

    public async Task OnGetAsync()
    {
        Standing = serving.StandingOf(Worker);
        Address = await book.AddressOfAsync(Worker);
        await moveDeadlines.ShowAsync(Worker, clock.GetCurrentInstant());
        Case = await MyCase.FindAsync(database, Worker, _rules, serving.Today);
        Receipts = ListedNotice.Of([.. (await book.ListAsync(Worker.Id)).Where(a => Served!.Shows(Record.Decode(a.Record)))], _rules, texts, Root);
        Possible = [.. Filed()];
    }

    IEnumerable<(string Path, string Text)> Filed()
    {
        bool May(NoticeKind kind, string? replaces = null) => book.WouldRefuse(Worker, kind, book.Today, replaces) is null;
        if (Case?.CanAppeal == true) yield return ("case/appeal", "kind.appeal");
        if (May(NoticeKind.Registration)) yield return ("registration", "kind.registration");
        if (May(NoticeKind.Confirmation)) yield return ("confirmation", "kind.confirmation");
        if (May(NoticeKind.Residence)) yield return ("residence", Worker.Entry.ResidenceNumber is null ? "serve.first-address" : "serve.changed-address");
        if (Case?.CanAnswer == true) yield return ("case/answer", "kind.answer");
        if (May(NoticeKind.Departure)) yield return ("departure", "kind.departure");
        if (Worker.Entry.DepartureNumber is { } departure && May(NoticeKind.Withdrawal, departure)) yield return ("departure/undo", "undo.title");
    }
}
