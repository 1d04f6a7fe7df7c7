using System.Net.Http.Json;
using System.Text.Json;
using Manzil.Deadlines;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.Rules;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Manzil.Tests.Deadlines;

/// <summary>rules.md, Days: the operator is warned before the calendar ends, 60 days ahead.</summary>
public class CalendarWarningTests
{
    // SmallRules cover 2026 and 2027 and warn 60 days ahead.
    [Theory]
    [InlineData("2026-12-31", false)]
    [InlineData("2027-10-31", false)]
    [InlineData("2027-11-01", true)]
    [InlineData("2027-12-31", true)]
    [InlineData("2028-01-01", true)]
    public void On_Date_WarnsInTime(string date, bool warns)
    {
        var rules = SmallRules.In("Europe/Moscow");
        var today = NodaTime.Text.LocalDatePattern.Iso.Parse(date).Value;
        var warning = CalendarWarning.On(today, rules);
        Assert.Equal(warns, warning is not null);
        if (warns) Assert.Contains(today.Year == 2028 ? "No calendar covers 2028" : "ends with 2027-12-31", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_NearTheCalendarsEnd_SaysSoAndStaysReady()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var calm = await service.Client.GetFromJsonAsync<JsonElement>("/health/ready", TestContext.Current.CancellationToken);
        Assert.Equal("2040-12-31", calm.GetProperty("calendarEnds").GetString());
        Assert.Equal(0, calm.GetProperty("warnings").GetArrayLength());
        service.Clock.Reset(Instant.FromUtc(2040, 11, 20, 9, 0));
        var late = await service.Client.GetFromJsonAsync<JsonElement>("/health/ready", TestContext.Current.CancellationToken);
        Assert.Equal("ready", late.GetProperty("status").GetString());
        Assert.Contains("2040-12-31", late.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
    }

    // found.md 26: who looks after the machine reads it on their own page, in words as the monitoring has them; nobody else has to.
    [Fact]
    public async Task OperatorsPage_NearTheCalendarsEnd_HasTheWarning()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, start: Instant.FromUtc(2040, 11, 20, 9, 0));
        var calm = "There is nothing to look after.";
        foreach (var (role, sees) in new[] { (StaffRole.Operator, true), (StaffRole.Caseworker, false), (StaffRole.LeadReviewer, false) })
        {
            var officer = Visitor.Officer(service, (await service.StaffAsync(role)).Cookie);
            await officer.GetAsync("/staff");
            Assert.Equal(sees, officer.Text.Contains("The calendar ends with 2040-12-31", StringComparison.Ordinal));
            Assert.DoesNotContain(calm, officer.Text, StringComparison.Ordinal);
        }

        await using var early = await TestService.StartAsync(DatabaseKind.Sqlite);
        var calmly = Visitor.Officer(early, (await early.StaffAsync(StaffRole.Operator)).Cookie);
        await calmly.GetAsync("/staff");
        Assert.Contains(calm, calmly.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_NearTheCalendarsEnd_SaysSoInTheLogOnceADay()
    {
        var logs = new KeptLines();
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, logs: logs, start: Instant.FromUtc(2040, 11, 20, 9, 0));
        var timers = service.Services.GetRequiredService<Timers>();
        await timers.StepAsync();
        await timers.StepAsync();
        Assert.Single(logs.Lines, l => l.Contains("ends with 2040-12-31", StringComparison.Ordinal));
        service.Clock.AdvanceDays(1);
        await timers.StepAsync();
        Assert.Equal(2, logs.Lines.Count(l => l.Contains("ends with 2040-12-31", StringComparison.Ordinal)));
    }
}
