using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Deadlines;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>
/// rules.md, Days: a worker's deadline never moves against them. What a page, the API or a message told them stands from that moment on,
/// whatever is edited, recorded or taken back afterwards.
/// </summary>
public class ToldStandsTests
{
    // Opened on Monday 2026-11-23. Delivered on 4 December: until the 18th. That report came back, and a letter of 24 November would give 9 December.
    [Theory, EachDatabase(true), EachDatabase(false)]
    public async Task Record_ALetterThatArrivedEarlier_LeavesTheDateThatTheWorkerWasTold(DatabaseKind kind, bool looked)
    {
        using var rules = new EditedRules();
        await using var service = await rules.StartAsync(kind);
        var (gateway, worker, walk) = await OpenedAsync(service);
        service.Clock.AdvanceDays(11);
        if (looked) Assert.Equal("2026-12-18", await MeAsync(worker, "answerUntil"));
        var opening = (await gateway.MessagesAsync(worker.Worker.Id)).Last(m => m.ActNumber is not null);
        await gateway.ReportAsync(opening.Id, "delivered");
        service.Clock.AdvanceMinutes(5);
        await gateway.ReportAsync(opening.Id, "failed");

        // Recorded on a Saturday, from which the ten days end on the 18th as well (LettersDatedBackTests).
        service.Clock.AdvanceDays(1);
        var letter = new RecordDelivery(walk.Actors["C"], opening.ActNumber!, RecordDelivery.Post, new LocalDate(2026, 11, 24), walk.Rules, walk.Telling)
        {
            ReceivedAt = walk.Now,
            Channel = RecordChannel.Desk,
            WorkerId = worker.Worker.Id,
        };
        // Who has opened the service was told by that already, and no letter changes it.
        var recorded = await service.Core.Writer.SubmitAsync(letter);
        if (!looked) Assert.IsType<ActResult.Accepted>(recorded);
        Assert.Equal("2026-12-18", await MeAsync(worker, "answerUntil"));
        await AssertMayProposeOnAsync(service, worker, new LocalDate(2026, 12, 19));
    }

