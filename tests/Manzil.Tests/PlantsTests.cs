using System.Diagnostics;
using System.Text.Json;

namespace Manzil.Tests;

/// <summary>Whether tools/plant can still do its work: the plants fit the sources, and the tests that it would run exist.</summary>
public class PlantsTests
{
    [Fact]
    public async Task List_EveryPlant_FitsTheSourcesAndEachRuleHasThree()
    {
        var (code, output) = await RunAsync("--list");
        Assert.True(code == 0, output);
        var plants = output.Split('\n').Where(line => line.StartsWith("rule ", StringComparison.Ordinal)).Select(line => int.Parse(line[5..7])).ToList();
        for (var rule = 1; rule <= 25; rule++) Assert.True(plants.Count(p => p == rule) >= 3, $"rule {rule} has {plants.Count(p => p == rule)} plants");
    }

    [Fact]
    public void Checks_EveryClassThatTheyName_HasTests()
    {
        using var checks = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tools", "plants", "checks.json")));
        var classes = typeof(PlantsTests).Assembly.GetTypes().Select(t => t.Name).ToHashSet();
        Assert.Equal(Enumerable.Range(1, 25).Select(n => $"{n}"), checks.RootElement.EnumerateObject().Select(rule => rule.Name));
        Assert.Empty(checks.RootElement.EnumerateObject().SelectMany(rule => rule.Value.EnumerateArray()).Select(name => name.GetString()!.Split('.')[0]).Where(name => !classes.Contains(name)));
    }

    [Theory]
    [InlineData("26")]
    [InlineData("--everything")]
    public async Task Run_WithWordsItDoesNotKnow_SaysSoInOneSentence(string word) => Assert.Equal(2, (await RunAsync(word)).Code);

    static async Task<(int Code, string Output)> RunAsync(string word)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tools", "plant"), word]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }
}
