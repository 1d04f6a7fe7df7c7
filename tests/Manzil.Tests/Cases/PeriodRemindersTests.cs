using System.Data.Common;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>
/// rules.md, Confirming an address, 3: the first reminder of this period that was delivered. Closing a case begins a period, also by an
/// appeal that was decided for the worker: what was delivered before it is of another one.
/// </summary>
public class PeriodRemindersTests
{
    const string Phone = "+70000000001";

    [Theory, EachDatabase]
    public async Task Silence_AfterAnAppealDecidedForTheWorker_RestsOnNoReminderAndNoCodeOfThePeriodBefore(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        service.Clock.AdvanceDays(23);
        await gateway.StepAsync();
        var reminder = Assert.Single(await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true));
        await gateway.ReportAsync(reminder.Id, "delivered");
        await WinAppealAsync(service, gateway, worker.Worker.Id);

        // By SMS: the code of the reminder was the earlier period's.
        await gateway.SmsAsync("in-1", Phone, reminder.ReplyCode!);
        Assert.Equal(0, await gateway.AskAsync<int>($"select count(*) from act where kind = {(int)StatementKind.Confirmation}"));
        Assert.Contains("no valid code", (await gateway.MessagesAsync(worker.Worker.Id))[^1].Body, StringComparison.Ordinal);

        await AssertWaitsToBeReachedAsync(service, gateway);
        await AssertDatabaseRefusesAsync(service, worker.Worker.Id);
    }

    // A clerk had reached them in the period before.
    [Theory, EachDatabase]
    public async Task Silence_AfterAnAppealDecidedForTheWorker_RestsOnNoRecordThatTheyWereReachedBefore(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind);
        var (staff, _) = await story.OfficerAsync();
        var act = story.Act(staff);
        act.WorkerId = story.Worker.Worker.Id;
        Assert.IsType<ActResult.Accepted>(await story.Service.Core.Writer.SubmitAsync(act));
        await WinAppealAsync(story.Service, story.Gateway, story.Worker.Worker.Id);
        await AssertWaitsToBeReachedAsync(story.Service, story.Gateway);
        await AssertDatabaseRefusesAsync(story.Service, story.Worker.Worker.Id);
    }

    /// <summary>A case with a reason, decided against the worker, whose appeal is decided for them.</summary>
    static async Task WinAppealAsync(TestService service, GatewaySide gateway, long worker)
    {
        var walk = await CaseWalk.BeginAsync(service);
        service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(worker, CaseAct.OpenWithReason, "C");
        await gateway.SendAllAsync();
        await gateway.ReportAsync((await gateway.MessagesAsync(worker)).Last(m => m.ActNumber is not null).Id, "delivered");
        service.Clock.AdvanceDays(24);
        await walk.OpenEverythingAsync();
        await walk.DoneAsync(worker, CaseAct.ProposeRemoval, "P");
        await walk.DoneAsync(worker, CaseAct.Agree, "A");
        await walk.DoneAsync(worker, CaseAct.Appeal, "worker");
        await walk.OpenEverythingAsync();
        service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(worker, CaseAct.DecideAppealForWorker, "R");
        Assert.Equal((CaseStage.None, Standing.Registered), await walk.WhereAsync(worker));
        service.Clock.AdvanceMinutes(1);
    }

    /// <summary>No report comes in: with no delivered reminder of the new period nobody is silent.</summary>
    static async Task AssertWaitsToBeReachedAsync(TestService service, GatewaySide gateway)
    {
        var before = await gateway.AskAsync<int>("select count(*) from case_file");
        foreach (var days in new[] { 23, 7, 20 })
        {
            service.Clock.AdvanceDays(days);
            await gateway.StepAsync();
        }

        Assert.Equal(before, await gateway.AskAsync<int>("select count(*) from case_file"));
        Assert.Equal(Reminded.ToBeReached, await gateway.AskAsync<int>("select reminded from register_entry"));
    }

    // Past the program: the database itself knows what a case about silence rests on.
    static async Task AssertDatabaseRefusesAsync(TestService service, long worker)
    {
        const string Open = """
            insert into case_file (worker_id, ground, act_number, opened_at, due, reminded_at, step_left, stage)
            values (@worker, 'silence', 'XXXXXXXXXXXXXXXX', @now, '2027-03-01', @now, '2027-03-10', 1)
            """;
        var values = new { worker, now = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds() };
        await using var connection = await service.Core.Database.OpenAsync();
        async Task<string?> TryAsync()
        {
            await using var transaction = await connection.BeginTransactionAsync();
            try
            {
                await connection.ExecuteAsync(Open, values, transaction);
                return null;
            }
            catch (DbException e)
            {
                return e.Message;
            }
        }

        Assert.Contains("rests on a delivered reminder of the present period", await TryAsync(), StringComparison.Ordinal);
        await connection.ExecuteAsync("update message set delivered_at = @now where worker_id = @worker and reminds_of is not null", values);
        Assert.Null(await TryAsync());
        // Nor before the day that they were told.
        await connection.ExecuteAsync(
            "insert into told_until (act_number, worker_id, counted_from, until_day) values ((select number from act where worker_id = @worker and kind = 37), @worker, '2027-03-01', '2027-12-30')", values);
        Assert.Contains("the silence period that the worker was told runs", await TryAsync(), StringComparison.Ordinal);
    }
}
