using NodaTime;

namespace Manzil.Rules;

/// <summary>What falls with a delivery that came back.</summary>
public enum Fallen
{
    /// <summary>Nothing: another delivery carries it, or nothing rests on it yet.</summary>
    Nothing,

    /// <summary>A proposal, and what followed it: the case is open as before it, and the answer period begins with the next delivery.</summary>
    Steps,

    /// <summary>The case; of a removal in effect, the removal.</summary>
    Case,
}

/// <summary>What a bounce undoes (rules.md, Delivery: a later bounce undoes a delivery and everything that rested on it). Pure.</summary>
public static class Undoing
{
    /// <summary>
    /// What falls with one delivery. A step stands where it could have been taken on its day with the deliveries that are left, counted
    /// on the calendar as it is known now.
    /// </summary>
    /// <param name="before">The case with the delivery.</param>
    /// <param name="after">The case without it.</param>
    /// <param name="caseStands">Whether a case about silence could have been opened on its day without it (<see cref="Silence.MayRestOn"/>); true of any other case.</param>
    /// <param name="proposedOn">Local date of the proposal; null where there is none.</param>
    /// <param name="inEffectOn">Local date on which the removal was put in effect, also where an appeal that is still open has suspended it since; null where it was not.</param>
    /// <param name="rules">The jurisdiction, with outages.</param>
    /// <returns>What falls, of all that does the greatest.</returns>
    public static Fallen With(CaseFacts before, CaseFacts after, bool caseStands, LocalDate? proposedOn, LocalDate? inEffectOn, Jurisdiction rules)
    {
        if (after.Stage == CaseStage.None) return Fallen.Nothing;
        if (!caseStands) return Fallen.Case;
        if (after.Stage == CaseStage.Open) return Fallen.Nothing;
        if (after.OpeningTold != before.OpeningTold && !(after.AnswerUntil(rules) is { } answer && proposedOn > answer))
            return after.Stage == CaseStage.Removed ? Fallen.Case : Fallen.Steps;
        // While an appeal is open the removal is only suspended: rejecting the appeal would leave the days on which it was in effect.
        return after.Stage is CaseStage.Removed or CaseStage.Suspended && inEffectOn is not null && after.DecisionTold != before.DecisionTold && !(after.AppealUntil(rules) is { } appeal && inEffectOn > appeal)
            ? Fallen.Case
            : Fallen.Nothing;
    }
}
