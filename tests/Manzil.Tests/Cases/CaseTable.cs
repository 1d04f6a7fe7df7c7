using Manzil.Rules;

namespace Manzil.Tests.Cases;

/// <summary>
/// rules.md's table "A case", written down anew from the page and not from <see cref="CaseRules"/>: from, act, who may, to. Whatever is
/// not here is refused. P proposed and A agreed, C is a third caseworker, R a reviewer, L the lead reviewer; RP and RA are P and A in
/// the role of a reviewer.
/// </summary>
static class CaseTable
{
    const string Rows = """
        None              OpenAfterSilence           sys            Open
        None              OpenWithReason             P,A,C          Open
        Open              Answer                     worker,helper  Open
        Open              Confirm                    worker         None
        Open              Keep                       P,A,C          None
        Open              ProposeRemoval             P,A,C          AwaitingAgreement
        Open              CloseForWorker             sys            None
        Open              CloseUnfounded             sys            None
        AwaitingAgreement Answer                     worker,helper  AwaitingAgreement
        AwaitingAgreement Confirm                    worker         None
        AwaitingAgreement Agree                      A,C            RemovalPending
        AwaitingAgreement Disagree                   A,C            Open
        AwaitingAgreement WithdrawProposal           P              Open
        AwaitingAgreement CloseForWorker             sys            None
        AwaitingAgreement CloseUnfounded             sys            None
        AwaitingAgreement UndoSteps                  sys            Open
        RemovalPending    Confirm                    worker         None
        RemovalPending    Appeal                     worker,helper  Suspended
        RemovalPending    PutInEffect                P,A,C          Removed
        RemovalPending    CloseForWorker             sys            None
        RemovalPending    CloseUnfounded             sys            None
        RemovalPending    UndoSteps                  sys            Open
        Suspended         Confirm                    worker         None
        Suspended         DecideAppealForWorker      R,L            None
        Suspended         DecideAppealAgainstWorker  R,L            RemovalPending
        Suspended         CloseForWorker             sys            None
        Suspended         CloseUnfounded             sys            None
        Suspended         UndoSteps                  sys            Open
        Removed           Appeal                     worker,helper  Suspended
        Removed           Reinstate                  R,L,RP,RA      None
        Removed           CloseUnfounded             sys            None
        """;

    /// <summary>Numbers of P, A and C are "P", "A" and "C": tests that need others map them.</summary>
    public static readonly IReadOnlyDictionary<string, Actor> Actors = new Dictionary<string, Actor>
    {
        ["sys"] = Actor.System,
        ["worker"] = Actor.Worker,
        ["helper"] = Actor.Helper,
        ["P"] = Actor.Staff(StaffRole.Caseworker, "P"),
        ["A"] = Actor.Staff(StaffRole.Caseworker, "A"),
        ["C"] = Actor.Staff(StaffRole.Caseworker, "C"),
        ["R"] = Actor.Staff(StaffRole.Reviewer, "R"),
        ["L"] = Actor.Staff(StaffRole.LeadReviewer, "L"),
        ["RP"] = Actor.Staff(StaffRole.Reviewer, "P"),
        ["RA"] = Actor.Staff(StaffRole.LeadReviewer, "A"),
        ["clerk"] = Actor.Staff(StaffRole.Clerk, "K"),
        ["auditor"] = Actor.Staff(StaffRole.Auditor, "U"),
        ["operator"] = Actor.Staff(StaffRole.Operator, "O"),
    };

    public static readonly IReadOnlyDictionary<(CaseStage From, CaseAct Act, string Who), CaseStage> Possible = Rows.Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        .SelectMany(cells => cells[2].Split(',').Select(who => ((Enum.Parse<CaseStage>(cells[0]), Enum.Parse<CaseAct>(cells[1]), who), Enum.Parse<CaseStage>(cells[3]))))
        .ToDictionary(row => row.Item1, row => row.Item2);

    /// <summary>Whether the table has an act for this kind of actor and role, whoever the two officers of the case are.</summary>
    public static bool Has(CaseStage from, CaseAct act, Actor actor) =>
        Possible.Keys.Any(k => k.From == from && k.Act == act && Actors[k.Who].Kind == actor.Kind && Actors[k.Who].Role == actor.Role);
}
