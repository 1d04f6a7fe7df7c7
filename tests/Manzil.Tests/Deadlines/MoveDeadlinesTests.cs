using System.Text.Json.Nodes;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.Rules;
using Microsoft.Extensions.DependencyInjection;
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
        Assert.Equal("2026-12-25", await DeadlineAsync(worker));
        Assert.Equal(1, await RunAsync(service));
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

    static void Write(string path, string[] off)
    {
        var json = JsonNode.Parse(File.ReadAllText(RulesData.DemoPath))!;
        var year = json["calendar"]!["years"]!["2026"]!["off"]!.AsArray();
        foreach (var day in off) year.Add(day);
        File.WriteAllText(path, json.ToJsonString());
    }

    static Task<int> RunAsync(TestService service) => service.Services.GetRequiredService<MoveDeadlines>().RunAsync(service.Clock.GetCurrentInstant());

    static async Task<string?> DeadlineAsync(SignedInWorker worker) => (await worker.ReadAsync("/api/v1/me")).GetProperty("nextDeadline").GetString();
}
