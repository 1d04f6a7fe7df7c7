using Manzil.Rules;
using Manzil.Tests.Rules;
using NodaTime;

namespace Manzil.Tests.Cases;

/// <summary>Every (stage, act, actor) under every condition, against rules.md's table written down anew.</summary>
public class CaseRulesTests
{
    static readonly Jurisdiction Rules = RulesData.DemoRules;
    static readonly LocalDate Today = new(2026, 12, 29), LongAgo = new(2026, 11, 23), Lately = new(2026, 12, 9);

    enum Period
    {
        NotDelivered,
        Runs,
        Over,
    }

    sealed record Conditions(
        Period Answering, Period Appealing, bool Answers, bool Documents, bool Paused, bool TimeOver, bool Reason, int Proposal, bool Fresh);

    // Of the proposal: whole, without a known ground, with facts of 39 characters, without what would change it.
    static readonly CaseWords[] Proposals =
    [
        new() { GroundIsKnown = true, Facts = new string('f', 40), Change = "c" },
        new() { GroundIsKnown = false, Facts = new string('f', 40), Change = "c" },
        new() { GroundIsKnown = true, Facts = new string('f', 39) + " ", Change = "c" },
        new() { GroundIsKnown = true, Facts = new string('f', 40), Change = " " },
    ];

    static IEnumerable<Conditions> AllConditions()
    {
        bool[] either = [true, false];
        return
            from answering in Enum.GetValues<Period>()
            from appealing in Enum.GetValues<Period>()
            from answers in either
            from documents in either
            from paused in either
            from timeOver in either
            from reason in either
            from proposal in Enumerable.Range(0, Proposals.Length)
            from fresh in either
            select new Conditions(answering, appealing, answers, documents, paused, timeOver, reason, proposal, fresh);
    }

    // The column "needs" of rules.md.
    static bool IsThereAllThatItNeeds(CaseStage from, CaseAct act, Conditions c) => act switch
    {
        CaseAct.OpenAfterSilence => c.Fresh,
        CaseAct.OpenWithReason => c.Reason && c.Fresh,
        CaseAct.Answer or CaseAct.Keep or CaseAct.Disagree or CaseAct.WithdrawProposal or CaseAct.Reinstate or CaseAct.DecideAppealForWorker => c.Reason,
        CaseAct.Confirm => true,
        CaseAct.ProposeRemoval => c is { Answering: Period.Over, Answers: true, Proposal: 0, Paused: false, TimeOver: false },
        CaseAct.Agree => c is { Answering: Period.Over, Answers: true, Documents: true, Paused: false, TimeOver: false },
        CaseAct.Appeal => from == CaseStage.Removed || c.Appealing != Period.Over || c.Reason,
        CaseAct.DecideAppealAgainstWorker => c is { Answering: Period.Over, Answers: true, Documents: true, Reason: true, TimeOver: false },
        CaseAct.PutInEffect => c is { Answering: Period.Over, Appealing: Period.Over, Paused: false, TimeOver: false },
        CaseAct.CloseForWorker => c.TimeOver,
        CaseAct.CloseUnfounded => WhatFell(c) == Fallen.Case,
        CaseAct.UndoSteps => WhatFell(c) == Fallen.Steps,
        _ => false,
    };

    // No condition of its own: it would be asked with every other one.
    static Fallen WhatFell(Conditions c) => !c.Fresh ? Fallen.Nothing : c.Reason ? Fallen.Case : Fallen.Steps;

    static LocalDate? Told(Period period) => period switch { Period.NotDelivered => null, Period.Runs => Today, _ => LongAgo };

    static CaseFacts Facts(CaseStage stage, Conditions c, CaseGround ground = CaseGround.Silence) => new()
    {
        Stage = stage,
        Ground = ground,
        OpenedOn = LongAgo,
        OpeningTold = Told(c.Answering),
        DecisionTold = Told(c.Appealing),
        ProposedBy = stage >= CaseStage.AwaitingAgreement ? "P" : null,
        AgreedBy = stage >= CaseStage.RemovalPending ? "A" : null,
        StepLeft = c.TimeOver ? new LocalDate(2026, 6, 1) : Lately,
        Paused = c.Paused,
    };

