using System.Text.Json.Nodes;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.Rules;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Deadlines;

/// <summary>rules.md, Days: a calendar that is changed moves open deadlines at once, workers are told, and none moves against them.</summary>
public class MoveDeadlinesTests
{
    const string Registration = """{"kind":"registration"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""";

    [Theory, EachDatabase]
    public async Task Run_DueDateTurnedIntoADayOff_MovesItAndTellsTheWorkerOnceAndNeverBack(DatabaseKind kind)
    {
        var rules = Path.Combine(Directory.CreateTempSubdirectory("manzil-test-").FullName, "rules.json");
        Write(rules, []);
        await using var service = await TestService.StartAsync(kind, rules: rules);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync(Registration);
        Assert.Equal("2026-12-23", (await worker.GiveAsync(Residence)).NextDeadline);
        Assert.Equal(0, await RunAsync(service));

        Write(rules, ["2026-12-23", "2026-12-24"]);
        await service.RestartAsync();
        Assert.Equal(1, await RunAsync(service));
        Assert.Equal("2026-12-25", await DeadlineAsync(worker));
        Assert.Equal(0, await RunAsync(service));
        var told = Assert.Single((await Outbox.NewestAsync(service.Core.Database, 100)).Where(m => m.Subject == "You have more time"));
        Assert.Contains("until 25 December 2026. The day that was set is a day off now.", told.Body, StringComparison.Ordinal);

        // Taken back, the calendar would give the 23rd again: what was told stands, also for those who were not told yet.
        Write(rules, []);
        await service.RestartAsync();
        Assert.Equal(0, await RunAsync(service));
        Assert.Equal("2026-12-25", await DeadlineAsync(worker));
        Directory.Delete(Path.GetDirectoryName(rules)!, recursive: true);
    }

    [Theory, EachDatabase]
    public async Task Run_DayOffTurnedIntoAWorkingDay_LeavesWhatWasTold(DatabaseKind kind)
    {
        var rules = Path.Combine(Directory.CreateTempSubdirectory("manzil-test-").FullName, "rules.json");
        Write(rules, ["2026-12-23"]);
        await using var service = await TestService.StartAsync(kind, rules: rules);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync(Registration);
        Assert.Equal("2026-12-24", (await worker.GiveAsync(Residence)).NextDeadline);
        Write(rules, []);
        await service.RestartAsync();
        Assert.Equal(0, await RunAsync(service));
        Assert.Equal("2026-12-24", await DeadlineAsync(worker));
        Directory.Delete(Path.GetDirectoryName(rules)!, recursive: true);
    }

    // rules.md, Days: a year that no calendar covers is never guessed, and nothing counts meanwhile.
    [Theory]
    [EachDatabase(20)]
    [EachDatabase(60)]
    public async Task Run_CalendarThatCameLater_FillsInTheDateAndNothingCountedBefore(DatabaseKind kind, int days)
    {
        var rules = Path.Combine(Directory.CreateTempSubdirectory("manzil-test-").FullName, "rules.json");
        Write(rules, [], through: 2026);
        await using var service = await TestService.StartAsync(kind, rules: rules, start: TestService.Start + Duration.FromDays(20));
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync(Registration);
        Assert.Null((await worker.GiveAsync(Residence)).NextDeadline);
        var visitor = await Visitor.SignInAsync(service, worker.Worker);
        Assert.Contains(Manzil.Layout.Texts.For("en")["home.no-date"], (await visitor.GetAsync("/")).Text, StringComparison.Ordinal);
        for (var day = 0; day < days; day++)
        {
            service.Clock.AdvanceDays(1);
            await StepAsync(service);
        }

        Assert.Empty(await AskedAsync(service));
        Write(rules, []);
        await service.RestartAsync();
        await worker.SignInAgainAsync();
        Assert.Equal((1, 0), (await RunAsync(service), await RunAsync(service)));
        Assert.Equal("2027-01-12", await DeadlineAsync(worker));
        await StepAsync(service);
        // A date that has passed is not announced as one to come.
        Assert.Contains(days == 20 ? "confirm your address by 12 January 2027" : "was to be confirmed by 12 January 2027", Assert.Single(await AskedAsync(service)), StringComparison.Ordinal);
        Assert.Equal("registered", (await worker.ReadAsync("/api/v1/me")).GetProperty("standing").GetString());
        Directory.Delete(Path.GetDirectoryName(rules)!, recursive: true);
    }

    // Several nodes share the work, and tell each worker once.
    [Theory, EachDatabase]
    public async Task Run_OnManyNodesAtOnce_TellsEachWorkerOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        for (var i = 0; i < 40; i++)
        {
            var worker = await SignedInWorker.NewAsync(service);
            await worker.GiveAsync(Registration);
            await worker.GiveAsync(Residence);
        }

        service.Clock.AdvanceDays(30);
        await OutageCommand.RecordAsync(service.Core, "2026-12-23", "2026-12-23", "No SMS", service.Clock.GetCurrentInstant());
        await service.Core.CurrentRules.RefreshAsync(service.Core.Database);
        var moved = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => RunAsync(service))));
        Assert.Equal(40, moved.Sum() + await RunAsync(service));
        Assert.Equal(40, (await Outbox.NewestAsync(service.Core.Database, 1000)).Count(m => m.Subject == "You have more time"));
    }

    // As Timers does, but for heartbeats: the clock jumps here.
    static async Task StepAsync(TestService service)
    {
        await RunAsync(service);
        await service.Services.GetRequiredService<SendReminders>().RunAsync(service.Clock.GetCurrentInstant());
        await service.Services.GetRequiredService<OpenSilentCases>().RunAsync(service.Clock.GetCurrentInstant());
    }

    static async Task<IReadOnlyList<string>> AskedAsync(TestService service) =>
        [.. (await Outbox.NewestAsync(service.Core.Database, 100)).Where(m => m.Body.Contains("confirm", StringComparison.Ordinal)).Select(m => m.Body)];

    static void Write(string path, string[] off, int through = 2040)
    {
        var json = JsonNode.Parse(File.ReadAllText(RulesData.DemoPath))!;
        json["calendar"]!["to"] = through;
        var years = json["calendar"]!["years"]!.AsObject();
        foreach (var later in years.Select(y => y.Key).Where(y => string.CompareOrdinal(y, $"{through}") > 0).ToList()) years.Remove(later);
        var year = json["calendar"]!["years"]!["2026"]!["off"]!.AsArray();
        foreach (var day in off) year.Add(day);
        File.WriteAllText(path, json.ToJsonString());
    }

    static Task<int> RunAsync(TestService service) => service.Services.GetRequiredService<MoveDeadlines>().RunAsync(service.Clock.GetCurrentInstant());

    static async Task<string?> DeadlineAsync(SignedInWorker worker) => (await worker.ReadAsync("/api/v1/me")).GetProperty("nextDeadline").GetString();
}
