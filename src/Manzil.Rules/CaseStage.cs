namespace Manzil.Rules;

/// <summary>Where a case is in rules.md's table "A case". The numbers are stored and never change.</summary>
public enum CaseStage
{
    /// <summary>No case is open: the worker's standing is enrolled, registered or ended.</summary>
    None = 0,

    /// <summary>Open: the worker is heard. Standing: under review.</summary>
    Open = 1,

    /// <summary>A removal is proposed, and another caseworker has to agree. Standing: still under review.</summary>
    AwaitingAgreement = 2,

    /// <summary>Two caseworkers agreed; nothing is in effect, and the worker may appeal. Standing: removal pending.</summary>
    RemovalPending = 3,

    /// <summary>An appeal is open, which suspends everything. Standing: removal pending.</summary>
    Suspended = 4,

    /// <summary>Removal is in effect. Standing: removed.</summary>
    Removed = 5,
}

/// <summary>Why a case was opened.</summary>
public enum CaseGround
{
    /// <summary>A confirmation is missing. A confirmation or residence closes such a case in the worker's favour.</summary>
    Silence = 1,

    /// <summary>A caseworker opened it with a written reason. A confirmation or residence counts as an answer.</summary>
    Other = 2,
}

/// <summary>Names of stages and grounds in the database, in records and in text keys.</summary>
public static class CaseNames
{
    /// <summary>The stable name: <c>none</c>, <c>open</c>, <c>awaiting-agreement</c>, <c>removal-pending</c>, <c>suspended</c>, <c>removed</c>.</summary>
    /// <param name="stage">The stage.</param>
    public static string Name(this CaseStage stage) => stage switch
    {
        CaseStage.None => "none",
        CaseStage.Open => "open",
        CaseStage.AwaitingAgreement => "awaiting-agreement",
        CaseStage.RemovalPending => "removal-pending",
        CaseStage.Suspended => "suspended",
        _ => "removed",
    };

    /// <summary>The stable name: <c>silence</c> or <c>other</c>.</summary>
    /// <param name="ground">The ground.</param>
    public static string Name(this CaseGround ground) => ground == CaseGround.Silence ? "silence" : "other";

    /// <summary>The worker's standing while their case is at a stage.</summary>
    /// <param name="stage">The stage; not <see cref="CaseStage.None"/>, which leaves the standing to notices.</param>
    public static Standing Standing(this CaseStage stage) => stage switch
    {
        CaseStage.Open or CaseStage.AwaitingAgreement => Rules.Standing.UnderReview,
        CaseStage.RemovalPending or CaseStage.Suspended => Rules.Standing.RemovalPending,
        CaseStage.Removed => Rules.Standing.Removed,
        _ => Rules.Standing.Registered,
    };
}
