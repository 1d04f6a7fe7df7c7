using System.Globalization;
using Manzil.Tests.Databases;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>
/// Random histories of the whole service: bounces, calendars edited midway, letters recorded late, outages, officers, departures. After
/// every step no told time has become shorter, no case stands on another period's reminder, and nothing stands whose delivery came back.
/// A failing seed is run again with MANZIL_HISTORY_SEED, so many of them as MANZIL_HISTORIES says (one, always the same, where it says nothing), and with fewer tries to shorten
/// what fails with MANZIL_HISTORY_TRIES.
/// </summary>
public class RandomHistoriesTests
{
    const int Steps = 120, Tries = 40;

    /// <summary>So many that each plot comes to its end.</summary>
    const int Plotted = 45;

    [Theory]
    [InlineData("letter", 182), InlineData("edited", 182), InlineData("proposed", 182), InlineData("removed", 69), InlineData("refused", 185)]
    [InlineData("for worker", 160), InlineData("silence", 178), InlineData("opened", 87), InlineData("leaves", 185), InlineData("appealed", 161)]
    public Task History_OfAFixedSeed_KeepsEveryPromise(string plot, int seed) => AssertKeepsAsync(DatabaseKind.Sqlite, seed, Plotted, plot);

    [Fact]
    public Task History_OnPostgres_KeepsEveryPromise() => AssertKeepsAsync(DatabaseKind.Postgres, 69, Plotted, "removed");

    [Fact]
    public async Task History_OfAnySeed_KeepsEveryPromise()
    {
        var asked = Number("MANZIL_HISTORIES");
        var seed = Number("MANZIL_HISTORY_SEED") ?? (asked is null ? 4711 : System.Security.Cryptography.RandomNumberGenerator.GetInt32(1_000_000));
        var broken = new List<string>();
        for (var i = 0; i < (asked ?? 1); i++)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed + i}");
            if (await FindBrokenAsync(DatabaseKind.Sqlite, seed + i, Steps) is not { } one) continue;
            TestContext.Current.TestOutputHelper?.WriteLine(one);
            broken.Add(one);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", RandomHistory.Counted.Select(c => $"{c.Key} {c.Value}")));
        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;

    static async Task AssertKeepsAsync(DatabaseKind kind, int seed, int steps, string plot)
    {
        if (await FindBrokenAsync(kind, seed, steps, plot) is { } broken) Assert.Fail(broken);
    }

    /// <summary>A history as short as can be that breaks a promise, in words; null where the seed's breaks none.</summary>
    static async Task<string?> FindBrokenAsync(DatabaseKind kind, int seed, int steps, string? plot = null)
    {
        var happenings = Chance.Make(seed, steps, plot);
        if (await BrokenAsync(kind, happenings) is not { } broken) return null;
        happenings = happenings[..broken.Lived];
        // Less of it, for as long as it breaks a promise still.
        var tries = Tries - (Number("MANZIL_HISTORY_TRIES") ?? Tries);
        for (var size = happenings.Count / 2; size > 0 && tries < Tries; size /= 2)
        {
            for (var at = 0; at + size <= happenings.Count && tries < Tries;)
            {
                tries++;
                List<Happening> fewer = [.. happenings.Take(at), .. happenings.Skip(at + size)];
                if (await BrokenAsync(kind, fewer) is { } still) (happenings, broken) = (fewer[..still.Lived], still);
                else at += size;
            }
        }

        return $"Seed {seed} on {kind}: {broken.Promise}\n{string.Join('\n', broken.Sentences)}";
    }

    static async Task<(string Promise, List<string> Sentences, int Lived)?> BrokenAsync(DatabaseKind kind, List<Happening> happenings)
    {
        var (sentences, lived) = (new List<string>(), 0);
        try
        {
            await RandomHistory.LiveAsync(kind, happenings, sentences, n => lived = n);
            return null;
        }
        catch (Exception e) when (e is BrokenPromiseException or Xunit.Sdk.XunitException)
        {
            return (e is BrokenPromiseException ? e.Message : e.ToString(), sentences, lived);
        }
    }
}
