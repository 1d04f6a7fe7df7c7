using System.Text.Json.Nodes;
using Manzil.Deadlines;
using Manzil.Register;
using Manzil.Tests.Databases;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Manzil.Tests.Rules;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Deadlines;

/// <summary>
/// rules.md, Confirming an address, 2: reminders 7 days before, 1 day before and on the due date. A date that was moved is reminded of on its
/// own days, whatever was sent for the date before.
/// </summary>
public class MovedRemindersTests
{
    // Told on Monday 2026-11-23: due on Wednesday 2026-12-23, reminders on 16, 22 and 23.
    [Theory, EachDatabase]
    public async Task Remind_DueDateMovedByAnOutage_AgainOnTheNewDate(DatabaseKind kind)
    {
        using var rules = new EditedRules();
        await using var service = await rules.StartAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        await GoAsync(gateway, service, "2026-12-16", "2026-12-22", "2026-12-23");
        Assert.Equal(["2026-12-16 of 2026-12-23", "2026-12-22 of 2026-12-23", "2026-12-23 of 2026-12-23"], await RemindersAsync(gateway, worker));
        service.Clock.AdvanceDays(1);
        await OutageCommand.RecordAsync(service.Core, "2026-12-23", "2026-12-23", "SMS did not arrive", gateway.Now);
        await gateway.StepAsync();
        await gateway.StepAsync();
        Assert.Equal("2026-12-24 of 2026-12-24", Assert.Single((await RemindersAsync(gateway, worker)).Skip(3)));

        // And so once more, a day later: each new date is reminded of once.
        service.Clock.AdvanceDays(1);
        await OutageCommand.RecordAsync(service.Core, "2026-12-24", "2026-12-24", "SMS did not arrive", gateway.Now);
        await gateway.StepAsync();
        await GoAsync(gateway, service, "2026-12-26", "2026-12-28");
        Assert.Equal("2026-12-25 of 2026-12-25", Assert.Single((await RemindersAsync(gateway, worker)).Skip(4)));
    }

    // After two reminders of the 23rd it is the 25th: of the day before and of the day itself they are reminded again.
    [Theory, EachDatabase]
    public async Task Remind_DueDateTurnedIntoADayOff_AgainOnItsOwnDays(DatabaseKind kind)
    {
        using var rules = new EditedRules();
        await using var service = await rules.StartAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        await GoAsync(gateway, service, "2026-12-16", "2026-12-22");
        rules.Write(off: ["2026-12-23", "2026-12-24"]);
        await service.RestartAsync();
        await GoAsync(gateway, service, "2026-12-22", "2026-12-23", "2026-12-24", "2026-12-25", "2026-12-28");
        Assert.Equal(
            ["2026-12-16 of 2026-12-23", "2026-12-22 of 2026-12-23", "2026-12-24 of 2026-12-25", "2026-12-25 of 2026-12-25"], await RemindersAsync(gateway, worker));
    }

    [Theory, EachDatabase]
    public async Task Remind_IntervalMadeLonger_IsToldAndRemindedOfOnTheDaysOfTheNewDate(DatabaseKind kind)
    {
        using var rules = new EditedRules();
        await using var service = await rules.StartAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        await GoAsync(gateway, service, "2026-12-16", "2026-12-20");
        rules.Write(every: 60);
        await service.RestartAsync();
        await gateway.StepAsync();
        await gateway.StepAsync();
        var told = Assert.Single((await gateway.MessagesAsync(worker.Worker.Id)).Where(m => m.Body.Contains("22 January 2027", StringComparison.Ordinal)));
        Assert.Contains("There is more time between two confirmations now.", told.Body, StringComparison.Ordinal);
        Assert.Equal("2027-01-22", await gateway.AskAsync<string>("select next_deadline from register_entry"));
        await GoAsync(gateway, service, "2026-12-22", "2026-12-23", "2027-01-14", "2027-01-15", "2027-01-21", "2027-01-22", "2027-01-25");
        Assert.Equal(
            ["2026-12-16 of 2026-12-23", "2027-01-15 of 2027-01-22", "2027-01-21 of 2027-01-22", "2027-01-22 of 2027-01-22"], await RemindersAsync(gateway, worker));

        // Made shorter again: what they were told stands.
        rules.Write();
        await service.RestartAsync();
        await gateway.StepAsync();
        Assert.Equal("2027-01-22", await gateway.AskAsync<string>("select next_deadline from register_entry"));
    }

