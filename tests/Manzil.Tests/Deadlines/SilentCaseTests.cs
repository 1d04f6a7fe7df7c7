using System.Net;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Deadlines;

/// <summary>rules.md, Confirming an address, 3 to 5: silence opens a case, which takes nothing away and which one tap ends.</summary>
public class SilentCaseTests
{
    const string Registration = """{"kind":"registration"}""", Confirmation = """{"kind":"confirmation"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""";

    // Told on 2026-11-23: due on Wednesday 2026-12-23, silence over with Monday the 28th.
    [Theory, EachDatabase]
    public async Task Step_NoAnswerToDeliveredReminders_OpensOneCaseTheDayAfterTheSilencePeriod(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        for (var day = 0; day < 36; day++)
        {
            await StepAsync(service);
            service.Clock.AdvanceDays(1);
        }

        await StepAsync(service);
        var opened = Assert.Single(await CasesAsync(service));
        Assert.Equal("2026-12-29", opened.Day);
        await worker.SignInAgainAsync();
        Assert.Equal("under-review", await worker.StandingAsync());

        // The worker has a receipt of it that says why.
        var notices = (await worker.ReadAsync("/api/v1/notices")).ToString();
        Assert.Contains(opened.Number, notices, StringComparison.Ordinal);
        using (var zip = await service.GetAsync(worker.Token, $"/api/v1/notices/{opened.Number}/receipt.zip")) Assert.Equal(HttpStatusCode.OK, zip.StatusCode);

        // It stands in the officers' queue.
        var (_, cookie) = await service.StaffAsync(StaffRole.Caseworker);
        var officer = Visitor.Officer(service, cookie, "en");
        Assert.Contains(opened.Number, (await officer.GetAsync("/staff/cases")).Text, StringComparison.Ordinal);

        // One tap ends it, and a new period begins.
        var confirmed = await worker.GiveAsync(Confirmation);
        Assert.Equal("registered", await worker.StandingAsync());
        Assert.Equal("2027-01-28", confirmed.NextDeadline);
        Assert.DoesNotContain(opened.Number, (await officer.GetAsync("/staff/cases")).Text, StringComparison.Ordinal);
        await StepAsync(service);
        Assert.Single(await CasesAsync(service));
    }

    // rules.md's table, over the acts themselves.
    [Theory]
    [InlineData("2025-12-10", null, "2026-01-12", "2026-01-16", "2026-01-30")]
    [InlineData("2026-02-06", null, "2026-03-10", "2026-03-14", "2026-03-27")]
    [InlineData("2026-04-01", null, "2026-05-04", "2026-05-08", "2026-05-25")]
    [InlineData("2026-04-01", "2026-05-04", "2026-05-05", "2026-05-09", null)]
    [InlineData("2026-04-01", "2026-05-06", "2026-05-04", "2026-05-09", null)]
    [InlineData("2024-03-28", null, "2024-04-27", "2024-05-07", "2024-05-23")]
    [InlineData("2026-10-05", null, "2026-11-05", "2026-11-11", "2026-11-25")]
    public async Task Step_RowOfTheTable_OpensTheCaseOnItsDayAndSaysUntilWhenToAnswer(string last, string? outage, string due, string open, string? answer)
    {
        using var folder = new PublishedRules();
        var rules = folder.Load();
        var noon = rules.Zone.AtLeniently(Manzil.Tests.Rules.RulesData.Date(last).At(new LocalTime(12, 0))).ToInstant();
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, rules: folder.Path, start: noon);
        // Receipt numbers count from 2026 on; two rows begin before.
        service.Core.Writer.NewNumber = _ => Manzil.Receipts.ReceiptNumber.New(TestService.Start);
        var worker = await ToldAsync(service);
        string? opened = null;
        for (var day = 0; day < 60 && opened is null; day++)
        {
            service.Clock.AdvanceDays(1);
            var now = service.Clock.GetCurrentInstant();
            if (outage is not null && IsoDate.Write(rules.DateOf(now).PlusDays(-1)) == outage)
                await OutageCommand.RecordAsync(service.Core, outage, outage, "The service did not work", now);
            await service.Services.GetRequiredService<MoveDeadlines>().RunAsync(now);
            await StepAsync(service);
            opened = (await CasesAsync(service)).SingleOrDefault().Day;
        }

