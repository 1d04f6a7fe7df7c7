using NodaTime;

namespace Manzil.Rules;

/// <summary>How it is known that a notice was sent before it arrived (rules.md, Days).</summary>
public enum SentBefore
{
    /// <summary>The phone signed it then, by its own clock.</summary>
    Signed,

    /// <summary>The service turned it away then, and gave a token that says so.</summary>
    TurnedAway,
}

/// <summary>When a notice was sent, where it arrived later.</summary>
/// <param name="How">How that is known.</param>
/// <param name="At">The instant at which it was signed or turned away.</param>
public readonly record struct SentEarlier(SentBefore How, Instant At);

/// <summary>
/// What arrives before a deadline's end is in time. What was signed or turned away before it, and follows within
/// <see cref="Intervals.LateArrivalHours"/>, is in time too (rules.md, Days). Pure: no clock, no database.
/// </summary>
public static class InTime
{
    /// <summary>
    /// Whether what was sent at one instant and arrived at another followed soon enough: not before it was sent, which a
    /// phone's wrong clock can say, and at most <see cref="Intervals.LateArrivalHours"/> later, to the nanosecond. Anything
    /// else counts as of its arrival, and is no fault of the worker.
    /// </summary>
    /// <param name="sentAt">When it was signed or turned away.</param>
    /// <param name="receivedAt">When it had been received whole.</param>
    /// <param name="intervals">The intervals of the rules.</param>
    public static bool Follows(Instant sentAt, Instant receivedAt, Intervals intervals) =>
        sentAt <= receivedAt && receivedAt - sentAt <= Duration.FromHours(intervals.LateArrivalHours);

    /// <summary>
    /// The deadline that a confirmation or residence met when it was sent and missed when it arrived: the due date, or else
    /// the end of the silence period. Null where it missed none, or followed too late; then nothing is to be marked.
    /// </summary>
    /// <param name="entry">The register entry before the notice.</param>
    /// <param name="firstDeliveredReminder">Local date on which the first delivered reminder of this period was delivered; null when none was, and then no silence period ends.</param>
    /// <param name="sentAt">When it was signed or turned away.</param>
    /// <param name="receivedAt">When it had been received whole.</param>
    /// <param name="rules">The jurisdiction, with the outages known so far.</param>
    /// <param name="silenceTold">The last day of this silence period as the worker was last told it; null where they were not.</param>
    /// <returns>The local date of the deadline, at whose end (<see cref="Jurisdiction.EndOfDay"/>) it passed.</returns>
    public static LocalDate? DeadlineMet(RegisterEntry entry, LocalDate? firstDeliveredReminder, Instant sentAt, Instant receivedAt, Jurisdiction rules, LocalDate? silenceTold = null)
    {
        if (!Follows(sentAt, receivedAt, rules.Intervals)) return null;
        // Who leaves, or is not registered, has nothing to confirm.
        if (entry.DepartureNumber is not null || entry.Standing is not (Standing.Registered or Standing.UnderReview)) return null;
        if (entry.Due(rules.WorkersCalendar, rules.Intervals) is not { } due) return null;
        if (Passed(due)) return due;
        return Silence.PeriodAfter(due, firstDeliveredReminder, rules, silenceTold) is { Ends: var ends } && Passed(ends) ? ends : null;

        bool Passed(LocalDate deadline) => IsBetween(deadline, sentAt, receivedAt, rules);
    }

    /// <summary>
    /// The deadline that an answer or an appeal met when it was sent and missed when it arrived: the end of the time to answer, or of
    /// the window to appeal. Null where it missed none, or followed too late; then nothing is to be marked.
    /// </summary>
    /// <param name="act"><see cref="CaseAct.Answer"/> or <see cref="CaseAct.Appeal"/>; no other act of a case has a deadline of the worker's.</param>
    /// <param name="facts">The case before the act.</param>
    /// <param name="sentAt">When it was signed or turned away.</param>
    /// <param name="receivedAt">When it had been received whole.</param>
    /// <param name="rules">The jurisdiction, with the outages known so far.</param>
    /// <returns>The local date of the deadline, at whose end (<see cref="Jurisdiction.EndOfDay"/>) it passed.</returns>
    public static LocalDate? CaseDeadlineMet(CaseAct act, CaseFacts facts, Instant sentAt, Instant receivedAt, Jurisdiction rules)
    {
        var until = act switch
        {
            CaseAct.Answer => facts.AnswerUntil(rules),
            CaseAct.Appeal => facts.AppealUntil(rules),
            _ => null,
        };
        return until is { } deadline && Follows(sentAt, receivedAt, rules.Intervals) && IsBetween(deadline, sentAt, receivedAt, rules) ? deadline : null;
    }

    static bool IsBetween(LocalDate deadline, Instant sentAt, Instant receivedAt, Jurisdiction rules) =>
        rules.EndOfDay(deadline) is var end && sentAt < end && end <= receivedAt;
}
