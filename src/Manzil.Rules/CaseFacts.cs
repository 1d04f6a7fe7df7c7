using NodaTime;

namespace Manzil.Rules;

/// <summary>
/// What is known of a worker's case now, as the rules need it. Dates are local dates in the rules' zone. Dates of delivery
/// are null while nothing was delivered, and become so again where a delivery is undone (rules.md, Delivery).
/// </summary>
public sealed record CaseFacts
{
    /// <summary>No case is open.</summary>
    public static readonly CaseFacts None = new();

    /// <summary>Where the case is.</summary>
    public CaseStage Stage { get; init; }

    /// <summary>Why it was opened.</summary>
    public CaseGround Ground { get; init; } = CaseGround.Silence;

    /// <summary>When it was opened.</summary>
    public LocalDate OpenedOn { get; init; }

    /// <summary>When it was delivered to the worker that it is open.</summary>
    public LocalDate? OpeningTold { get; init; }

    /// <summary>The last day to answer that the worker was told; null where they were told none. What is computed later never comes before it.</summary>
    public LocalDate? AnswerTold { get; init; }

    /// <summary>The staff number of whoever proposed removal; null where nobody has.</summary>
    public string? ProposedBy { get; init; }

    /// <summary>The staff number of whoever agreed; null where nobody has.</summary>
    public string? AgreedBy { get; init; }

    /// <summary>
    /// When the newest decision against the worker was delivered to them: the agreement, or an appeal decided against
    /// them. The window to appeal, and what follows it, count from then.
    /// </summary>
    public LocalDate? DecisionTold { get; init; }

    /// <summary>The last day to appeal that the worker was told; null where they were told none. What is computed later never comes before it.</summary>
    public LocalDate? AppealTold { get; init; }

    /// <summary>The date of the act that left the next step to the authority. Only the opening, an agreement, an appeal and an appeal's decision set it.</summary>
    public LocalDate StepLeft { get; init; }

    /// <summary>Whether removals are paused by the circuit breaker.</summary>
    public bool Paused { get; init; }

    /// <summary>The last day on which the worker's answer is waited for; null where it cannot be known yet.</summary>
    /// <param name="rules">The jurisdiction, with outages.</param>
    public LocalDate? AnswerUntil(Jurisdiction rules) =>
        OpeningTold is { } told ? Deadlines.InWorkersFavour(AnswerTold, Deadlines.AnswerUntil(told, rules.WorkersCalendar, rules.Intervals)) : null;

    /// <summary>The last day of the window to appeal; null where it cannot be known yet.</summary>
    /// <param name="rules">The jurisdiction, with outages.</param>
    public LocalDate? AppealUntil(Jurisdiction rules) =>
        DecisionTold is { } told ? Deadlines.InWorkersFavour(AppealTold, Deadlines.AppealUntil(told, rules.WorkersCalendar, rules.Intervals)) : null;

    /// <summary>
    /// The last day of the authority's time for its next step (rules.md, A case: it runs from the act that left the step to it,
    /// and nothing that officers do restarts it). Outages do not extend it.
    /// </summary>
    /// <param name="rules">The jurisdiction.</param>
    /// <returns>Null where no case is open, a removal is in effect, or no calendar covers it.</returns>
    public LocalDate? AuthorityUntil(Jurisdiction rules) => Stage switch
    {
        CaseStage.None or CaseStage.Removed => null,
        CaseStage.Suspended => Deadlines.AuthorityAppealUntil(StepLeft, rules.Calendar, rules.Intervals),
        _ => Deadlines.AuthorityStepUntil(StepLeft, rules.Calendar, rules.Intervals),
    };
}

/// <summary>What an actor says with an act about a case, and what they have looked at before it.</summary>
public sealed record CaseWords
{
    /// <summary>Nothing said, nothing looked at.</summary>
    public static readonly CaseWords Nothing = new();

    /// <summary>The reason, or the answer's text; white space at the ends does not count.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it was sent before the deadline that it missed when it arrived (<see cref="InTime.CaseDeadlineMet"/>): then an appeal needs no reason.</summary>
    public bool IsSentInTime { get; init; }

    /// <summary>Whether the ground named is one of the jurisdiction's list (a proposal).</summary>
    public bool GroundIsKnown { get; init; }

    /// <summary>The facts (a proposal).</summary>
    public string? Facts { get; init; }

    /// <summary>What would change the decision (a proposal).</summary>
    public string? Change { get; init; }

    /// <summary>Whether this officer has opened every answer of the case.</summary>
    public bool OpenedEveryAnswer { get; init; }

    /// <summary>Whether this officer has opened every document of the case.</summary>
    public bool OpenedEveryDocument { get; init; }

    /// <summary>Whether silence leads to a case now (<see cref="Silence.On"/>).</summary>
    public bool IsSilent { get; init; }

    /// <summary>Whether a case of this worker was decided on the same facts already.</summary>
    public bool DecidedAlready { get; init; }

    /// <summary>What has fallen with a delivery that came back (<see cref="Undoing"/>).</summary>
    public Fallen Fallen { get; init; }
}
