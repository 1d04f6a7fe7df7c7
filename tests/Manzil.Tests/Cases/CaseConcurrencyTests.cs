using System.Data.Common;
using Dapper;
using Manzil.Cases;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>Two people act at the same instant, on one node and on two: one act counts, the other is told so, never both.</summary>
public class CaseConcurrencyTests
{
    const int Times = 20;

    static readonly string NotAtThisStage = CaseRefusal.NotAtThisStage.Name();

    sealed record Race(long Worker, ActResult One, ActResult Other, CaseStage Stage, Standing Standing)
    {
        public bool IsOne => One is ActResult.Accepted;

        public bool IsOther => Other is ActResult.Accepted;
    }

    static async Task<(CaseWalk Walk, Core Second, TestService Service)> BeginAsync(DatabaseKind kind, int nodes)
    {
        var service = await TestService.StartAsync(kind);
        return (await CaseWalk.BeginAsync(service), nodes == 1 ? service.Core : await Core.OpenAsync(service.Core.Settings), service);
    }

    // Both at once for every worker, each of the two first half of the time.
    static async Task<List<Race>> RaceAsync(CaseWalk walk, Core second, IReadOnlyList<long> workers, (CaseAct Act, string Who) one, (CaseAct Act, string Who) other)
    {
        Assert.Equal(Times, workers.Count);
        using var start = new ManualResetEventSlim();
        var running = workers.Select((worker, i) =>
        {
            Task<ActResult> Run((CaseAct Act, string Who) what, Core node) => Task.Run(() =>
            {
                start.Wait();
                return walk.DoAsync(worker, what.Act, what.Who, node: node);
            });
            var (a, b) = i % 2 == 0 ? (Run(one, walk.Service.Core), Run(other, second)) : (null!, Run(other, second));
            a ??= Run(one, walk.Service.Core);
            return (worker, a, b);
        }).ToList();
        start.Set();
        var races = new List<Race>();
        foreach (var (worker, a, b) in running)
        {
            var (ra, rb) = (await a, await b);
            Assert.True(ra is ActResult.Accepted or ActResult.Refused, ra.ToString());
            Assert.True(rb is ActResult.Accepted or ActResult.Refused, rb.ToString());
            var (stage, standing) = await walk.WhereAsync(worker);
            races.Add(new Race(worker, ra, rb, stage, standing));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{one} against {other}: {races.Count(r => r.IsOne)} and {races.Count(r => r.IsOther)} of {races.Count} accepted");
        return races;
    }

    [Theory]
    [EachDatabase(1)]
    [EachDatabase(2)]
    public async Task Submit_TwoOfficersAtOnce_OneDecides(DatabaseKind kind, int nodes)
    {
        var (walk, second, service) = await BeginAsync(kind, nodes);
        await using (service)
        {
            var workers = await walk.RipeAsync(s => s switch { CaseStage.Open => 2 * Times, CaseStage.AwaitingAgreement => 2 * Times, CaseStage.Suspended => Times, _ => 0 });
            var (open, awaiting) = (workers[CaseStage.Open], workers[CaseStage.AwaitingAgreement]);
            var races = new List<Race>();
            races.AddRange(await RaceAsync(walk, second, open[..Times], (CaseAct.Keep, "P"), (CaseAct.ProposeRemoval, "C")));
            races.AddRange(await RaceAsync(walk, second, open[Times..], (CaseAct.ProposeRemoval, "P"), (CaseAct.ProposeRemoval, "C")));
            races.AddRange(await RaceAsync(walk, second, awaiting[..Times], (CaseAct.Agree, "A"), (CaseAct.Agree, "C")));
            races.AddRange(await RaceAsync(walk, second, awaiting[Times..], (CaseAct.Agree, "A"), (CaseAct.Disagree, "C")));
            races.AddRange(await RaceAsync(walk, second, workers[CaseStage.Suspended], (CaseAct.DecideAppealForWorker, "R"), (CaseAct.DecideAppealAgainstWorker, "L")));
            foreach (var race in races)
            {
                Assert.True(race.IsOne != race.IsOther, $"{race}");
                Assert.Equal(new ActResult.Refused(NotAtThisStage), race.IsOne ? race.Other : race.One);
            }

            await AssertSoundAsync(walk);
            if (second != service.Core) await second.DisposeAsync();
        }
    }

    [Theory]
    [EachDatabase(1)]
    [EachDatabase(2)]
    public async Task Submit_WorkerAndOfficerAtOnce_WorkerWinsOrTheOfficerCameFirst(DatabaseKind kind, int nodes)
    {
        var (walk, second, service) = await BeginAsync(kind, nodes);
        await using (service)
        {
            var workers = await walk.RipeAsync(s => s switch { CaseStage.RemovalPending => Times, CaseStage.AwaitingAgreement => Times, CaseStage.Suspended => 0, _ => 0 });
            foreach (var race in await RaceAsync(walk, second, workers[CaseStage.RemovalPending], (CaseAct.PutInEffect, "C"), (CaseAct.Appeal, "worker")))
            {
                // An appeal is heard from before a removal and from after one.
                Assert.True(race.IsOther && race is { Stage: CaseStage.Suspended, Standing: Standing.RemovalPending }, $"{race}");
                if (!race.IsOne) Assert.Equal(new ActResult.Refused(NotAtThisStage), race.One);
            }

            foreach (var race in await RaceAsync(walk, second, workers[CaseStage.AwaitingAgreement], (CaseAct.Agree, "A"), (CaseAct.Answer, "worker")))
            {
                Assert.True(race.IsOne != race.IsOther, $"{race}");
                if (race.IsOther) Assert.Equal(new ActResult.Refused(CaseRefusal.AnswersUnopened.Name()), race.One);
                else Assert.Equal(new ActResult.Refused(NotAtThisStage), race.Other);
            }

            await AssertSoundAsync(walk);
            if (second != service.Core) await second.DisposeAsync();
        }
    }

    [Theory]
    [EachDatabase(1)]
    [EachDatabase(2)]
    public async Task Submit_ConfirmationAndOfficerAtOnce_CaseAboutSilenceClosesUnlessRemovalCameFirst(DatabaseKind kind, int nodes)
    {
        var (walk, second, service) = await BeginAsync(kind, nodes);
        await using (service)
        {
            var workers = await walk.RipeAsync(s => s is CaseStage.Open or CaseStage.AwaitingAgreement or CaseStage.RemovalPending ? Times : 0, silence: true);
            foreach (var (stage, act, who) in new[] { (CaseStage.Open, CaseAct.ProposeRemoval, "P"), (CaseStage.AwaitingAgreement, CaseAct.Agree, "A") })
            {
                foreach (var race in await RaceAsync(walk, second, workers[stage], (act, who), (CaseAct.Confirm, "worker")))
                {
                    // However late, before removal: also where the officer was a moment earlier.
                    Assert.True(race.IsOther && race is { Stage: CaseStage.None, Standing: Standing.Registered }, $"{race}");
                    if (!race.IsOne) Assert.Equal(new ActResult.Refused(NotAtThisStage), race.One);
                }
            }

            foreach (var race in await RaceAsync(walk, second, workers[CaseStage.RemovalPending], (CaseAct.PutInEffect, "C"), (CaseAct.Confirm, "worker")))
            {
                Assert.True(race.IsOne != race.IsOther, $"{race}");
                Assert.Equal(race.IsOther ? (CaseStage.None, Standing.Registered) : (CaseStage.Removed, Standing.Removed), (race.Stage, race.Standing));
            }

            await AssertSoundAsync(walk);
            if (second != service.Core) await second.DisposeAsync();
        }
    }

    // The writer is held until both wait, the officer's act first: it is the worker's that is written first.
    [Theory, EachDatabase]
    public async Task Submit_OfficersActQueuedBeforeTheWorkers_WorkersIsWrittenFirst(DatabaseKind kind)
    {
        var (walk, _, service) = await BeginAsync(kind, 1);
        await using (service)
        {
            var pending = (await walk.RipeAsync(s => s == CaseStage.RemovalPending ? Times : 0, silence: true))[CaseStage.RemovalPending];
            await HeldAsync(service, () => [.. pending.Select(w => walk.DoAsync(w, CaseAct.PutInEffect, "C")), .. pending.Select(w => walk.DoAsync(w, CaseAct.Confirm, "worker"))]);
            foreach (var worker in pending) Assert.Equal((CaseStage.None, Standing.Registered), await walk.WhereAsync(worker));
            await AssertSoundAsync(walk);
        }
    }

    [Theory, EachDatabase]
    public async Task Submit_AnswerInTheSameBatchAsAnAgreement_AgreementIsToldThatItIsUnopened(DatabaseKind kind)
    {
        var (walk, _, service) = await BeginAsync(kind, 1);
        await using (service)
        {
            var workers = await walk.RipeAsync(s => s is CaseStage.AwaitingAgreement or CaseStage.RemovalPending ? Times : 0);
            var results = await HeldAsync(
                service,
                () =>
                [
                    .. workers[CaseStage.AwaitingAgreement].Select(w => walk.DoAsync(w, CaseAct.Agree, "A")),
                    .. workers[CaseStage.AwaitingAgreement].Select(w => walk.DoAsync(w, CaseAct.Confirm, "worker")),
                    .. workers[CaseStage.RemovalPending].Select(w => walk.DoAsync(w, CaseAct.PutInEffect, "C")),
                    .. workers[CaseStage.RemovalPending].Select(w => walk.DoAsync(w, CaseAct.Appeal, "worker")),
                ]);
            // In a case of another ground a confirmation is an answer.
            Assert.Equal(Enumerable.Repeat<ActResult>(new ActResult.Refused(CaseRefusal.AnswersUnopened.Name()), Times), results[..Times]);
            Assert.All(results[Times..(2 * Times)], r => Assert.IsType<ActResult.Accepted>(r));
            Assert.Equal(Enumerable.Repeat<ActResult>(new ActResult.Refused(NotAtThisStage), Times), results[(2 * Times)..(3 * Times)]);
            Assert.All(results[(3 * Times)..], r => Assert.IsType<ActResult.Accepted>(r));
            await AssertSoundAsync(walk);
        }
    }

    static async Task<ActResult[]> HeldAsync(TestService service, Func<Task<ActResult>[]> submit)
    {
        var gate = new Gate { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Operator };
        var held = service.Core.Writer.SubmitAsync(gate);
        await gate.Entered.Task;
        var waiting = submit();
        gate.Opened.SetResult();
        Assert.Equal(new ActResult.Refused("gate"), await held);
        return await Task.WhenAll(waiting);
    }

    /// <summary>Holds the writer's transaction until it is opened, and writes nothing.</summary>
    sealed class Gate : Act
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override bool WritesOwnRows => true;

        public override bool ReadsFirst => true;

        public override async Task ReadAsync(DbConnection connection, DbTransaction transaction)
        {
            Entered.TrySetResult();
            await Opened.Task;
        }

        public override Decision Decide(Worker? worker) => Decision.Refuse("gate");
    }

    // Standing, stage and removals say the same of everybody, and every removal has an act of its own.
    static async Task AssertSoundAsync(CaseWalk walk)
    {
        await using var connection = await walk.Service.Core.Database.OpenAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>(
            """
            select count(*) from register_entry r
            where coalesce((select sum(c.stage) from case_file c where c.worker_id = r.worker_id), 0)
              not in (case r.standing when 2 then 1 when 3 then 3 when 4 then 5 else 0 end, case r.standing when 2 then 2 when 3 then 4 when 4 then 5 else 0 end)
            """));
        Assert.Equal(
            await connection.ExecuteScalarAsync<long>("select count(*) from register_entry where standing = 4"),
            await connection.ExecuteScalarAsync<long>("select count(*) from removal where undone_act is null"));
        Assert.Equal(
            await connection.ExecuteScalarAsync<long>("select count(*) from act where kind = 40"),
            await connection.ExecuteScalarAsync<long>("select count(*) from removal"));
    }
}
