using NodaTime;

namespace Manzil.Rules;

/// <summary>
/// A worker's present state, derived from notices and decisions (design §2). Immutable: an act gives a new one.
/// Dates are local dates in the rules' zone.
/// </summary>
public sealed record RegisterEntry
{
    /// <summary>The entry of a worker who was just enrolled.</summary>
    public static readonly RegisterEntry JustEnrolled = new();

    /// <summary>
    /// The standing that acts have set. A departure does not change it, so that undoing one leaves no gap:
    /// ask <see cref="StandingOn"/> for the standing on a date. Never <see cref="Rules.Standing.Ended"/>.
    /// </summary>
    public Standing Standing { get; init; } = Standing.Enrolled;

    /// <summary>The office at whose address the worker is registered; null before registration.</summary>
    public string? Office { get; init; }

    /// <summary>The date of registration; null before it.</summary>
    public LocalDate? RegisteredOn { get; init; }

    /// <summary>The receipt number of the residence notice (or its correction) now in force; null where there is none.</summary>
    public string? ResidenceNumber { get; init; }

    /// <summary>The date from which the worker lives at the address told; null where none was told.</summary>
    public LocalDate? ResidenceFrom { get; init; }

    /// <summary>The date of the last residence or confirmation notice, or of the closing of the last case; a period to confirm starts on it.</summary>
    public LocalDate? LastTold { get; init; }

    /// <summary>The date by which the next confirmation is due; null where nothing is due or no calendar covers it yet.</summary>
    public LocalDate? NextDeadline { get; init; }

    /// <summary>The receipt number of the departure notice (or its correction) in force; null where there is none.</summary>
    public string? DepartureNumber { get; init; }

    /// <summary>The departure date that the worker gave.</summary>
    public LocalDate? DepartureOn { get; init; }

    /// <summary>The date on which the last of the worker's channels was told of the departure; null until then.</summary>
    public LocalDate? DepartureTold { get; init; }

    /// <summary>
    /// The date by which the next confirmation is due, as the calendar stands now: the later of what it gives and of
    /// <see cref="NextDeadline"/>, which the worker was told, and never a day off (rules.md, Days: outages and new calendars
    /// move open deadlines at once, and never against the worker).
    /// </summary>
    /// <param name="calendar">The working days with outages.</param>
    /// <param name="intervals">The jurisdiction's intervals.</param>
    /// <returns>Null where nothing is due, or where no calendar covers it yet and nothing was told.</returns>
    public LocalDate? Due(WorkingCalendar calendar, Intervals intervals)
    {
        var computed = LastTold is { } last ? Deadlines.ConfirmationDue(last, calendar, intervals) : null;
        return Deadlines.InWorkersFavour(NextDeadline, computed) is { } due ? Deadlines.OnOrAfter(due, calendar) : null;
    }

    /// <summary>Why <see cref="Due"/> is the date that it is.</summary>
    /// <param name="rules">The rules, with the outages known so far.</param>
    /// <returns>Null where nothing is due.</returns>
    public DueReason? WhyDue(Jurisdiction rules)
    {
        if (Due(rules.WorkersCalendar, rules.Intervals) is not { } due) return null;
        if (LastTold is not { } last) return DueReason.AsTold;
        var period = last.PlusDays(rules.Intervals.ConfirmEveryDays);
        if (due == period) return DueReason.Period;
        if (due == Deadlines.OnOrAfter(period, rules.Calendar)) return DueReason.NextWorkingDay;
        return due == Deadlines.OnOrAfter(period, rules.WorkersCalendar) ? DueReason.Outage : DueReason.AsTold;
    }

    /// <summary>
    /// The date at whose end a departure takes effect: the date given, and not before the departure period (3 working
    /// days in the demo) after every channel was told has passed (rules.md, "A case").
    /// </summary>
    /// <param name="told">The date on which every channel was told, or is taken to be.</param>
    /// <param name="calendar">The working days.</param>
    /// <param name="intervals">The jurisdiction's intervals.</param>
    /// <returns>The date; null where no departure was told or no calendar covers the period, and then nothing ends.</returns>
    public LocalDate? EndsOn(LocalDate? told, WorkingCalendar calendar, Intervals intervals) =>
        DepartureOn is { } on && told is { } from ? Deadlines.DepartureTakesEffect(on, from, calendar, intervals) : null;

    /// <summary>The standing on a date: <see cref="Rules.Standing.Ended"/> once a departure has taken effect, else what acts have set.</summary>
    /// <param name="date">The local date asked about.</param>
    /// <param name="calendar">The working days.</param>
    /// <param name="intervals">The jurisdiction's intervals.</param>
    public Standing StandingOn(LocalDate date, WorkingCalendar calendar, Intervals intervals) =>
        Standing is Standing.Registered or Standing.UnderReview
        && EndsOn(DepartureTold, calendar, intervals) is { } ends && date > ends
            ? Standing.Ended
            : Standing;
}

/// <summary>Why a confirmation is due on its date (rules.md, Confirming an address, 1, and Days).</summary>
public enum DueReason
{
    /// <summary>The period after the last notice ends on it.</summary>
    Period,

    /// <summary>The period ends on a day off, and this is the next working day.</summary>
    NextWorkingDay,

    /// <summary>The period ends on a day on which the service did not work, and this is the next working day after it.</summary>
    Outage,

    /// <summary>The worker was told this date, and it never moves against them.</summary>
    AsTold,
}
