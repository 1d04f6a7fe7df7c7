using Manzil.Layout;
using Manzil.Rules;

namespace Manzil.Cases.Desk;

/// <summary>Why something is not possible now, in words, with the dates that an officer asks for.</summary>
public static class RefusalWords
{
    static readonly Dictionary<string, CaseRefusal> ByName = Enum.GetValues<CaseRefusal>().ToDictionary(r => r.Name());

    /// <summary>The refusal of a name, as acts give it; null where it is another's.</summary>
    public static CaseRefusal? Parse(string name) => ByName.TryGetValue(name, out var refusal) ? refusal : null;

    public static string Of(CaseRefusal refusal, DeskFile file, Texts t)
    {
        var (facts, rules) = (file.Facts, file.Rules);
        return refusal switch
        {
            CaseRefusal.NotAtThisStage => file.IsNewest ? t["desk.refused.stage", ("stage", t[$"desk.stage.{facts.Stage.Name()}"])] : t["desk.refused.newer"],
            CaseRefusal.AnswerPeriodRuns => facts.AnswerUntil(rules) is { } until ? t["desk.refused.answer-period", ("date", until)] : t["desk.refused.answer-period-unknown"],
            CaseRefusal.AppealWindowRuns => facts.AppealUntil(rules) is { } until ? t["desk.refused.appeal-window", ("date", until)] : t["desk.refused.appeal-window-unknown"],
            CaseRefusal.AuthorityTimeOver => t["desk.refused.authority-time-over", ("date", facts.AuthorityUntil(rules) ?? file.Today)],
            CaseRefusal.AuthorityTimeRuns => t["desk.refused.authority-time-runs", ("date", facts.AuthorityUntil(rules) ?? file.Today)],
            CaseRefusal.AnswersUnopened => t["desk.refused.answers-unopened", ("count", file.UnopenedAnswers)],
            CaseRefusal.DocumentsUnopened => t["desk.refused.documents-unopened", ("count", file.UnopenedDocuments)],
            CaseRefusal.FactsTooShort => t["desk.refused.facts-too-short", ("count", rules.Intervals.FactsMinCharacters)],
            CaseRefusal.NotForThisRole => t["desk.refused.role"],
            CaseRefusal.ReasonMissing => t["desk.refused.reason-missing"],
            CaseRefusal.GroundMissing => t["desk.refused.ground-missing"],
            CaseRefusal.ChangeMissing => t["desk.refused.change-missing"],
            CaseRefusal.TextMissing => t["desk.refused.text-missing"],
            CaseRefusal.OpeningNotDelivered => t["desk.refused.opening-not-delivered"],
            CaseRefusal.SamePerson => t["desk.refused.same-person"],
            CaseRefusal.NotTheProposer => t["desk.refused.not-the-proposer"],
            CaseRefusal.DecisionNotDelivered => t["desk.refused.decision-not-delivered"],
            CaseRefusal.Paused => t["desk.refused.paused"],
            CaseRefusal.NotSilent => t["desk.refused.not-silent"],
            CaseRefusal.NothingFell => t["desk.refused.nothing-fell"],
            CaseRefusal.DecidedAlready => t["desk.refused.decided-already"],
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "A refusal without words."),
        };
    }
}
