using NodaTime;

namespace Manzil.Rules;

/// <summary>What silence leads to once it is over (rules.md, Confirming an address, 3 and 4).</summary>
public enum SilenceOutcome
{
    /// <summary>Nothing yet: nothing is due, the silence period runs, or no calendar covers its end.</summary>
    Wait,

    /// <summary>No reminder was delivered: no silence. The centre is asked to reach the worker, and the clock waits.</summary>
    ToBeReached,

    /// <summary>A case may open.</summary>
    OpenCase,

    /// <summary>Nothing is asked of this worker now: they are not registered, leave, or have a case already.</summary>
    Nothing,
}

/// <summary>Silence after a due date: pure, from the register entry, the first delivered reminder and the date.</summary>
public static class Silence
{
    /// <summary>What follows from a worker's silence on a date. It never takes a right away: at most a person is asked to look.</summary>
    /// <param name="entry">The register entry.</param>
    /// <param name="firstDeliveredReminder">Local date on which the first delivered reminder of this period was delivered; null when none was.</param>
    /// <param name="today">The local date.</param>
    /// <param name="calendar">The calendar with outages, judged up to the day before <paramref name="today"/>.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    public static SilenceOutcome On(
        RegisterEntry entry, LocalDate? firstDeliveredReminder, LocalDate today, WorkingCalendar calendar, Intervals intervals)
    {
        if (entry.Standing != Standing.Registered || entry.DepartureNumber is not null) return SilenceOutcome.Nothing;
        if (entry.Due(calendar, intervals) is not { } due) return SilenceOutcome.Wait;
        // Without a reminder the period would have ended then at the earliest: a late report has until then to come in.
        if (Deadlines.SilenceEnds(due, firstDeliveredReminder ?? due, calendar, intervals) is not { } ends || today < Deadlines.CaseMayOpen(ends))
            return SilenceOutcome.Wait;
        return firstDeliveredReminder is null ? SilenceOutcome.ToBeReached : SilenceOutcome.OpenCase;
    }

    /// <summary>Whether a case about silence could have been opened on a date, had only these reminders been delivered (Delivery: a bounce undoes what rested on a delivery).</summary>
    /// <param name="due">The due date of the confirmation that was missing.</param>
    /// <param name="firstDeliveredReminder">Local date on which the first of them was delivered; null when none was.</param>
    /// <param name="openedOn">Local date on which the case was opened.</param>
    /// <param name="calendar">The calendar with the outages known by now.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    public static bool MayRestOn(LocalDate due, LocalDate? firstDeliveredReminder, LocalDate openedOn, WorkingCalendar calendar, Intervals intervals) =>
        Deadlines.SilenceEnds(due, firstDeliveredReminder, calendar, intervals) is { } ends && openedOn >= Deadlines.CaseMayOpen(ends);
}
