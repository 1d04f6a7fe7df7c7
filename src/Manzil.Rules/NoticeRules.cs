using NodaTime;

namespace Manzil.Rules;

/// <summary>Why a notice is refused. Each has a text that says what to do instead.</summary>
public enum NoticeRefusal
{
    /// <summary>A registration, though the worker is registered already.</summary>
    AlreadyRegistered,

    /// <summary>A residence, confirmation or departure before registration.</summary>
    NotRegistered,

    /// <summary>A confirmation, though no residence was told.</summary>
    NoResidence,

    /// <summary>A residence date further back than the rules allow, or before the worker's birth.</summary>
    ResidenceTooEarly,

    /// <summary>A residence date further ahead than the rules allow.</summary>
    ResidenceTooLate,

    /// <summary>A departure date further back than the rules allow.</summary>
    DepartureTooEarly,

    /// <summary>A departure date further ahead than the rules allow.</summary>
    DepartureTooLate,

    /// <summary>Another notice though a departure has been told: undo it first.</summary>
    DepartureTold,

    /// <summary>Another notice though a departure is in effect: undo it, or register again.</summary>
    Ended,

    /// <summary>A notice other than an appeal though removal is in effect.</summary>
    Removed,

    /// <summary>A departure though a removal is pending: it must be answered first.</summary>
    RemovalPending,

    /// <summary>A correction of a notice that has nothing to correct (a registration, a confirmation).</summary>
    NotCorrectable,

    /// <summary>A correction or withdrawal of a notice that was replaced already.</summary>
    AlreadyReplaced,

    /// <summary>A withdrawal of a departure that is not in force.</summary>
    NothingToUndo,
}

/// <summary>The kinds of notice a worker may give (design §2), as the rules see them.</summary>
public enum NoticeKind
{
    /// <summary>I register at the centre's address.</summary>
    Registration,

    /// <summary>Where I live, from a date; first or changed.</summary>
    Residence,

    /// <summary>I still live there.</summary>
    Confirmation,

    /// <summary>I leave.</summary>
    Departure,

    /// <summary>An earlier residence notice, replaced.</summary>
    CorrectedResidence,

    /// <summary>An earlier departure notice, replaced.</summary>
    CorrectedDeparture,

    /// <summary>A departure, undone.</summary>
    Withdrawal,
}

/// <summary>What the rules need to know of a notice.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Number">Its receipt number.</param>
/// <param name="Date">The residence's or the departure's date; null for the kinds that carry none.</param>
/// <param name="Replaces">The receipt number that a correction or a withdrawal replaces; null otherwise.</param>
public readonly record struct NoticeFacts(NoticeKind Kind, string Number, LocalDate? Date = null, string? Replaces = null);

/// <summary>The rules' answer to a notice: either <see cref="Refusal"/>, or the rest.</summary>
/// <param name="Refusal">Why it is refused; null when it is accepted.</param>
/// <param name="After">The register entry that the notice leads to; the entry as it was when refused.</param>
/// <param name="EffectiveFrom">The date from which it counts.</param>
public readonly record struct NoticeOutcome(NoticeRefusal? Refusal, RegisterEntry After, LocalDate EffectiveFrom)
{
    /// <summary>The next deadline that the worker is told; null where there is none.</summary>
    public LocalDate? NextDeadline => After.NextDeadline;
}

/// <summary>What a notice does to a register entry: pure, from the rules, what happened so far, and the date.</summary>
public static class NoticeRules
{
    /// <summary>Considers one notice.</summary>
    /// <param name="entry">The register entry before it.</param>
    /// <param name="notice">The notice.</param>
    /// <param name="today">The local date on which it was received whole.</param>
    /// <param name="office">The centre's office code, for a registration.</param>
    /// <param name="birthDate">The worker's birth date, or the first day that it can be where the document does not show all of it: nobody lived anywhere before it. Null where no document is kept, or it shows no year.</param>
    /// <param name="everyChannelTold">Whether the worker's channels count as told at once (there is none, or the demo shows messages).</param>
    /// <param name="rules">The jurisdiction.</param>
    /// <param name="ground">Why the worker's case was opened, where one is open: a residence or confirmation closes a case about silence, and answers any other.</param>
    public static NoticeOutcome Consider(
        RegisterEntry entry, in NoticeFacts notice, LocalDate today, string office, LocalDate? birthDate, bool everyChannelTold, Jurisdiction rules,
        CaseGround ground = CaseGround.Silence)
    {
        var standing = entry.StandingOn(today, rules.WorkersCalendar, rules.Intervals);
        if (Refuse(entry, standing, notice, today, birthDate, rules.Intervals) is { } refusal)
            return new(refusal, entry, today);

        switch (notice.Kind)
        {
            case NoticeKind.Registration:
                var registered = RegisterEntry.JustEnrolled with { Standing = Standing.Registered, Office = office, RegisteredOn = today };
                return new(null, registered, today);

            case NoticeKind.Residence:
                var moved = entry with { ResidenceNumber = notice.Number, ResidenceFrom = notice.Date };
                return new(null, NewPeriod(Answered(moved, ground), today, rules), notice.Date!.Value);

            case NoticeKind.Confirmation:
                return new(null, NewPeriod(Answered(entry, ground), today, rules), today);

            case NoticeKind.CorrectedResidence:
                var corrected = entry.ResidenceNumber == notice.Replaces
                    ? entry with { ResidenceNumber = notice.Number, ResidenceFrom = notice.Date }
                    : entry;
                return new(null, corrected, notice.Date!.Value);

            case NoticeKind.Departure or NoticeKind.CorrectedDeparture:
                var leaving = entry with
                {
                    DepartureNumber = notice.Number,
                    DepartureOn = notice.Date,
                    DepartureTold = everyChannelTold ? today : null,
                };
                return new(null, leaving, leaving.EndsOn(today, rules.WorkersCalendar, rules.Intervals) ?? notice.Date!.Value);

            default:
                // What it was, without a gap, its period too. No silence comes of that: reminders from before it count no more.
                return new(null, entry with { DepartureNumber = null, DepartureOn = null, DepartureTold = null }, today);
        }
    }

