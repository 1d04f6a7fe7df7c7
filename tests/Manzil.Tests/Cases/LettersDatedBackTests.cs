using System.Data.Common;
using Dapper;
using Manzil.Cases;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>An officer who names an earlier day for a letter, or for what they handed over, takes no day of the worker's time.</summary>
public class LettersDatedBackTests
{
    // Opened on Monday 2026-11-23, and recorded on Monday 30 November as arrived on 24 November, which would have given until 9 December.
    [Theory, EachDatabase(RecordDelivery.Post), EachDatabase(RecordDelivery.Desk)]
    public async Task Record_AnEarlierDay_LeavesTheWorkerTheWholePeriod(DatabaseKind kind, string how)
    {
        // Nothing is shown at once, so nothing but the letter tells the worker.
        await using var service = await TestService.StartAsync(kind, demo: false);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await walk.RegisteredAsync();
        // A notice of the same moment would be an answer.
        service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(worker, CaseAct.OpenWithReason, "C");
        service.Clock.AdvanceDays(7);
        await RecordAsync(service, walk, worker, how, new LocalDate(2026, 11, 24));
        Assert.Equal("2026-12-15", await ToldAsync(service, worker, "act_number"));
        service.Clock.AdvanceDays(10);
        Assert.Equal("case-answer-period-runs", Reason(await walk.DoAsync(worker, CaseAct.ProposeRemoval, "P")));
        service.Clock.AdvanceDays(5);
        Assert.Equal("case-answer-period-runs", Reason(await walk.DoAsync(worker, CaseAct.ProposeRemoval, "P")));
        service.Clock.AdvanceDays(1);
        await walk.DoneAsync(worker, CaseAct.ProposeRemoval, "P");
        await walk.DoneAsync(worker, CaseAct.Agree, "A");

        // The decision, of 16 December: recorded a week later, as arrived on the day after it.
        service.Clock.AdvanceDays(7);
        var recorded = walk.Rules.DateOf(walk.Now);
        await RecordAsync(service, walk, worker, how, new LocalDate(2026, 12, 17));
        var until = Manzil.Rules.Deadlines.AppealUntil(recorded, walk.Rules.WorkersCalendar, walk.Rules.Intervals)!.Value;
        Assert.Equal(IsoDate.Write(until), await ToldAsync(service, worker, "decision_act"));
        Assert.Equal("case-appeal-window-runs", Reason(await walk.DoAsync(worker, CaseAct.PutInEffect, "C")));

        // At the database's own door: the earlier day as that of the telling, by whoever writes past the program.
        await using var connection = await service.Database.OpenAsync();
        service.Clock.Reset(walk.Rules.EndOfDay(until) + Duration.FromHours(1));
        await connection.ExecuteAsync("insert into heartbeat (minute) values (@minute) on conflict do nothing", new { minute = walk.Now.ToUnixTimeSeconds() / 60 });
        const string Remove =
            """
            insert into removal (act_number, worker_id, case_id, proposed_by, agreed_by, put_in_effect_by, told_on, window_until, in_effect_on)
            select 'XXXXXXXXXXXXXXX9', worker_id, id, proposed_by, agreed_by, @by, @told, @until, @on from case_file where worker_id = @worker
            """;
        async Task<string?> SaidAsync(LocalDate told)
        {
            await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            var values = new { worker, by = walk.Officer("C"), told = IsoDate.Write(told), until = IsoDate.Write(until), on = IsoDate.Write(until.PlusDays(1)) };
            return (await Xunit.Record.ExceptionAsync(() => connection.ExecuteAsync(Remove, values, transaction)) as DbException)?.Message;
        }

        Assert.Contains("a decision is not told before it is delivered", await SaidAsync(new LocalDate(2026, 12, 17)));
        Assert.Null(await SaidAsync(recorded));
        service.Clock.Reset(walk.Rules.EndOfDay(until) + Duration.FromHours(9));
        await walk.DoneAsync(worker, CaseAct.PutInEffect, "C");
    }

    static async Task RecordAsync(TestService service, CaseWalk walk, long worker, string how, LocalDate day)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var item = await connection.ExecuteScalarAsync<string>("select coalesce(decision_act, act_number) from case_file where worker_id = @worker", new { worker });
        var act = new RecordDelivery(walk.Actors["C"], item!, how, day, walk.Rules, walk.Telling) { ReceivedAt = walk.Now, Channel = RecordChannel.Desk, WorkerId = worker };
        Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act));
    }

    static async Task<string?> ToldAsync(TestService service, long worker, string act)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<string?>($"select until_day from told_until where act_number = (select {act} from case_file where worker_id = @worker)", new { worker });
    }

    static string? Reason(ActResult result) => Assert.IsType<ActResult.Refused>(result).Reason;
}