    static CaseWords Words(Conditions c) => Proposals[c.Proposal] with
    {
        Reason = c.Reason ? "r" : " \t",
        OpenedEveryAnswer = c.Answers,
        OpenedEveryDocument = c.Documents,
        IsSilent = c.Fresh,
        DecidedAlready = !c.Fresh,
        Fallen = WhatFell(c),
    };

    static Standing StandingAt(CaseStage stage) => stage switch
    {
        CaseStage.None => Standing.Registered,
        CaseStage.Open or CaseStage.AwaitingAgreement => Standing.UnderReview,
        CaseStage.RemovalPending or CaseStage.Suspended => Standing.RemovalPending,
        _ => Standing.Removed,
    };

    [Fact]
    public void Refuse_EveryStageActActorAndCondition_OnlyTheTableIsPossible()
    {
        var conditions = AllConditions().ToList();
        var (triples, asked, possible) = (0, 0, new HashSet<(CaseStage, CaseAct, string)>());
        foreach (var stage in Enum.GetValues<CaseStage>())
        {
            var cases = conditions.ConvertAll(c => (Conditions: c, Facts: Facts(stage, c), Words: Words(c)));
            foreach (var act in Enum.GetValues<CaseAct>())
            {
                foreach (var (who, actor) in CaseTable.Actors)
                {
                    triples++;
                    var row = CaseTable.Possible.TryGetValue((stage, act, who), out var to);
                    foreach (var (c, facts, words) in cases)
                    {
                        asked++;
                        var refusal = CaseRules.Refuse(act, actor, facts, words, StandingAt(stage), Today, Rules);
                        if (row && IsThereAllThatItNeeds(stage, act, c) != (refusal is null) || !row && refusal is null)
                            Assert.Fail($"{stage} {act} by {who}, {c}: {refusal?.ToString() ?? "possible"}");
                        if (refusal is not null) continue;
                        possible.Add((stage, act, who));
                        Assert.Equal(to, CaseRules.After(act, facts));
                    }
                }
            }
        }

        Assert.Equal(CaseTable.Possible.Keys.Order().ToList(), possible.Order().ToList());
        Assert.Equal(6 * 17 * 13, triples);
        TestContext.Current.TestOutputHelper?.WriteLine($"{triples} triples, {possible.Count} of them in the table; {asked} asked with every condition");
        TripleCounts.Say("1-rules", triples, "over the pure rules");
    }

    // Whoever has left, or whose standing another act has moved: nothing is done about them.
    [Fact]
    public void Refuse_AnyOtherStandingThanTheStages_RefusesEverything()
    {
        var best = new Conditions(Period.Over, Period.Over, true, true, false, false, true, 0, true);
        foreach (var stage in Enum.GetValues<CaseStage>())
        {
            foreach (var standing in Enum.GetValues<Standing>().Where(s => s != StandingAt(stage)))
            {
                foreach (var act in Enum.GetValues<CaseAct>())
                {
                    // That what a case rests on fell counts for whoever has left, too.
                    if (act == CaseAct.CloseUnfounded && standing == Standing.Ended && StandingAt(stage) == Standing.UnderReview) continue;
                    foreach (var actor in CaseTable.Actors.Values)
                        Assert.NotNull(CaseRules.Refuse(act, actor, Facts(stage, best), Words(best), standing, Today, Rules));
                }
            }
        }
    }

    // A confirmation answers a case that is not about silence, and closes none.
    [Fact]
    public void After_ConfirmationInACaseOfAnotherGround_LeavesTheStage()
    {
        var best = new Conditions(Period.Over, Period.Over, true, true, false, false, true, 0, true);
        foreach (var stage in Enum.GetValues<CaseStage>()) Assert.Equal(stage, CaseRules.After(CaseAct.Confirm, Facts(stage, best, CaseGround.Other)));
    }

