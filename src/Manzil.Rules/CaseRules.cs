using NodaTime;

namespace Manzil.Rules;

/// <summary>
/// The table of rules.md, "A case", in one place: which act is possible at which stage, by whom, and under which
/// conditions; and where it leads. No other transition exists. Pure: every act, page and test asks here.
/// </summary>
public static class CaseRules
{
    sealed record Row(CaseAct Act, CaseStage[] From, CaseStage To, ActorKind[] Actors, StaffRole[] Roles);

    static readonly ActorKind[] System = [ActorKind.System], Staff = [ActorKind.Staff], WorkerOrHelper = [ActorKind.Worker, ActorKind.Helper];
    static readonly StaffRole[] Caseworker = [StaffRole.Caseworker], Reviewers = [StaffRole.Reviewer, StaffRole.LeadReviewer], Nobody = [];

    static readonly Row[] Table =
    [
        new(CaseAct.OpenAfterSilence, [CaseStage.None], CaseStage.Open, System, Nobody),
        new(CaseAct.OpenWithReason, [CaseStage.None], CaseStage.Open, Staff, Caseworker),
        // The standing stays under review while agreement is awaited, so that the worker is heard then too.
        new(CaseAct.Answer, [CaseStage.Open, CaseStage.AwaitingAgreement], CaseStage.None, WorkerOrHelper, Nobody),
        new(CaseAct.Confirm, [CaseStage.Open, CaseStage.AwaitingAgreement, CaseStage.RemovalPending, CaseStage.Suspended], CaseStage.None, [ActorKind.Worker], Nobody),
        new(CaseAct.Keep, [CaseStage.Open], CaseStage.None, Staff, Caseworker),
        new(CaseAct.ProposeRemoval, [CaseStage.Open], CaseStage.AwaitingAgreement, Staff, Caseworker),
        new(CaseAct.Agree, [CaseStage.AwaitingAgreement], CaseStage.RemovalPending, Staff, Caseworker),
        new(CaseAct.Disagree, [CaseStage.AwaitingAgreement], CaseStage.Open, Staff, Caseworker),
        new(CaseAct.WithdrawProposal, [CaseStage.AwaitingAgreement], CaseStage.Open, Staff, Caseworker),
        new(CaseAct.Appeal, [CaseStage.RemovalPending, CaseStage.Removed], CaseStage.Suspended, WorkerOrHelper, Nobody),
        new(CaseAct.DecideAppealForWorker, [CaseStage.Suspended], CaseStage.None, Staff, Reviewers),
        new(CaseAct.DecideAppealAgainstWorker, [CaseStage.Suspended], CaseStage.RemovalPending, Staff, Reviewers),
        new(CaseAct.PutInEffect, [CaseStage.RemovalPending], CaseStage.Removed, Staff, Caseworker),
        new(CaseAct.Reinstate, [CaseStage.Removed], CaseStage.None, Staff, Reviewers),
        new(CaseAct.CloseForWorker, [CaseStage.Open, CaseStage.AwaitingAgreement, CaseStage.RemovalPending, CaseStage.Suspended], CaseStage.None, System, Nobody),
        // Delivery: a bounce undoes a delivery and everything that rested on it. A removal in effect so undone is a reinstatement.
        new(CaseAct.CloseUnfounded, [CaseStage.Open, CaseStage.AwaitingAgreement, CaseStage.RemovalPending, CaseStage.Suspended, CaseStage.Removed], CaseStage.None, System, Nobody),
        new(CaseAct.UndoSteps, [CaseStage.AwaitingAgreement, CaseStage.RemovalPending, CaseStage.Suspended], CaseStage.Open, System, Nobody),
    ];

    /// <summary>Every act, in the table's order.</summary>
    public static IReadOnlyList<CaseAct> Acts { get; } = [.. Table.Select(r => r.Act)];

    /// <summary>Whether an act can make a worker's situation worse: only such acts wait for the worker, and stop when the authority's time is over.</summary>
    /// <param name="act">The act.</param>
    public static bool IsAdverse(CaseAct act) =>
        act is CaseAct.ProposeRemoval or CaseAct.Agree or CaseAct.DecideAppealAgainstWorker or CaseAct.PutInEffect;

