using Manzil.Register;
using Manzil.Simulation;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Simulation;

/// <summary>Invented people under the real rules for months and years: whatever they do or do not do, nobody loses anything by a clock.</summary>
public class PopulationTests
{
    static readonly Instant Start = Instant.FromUtc(2026, 3, 2, 7, 0);

    [Theory, EachDatabase]
    public async Task Live_HalfAYearOfHabits_HurtsNobodyAndEndsCasesByOneTap(DatabaseKind kind)
    {
        var result = await LiveAsync(kind, people: 300, days: 180, seed: 7);
        Assert.Equal((0, 0), (result.Adverse, result.Unreminded));
        Assert.InRange(result.Days.Sum(d => d.Notices), 1000, 2000);
        var (opened, closed) = (result.Days.Sum(d => d.CasesOpened), result.Days.Sum(d => d.CasesClosed));
        var (undone, outOfTime) = (result.Days.Sum(d => d.CasesUndone), result.Days.Sum(d => d.CasesOutOfTime));
        Assert.True(opened > 0 && closed > 0 && outOfTime > 0);
        Assert.Equal(opened - closed - undone - outOfTime, result.Open);
        Assert.True(result.ToBeReached > 0);
        Assert.Contains(result.Days, d => d.Outage);
    }

    [Fact]
    public async Task Live_TheSameSeed_GivesTheSameDays()
    {
        var first = await LiveAsync(DatabaseKind.Sqlite, people: 40, days: 60, seed: 3);
        Assert.Equal(first.Days, (await LiveAsync(DatabaseKind.Sqlite, people: 40, days: 60, seed: 3)).Days);
        Assert.NotEqual(first.Days, (await LiveAsync(DatabaseKind.Sqlite, people: 40, days: 60, seed: 4)).Days);
    }

    // Ten years in which nobody says anything, and no officer does. With 10,000 people it is the command in docs/operating.md, and takes long.
    [Fact]
    public async Task Live_TenYearsOfSilence_NobodyIsWorseOffThanUnderReview()
    {
        const int people = 100;
        var result = await LiveAsync(DatabaseKind.Sqlite, people, days: 3653, seed: 1, silent: true);
        Assert.Equal((0, 0), (result.Adverse, result.Unreminded));
        Assert.Equal(0, result.Days.Sum(d => d.Notices));
        // The authority's silence counts for the worker, whose next period begins, again and again.
        Assert.Equal(result.Open, result.Days.Sum(d => (long)d.CasesOpened - d.CasesUndone - d.CasesOutOfTime));
        Assert.True(result.Days.Sum(d => d.CasesOutOfTime) > 20 * people);
        Assert.True(result.Days[0].Date.PlusDays(3652) == result.Days[^1].Date);
    }

    // Nobody answers, and officers of two hands decide: everything that is possible happens, and nothing that nobody decided.
    [Theory, EachDatabase]
    public async Task Live_WithOfficers_OnlyPeopleDecideAndEveryStepIsCounted(DatabaseKind kind)
    {
        const int people = 80;
        var result = await LiveAsync(kind, people, days: 200, seed: 5, silent: true, officers: true);
        Assert.Equal((0, 0), (result.Adverse, result.Unreminded));
        var cases = result.Cases!;
        TestContext.Current.TestOutputHelper?.WriteLine($"{cases}");
        Assert.All(
            new[] { cases.Kept, cases.Proposed, cases.Agreed, cases.Disagreed, cases.Appealed, cases.DecidedFor, cases.DecidedAgainst, cases.PutInEffect, cases.TurnedDown },
            n => Assert.True(n > 0, $"{cases}"));
        Assert.Contains(result.Days, d => d.CasesOutOfTime > 0);
        // Each step needs the one before.
        Assert.True(cases.Agreed + cases.Disagreed <= cases.Proposed, $"{cases}");
        Assert.True(cases.DecidedFor + cases.DecidedAgainst <= cases.Appealed, $"{cases}");
        Assert.True(cases.PutInEffect <= cases.Agreed + cases.DecidedAgainst, $"{cases}");
        Assert.Equal(cases, (await LiveAsync(DatabaseKind.Sqlite, people, days: 200, seed: 5, silent: true, officers: true)).Cases);
    }

    static async Task<SimulationResult> LiveAsync(DatabaseKind kind, int people, int days, int seed, bool silent = false, bool officers = false)
    {
        await using var database = await TestDatabase.CreateAsync(kind, movableClock: true);
        var clock = new SimulationClock(Start);
        await using var core = await Core.OpenAsync(
            new ServiceSettings
            {
                DataFolder = database.DataFolder,
                Database = database.Argument,
                RulesFile = ServiceOptions.DemoRules,
                PublicUrl = new Uri("https://simulation.invalid"),
            },
            clock: clock);
        var population = new Population(core, clock, seed, silent, officers);
        await population.SettleAsync(people);
        return await population.LiveAsync(days, _ => { });
    }
}
