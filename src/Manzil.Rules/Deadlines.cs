using NodaTime;

namespace Manzil.Rules;

/// <summary>
/// The dates that rules.md sets. A worker's deadlines are computed on a calendar with outages (<see cref="WorkingCalendar.WithOutages"/>),
/// the authority's on the calendar alone. Null stands for a date that cannot be known, since it needs a year that no calendar covers:
/// then nothing counts against the worker.
/// </summary>
public static class Deadlines
{
    /// <summary>When the next confirmation is due: <see cref="Intervals.ConfirmEveryDays"/> after the last notice, or the next working day (Confirming an address, 1).</summary>
    /// <param name="lastNotice">Local date of the last residence or confirmation, or of the closing of the last case.</param>
    /// <param name="calendar">The calendar with outages.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    public static LocalDate? ConfirmationDue(LocalDate lastNotice, WorkingCalendar calendar, Intervals intervals)
    {
        if (Period.DaysBetween(lastNotice, LocalDate.MaxIsoValue) < intervals.ConfirmEveryDays)
            return null;
        var due = lastNotice.PlusDays(intervals.ConfirmEveryDays);
        return calendar.Covers(due.Year) && (calendar.IsWorkingDay(due) || calendar.TryAddWorkingDays(due, 1, out _, out _)) ? OnOrAfter(due, calendar) : null;
    }

    /// <summary>
    /// The date itself when it is a working day, else the next one. A date that no calendar covers stays as it is; where the
    /// covered days end without a working day, it is the last of them, so that an outage among them brings no date nearer.
    /// </summary>
    /// <param name="date">The date.</param>
    /// <param name="calendar">The calendar with outages.</param>
    public static LocalDate OnOrAfter(LocalDate date, WorkingCalendar calendar)
    {
        if (!calendar.Covers(date.Year) || calendar.IsWorkingDay(date)) return date;
        return calendar.TryAddWorkingDays(date, 1, out var next, out var missingYear) ? next : LocalDate.Max(date, new LocalDate(missingYear - 1, 12, 31));
    }

    /// <summary>The dates on which the worker is reminded of a due date, in order (Confirming an address, 2).</summary>
    /// <param name="due">The due date.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    public static IReadOnlyList<LocalDate> ReminderDates(LocalDate due, Intervals intervals) =>
        [.. intervals.ReminderDaysBefore.Select(days => due.PlusDays(-days)).Order()];

    /// <summary>The last day of the silence period (Confirming an address, 3).</summary>
    /// <param name="due">The due date of the confirmation.</param>
    /// <param name="firstDeliveredReminder">Local date on which the first delivered reminder of this period was delivered; null when none was.</param>
    /// <param name="calendar">The calendar with outages.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    /// <returns>Null also when no reminder was delivered: no delivered reminder, no silence.</returns>
    public static LocalDate? SilenceEnds(LocalDate due, LocalDate? firstDeliveredReminder, WorkingCalendar calendar, Intervals intervals) =>
        firstDeliveredReminder is { } delivered
            ? After(LocalDate.Max(due, delivered), intervals.SilenceWorkingDays, calendar)
            : null;

    /// <summary>The first day on which a case about silence may open: the day after the silence period (Confirming an address, 4).</summary>
    /// <param name="silenceEnds">The last day of the silence period.</param>
    /// <param name="calendar">The calendar, which knows the days that never were.</param>
    public static LocalDate CaseMayOpen(LocalDate silenceEnds, WorkingCalendar calendar)
    {
        var next = silenceEnds.PlusDays(1);
        while (!calendar.Exists(next))
            next = next.PlusDays(1);
        return next;
    }

    /// <summary>The last day on which the worker's answer is in time (A case).</summary>
    /// <param name="told">Local date on which it was delivered to the worker that the case is open.</param>
    /// <param name="calendar">The calendar with outages.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    public static LocalDate? AnswerUntil(LocalDate told, WorkingCalendar calendar, Intervals intervals) =>
        After(told, intervals.AnswerWorkingDays, calendar);

    /// <summary>The last day of the appeal window; an appeal may come later too, with a reason (A case).</summary>
    /// <param name="told">Local date on which the decision was delivered to the worker.</param>
    /// <param name="calendar">The calendar with outages.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    public static LocalDate? AppealUntil(LocalDate told, WorkingCalendar calendar, Intervals intervals) =>
        After(told, intervals.AppealWorkingDays, calendar);

    /// <summary>The last day for the authority's next step; after it the case closes for the worker (A case).</summary>
    /// <param name="stepLeft">Local date of the act that left the step to the authority.</param>
    /// <param name="calendar">The calendar without outages, which never extend the authority's time.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    public static LocalDate? AuthorityStepUntil(LocalDate stepLeft, WorkingCalendar calendar, Intervals intervals) =>
        After(stepLeft, intervals.AuthorityStepWorkingDays, calendar);

    /// <summary>The last day for the decision on an appeal; after it the case closes for the worker (A case).</summary>
    /// <param name="appealed">Local date of the appeal.</param>
    /// <param name="calendar">The calendar without outages, which never extend the authority's time.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    public static LocalDate? AuthorityAppealUntil(LocalDate appealed, WorkingCalendar calendar, Intervals intervals) =>
        After(appealed, intervals.AuthorityAppealWorkingDays, calendar);

    /// <summary>The day at whose end a departure takes effect: the departure's own, and not before the working days after every channel was told (A case).</summary>
    /// <param name="departure">The date of the departure.</param>
    /// <param name="told">Local date on which the last of the worker's channels was told.</param>
    /// <param name="calendar">The calendar with outages.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    public static LocalDate? DepartureTakesEffect(LocalDate departure, LocalDate told, WorkingCalendar calendar, Intervals intervals) =>
        After(told, intervals.DepartureWorkingDays, calendar) is { } earliest ? LocalDate.Max(departure, earliest) : null;

    /// <summary>A worker's deadline never moves against them: the later of what a recomputation gives and what the worker was last told (Days).</summary>
    /// <param name="lastTold">The deadline the worker was last told; null when none was.</param>
    /// <param name="recomputed">The deadline as computed now; null when it cannot be known, and then what was told stands.</param>
    public static LocalDate? InWorkersFavour(LocalDate? lastTold, LocalDate? recomputed) =>
        lastTold is { } told && recomputed is { } now ? LocalDate.Max(told, now) : lastTold ?? recomputed;

    static LocalDate? After(LocalDate date, int workingDays, WorkingCalendar calendar) =>
        calendar.TryAddWorkingDays(date, workingDays, out var result, out _) ? result : null;
}
