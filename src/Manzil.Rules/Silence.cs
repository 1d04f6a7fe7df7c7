using NodaTime;

namespace Manzil.Rules;

/// <summary>What silence leads to once it is over (rules.md, Confirming an address, 3 and 4).</summary>
public enum SilenceOutcome
{
    /// <summary>Nothing yet: nothing is due, the silence period runs, or no calendar covers its end.</summary>
    Wait,

    /// <summary>No reminder was delivered: no silence. The centre is asked to reach the worker, and the clock waits until a clerk records that they were reached.</summary>
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
    /// <param name="firstDeliveredReminder">Local date on which the first delivered reminder of this period was delivered, or on which a clerk recorded that the worker was reached, whichever is earlier; null when neither was.</param>
    /// <param name="today">The local date.</param>
    /// <param name="calendar">The calendar with outages, judged up to the day before <paramref name="today"/>.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    /// <param name="told">The last day of this period as the worker was last told it; null where they were not. What is computed never comes before it (Days).</param>
    public static SilenceOutcome On(
        RegisterEntry entry, LocalDate? firstDeliveredReminder, LocalDate today, WorkingCalendar calendar, Intervals intervals, LocalDate? told = null)
    {
        if (entry.Standing != Standing.Registered || entry.DepartureNumber is not null) return SilenceOutcome.Nothing;
        if (entry.Due(calendar, intervals) is not { } due) return SilenceOutcome.Wait;
        // Without a reminder the period would have ended then at the earliest: a late report has until then to come in.
        if (Deadlines.SilenceEnds(due, firstDeliveredReminder ?? due, calendar, intervals) is not { } computed
            || today < Deadlines.CaseMayOpen(LocalDate.Max(computed, told ?? computed), calendar))
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
        Deadlines.SilenceEnds(due, firstDeliveredReminder, calendar, intervals) is { } ends && openedOn >= Deadlines.CaseMayOpen(ends, calendar);

    /// <summary>The silence period after a due date, as it can be shown to the worker (Confirming an address, 3).</summary>
    /// <param name="due">The due date of the confirmation.</param>
    /// <param name="firstDeliveredReminder">Local date on which the first reminder of this period was delivered; null when none was, and then no period runs.</param>
    /// <param name="rules">The rules, with the outages known so far.</param>
    /// <param name="told">The last day of this period as the worker was last told it; null where they were not. What is computed never comes before it (Days).</param>
    /// <returns>Null where none runs, or no calendar covers its end.</returns>
    public static SilencePeriod? PeriodAfter(LocalDate due, LocalDate? firstDeliveredReminder, Jurisdiction rules, LocalDate? told = null)
    {
        if (firstDeliveredReminder is not { } first || Deadlines.SilenceEnds(due, first, rules.WorkersCalendar, rules.Intervals) is not { } ends) return null;
        var from = LocalDate.Max(due, first);
        var longer = Deadlines.SilenceEnds(due, first, rules.Calendar, rules.Intervals) is { } plain && plain < ends;
        return told > ends ? new SilencePeriod(from, told.Value, first > due, longer, AsTold: true) : new SilencePeriod(from, ends, first > due, longer, AsTold: false);
    }
}

/// <summary>A silence period: the working days after a due date, or after a later reminder, that pass before a case may open.</summary>
/// <param name="From">The local date after which it runs.</param>
/// <param name="Ends">Its last day.</param>
/// <param name="AfterReminder">Whether it counts from the reminder, since that was delivered after the due date.</param>
/// <param name="LongerByOutage">Whether days on which the service did not work made it longer.</param>
/// <param name="AsTold">Whether it would be over earlier, had the worker not been told this day.</param>
public sealed record SilencePeriod(LocalDate From, LocalDate Ends, bool AfterReminder, bool LongerByOutage, bool AsTold);
