using Manzil.Cases.Mine;
using Manzil.Deadlines;
using Manzil.Helping;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Microsoft.AspNetCore.Mvc.RazorPages;
using NodaTime;

namespace Manzil.Home;

/// <summary>The one thing that the page asks for.</summary>
public enum ToDo
{
    Register,
    TellAddress,
    Confirm,
    Undo,
    Nothing,
}

/// <summary>What is my standing, what must I do and by when, what have I proved; for anyone else, what this is.</summary>
public sealed class HomePage(NoticeBook book, CurrentRules current, Database database, HelperGrants grants, Texts texts) : PageModel
{
    const int NewestShown = 3;

    readonly Jurisdiction _rules = current.Now;

    public Worker? Worker { get; private set; }

    /// <summary>Names the texts: the standing, or <c>leaving</c> while a departure is told and not yet in effect.</summary>
    public string State { get; private set; } = "";

    public ToDo ToDo { get; private set; }

    public LocalDate? Deadline => Worker!.Entry.Due(_rules.WorkersCalendar, _rules.Intervals);

    /// <summary>Negative once it has passed.</summary>
    public int DaysLeft { get; private set; }

    /// <summary>Null where no calendar covers the days up to it.</summary>
    public int? WorkingDaysLeft { get; private set; }

    /// <summary>What is most important where there is one: the case that is open, or the removal in effect.</summary>
    public MyCase? Case { get; private set; }

    /// <summary>Who may see the file or act in a case now.</summary>
    public IReadOnlyList<HelperGrant> Helpers { get; private set; } = [];

    /// <summary>Where the date has passed.</summary>
    public MySilence? Silence { get; private set; }

    public int SilenceDays => _rules.Intervals.SilenceWorkingDays;

    public DueReason? Why => Worker!.Entry.WhyDue(_rules);

    public int PeriodDays => _rules.Intervals.ConfirmEveryDays;

    /// <summary>The end of the departure as it would be if every channel were told today at the latest.</summary>
    public LocalDate? Ends { get; private set; }

    public string Office => (_rules.Offices.FirstOrDefault(o => o.Code.Value == Worker!.Office) ?? _rules.DefaultOffice).Name.In(texts.Lang);

    public RecordAddress? Address { get; private set; }

    public IReadOnlyList<ListedNotice> Newest { get; private set; } = [];

    public string Key { get; } = IdempotencyKey.New();

    public async Task OnGetAsync()
    {
        Worker = SignedIn.Of(HttpContext)?.Worker;
        if (Worker is null) return;

        var entry = Worker.Entry;
        var today = book.Today;
        var standing = entry.StandingOn(today, _rules.WorkersCalendar, _rules.Intervals);
        var isLeaving = entry.DepartureNumber is not null && standing is (Standing.Registered or Standing.UnderReview);
        // Removal pending is said even to someone who leaves: it is what they must know first.
        State = isLeaving ? "leaving" : standing.Name();
        Ends = entry.EndsOn(entry.DepartureTold ?? today, _rules.WorkersCalendar, _rules.Intervals);
        DaysLeft = Deadline is { } deadline ? Period.DaysBetween(today, deadline) : 0;
        WorkingDaysLeft = Deadline is { } due ? _rules.WorkersCalendar.FindWorkingDaysBetween(today, due) : null;
        Silence = await MySilence.FindAsync(database, Worker, _rules, today);
        Case = await MyCase.FindAsync(database, Worker, _rules, today);
        Helpers = await grants.InForceAsync(Worker.Id);

        Address = await book.AddressOfAsync(Worker);
        ToDo = standing switch
        {
            Standing.Removed => ToDo.Nothing,
            Standing.Enrolled => ToDo.Register,
            Standing.Ended => ToDo.Undo,
            _ when entry.DepartureNumber is not null => ToDo.Undo,
            // In a case that is not about silence a decision is not undone by a confirmation: the appeal is what counts.
            Standing.RemovalPending when Worker.CaseGround == CaseGround.Other => ToDo.Nothing,
            _ => Address is null ? ToDo.TellAddress : ToDo.Confirm,
        };
        Newest = [.. ListedNotice.Of(await book.ListAsync(Worker.Id), _rules, texts).Take(NewestShown)];
    }
}
