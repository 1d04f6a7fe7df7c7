using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>Every (stage, act, actor) submitted to the writer itself: only the table's are written, and nothing else leaves a trace.</summary>
public class CaseTriplesTests
{
    // Acts that nobody can hand in for somebody else: there is no actor to say.
    static bool IsAsked(CaseAct act, string who) => act switch
    {
        CaseAct.OpenAfterSilence or CaseAct.CloseForWorker or CaseAct.CloseUnfounded or CaseAct.UndoSteps => who == "sys",
        CaseAct.Confirm => who == "worker",
        _ => true,
    };

    // The cases here are of another ground than silence: a confirmation answers them. Whoever has no case just confirms.
    static CaseStage? Expected(CaseStage stage, CaseAct act, string who) => act switch
    {
        CaseAct.Confirm => stage == CaseStage.Removed ? null : stage,
        // The authority's time is not over, and nothing came back.
        CaseAct.CloseForWorker or CaseAct.CloseUnfounded or CaseAct.UndoSteps => null,
        _ => CaseTable.Possible.TryGetValue((stage, act, who), out var to) ? to : null,
    };

    [Theory, EachDatabase]
    public async Task Submit_EveryStageActAndActor_WritesOnlyWhatTheTableHas(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var triples =
            (from stage in Enum.GetValues<CaseStage>()
             from act in Enum.GetValues<CaseAct>()
             from who in CaseTable.Actors.Keys
             where IsAsked(act, who)
             select (Stage: stage, Act: act, Who: who, To: Expected(stage, act, who))).ToList();
        // One worker for everything that is refused, and one for each triple that is not.
        var workers = await walk.RipeAsync(stage => 1 + triples.Count(t => t.Stage == stage && t.To is not null));

        var size = (await service.Core.Tiles.HeadAsync()).Size;
        foreach (var t in triples.Where(t => t.To is null))
            Assert.True(await walk.DoAsync(workers[t.Stage][0], t.Act, t.Who) is ActResult.Refused, $"{t} was not refused");
        Assert.Equal(size, (await service.Core.Tiles.HeadAsync()).Size);
        foreach (var (stage, some) in workers) Assert.Equal((stage, StandingAt(stage)), await walk.WhereAsync(some[0]));

        var next = workers.ToDictionary(w => w.Key, _ => 1);
        foreach (var t in triples.Where(t => t.To is not null))
        {
            var worker = workers[t.Stage][next[t.Stage]++];
            var result = await walk.DoAsync(worker, t.Act, t.Who);
            Assert.True(result is ActResult.Accepted, $"{t}: {result}");
            Assert.True((t.To!.Value, StandingAt(t.To.Value)) == await walk.WhereAsync(worker), $"{t} led to {await walk.WhereAsync(worker)}");
        }

        // Once the authority's time is over nothing adverse is possible any more, and the case closes for the worker.
        service.Clock.AdvanceDays(60);
        await walk.OpenEverythingAsync();
        foreach (var t in triples.Where(t => CaseRules.IsAdverse(t.Act)))
            Assert.True(await walk.DoAsync(workers[t.Stage][0], t.Act, t.Who) is ActResult.Refused, $"{t} was not refused after the authority's time");
        foreach (var stage in Enum.GetValues<CaseStage>())
        {
            var result = await walk.DoAsync(workers[stage][0], CaseAct.CloseForWorker, "sys");
            Assert.Equal(CaseTable.Possible.ContainsKey((stage, CaseAct.CloseForWorker, "sys")), result is ActResult.Accepted);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {triples.Count} triples submitted, {triples.Count(t => t.To is not null)} accepted");
        TripleCounts.Say("2-acts", triples.Count, "by the acts on", kind);
    }

    // The same job on both databases, on the day after and not on the last.
    [Theory]
    [EachDatabase(CaseStage.Open)]
    [EachDatabase(CaseStage.AwaitingAgreement)]
    [EachDatabase(CaseStage.RemovalPending)]
    [EachDatabase(CaseStage.Suspended)]
    public async Task CloseOverdueCases_AuthorityIsSilent_ClosesForTheWorkerOnTheDayAfterItsTime(DatabaseKind kind, CaseStage stage)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = (await walk.RipeAsync(s => s == stage ? 1 : 0))[stage][0];
        var job = service.Services.GetRequiredService<CloseOverdueCases>();
        // Left on 9 December (opening, agreement): 16 working days in December, then from 11 January. The appeal came on 29 December.
        var until = await AuthorityUntilAsync(walk, worker);
        while (walk.Rules.DateOf(walk.Now) <= until)
        {
            Assert.Equal(0, await job.RunAsync(walk.Now));
            service.Clock.AdvanceDays(1);
        }

        Assert.Equal(1, await job.RunAsync(walk.Now));
        Assert.Equal((CaseStage.None, Standing.Registered), await walk.WhereAsync(worker));
        Assert.Equal(0, await job.RunAsync(walk.Now));
    }