    /// <summary>Why an act is not possible now; the first thing that is missing, in the order in which it can be mended.</summary>
    /// <param name="act">The act.</param>
    /// <param name="actor">Who acts.</param>
    /// <param name="facts">The case as it is.</param>
    /// <param name="words">What the actor says and has looked at.</param>
    /// <param name="standing">The worker's standing today (<see cref="RegisterEntry.StandingOn"/>): nothing is done about someone who has left, but that their case closes in time.</param>
    /// <param name="today">The local date of the act.</param>
    /// <param name="rules">The jurisdiction, with outages.</param>
    /// <returns>Null where it is possible.</returns>
    public static CaseRefusal? Refuse(
        CaseAct act, Actor actor, CaseFacts facts, CaseWords words, Standing standing, LocalDate today, Jurisdiction rules)
    {
        var row = Table.Single(r => r.Act == act);
        if (!row.Actors.Contains(actor.Kind) || (actor.Kind == ActorKind.Staff && !row.Roles.Contains(actor.Role))) return CaseRefusal.NotForThisRole;
        // A case of someone who has left closes all the same when the authority's time is over, or when what it rests on fell: else it
        // would hold the file for ever.
        var hasLeft = act is CaseAct.CloseForWorker or CaseAct.CloseUnfounded or CaseAct.UndoSteps && standing == Standing.Ended && facts.Stage.Standing() == Standing.UnderReview;
        if (!row.From.Contains(facts.Stage) || (standing != (facts.Stage == CaseStage.None ? Standing.Registered : facts.Stage.Standing()) && !hasLeft))
            return CaseRefusal.NotAtThisStage;
        if (IsAdverse(act) && IsTimeOver(facts, today, rules)) return CaseRefusal.AuthorityTimeOver;
        if (facts.Paused && act is CaseAct.ProposeRemoval or CaseAct.Agree or CaseAct.PutInEffect) return CaseRefusal.Paused;
        return act switch
        {
            CaseAct.OpenAfterSilence => words.IsSilent ? null : CaseRefusal.NotSilent,
            CaseAct.OpenWithReason => NoReason(words) ?? (words.DecidedAlready ? CaseRefusal.DecidedAlready : null),
            CaseAct.Answer => string.IsNullOrWhiteSpace(words.Reason) ? CaseRefusal.TextMissing : null,
            CaseAct.Confirm => null,
            CaseAct.Keep or CaseAct.Reinstate => NoReason(words),
            CaseAct.ProposeRemoval => RefuseProposal(facts, words, today, rules),
            CaseAct.Agree => IsTaken(actor, facts) ?? RefuseUnheard(facts, today, rules) ?? Unopened(words),
            CaseAct.Disagree => IsTaken(actor, facts) ?? NoReason(words),
            CaseAct.WithdrawProposal => actor.StaffNumber == facts.ProposedBy ? NoReason(words) : CaseRefusal.NotTheProposer,
            CaseAct.Appeal => IsLate(facts, today, rules) && !words.IsSentInTime ? NoReason(words) : null,
            CaseAct.DecideAppealForWorker => IsTaken(actor, facts) ?? NoReason(words),
            CaseAct.DecideAppealAgainstWorker => IsTaken(actor, facts) ?? RefuseUnheard(facts, today, rules) ?? Unopened(words) ?? NoReason(words),
            CaseAct.PutInEffect => RefuseEffect(facts, today, rules),
            CaseAct.CloseUnfounded => words.Fallen == Fallen.Case ? null : CaseRefusal.NothingFell,
            CaseAct.UndoSteps => words.Fallen == Fallen.Steps ? null : CaseRefusal.NothingFell,
            _ => facts.AuthorityUntil(rules) is { } last && today > last ? null : CaseRefusal.AuthorityTimeRuns,
        };
    }

    /// <summary>The stage that an act leads to, where it is possible.</summary>
    /// <param name="act">The act.</param>
    /// <param name="facts">The case before it.</param>
    public static CaseStage After(CaseAct act, CaseFacts facts) => act switch
    {
        CaseAct.Answer => facts.Stage,
        CaseAct.Confirm => facts.Ground == CaseGround.Silence ? CaseStage.None : facts.Stage,
        _ => Table.Single(r => r.Act == act).To,
    };

    /// <summary>Whether an act leaves the next step to the authority, so that its time runs from this act's date.</summary>
    /// <param name="act">The act.</param>
    public static bool LeavesStep(CaseAct act) =>
        act is CaseAct.OpenAfterSilence or CaseAct.OpenWithReason or CaseAct.Agree or CaseAct.Appeal or CaseAct.DecideAppealAgainstWorker;