        Assert.Equal(open, opened);
        await worker.SignInAgainAsync();
        var me = await worker.ReadAsync("/api/v1/me");
        Assert.Equal(("under-review", due), (me.GetProperty("standing").GetString(), me.GetProperty("nextDeadline").GetString()));
        if (answer is null) return;
        Assert.Equal(answer, me.GetProperty("answerUntil").GetString());
        var until = Manzil.Layout.Dates.InWords(Manzil.Tests.Rules.RulesData.Date(answer), "en");
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            Assert.Contains(until, await connection.ExecuteScalarAsync<string>("select body from message where act_number is not null order by id desc limit 1"), StringComparison.Ordinal);
            Assert.Equal(answer, await connection.ExecuteScalarAsync<string>("select until_day from told_until"));
            await connection.ExecuteAsync("update message set delivered_at = sent_at where act_number is not null");
        }

        var visitor = await Visitor.SignInAsync(service, worker.Worker);
        var home = (await visitor.GetAsync("/")).Text;
        Assert.Contains($"You have until {until} to answer. Before that day is over, nobody may decide.", home, StringComparison.Ordinal);
        Assert.Contains("10 working days left", home, StringComparison.Ordinal);
        // Read again on the next day, it is the same date: it counts from the day on which it was delivered.
        service.Clock.AdvanceDays(1);
        Assert.Contains(until, (await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/")).Text, StringComparison.Ordinal);
        service.Clock.AdvanceDays(30);
        Assert.Contains($"The time to answer ended on {until}. You can still answer", (await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/")).Text, StringComparison.Ordinal);
    }

    /// <summary>The demo's rules with the published calendars, in a folder of their own.</summary>
    sealed class PublishedRules : IDisposable
    {
        readonly string _folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;

        public PublishedRules()
        {
            var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Manzil.Tests.Rules.RulesData.DemoPath))!;
            var names = new System.Text.Json.Nodes.JsonArray();
            foreach (var file in Manzil.Tests.Rules.RulesData.PublishedFiles())
            {
                names.Add(System.IO.Path.GetFileName(file));
                File.Copy(file, System.IO.Path.Combine(_folder, System.IO.Path.GetFileName(file)));
            }

            json["calendar"] = new System.Text.Json.Nodes.JsonObject
            {
                ["weekend"] = new System.Text.Json.Nodes.JsonArray("saturday", "sunday"),
                ["from"] = 2024,
                ["to"] = 2026,
                ["calendarFiles"] = names,
            };
            File.WriteAllText(Path, json.ToJsonString());
        }

        public string Path => System.IO.Path.Combine(_folder, "rules.json");

        public Jurisdiction Load() => Jurisdiction.Load(Path);

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }

    [Theory, EachDatabase]
    public async Task Step_NoReminderDelivered_WaitsAndAsksTheCentreToReachTheWorker(DatabaseKind kind)
    {
        // Outside the demo nothing is delivered by being written down.
        await using var service = await TestService.StartAsync(kind, demo: false);
        var worker = await ToldAsync(service);
        for (var day = 0; day < 60; day++)
        {
            await StepAsync(service);
            service.Clock.AdvanceDays(1);
        }

        Assert.Empty(await CasesAsync(service));
        Assert.Equal(1, await CountAsync(service, Reminded.ToBeReached));

        // Whoever confirms is to be reached no longer.
        await worker.SignInAgainAsync();
        await worker.GiveAsync(Confirmation);
        Assert.Equal(0, await CountAsync(service, Reminded.ToBeReached));
        Assert.Equal("registered", await worker.StandingAsync());
    }

    [Theory, EachDatabase]
    public async Task Step_ReminderDeliveredLate_SilenceCountsFromItsDelivery(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demo: false);
        await ToldAsync(service);
        service.Clock.AdvanceDays(30);
        await StepAsync(service);
        // The report comes in on Friday 2026-12-25: silence is over with Wednesday the 30th.
        service.Clock.AdvanceDays(2);
        await DeliverAsync(service);
        for (var day = 0; day < 10; day++)
        {
            await StepAsync(service);
            service.Clock.AdvanceDays(1);
        }

        Assert.Equal("2026-12-31", Assert.Single(await CasesAsync(service)).Day);
    }

    [Theory, EachDatabase]
    public async Task Step_ReminderOfAnEarlierPeriod_CountsForNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demo: false);
        var worker = await ToldAsync(service);
        await worker.PassDaysAsync(24);
        await StepAsync(service);
        await DeliverAsync(service);
        service.Clock.AdvanceHours(1);
        await worker.GiveAsync(Confirmation);
        for (var day = 0; day < 60; day++)
        {
            service.Clock.AdvanceDays(1);
            await StepAsync(service);
        }

        Assert.Empty(await CasesAsync(service));
    }

    [Theory, EachDatabase]
    public async Task Step_OnManyNodesAtOnce_OpensEachCaseOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        foreach (var _ in Enumerable.Range(0, 8)) await ToldAsync(service);
        service.Clock.AdvanceDays(30);
        await StepAsync(service);
        service.Clock.AdvanceDays(8);
        var cases = service.Services.GetRequiredService<OpenSilentCases>();
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => cases.RunAsync(service.Clock.GetCurrentInstant()))));
        Assert.Equal(8, opened.Sum());
        Assert.Equal(8, (await CasesAsync(service)).Count);
    }

    [Theory, EachDatabase]
    public async Task Step_TenYearsOfSilence_NobodyIsWorseOffThanUnderReview(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        foreach (var _ in Enumerable.Range(0, 3)) await ToldAsync(service);
        for (var day = 0; day < 3653; day += 3)
        {
            service.Clock.AdvanceDays(3);
            await StepAsync(service);
        }

        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal([(int)Standing.UnderReview], await connection.QueryAsync<int>("select distinct standing from register_entry"));
        Assert.Equal(3, (await CasesAsync(service)).Count);
    }

    [Fact]
    public void Silence_OfWhoLeavesOrIsNotRegistered_IsNothing()
    {
        var rules = Manzil.Tests.Rules.SmallRules.In("Europe/Moscow");
        var entry = new RegisterEntry { Standing = Standing.Registered, LastTold = new(2026, 4, 1), NextDeadline = new(2026, 5, 1) };
        SilenceOutcome On(RegisterEntry e, LocalDate? delivered, int month, int day) =>
            Silence.On(e, delivered, new LocalDate(2026, month, day), rules.WorkersCalendar, rules.Intervals);

        Assert.Equal(SilenceOutcome.Wait, On(entry, new(2026, 4, 24), 5, 6));
        Assert.Equal(SilenceOutcome.OpenCase, On(entry, new(2026, 4, 24), 5, 7));
        Assert.Equal(SilenceOutcome.Wait, On(entry, null, 5, 6));
        Assert.Equal(SilenceOutcome.ToBeReached, On(entry, null, 5, 7));
        Assert.Equal(SilenceOutcome.Wait, On(entry, new(2026, 5, 5), 5, 8));
        Assert.Equal(SilenceOutcome.OpenCase, On(entry, new(2026, 5, 5), 5, 9));
        Assert.Equal(SilenceOutcome.Nothing, On(entry with { DepartureNumber = "0000-00000-00000" }, new(2026, 4, 24), 5, 30));
        foreach (var standing in Enum.GetValues<Standing>().Where(s => s != Standing.Registered))
            Assert.Equal(SilenceOutcome.Nothing, On(entry with { Standing = standing }, new(2026, 4, 24), 5, 30));
    }

    static async Task<SignedInWorker> ToldAsync(TestService service)
    {
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync(Registration);
        await worker.GiveAsync(Residence);
        return worker;
    }

    // As Timers does, but for heartbeats: the clock jumps here.
    static async Task StepAsync(TestService service)
    {
        var now = service.Clock.GetCurrentInstant();
        await service.Services.GetRequiredService<SendReminders>().RunAsync(now);
        await service.Services.GetRequiredService<OpenSilentCases>().RunAsync(now);
    }

    static async Task DeliverAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync(
            "update message set delivered_at = @now where reminds_of is not null", new { now = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
    }

    static async Task<IReadOnlyList<(string Number, string Day)>> CasesAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return [.. (await connection.QueryAsync<(string Number, long At)>("select act_number, opened_at from case_file"))
            .Select(c => (c.Number, IsoDate.Write(service.Core.Rules.DateOf(Instant.FromUnixTimeMilliseconds(c.At)))!))];
    }

    static async Task<long> CountAsync(TestService service, int reminded)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from register_entry where reminded = @reminded", new { reminded });
    }
}