    // Where the worker lives is what a case about silence asks: the notice closes it, however late, before removal (Confirming
    // an address, 5).
    static RegisterEntry Answered(RegisterEntry entry, CaseGround ground) =>
        entry.Standing is Standing.UnderReview or Standing.RemovalPending && ground == CaseGround.Silence ? entry with { Standing = Standing.Registered } : entry;

    /// <summary>What the closing of a case in the worker's favour leads to: registered, and a new period to confirm (Confirming an address, 1).</summary>
    /// <param name="entry">The register entry with the open case.</param>
    /// <param name="today">The local date.</param>
    /// <param name="rules">The jurisdiction.</param>
    public static RegisterEntry CaseClosed(RegisterEntry entry, LocalDate today, Jurisdiction rules) => NewPeriod(entry with { Standing = Standing.Registered }, today, rules);

    internal static RegisterEntry NewPeriod(RegisterEntry entry, LocalDate today, Jurisdiction rules)
    {
        var due = Deadlines.ConfirmationDue(today, rules.WorkersCalendar, rules.Intervals);
        // Where no calendar covers it, a date that was told and is later than the period stands (Days); an earlier one is over with its period.
        var told = due is not null || entry.NextDeadline?.PlusDays(-rules.Intervals.ConfirmEveryDays) >= today ? entry.NextDeadline : null;
        return entry with { LastTold = today, NextDeadline = Deadlines.InWorkersFavour(told, due) };
    }

    static NoticeRefusal? Refuse(
        RegisterEntry entry, Standing standing, in NoticeFacts notice, LocalDate today, LocalDate? birthDate, Intervals intervals)
    {
        var kind = notice.Kind;
        // At any time, whatever the standing.
        if (kind == NoticeKind.Withdrawal)
            return entry.DepartureNumber is null || entry.DepartureNumber != notice.Replaces ? NoticeRefusal.NothingToUndo : null;
        if (standing is Standing.Removed) return NoticeRefusal.Removed;
        if (kind == NoticeKind.Registration)
        {
            return standing switch
            {
                Standing.Enrolled or Standing.Ended => null,
                _ when entry.DepartureNumber is not null => NoticeRefusal.DepartureTold,
                _ => NoticeRefusal.AlreadyRegistered,
            };
        }

        if (standing == Standing.Enrolled) return NoticeRefusal.NotRegistered;
        if (kind == NoticeKind.CorrectedDeparture)
        {
            if (entry.DepartureNumber is null || entry.DepartureNumber != notice.Replaces) return NoticeRefusal.AlreadyReplaced;
        }
        else if (kind != NoticeKind.CorrectedResidence)
        {
            if (standing == Standing.Ended) return NoticeRefusal.Ended;
            if (entry.DepartureNumber is not null) return NoticeRefusal.DepartureTold;
        }

        if (kind == NoticeKind.Departure && standing == Standing.RemovalPending) return NoticeRefusal.RemovalPending;
        if (kind == NoticeKind.Confirmation) return entry.ResidenceNumber is null ? NoticeRefusal.NoResidence : null;

        var date = notice.Date!.Value;
        if (kind is NoticeKind.Residence or NoticeKind.CorrectedResidence)
        {
            if (date < today.PlusDays(-intervals.ResidenceFromMaxDaysPast) || (birthDate is { } born && date < born))
                return NoticeRefusal.ResidenceTooEarly;
            return date > today.PlusDays(intervals.ResidenceFromMaxDaysAhead) ? NoticeRefusal.ResidenceTooLate : null;
        }

        if (date < today.PlusDays(-intervals.DepartureMaxDaysPast)) return NoticeRefusal.DepartureTooEarly;
        return date > today.PlusDays(intervals.DepartureMaxDaysAhead) ? NoticeRefusal.DepartureTooLate : null;
    }
}