    /// <summary>
    /// The register entry of a worker whose case has reached a stage; closing a case starts a new period (rules.md, A case). A departure
    /// whose time came while a removal was pending or in effect is taken out: the table leads to registered or under review, not to ended.
    /// </summary>
    /// <param name="entry">The entry before.</param>
    /// <param name="stage">The stage reached.</param>
    /// <param name="today">The local date.</param>
    /// <param name="rules">The jurisdiction, with outages.</param>
    public static RegisterEntry Entry(RegisterEntry entry, CaseStage stage, LocalDate today, Jurisdiction rules)
    {
        var moved = entry with { Standing = stage.Standing() };
        if (entry.Standing is Standing.RemovalPending or Standing.Removed && moved.StandingOn(today, rules.WorkersCalendar, rules.Intervals) == Standing.Ended)
            moved = moved with { DepartureNumber = null, DepartureOn = null, DepartureTold = null };
        // Whoever has told no address has nothing to confirm.
        return stage != CaseStage.None || entry.ResidenceNumber is null ? moved : NoticeRules.NewPeriod(moved, today, rules);
    }

    static CaseRefusal? RefuseProposal(CaseFacts facts, CaseWords words, LocalDate today, Jurisdiction rules)
    {
        if (RefuseUnheard(facts, today, rules) is { } unheard) return unheard;
        if (!words.OpenedEveryAnswer) return CaseRefusal.AnswersUnopened;
        if (!words.GroundIsKnown) return CaseRefusal.GroundMissing;
        if (Length(words.Facts) < rules.Intervals.FactsMinCharacters) return CaseRefusal.FactsTooShort;
        return Length(words.Change) == 0 ? CaseRefusal.ChangeMissing : null;
    }

    // Asked at every adverse act: a bounce undoes a delivery and what rested on it, and a day that turns out to be an outage lengthens
    // the worker's time, also after a proposal.
    static CaseRefusal? RefuseUnheard(CaseFacts facts, LocalDate today, Jurisdiction rules)
    {
        if (facts.OpeningTold is null) return CaseRefusal.OpeningNotDelivered;
        return facts.AnswerUntil(rules) is { } until && today > until ? null : CaseRefusal.AnswerPeriodRuns;
    }

    // Where the end lies in a year that no calendar covers, a day that is covered comes before it, and any other counts for the worker.
    static bool IsTimeOver(CaseFacts facts, LocalDate today, Jurisdiction rules) =>
        facts.AuthorityUntil(rules) is { } until ? today > until : !rules.Calendar.Covers(today.Year);

    static CaseRefusal? RefuseEffect(CaseFacts facts, LocalDate today, Jurisdiction rules)
    {
        if (RefuseUnheard(facts, today, rules) is { } unheard) return unheard;
        if (facts.DecisionTold is null) return CaseRefusal.DecisionNotDelivered;
        return facts.AppealUntil(rules) is { } until && today > until ? null : CaseRefusal.AppealWindowRuns;
    }

    static bool IsLate(CaseFacts facts, LocalDate today, Jurisdiction rules) =>
        facts.Stage == CaseStage.RemovalPending && facts.AppealUntil(rules) is { } until && today > until;

    static CaseRefusal? IsTaken(Actor actor, CaseFacts facts) =>
        actor.StaffNumber == facts.ProposedBy || actor.StaffNumber == facts.AgreedBy ? CaseRefusal.SamePerson : null;

    static CaseRefusal? Unopened(CaseWords words) =>
        !words.OpenedEveryAnswer ? CaseRefusal.AnswersUnopened : words.OpenedEveryDocument ? null : CaseRefusal.DocumentsUnopened;

    static CaseRefusal? NoReason(CaseWords words) => Length(words.Reason) == 0 ? CaseRefusal.ReasonMissing : null;

    static int Length(string? text) => text?.Trim().Length ?? 0;
}

/// <summary>The circuit breaker (rules.md, A case): too many reversed appeals stop removals until the lead reviewer has looked.</summary>
public static class CircuitBreaker
{
    /// <summary>Whether removals stop.</summary>
    /// <param name="reversed">The appeals decided since the last pause was lifted, newest first: true where it was decided for the worker. More than needed may be given.</param>
    /// <param name="intervals">The intervals: how many count, and how many percent are too many.</param>
    public static bool Trips(IEnumerable<bool> reversed, Intervals intervals)
    {
        // Fewer appeals than a full count trip it with as many reversals as a full count would need, and not with one of one.
        var count = reversed.Take(intervals.BreakerAppeals).Count(r => r);
        return count * 100 >= intervals.BreakerPercent * intervals.BreakerAppeals;
    }
}
