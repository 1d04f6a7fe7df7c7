namespace Manzil.Rules;

/// <summary>What may be done about a case: the second column of rules.md's table "A case", less what is a notice of its own.</summary>
public enum CaseAct
{
    /// <summary>The system opens a case after silence (kind 32).</summary>
    OpenAfterSilence,

    /// <summary>A caseworker opens a case with a written reason (kind 32).</summary>
    OpenWithReason,

    /// <summary>The worker, or a helper for them, answers (kind 33).</summary>
    Answer,

    /// <summary>The worker confirms or tells an address (kinds 2 and 3): closes a case about silence, answers any other.</summary>
    Confirm,

    /// <summary>A caseworker closes the case; the worker stays registered (kind 38).</summary>
    Keep,

    /// <summary>A caseworker proposes removal (kind 34).</summary>
    ProposeRemoval,

    /// <summary>Another caseworker agrees (kind 35).</summary>
    Agree,

    /// <summary>Another caseworker disagrees (kind 41).</summary>
    Disagree,

    /// <summary>Whoever proposed removal takes the proposal back (kind 45).</summary>
    WithdrawProposal,

    /// <summary>The worker, or a helper for them, appeals, which suspends (kind 36).</summary>
    Appeal,

    /// <summary>A reviewer decides an appeal for the worker (kind 37).</summary>
    DecideAppealForWorker,

    /// <summary>A reviewer decides an appeal against the worker (kind 37).</summary>
    DecideAppealAgainstWorker,

    /// <summary>A caseworker puts a removal in effect, by hand (kind 40).</summary>
    PutInEffect,

    /// <summary>A reviewer reinstates, as if the worker had never been removed (kind 39).</summary>
    Reinstate,

    /// <summary>The system closes a case because the authority let its time pass (kind 38).</summary>
    CloseForWorker,

    /// <summary>
    /// The system closes a case, or reinstates, because what it rested on fell: the reminder came back, or the silence period was
    /// longer than was known; or the delivery came back on which a removal in effect rested (kind 38; of a removal in effect 39).
    /// </summary>
    CloseUnfounded,

    /// <summary>The system undoes what rested on the delivery of the opening, which came back: the case is open as before a proposal (kind 44).</summary>
    UndoSteps,
}

/// <summary>Who acts.</summary>
public enum ActorKind
{
    /// <summary>The service itself, by the calendar.</summary>
    System,

    /// <summary>The worker whose case it is.</summary>
    Worker,

    /// <summary>A helper to whom the worker gave this case.</summary>
    Helper,

    /// <summary>An officer.</summary>
    Staff,
}

/// <summary>Who acts, and with which role.</summary>
/// <param name="Kind">The kind of actor.</param>
/// <param name="Role">The officer's role; default for others.</param>
/// <param name="StaffNumber">The officer's staff number; null for others.</param>
/// <param name="Centre">The code of the office in which the officer works, which need not be the worker's; null for others, and where it is not known.</param>
public readonly record struct Actor(ActorKind Kind, StaffRole Role = default, string? StaffNumber = null, string? Centre = null)
{
    /// <summary>The service itself.</summary>
    public static readonly Actor System = new(ActorKind.System);

    /// <summary>The worker.</summary>
    public static readonly Actor Worker = new(ActorKind.Worker);

    /// <summary>A helper of the worker.</summary>
    public static readonly Actor Helper = new(ActorKind.Helper);

    /// <summary>An officer.</summary>
    /// <param name="role">The role.</param>
    /// <param name="number">The staff number.</param>
    /// <param name="centre">The code of the officer's own office.</param>
    public static Actor Staff(StaffRole role, string number, string? centre = null) => new(ActorKind.Staff, role, number, centre);
}

/// <summary>Why an act about a case is refused. Each has a text that says what is missing.</summary>
public enum CaseRefusal
{
    /// <summary>This is not for an actor of this kind or role.</summary>
    NotForThisRole,

    /// <summary>The table has no such transition from where the case is.</summary>
    NotAtThisStage,

    /// <summary>A reason is needed, in words.</summary>
    ReasonMissing,

    /// <summary>It does not say, or not of this jurisdiction's list, on which ground.</summary>
    GroundMissing,

    /// <summary>The facts are told in fewer characters than the rules ask.</summary>
    FactsTooShort,

    /// <summary>It does not say what would change the decision.</summary>
    ChangeMissing,

    /// <summary>The answer has no text.</summary>
    TextMissing,

    /// <summary>That the case is open has not been delivered to the worker.</summary>
    OpeningNotDelivered,

    /// <summary>The worker's time to answer is not over (any more, where an outage came to light), or no calendar covers its end.</summary>
    AnswerPeriodRuns,

    /// <summary>The officer has not opened every answer.</summary>
    AnswersUnopened,

    /// <summary>The officer has not opened every document of the case.</summary>
    DocumentsUnopened,

    /// <summary>This officer took part already: it takes another one.</summary>
    SamePerson,

    /// <summary>Only the officer who made the proposal takes it back.</summary>
    NotTheProposer,

    /// <summary>The decision has not been delivered to the worker.</summary>
    DecisionNotDelivered,

    /// <summary>The worker's time to appeal is not over, or no calendar covers its end.</summary>
    AppealWindowRuns,

    /// <summary>Removals are paused by the circuit breaker.</summary>
    Paused,

    /// <summary>The authority's time for this step has passed, or no calendar covers today: the case closes for the worker.</summary>
    AuthorityTimeOver,

    /// <summary>The authority's time for this step has not passed.</summary>
    AuthorityTimeRuns,

    /// <summary>The silence period is not over, or no reminder was delivered.</summary>
    NotSilent,

    /// <summary>A case rested on the same facts already, and was decided.</summary>
    DecidedAlready,

    /// <summary>Nothing fell: what the case or its steps rest on stands.</summary>
    NothingFell,
}