    // The 20 and 15 working days, to the day; an outage in between lengthens the worker's time and not the authority's.
    [Theory]
    [InlineData(CaseStage.Open, "2026-02-02", "2026-03-02")]
    [InlineData(CaseStage.AwaitingAgreement, "2026-02-02", "2026-03-02")]
    [InlineData(CaseStage.RemovalPending, "2026-02-02", "2026-03-02")]
    [InlineData(CaseStage.Suspended, "2026-02-02", "2026-02-23")]
    public void AuthorityUntil_EveryStage_IsTheLastDayWhateverOutagesThereWere(CaseStage stage, string left, string until)
    {
        var outages = Rules.WithOutages([new LocalDate(2026, 2, 10), new LocalDate(2026, 2, 11)]);
        var facts = new CaseFacts { Stage = stage, StepLeft = RulesData.Date(left), OpeningTold = RulesData.Date(left), DecisionTold = RulesData.Date(left), ProposedBy = "P", AgreedBy = "A" };
        var last = RulesData.Date(until);
        foreach (var rules in (Jurisdiction[])[Rules, outages])
        {
            Assert.Equal(last, facts.AuthorityUntil(rules));
            CaseRefusal? Close(LocalDate today) => CaseRules.Refuse(CaseAct.CloseForWorker, Actor.System, facts, CaseWords.Nothing, StandingAt(stage), today, rules);
            Assert.Equal((CaseRefusal.AuthorityTimeRuns, null), (Close(last), Close(last.PlusDays(1))));
            // Of who has left, a case under review closes on that day too; nothing else happens to them.
            Assert.Equal(
                StandingAt(stage) == Standing.UnderReview ? null : CaseRefusal.NotAtThisStage,
                CaseRules.Refuse(CaseAct.CloseForWorker, Actor.System, facts, CaseWords.Nothing, Standing.Ended, last.PlusDays(1), rules));
        }

        Assert.True(facts.AnswerUntil(outages) > facts.AnswerUntil(Rules));
    }

    // Where no calendar covers the end of the authority's time, nothing counts against the worker.
    [Fact]
    public void Refuse_InAYearThatNoCalendarCovers_RefusesEveryAdverseAct()
    {
        var last = Rules.Calendar.Years[^1];
        var facts = new CaseFacts
        {
            Stage = CaseStage.Open,
            OpenedOn = new LocalDate(last, 12, 1),
            OpeningTold = new LocalDate(last, 12, 1),
            StepLeft = new LocalDate(last, 12, 20),
        };
        var words = Proposals[0] with { OpenedEveryAnswer = true, OpenedEveryDocument = true };
        CaseRefusal? Propose(LocalDate today) => CaseRules.Refuse(CaseAct.ProposeRemoval, CaseTable.Actors["P"], facts, words, Standing.UnderReview, today, Rules);
        Assert.Null(facts.AuthorityUntil(Rules));
        Assert.Equal((null, CaseRefusal.AuthorityTimeOver), (Propose(new LocalDate(last, 12, 31)), Propose(new LocalDate(last + 1, 1, 1))));
    }

    // What a bounce undoes, and what an outage lengthens, stands in the way of every later adverse act too.
    [Theory]
    [InlineData(CaseStage.AwaitingAgreement, CaseAct.Agree, "A")]
    [InlineData(CaseStage.RemovalPending, CaseAct.PutInEffect, "C")]
    [InlineData(CaseStage.Suspended, CaseAct.DecideAppealAgainstWorker, "R")]
    public void Refuse_OpeningCameBackAfterTheProposal_RefusesWhatIsAdverse(CaseStage stage, CaseAct act, string who)
    {
        var best = new Conditions(Period.Over, Period.Over, true, true, false, false, true, 0, true);
        CaseRefusal? Ask(Period answering) => CaseRules.Refuse(
            act, CaseTable.Actors[who], Facts(stage, best with { Answering = answering }), Words(best), StandingAt(stage), Today, Rules);
        Assert.Equal((CaseRefusal.OpeningNotDelivered, CaseRefusal.AnswerPeriodRuns, null), (Ask(Period.NotDelivered), Ask(Period.Runs), Ask(Period.Over)));
    }

    [Theory]
    [InlineData(5, 20, false)]
    [InlineData(6, 20, true)]
    [InlineData(6, 6, true)]
    [InlineData(5, 5, false)]
    public void Trips_ReversedOfTheLastTwenty_AtThirtyPercent(int reversed, int decided, bool trips)
    {
        var appeals = Enumerable.Range(0, decided).Select(i => i < reversed).ToList();
        Assert.Equal(trips, CircuitBreaker.Trips(appeals, Rules.Intervals));
        // Older ones than the newest twenty do not count.
        Assert.Equal(trips, CircuitBreaker.Trips(appeals.Concat(Enumerable.Repeat(decided >= 20, 10)), Rules.Intervals));
    }
}