    // At first 2 and 3 December are days off: until the 10th. Then the calendar is edited, within the hour.
    [Theory, EachDatabase("me"), EachDatabase("page"), EachDatabase("report")]
    public async Task Edit_TheCalendarWithinTheHourOfTheTelling_LeavesTheDateThatTheWorkerWasTold(DatabaseKind kind, string told)
    {
        using var rules = new EditedRules();
        rules.Write(off: ["2026-12-02", "2026-12-03"]);
        await using var service = await rules.StartAsync(kind);
        var (gateway, worker, _) = await OpenedAsync(service);
        if (told == "me") Assert.Equal("2026-12-10", await MeAsync(worker, "answerUntil"));
        else if (told == "page") Assert.Contains("You have until 10 December 2026 to answer.", (await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/")).Text, StringComparison.Ordinal);
        else await gateway.ReportAsync((await gateway.MessagesAsync(worker.Worker.Id)).Last(m => m.ActNumber is not null).Id, "delivered");

        service.Clock.AdvanceMinutes(10);
        rules.Write();
        await service.RestartAsync();
        Assert.Equal("2026-12-10", await MeAsync(worker, "answerUntil"));
        await AssertMayProposeOnAsync(service, worker, new LocalDate(2026, 12, 11));
    }

    // The same for the window to appeal, and for the rules file's own number of days.
    [Theory, EachDatabase]
    public async Task Edit_TheDaysToAppealAfterTheTelling_LeavesTheDateThatTheWorkerWasTold(DatabaseKind kind)
    {
        using var rules = new EditedRules();
        await using var service = await rules.StartAsync(kind);
        var (gateway, worker, walk) = await OpenedAsync(service);
        await MeAsync(worker, "answerUntil");
        await gateway.ReportAsync((await gateway.MessagesAsync(worker.Worker.Id)).Last(m => m.ActNumber is not null).Id, "delivered");
        service.Clock.AdvanceDays(17);
        await walk.OpenEverythingAsync();
        await walk.DoneAsync(worker.Worker.Id, CaseAct.ProposeRemoval, "P");
        await walk.DoneAsync(worker.Worker.Id, CaseAct.Agree, "A");
        await gateway.SendAllAsync();
        await gateway.ReportAsync((await gateway.MessagesAsync(worker.Worker.Id)).Last(m => m.ActNumber is not null).Id, "delivered");
        var told = await MeAsync(worker, "appealUntil");
        rules.Write(working: 5);
        await service.RestartAsync();
        Assert.Equal(told, await MeAsync(worker, "appealUntil"));
        var day = IsoDate.Read(told)!.Value;
        service.Clock.AdvanceDays(Period.DaysBetween(Today(service), day));
        walk = await CaseWalk.BeginAsync(service);
        Assert.Equal("case-appeal-window-runs", Assert.IsType<ActResult.Refused>(await walk.DoAsync(worker.Worker.Id, CaseAct.PutInEffect, "C")).Reason);
        service.Clock.AdvanceDays(1);
        await walk.DoneAsync(worker.Worker.Id, CaseAct.PutInEffect, "C");
    }

    // Due on the 23rd; by the calendar at first the 24th is off: silence ends with the 29th.
    [Theory, EachDatabase(false), EachDatabase(true)]
    public async Task Edit_TheCalendarAfterTheEndOfSilenceWasShown_OpensNoCaseEarlier(DatabaseKind kind, bool page)
    {
        using var rules = new EditedRules();
        rules.Write(off: ["2026-12-24"]);
        await using var service = await rules.StartAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        service.Clock.AdvanceDays(30);
        await gateway.StepAsync();
        await gateway.ReportAsync((await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))[0].Id, "delivered");
        service.Clock.AdvanceDays(2);
        if (!page) Assert.Equal("2026-12-29", await MeAsync(worker, "silenceEnds"));
        else Assert.Contains("Nothing happens before 29 December 2026 is over.", (await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/")).Text, StringComparison.Ordinal);
        rules.Write();
        await service.RestartAsync();
        service.Clock.AdvanceDays(4);
        await gateway.StepAsync();
        Assert.Equal(new LocalDate(2026, 12, 29), Today(service));
        Assert.Equal("2026-12-29", await MeAsync(worker, "silenceEnds"));
        Assert.Equal(0, await gateway.AskAsync<int>("select count(*) from case_file"));
        await gateway.PassDaysAsync(1);
        Assert.Equal(1, await gateway.AskAsync<int>("select count(*) from case_file"));
    }

    // Shown before any sweep has looked, and then taken back.
    [Theory, EachDatabase(false), EachDatabase(true)]
    public async Task Edit_TheCalendarAfterADueDateWasShown_LeavesIt(DatabaseKind kind, bool page)
    {
        using var rules = new EditedRules();
        await using var service = await rules.StartAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        rules.Write(off: ["2026-12-23"], every: page ? 60 : 30);
        await service.RestartAsync();
        var shown = page ? "2027-01-22" : "2026-12-24";
        if (page) Assert.Contains("22 January 2027", (await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/")).Text, StringComparison.Ordinal);
        else Assert.Equal(shown, await MeAsync(worker, "nextDeadline"));
        rules.Write();
        await service.RestartAsync();
        Assert.Equal(shown, await MeAsync(worker, "nextDeadline"));
        // They were shown it, and were told of it too.
        Assert.Single((await gateway.MessagesAsync(worker.Worker.Id)).Where(m => m.Body.Contains("you can confirm your address until", StringComparison.Ordinal)));
    }

    // A node remembers the worker as they were before their date was moved, and writes the entry back with the worker's next act.
    [Theory, EachDatabase]
    public async Task Give_AnotherNoticeAfterADueDateWasMoved_LeavesTheDateThatTheWorkerWasTold(DatabaseKind kind)
    {
        using var rules = new EditedRules();
        await using var service = await rules.StartAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        rules.Write(off: ["2026-12-23"]);
        await service.RestartAsync();
        var residence = (await worker.ReadAsync("/api/v1/notices")).GetProperty("notices")[0].GetProperty("number").GetString();
        string Corrected(int building) => $$$"""{"kind":"correction","replaces":"{{{residence}}}","address":{"locality":"Tverskoy","street":"Long Street","building":"{{{building}}}"}}""";
        // The node has the worker in mind from here on.
        residence = (await worker.GiveAsync(Corrected(6))).Number;
        Assert.Equal(1, await service.Services.GetRequiredService<MoveDeadlines>().RunAsync(gateway.Now));
        Assert.Equal("2026-12-24", await gateway.AskAsync<string>("select next_deadline from register_entry"));
        await worker.GiveAsync(Corrected(7));
        Assert.Equal("2026-12-24", await gateway.AskAsync<string>("select next_deadline from register_entry"));
        rules.Write();
        await service.RestartAsync();
        Assert.Equal("2026-12-24", await MeAsync(worker, "nextDeadline"));

        // Nor by plain SQL.
        await using var connection = await service.Core.Database.OpenAsync();
        var refused = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => connection.ExecuteAsync("update register_entry set next_deadline = '2026-12-23'"));
        Assert.Contains("a due date that was told becomes no earlier", refused.Message, StringComparison.Ordinal);
    }

    static async Task<(GatewaySide Gateway, SignedInWorker Worker, CaseWalk Walk)> OpenedAsync(TestService service)
    {
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        var walk = await CaseWalk.BeginAsync(service);
        service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(worker.Worker.Id, CaseAct.OpenWithReason, "C");
        await gateway.SendAllAsync();
        return (gateway, worker, walk);
    }

    /// <summary>On the day before, a proposal is refused; on that day it is done.</summary>
    static async Task AssertMayProposeOnAsync(TestService service, SignedInWorker worker, LocalDate day)
    {
        var walk = await CaseWalk.BeginAsync(service);
        await walk.OpenEverythingAsync();
        async Task<string?> TryAsync() => await walk.DoAsync(worker.Worker.Id, CaseAct.ProposeRemoval, "P") is ActResult.Refused refused ? refused.Reason : null;
        var days = Period.DaysBetween(Today(service), day);
        Assert.True(days > 0);
        Assert.Equal("case-answer-period-runs", await TryAsync());
        service.Clock.AdvanceDays(days - 1);
        Assert.Equal("case-answer-period-runs", await TryAsync());
        service.Clock.AdvanceDays(1);
        Assert.Null(await TryAsync());
    }

    static async Task<string?> MeAsync(SignedInWorker worker, string member)
    {
        await worker.SignInAgainAsync();
        return (await worker.ReadAsync("/api/v1/me")).GetProperty(member).GetString();
    }

    static LocalDate Today(TestService service) => service.Core.Rules.DateOf(service.Clock.GetCurrentInstant());
}