    // Nobody had been reached; with more time they are asked again as anybody, and the list does not hold them.
    [Theory, EachDatabase]
    public async Task Remind_WhoWaitsToBeReachedAndHasMoreTimeNow_IsRemindedOfTheNewDate(DatabaseKind kind)
    {
        using var rules = new EditedRules();
        await using var service = await rules.StartAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        await GoAsync(gateway, service, "2026-12-16", "2026-12-22", "2026-12-23", "2027-01-05");
        Assert.Equal(Reminded.ToBeReached, await gateway.AskAsync<int>("select reminded from register_entry"));
        rules.Write(every: 60);
        await service.RestartAsync();
        await GoAsync(gateway, service, "2027-01-05", "2027-01-15", "2027-01-21", "2027-01-22");
        Assert.Equal(["2027-01-15 of 2027-01-22", "2027-01-21 of 2027-01-22", "2027-01-22 of 2027-01-22"], (await RemindersAsync(gateway, worker)).Skip(3));
    }

    /// <summary>A day's timed steps on each of these days.</summary>
    static async Task GoAsync(GatewaySide gateway, TestService service, params string[] days)
    {
        foreach (var day in days)
        {
            service.Clock.AdvanceDays(Period.DaysBetween(service.Core.Rules.DateOf(gateway.Now), IsoDate.Read(day)!.Value));
            await gateway.StepAsync();
        }
    }

    /// <summary>The day of each reminder, and the date that it names.</summary>
    static async Task<IReadOnlyList<string>> RemindersAsync(GatewaySide gateway, SignedInWorker worker)
    {
        var sent = await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true);
        foreach (var message in sent) Assert.Contains(Manzil.Layout.Dates.InWords(IsoDate.Read(message.RemindsOf)!.Value, "en"), message.Body, StringComparison.Ordinal);
        return [.. sent.Select(m => $"{gateway.Day(Instant.FromUnixTimeMilliseconds(m.CreatedAt))} of {m.RemindsOf}")];
    }
}

/// <summary>The demo's rules in a file that is edited while a service runs.</summary>
sealed class EditedRules : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;

    public EditedRules() => Write();

    public string FilePath => Path.Combine(_folder, "rules.json");

    /// <summary>A service that hands its messages to a gateway, with these rules.</summary>
    public Task<TestService> StartAsync(DatabaseKind kind) => TestService.StartAsync(kind, demo: false, messaging: GatewaySide.File, rules: FilePath);

    /// <param name="off">Days that are off beside those of the demo.</param>
    /// <param name="every">Days from one confirmation to the next.</param>
    /// <param name="working">Working days to answer and to appeal.</param>
    /// <param name="silence">Working days of silence before a case may open.</param>
    public void Write(string[]? off = null, int every = 30, int working = 10, int silence = 3)
    {
        var json = JsonNode.Parse(File.ReadAllText(RulesData.DemoPath))!;
        json["intervals"]!["confirmEveryDays"] = every;
        json["intervals"]!["answerWorkingDays"] = working;
        json["intervals"]!["appealWorkingDays"] = working;
        json["intervals"]!["silenceWorkingDays"] = silence;
        foreach (var day in off ?? []) json["calendar"]!["years"]![day[..4]]!["off"]!.AsArray().Add(day);
        File.WriteAllText(FilePath, json.ToJsonString());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