    static async Task<NodaTime.LocalDate> AuthorityUntilAsync(CaseWalk walk, long worker)
    {
        await using var connection = await walk.Service.Core.Database.OpenAsync();
        var file = (await CaseFile.NewestAsync(connection, null, worker))!;
        var (calendar, days) = (walk.Rules.Calendar, file.Stage == (int)CaseStage.Suspended ? 15 : 20);
        Assert.Equal(file.Stage == (int)CaseStage.Suspended ? "2026-12-29" : "2026-12-09", file.StepLeft);
        return calendar.AddWorkingDays(IsoDate.Read(file.StepLeft)!.Value, days);
    }

    // Five of twenty reversed are not 30 %, six are; after a lift the count begins anew.
    [Theory, EachDatabase]
    public async Task Breaker_SixOfTwentyAppeals_PausesWhatIsAdverseAndNothingElse(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var workers = await walk.RipeAsync(s => s switch { CaseStage.Suspended => 22, CaseStage.AwaitingAgreement => 3, _ => 2 });
        var job = service.Services.GetRequiredService<Breaker>();
        var appeals = workers[CaseStage.Suspended];
        for (var i = 0; i < 20; i++)
        {
            await walk.DoneAsync(appeals[i], i is >= 3 and < 8 ? CaseAct.DecideAppealForWorker : CaseAct.DecideAppealAgainstWorker, i % 2 == 0 ? "R" : "L");
            service.Clock.AdvanceMilliseconds(1);
            Assert.False(await job.RunAsync(walk.Now));
        }

        await walk.DoneAsync(appeals[20], CaseAct.DecideAppealForWorker, "R");
        service.Clock.AdvanceMilliseconds(1);
        // Also before it stands in the log.
        Assert.Equal(Paused, await walk.DoAsync(workers[CaseStage.Open][0], CaseAct.ProposeRemoval, "P"));
        Assert.True(await job.RunAsync(walk.Now));
        Assert.False(await job.RunAsync(walk.Now));
        Assert.Equal(Paused, await walk.DoAsync(workers[CaseStage.Open][0], CaseAct.ProposeRemoval, "P"));
        Assert.Equal(Paused, await walk.DoAsync(workers[CaseStage.AwaitingAgreement][0], CaseAct.Agree, "A"));
        Assert.Equal(Paused, await walk.DoAsync(workers[CaseStage.RemovalPending][0], CaseAct.PutInEffect, "P"));

        await walk.DoneAsync(workers[CaseStage.Open][1], CaseAct.Keep, "P");
        await walk.DoneAsync(workers[CaseStage.AwaitingAgreement][1], CaseAct.Disagree, "A");
        await walk.DoneAsync(workers[CaseStage.AwaitingAgreement][2], CaseAct.WithdrawProposal, "P");
        await walk.DoneAsync(workers[CaseStage.RemovalPending][1], CaseAct.Appeal, "worker");
        await walk.DoneAsync(workers[CaseStage.Removed][1], CaseAct.Reinstate, "R");
        await walk.DoneAsync(appeals[21], CaseAct.DecideAppealForWorker, "R");

        async Task<ActResult> LiftAsync(string who) => await service.Core.Writer.SubmitAsync(
            new LiftPause(walk.Actors[who], "The six have been read.", walk.Rules) { ReceivedAt = walk.Now, Channel = Manzil.Receipts.RecordChannel.Desk });
        foreach (var who in walk.Actors.Keys.Where(w => w is not ("L" or "RA"))) Assert.IsType<ActResult.Refused>(await LiftAsync(who));
        service.Clock.AdvanceMilliseconds(1);
        Assert.IsType<ActResult.Accepted>(await LiftAsync("L"));
        service.Clock.AdvanceMilliseconds(1);
        Assert.False(await job.RunAsync(walk.Now));
        await walk.DoneAsync(workers[CaseStage.Open][0], CaseAct.ProposeRemoval, "P");
        await walk.DoneAsync(workers[CaseStage.AwaitingAgreement][0], CaseAct.Agree, "A");
        await walk.DoneAsync(workers[CaseStage.RemovalPending][0], CaseAct.PutInEffect, "P");
    }

    static readonly ActResult Paused = new ActResult.Refused(CaseRefusal.Paused.Name());

    static Standing StandingAt(CaseStage stage) => stage switch
    {
        CaseStage.None => Standing.Registered,
        CaseStage.Open or CaseStage.AwaitingAgreement => Standing.UnderReview,
        CaseStage.RemovalPending or CaseStage.Suspended => Standing.RemovalPending,
        _ => Standing.Removed,
    };
}
