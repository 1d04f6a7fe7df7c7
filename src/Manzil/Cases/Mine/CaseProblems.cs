using Manzil.Layout;
using Manzil.Notices;
using Manzil.Rules;

namespace Manzil.Cases.Mine;

/// <summary>Refusals of an answer or appeal, as the API names them; pages show the same texts.</summary>
public static class CaseProblems
{
    public static readonly Problem NotAtThisStage = Problem.Of("case-not-at-this-stage", StatusCodes.Status409Conflict);

    /// <summary>A session of a helper whose access ended, or whose case is another one.</summary>
    public static readonly Problem NotFound = NoticeProblems.NotFound;

    public static Problem Of(string refusal) => refusal == CaseRefusals.Name(CaseRefusal.NotAtThisStage) ? NotAtThisStage : NotFound;
}
