using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Deadlines;

/// <summary>Days on which the service did not work: stated for everybody, and no worker's deadline falls on one.</summary>
public class RecordOutageTests
{
    const string Registration = """{"kind":"registration"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""";

    [Theory, EachDatabase]
    public async Task Record_DayOnWhichAConfirmationIsDue_MovesItAtOnceAndTellsTheWorkerOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync(Registration);
        var told = await worker.GiveAsync(Residence);
        Assert.Equal("2026-12-23", told.NextDeadline);
        await worker.PassDaysAsync(30);
        Assert.Equal("2026-12-23", await DeadlineAsync(worker));

        var printed = await OutageCommand.RecordAsync(service.Core, "2026-12-23", "2026-12-23", "SMS did not arrive", service.Clock.GetCurrentInstant());

        Assert.Contains("later now: 1.", printed, StringComparison.Ordinal);
        Assert.Equal("2026-12-24", await DeadlineAsync(worker));
        var move = service.Services.GetRequiredService<MoveDeadlines>();
        // Whom the date was shown has been told: there is nothing left to do.
        Assert.Equal(0, await move.RunAsync(service.Clock.GetCurrentInstant()));
        Assert.Equal("2026-12-24", await DeadlineAsync(worker));
        var messages = (await Outbox.NewestAsync(service.Core.Database, 100)).Where(m => m.Subject == Layout("message.deadline-moved.subject")).ToList();
        Assert.Contains("24 December 2026", Assert.Single(messages).Body, StringComparison.Ordinal);

        service.Clock.AdvanceMinutes(2);
        var page = await service.Client.GetStringAsync("/status", TestContext.Current.CancellationToken);
        Assert.Contains("23 December 2026", page, StringComparison.Ordinal);
        Assert.Contains("SMS did not arrive", page, StringComparison.Ordinal);
        Assert.Contains("1 deadline moved", page, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Record_AnyOutage_StandsInTheLogWholeAndOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var now = service.Clock.GetCurrentInstant();
        await OutageCommand.RecordAsync(service.Core, "2026-11-20", "2026-11-22", "The gateway was down", now);
        var position = (await service.Core.Tiles.HeadAsync()).Size - 1;
        var record = Manzil.Receipts.Record.Decode(await service.Client.GetByteArrayAsync($"/log/statements/{position}/record", TestContext.Current.CancellationToken));
        Assert.Equal(StatementKind.Outage, record.Kind);
        Assert.Null(record.Holder);
        Assert.Equal(("2026-11-20", "2026-11-22", "The gateway was down"), (record.Particulars["from"], record.Particulars["to"], record.Particulars["reason"]));

        var again = await Assert.ThrowsAsync<CommandLineException>(() => OutageCommand.RecordAsync(service.Core, "2026-11-21", "2026-11-22", "Again", now));
        Assert.Equal("These days are recorded as outage days already.", again.Message);
        // Of a longer outage only the days that are new are added.
        await OutageCommand.RecordAsync(service.Core, "2026-11-19", "2026-11-22", "Longer", now);
        Assert.Equal([new(2026, 11, 19), new(2026, 11, 20), new(2026, 11, 21), new(2026, 11, 22)], service.Core.CurrentRules.Outages);
        Assert.Equal(position + 2, (await service.Core.Tiles.HeadAsync()).Size);
    }

    [Theory, EachDatabase]
    public async Task Record_AfterARestart_IsStillKnown(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await OutageCommand.RecordAsync(service.Core, "2026-11-20", "2026-11-20", "The gateway was down", service.Clock.GetCurrentInstant());
        await service.RestartAsync();
        Assert.False(service.Core.CurrentRules.Now.WorkersCalendar.IsWorkingDay(new(2026, 11, 20)));
        Assert.True(service.Core.CurrentRules.Now.Calendar.IsWorkingDay(new(2026, 11, 20)));
    }

