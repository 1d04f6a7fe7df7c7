using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Manzil.Tests.Messages;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Cases;

/// <summary>Where rules.md reads in two ways, it is read for the worker (docs/rules-file.md, "How the rules are read").</summary>
public class RulesReadForTheWorkerTests
{
    [Theory, EachDatabase(CaseAct.DecideAppealForWorker), EachDatabase(CaseAct.Reinstate)]
    public async Task Close_AfterTheDateOfADepartureToldBefore_LeavesTheWorkerRegistered(DatabaseKind kind, CaseAct act)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var (worker, departure) = await RemovedAfterTellingADepartureAsync(walk);
        if (act == CaseAct.DecideAppealForWorker) await walk.DoneAsync(worker, CaseAct.Appeal, "worker");
        await walk.DoneAsync(worker, act, "R");

        var entry = (await service.Core.Workers.FindAsync(worker))!.Entry;
        Assert.Equal((Standing.Registered, null), (entry.StandingOn(walk.Rules.DateOf(walk.Now), walk.Rules.WorkersCalendar, walk.Rules.Intervals), entry.DepartureNumber));
        await using var connection = await service.Core.Database.OpenAsync();
        var kinds = act == CaseAct.Reinstate ? StatementKind.Reinstated : StatementKind.AppealDecided;
        var record = Record.Decode((await connection.ExecuteScalarAsync<byte[]>($"select record from act where kind = {(int)kinds}"))!);
        Assert.Equal(departure, record.Particulars["departure-undone"]);
        // They can tell it again.
        Assert.IsType<ActResult.Accepted>(await GiveAsync(walk, worker, new Notice.Departure(walk.Rules.DateOf(walk.Now).PlusDays(3))));
    }

    [Theory, EachDatabase(false), EachDatabase(true)]
    public async Task Undo_ADepartureWhileARemovalIsInEffectOrAppealed_IsPossible(DatabaseKind kind, bool appealed)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var (worker, departure) = await RemovedAfterTellingADepartureAsync(walk);
        if (appealed) await walk.DoneAsync(worker, CaseAct.Appeal, "worker");
        var token = (await service.Services.GetRequiredService<Sessions>().StartAsync(worker, Session.Api)).Token;
        using var answer = await service.PostNoticeAsync(token, $$"""{"kind":"withdrawal","replaces":"{{departure}}"}""");
        Assert.Equal(System.Net.HttpStatusCode.Created, answer.StatusCode);
        var entry = (await service.Core.Workers.FindAsync(worker))!.Entry;
        Assert.Equal((appealed ? Standing.RemovalPending : Standing.Removed, null), (entry.Standing, entry.DepartureNumber));
    }

    // Reminders from before a departure count no more once it is undone: the period is what it was, and no case comes of it at once.
    [Theory, EachDatabase]
    public async Task Undo_ADepartureAfterTheDueDate_RestoresThePeriodAndAsksAnewBeforeAnyCase(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        await gateway.PassDaysAsync(30);
        var reminders = await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true);
        foreach (var reminder in reminders) await gateway.ReportAsync(reminder.Id, "delivered");
        await worker.SignInAgainAsync();
        var number = (await worker.GiveAsync("""{"kind":"departure","on":"<today>"}""")).Number;
        await gateway.SendAllAsync();
        await gateway.PassDaysAsync(25);
        await worker.SignInAgainAsync();
        var undone = await worker.GiveAsync($$"""{"kind":"withdrawal","replaces":"{{number}}"}""");
        Assert.Equal("2026-12-23", undone.NextDeadline);
        Assert.Equal(("2026-11-23", "2026-12-23"), (await gateway.AskAsync<string>("select last_told from register_entry"), await gateway.AskAsync<string>("select next_deadline from register_entry")));
        // Past the program: the database itself lets no case rest on a reminder from before the undoing, delivered as it was.
        Assert.NotEqual(0, await gateway.AskAsync<int>("select count(*) from message where reminds_of is not null and delivered_at is not null"));
        Assert.Contains(
            "rests on a delivered reminder of the present period",
            (await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => gateway.AskAsync<int>(
                "insert into case_file (worker_id, ground, act_number, opened_at, due, reminded_at, step_left, stage) values (@id, 'silence', 'XXXXXXXXXXXXXXXX', @now, '2026-12-23', @now, '2027-03-10', 1)",
                new { id = worker.Worker.Id, now = gateway.Now.ToUnixTimeMilliseconds() }))).Message,
            StringComparison.Ordinal);
        await gateway.PassDaysAsync(1);
        var late = (await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true)).Skip(reminders.Count).ToList();
        Assert.Single(late);
        await gateway.PassDaysAsync(10);
        Assert.Equal(0, await gateway.AskAsync<int>("select count(*) from case_file"));
        await gateway.ReportAsync(late[0].Id, "delivered");
        await gateway.PassDaysAsync(8);
        Assert.Equal(1, await gateway.AskAsync<int>("select count(*) from case_file"));
    }

    // Due on 23 December, silent from the 24th to the 28th (Friday, Saturday and Sunday between), opened on the 29th.
    [Theory, EachDatabase("2026-12-24", false), EachDatabase("2026-12-24", true), EachDatabase("2026-12-22", false)]
    public async Task Record_AnOutageOnADayOfASilencePeriodThatHasEnded_ClosesTheCase(DatabaseKind kind, string day, bool proposed)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await gateway.ToldAsync();
        await gateway.PassDaysAsync(30);
        await gateway.ReportAsync((await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))[0].Id, "delivered");
        await gateway.PassDaysAsync(6);
        var opening = await gateway.AskAsync<string>("select act_number from case_file");
        if (proposed)
        {
            await worker.SignInAgainAsync();
            await worker.ReadAsync("/api/v1/me");
            service.Clock.AdvanceDays(28);
            await walk.OpenEverythingAsync();
            await walk.DoneAsync(worker.Worker.Id, CaseAct.ProposeRemoval, "P");
        }

        await OutageCommand.RecordAsync(service.Core, day, day, "SMS did not arrive", gateway.Now);
        await service.Core.CurrentRules.RefreshAsync(service.Core.Database);
        var closes = day == "2026-12-24";
        Assert.Equal(closes ? 1 : 0, await service.Services.GetRequiredService<CloseOverdueCases>().RunAsync(gateway.Now));
        Assert.Equal(closes ? (CaseStage.None, Standing.Registered) : (CaseStage.Open, Standing.UnderReview), await walk.WhereAsync(worker.Worker.Id));
        if (!closes) return;
        await using var connection = await service.Core.Database.OpenAsync();
        var record = Record.Decode((await connection.ExecuteScalarAsync<byte[]>($"select record from act where kind = {(int)StatementKind.CaseClosed}"))!);
        Assert.Equal((opening, "silence-not-over"), (record.Particulars["case"], record.Particulars["outcome"]));
    }

    // Of the authority's time the last day counts; the day after it nothing adverse is possible, though no sweep has run.
    [Theory, EachDatabase(CaseStage.AwaitingAgreement, CaseAct.Agree, "A"), EachDatabase(CaseStage.RemovalPending, CaseAct.PutInEffect, "C")]
    public async Task Decide_AfterTheAuthoritysTimeAndBeforeAnySweep_IsRefused(DatabaseKind kind, CaseStage stage, CaseAct act, string who)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var two = (await walk.RipeAsync(s => s == stage ? 2 : 0))[stage];
        await using var connection = await service.Core.Database.OpenAsync();
        var file = (await CaseFile.NewestAsync(connection, null, two[0]))!;
        var until = (await CaseFile.FactsAsync(connection, null, file, Standing.UnderReview, walk.Rules)).AuthorityUntil(walk.Rules)!.Value;
        while (walk.Rules.DateOf(walk.Now) < until) service.Clock.AdvanceDays(1);
        await walk.DoneAsync(two[0], act, who);
        service.Clock.AdvanceDays(1);
        Assert.Equal(new ActResult.Refused(CaseRefusal.AuthorityTimeOver.Name()), await walk.DoAsync(two[1], act, who));
    }

    // Whoever has left sees the whole file of a case that was decided, and nothing in it is open.
    [Theory, EachDatabase]
    public async Task Read_TheFileOfADecidedCaseAfterLeaving_IsThereWhole(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = await walk.RegisteredAsync();
        service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(worker, CaseAct.OpenWithReason, "C");
        await walk.DoneAsync(worker, CaseAct.Keep, "C");
        Assert.IsType<ActResult.Accepted>(await GiveAsync(walk, worker, new Notice.Departure(walk.Rules.DateOf(walk.Now))));
        service.Clock.AdvanceDays(30);
        var token = (await service.Services.GetRequiredService<Sessions>().StartAsync(worker, Session.Api)).Token;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/case");
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var json = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"stage\":\"none\"", json);
        Assert.Contains("\"case-opened\"", json);
        Assert.Contains("\"case-closed\"", json);
        Assert.Equal(Standing.Ended, (await service.Core.Workers.FindAsync(worker))!.Entry.StandingOn(walk.Rules.DateOf(walk.Now), walk.Rules.WorkersCalendar, walk.Rules.Intervals));
    }

    static async Task<ActResult> GiveAsync(CaseWalk walk, long worker, Notice notice) => await walk.Service.Core.Writer.SubmitAsync(
        new GiveNotice(notice, null, walk.Rules, walk.Telling) { ReceivedAt = walk.Now, Channel = RecordChannel.Web, WorkerId = worker });

    /// <summary>Told while the case was open, for a date on which the removal was pending.</summary>
    static async Task<(long Worker, string Departure)> RemovedAfterTellingADepartureAsync(CaseWalk walk)
    {
        var worker = await walk.RegisteredAsync();
        walk.Service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(worker, CaseAct.OpenWithReason, "C");
        var departure = Assert.IsType<ActResult.Accepted>(await GiveAsync(walk, worker, new Notice.Departure(walk.Rules.DateOf(walk.Now).PlusDays(25)))).Number.ToString();
        walk.Service.Clock.AdvanceDays(16);
        await walk.OpenEverythingAsync();
        await walk.DoneAsync(worker, CaseAct.ProposeRemoval, "P");
        await walk.DoneAsync(worker, CaseAct.Agree, "A");
        walk.Service.Clock.AdvanceDays(20);
        await walk.DoneAsync(worker, CaseAct.PutInEffect, "C");
        return (worker, departure);
    }
}
