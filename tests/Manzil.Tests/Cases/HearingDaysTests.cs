using Manzil.Cases;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Rules;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>privacy.md 13: notice and time to answer come first. Every act that makes somebody's case worse, on every day from the opening on.</summary>
public class HearingDaysTests
{
    static readonly Jurisdiction Rules = RulesData.DemoRules;

    // What makes it worse is read from the page's table: whatever leads on towards a removal.
    static readonly IReadOnlyList<(CaseStage From, CaseAct Act, string Who)> adverse =
        [.. CaseTable.Possible.Where(p => p.Value is CaseStage.AwaitingAgreement or CaseStage.RemovalPending or CaseStage.Removed && p.Value != p.Key.From).Select(p => p.Key)];

    // The Nth working day, counted one by one.
    static LocalDate Nth(LocalDate after, int working)
    {
        var day = after;
        for (var left = working; left > 0;)
        {
            day = day.PlusDays(1);
            if (Rules.WorkersCalendar.IsWorkingDay(day)) left--;
        }

        return day;
    }

    [Theory]
    [InlineData("2026-01-21", 0)]
    [InlineData("2026-02-06", 0)]
    [InlineData("2026-04-24", 0)]
    // Told before that there is more time: that stands.
    [InlineData("2026-02-06", 4)]
    public void Refuse_EveryAdverseActOnEveryDay_WaitsForDeliveryAndForTheWholePeriod(string date, int more)
    {
        Assert.Equal(
            [CaseAct.ProposeRemoval, CaseAct.Agree, CaseAct.DecideAppealAgainstWorker, CaseAct.PutInEffect],
            adverse.Select(a => a.Act).Distinct().Order());
        var told = RulesData.Date(date);
        var answer = Nth(told, Rules.Intervals.AnswerWorkingDays).PlusDays(more);
        var decided = answer.PlusDays(1);
        var appeal = Nth(decided, Rules.Intervals.AppealWorkingDays).PlusDays(more);
        foreach (var (from, act, who) in adverse)
        {
            for (var today = told; today <= appeal.PlusDays(10); today = today.PlusDays(1))
            {
                var facts = new CaseFacts
                {
                    Stage = from,
                    Ground = CaseGround.Other,
                    OpenedOn = told,
                    OpeningTold = told,
                    AnswerTold = more > 0 ? answer : null,
                    ProposedBy = from == CaseStage.Open ? null : "P",
                    AgreedBy = from is CaseStage.RemovalPending or CaseStage.Suspended ? "A" : null,
                    DecisionTold = from is CaseStage.RemovalPending or CaseStage.Suspended ? decided : null,
                    AppealTold = more > 0 ? appeal : null,
                    // The authority has time on each of these days.
                    StepLeft = today,
                };
                var mayAct = today > answer && (act != CaseAct.PutInEffect || today > appeal);
                Assert.True(mayAct == Ask(facts) is null, $"{act} by {who}, told on {told}: {Ask(facts)} on {today}");
                // Whatever the day: not before it was delivered.
                Assert.NotNull(Ask(facts with { OpeningTold = null }));
                if (act == CaseAct.PutInEffect) Assert.NotNull(Ask(facts with { DecisionTold = null }));

                CaseRefusal? Ask(CaseFacts asked) => CaseRules.Refuse(
                    act, CaseTable.Actors[who], asked,
                    new CaseWords { GroundIsKnown = true, Facts = new string('f', 40), Change = "c", Reason = "r", OpenedEveryAnswer = true, OpenedEveryDocument = true },
                    from is CaseStage.Open or CaseStage.AwaitingAgreement ? Standing.UnderReview : Standing.RemovalPending, today, Rules);
            }
        }
    }

    // The same by the acts, to the minute: the worker's last day belongs to the worker.
    [Theory, EachDatabase]
    public async Task Submit_OnTheWorkersLastDay_IsRefusedAndTheMinuteAfterIsNot(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await walk.RegisteredAsync();
        service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(worker, CaseAct.OpenWithReason, "C");
        var answer = Nth(walk.Rules.DateOf(walk.Now), walk.Rules.Intervals.AnswerWorkingDays);
        await LastMinuteAsync(answer, CaseAct.ProposeRemoval, "P", CaseRefusal.AnswerPeriodRuns);
        await walk.OpenEverythingAsync(worker);
        await walk.DoneAsync(worker, CaseAct.Agree, "A");
        var appeal = Nth(walk.Rules.DateOf(walk.Now), walk.Rules.Intervals.AppealWorkingDays);
        await LastMinuteAsync(appeal, CaseAct.PutInEffect, "C", CaseRefusal.AppealWindowRuns);

        async Task LastMinuteAsync(LocalDate last, CaseAct act, string who, CaseRefusal reason)
        {
            service.Clock.Reset(walk.Rules.EndOfDay(last) - Duration.FromMinutes(1));
            await walk.OpenEverythingAsync(worker);
            Assert.Equal(new ActResult.Refused(reason.Name()), await walk.DoAsync(worker, act, who));
            service.Clock.AdvanceMinutes(1);
            await walk.DoneAsync(worker, act, who);
        }
    }
}