    [Theory]
    [InlineData("2026-11-24", "2026-11-24", "Tomorrow", "TO must not lie after today")]
    [InlineData("2026-11-20", "2026-11-19", "Backwards", "TO must not lie before FROM")]
    [InlineData("20.11.2026", "2026-11-20", "Not a date", "FROM must be a date")]
    [InlineData("2026-11-20", "2026-11-20", "", "--reason has")]
    [InlineData("2025-11-19", "2026-11-20", "A year", "at most")]
    public async Task Record_WhatCannotBe_IsRefusedInASentence(string from, string to, string reason, string sentence)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var size = (await service.Core.Tiles.HeadAsync()).Size;
        var refused = await Assert.ThrowsAsync<CommandLineException>(() => OutageCommand.RecordAsync(service.Core, from, to, reason, service.Clock.GetCurrentInstant()));
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
        Assert.Equal(size, (await service.Core.Tiles.HeadAsync()).Size);
    }

    [Theory, EachDatabase]
    public async Task Judge_DaysWithoutHeartbeats_AreStatedOnceWhicheverNodeAsks(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var heartbeats = service.Services.GetRequiredService<Heartbeats>();
        Assert.Equal(new LocalDate(2026, 11, 23), await heartbeats.JudgeAsync(service.Clock.GetCurrentInstant()));
        // Off for three days; of the fourth every minute is there, and it is judged once it has ended.
        service.Clock.Reset(service.Core.Rules.EndOfDay(new(2026, 11, 26)));
        await FillAsync(service, new(2026, 11, 27));
        var noon = service.Core.Rules.EndOfDay(new(2026, 11, 27)) + Duration.FromHours(12);
        var size = (await service.Core.Tiles.HeadAsync()).Size;

        service.Clock.Reset(noon);
        var judged = await Task.WhenAll(heartbeats.JudgeAsync(noon), heartbeats.JudgeAsync(noon), heartbeats.JudgeAsync(noon));

        Assert.All(judged, j => Assert.Equal(new LocalDate(2026, 11, 27), j));
        Assert.Equal([new(2026, 11, 24), new(2026, 11, 25), new(2026, 11, 26)], service.Core.CurrentRules.Outages);
        Assert.Equal(size + 1, (await service.Core.Tiles.HeadAsync()).Size);
        await heartbeats.JudgeAsync(noon);
        Assert.Equal(size + 1, (await service.Core.Tiles.HeadAsync()).Size);
    }

    // Off from before the due date until after the silence period: a sweep that came before the verdict would open a case.
    [Theory, EachDatabase]
    public async Task Timers_AfterAStopOverTheDueDate_StateTheOutageBeforeAnythingIsTakenToBeDue(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var timers = service.Services.GetRequiredService<Timers>();
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync(Registration);
        Assert.Equal("2026-12-23", (await worker.GiveAsync(Residence)).NextDeadline);
        await timers.StepAsync();
        // Reminded, and seen, a week before; until then every minute has its heartbeat.
        service.Clock.AdvanceDays(23);
        for (var day = new LocalDate(2026, 11, 24); day < new LocalDate(2026, 12, 16); day = day.PlusDays(1)) await FillAsync(service, day);
        await timers.BeatAsync();
        await timers.StepAsync();
        Assert.Empty(service.Core.CurrentRules.Outages);
        Assert.Single((await Outbox.NewestAsync(service.Core.Database, 100)).Where(m => m.Subject == "Reminder 1 of 3: do you still live at this address?"));

        service.Clock.AdvanceDays(14);
        await timers.StepAsync();
        Assert.Equal((new(2026, 12, 16), new LocalDate(2026, 12, 29), 14), (service.Core.CurrentRules.Outages[0], service.Core.CurrentRules.Outages[^1], service.Core.CurrentRules.Outages.Count));
        await worker.SignInAgainAsync();
        Assert.Equal(("registered", "2026-12-30"), (await worker.StandingAsync(), await DeadlineAsync(worker)));
        Assert.Contains("until 30 December 2026", Assert.Single((await Outbox.NewestAsync(service.Core.Database, 100)).Where(m => m.Subject == Layout("message.deadline-moved.subject"))).Body, StringComparison.Ordinal);
        var home = (await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/")).Text;
        Assert.Contains("the service did not work", home, StringComparison.Ordinal);
        service.Clock.AdvanceMinutes(2);
        var page = System.Net.WebUtility.HtmlDecode(await service.Client.GetStringAsync("/status", TestContext.Current.CancellationToken));
        foreach (var said in new[] { "16 December 2026", RecordOutage.Unreachable, "1 deadline moved" }) Assert.Contains(said, page, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Beat_TwiceAMinute_LeavesOneMarkAndNoneOlderThanAMonth(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var heartbeats = service.Services.GetRequiredService<Heartbeats>();
        await heartbeats.BeatAsync(TestService.Start);
        await heartbeats.BeatAsync(TestService.Start + Duration.FromSeconds(30));
        await heartbeats.BeatAsync(TestService.Start + Duration.FromSeconds(60));
        Assert.Equal(2, await CountAsync(service));
        await heartbeats.BeatAsync(TestService.Start + Duration.FromDays(31));
        Assert.Equal(1, await CountAsync(service));
    }

    static string Layout(string key) => Manzil.Layout.Texts.For("en")[key];

    static async Task<string?> DeadlineAsync(SignedInWorker worker) => (await worker.ReadAsync("/api/v1/me")).GetProperty("nextDeadline").GetString();

    static async Task FillAsync(TestService service, LocalDate day)
    {
        var (start, end) = (service.Core.Rules.EndOfDay(day.PlusDays(-1)), service.Core.Rules.EndOfDay(day));
        await using var connection = await service.Core.Database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        for (var minute = start.ToUnixTimeSeconds() / 60; minute < end.ToUnixTimeSeconds() / 60; minute++)
            await connection.ExecuteAsync("insert into heartbeat (minute) values (@minute)", new { minute }, transaction);
        await transaction.CommitAsync();
    }

    static async Task<long> CountAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from heartbeat");
    }
}
