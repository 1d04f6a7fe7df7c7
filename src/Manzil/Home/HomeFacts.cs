using Manzil.Cases.Mine;
using Manzil.Deadlines;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Home;

/// <summary>All that the words of the home page depend on (<see cref="HomeSays"/>).</summary>
public sealed record HomeFacts(LocalDate Today, Standing Standing, RegisterEntry Entry)
{
    /// <summary>The case that is open, or led to the removal; null where there is none.</summary>
    public MyCase? Case { get; init; }

    /// <summary>When an officer last opened the case; null where none has.</summary>
    public LocalDate? LookedOn { get; init; }

    /// <summary>Null where the worker has done nothing yet.</summary>
    public LastActs? Last { get; init; }

    /// <summary>Null where nothing is to be confirmed, or no calendar covers the day.</summary>
    public LocalDate? Due { get; init; }

    public DueReason? WhyDue { get; init; }

    /// <summary>Up to the due date; null where no calendar covers the days between.</summary>
    public int? WorkingDaysLeft { get; init; }

    /// <summary>Where the due date has passed.</summary>
    public MySilence? Silence { get; init; }

    /// <summary>Where a departure is told: the day that ends the registration, as it would be if every channel were told today at the latest.</summary>
    public LocalDate? Ends { get; init; }

    public required Intervals Intervals { get; init; }

    /// <summary>True where there is a phone or an e-mail to remind by.</summary>
    public bool HasChannel { get; init; }

    /// <summary>The name of the worker's centre.</summary>
    public required string Office { get; init; }

    public bool HasAddress => Entry.ResidenceNumber is not null;

    public bool IsLeaving => Entry.DepartureNumber is not null && Standing != Standing.Ended;

    /// <summary>True from the day of the first reminder on, but not on the day on which the worker has just told.</summary>
    public bool IsToConfirm => Due is { } due && Today >= due.PlusDays(-RemindDays) && (Entry.LastTold is not { } last || Today > last);

    /// <summary>How long before the due date the first reminder comes.</summary>
    public int RemindDays => Intervals.ReminderDaysBefore.DefaultIfEmpty(0).Max();
}

/// <summary>Gathers them, from the tables alone.</summary>
public sealed class HomeReader(Database database, CurrentRules current)
{
    public async Task<HomeFacts> ReadAsync(Worker worker, LocalDate today, string lang)
    {
        var rules = current.Now;
        var (entry, calendar) = (worker.Entry, rules.WorkersCalendar);
        var due = entry.Due(calendar, rules.Intervals);
        var silence = await MySilence.FindAsync(database, worker, rules, today);
        var open = await MyCase.FindAsync(database, worker, rules, today);
        await using var connection = await database.OpenAsync();
        return new HomeFacts(today, entry.StandingOn(today, calendar, rules.Intervals), entry)
        {
            Case = open,
            LookedOn = open is null ? null : await LastActs.LookedOnAsync(connection, open.File, rules),
            Last = await LastActs.FindAsync(connection, worker.Id, open?.File, rules),
            Due = due,
            WhyDue = entry.WhyDue(rules),
            WorkingDaysLeft = due is { } day ? calendar.FindWorkingDaysBetween(today, day) : null,
            Silence = silence,
            Ends = entry.EndsOn(entry.DepartureTold ?? today, calendar, rules.Intervals),
            Intervals = rules.Intervals,
            HasChannel = worker.Channels.Count > 0,
            Office = (rules.Offices.FirstOrDefault(o => o.Code.Value == worker.Office) ?? rules.DefaultOffice).Name.In(lang),
        };
    }
}
