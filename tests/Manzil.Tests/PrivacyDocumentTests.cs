using System.Text.RegularExpressions;

namespace Manzil.Tests;

/// <summary>docs/privacy-checks.md: every rule stands there, and every test class that it names exists and has tests.</summary>
public partial class PrivacyDocumentTests
{
    const int Rules = 25;

    static readonly IReadOnlyList<(int Rule, string[] Cells)> Rows =
        [.. Repository.Read("docs/privacy-checks.md").Split('\n').Select(l => Row().Match(l)).Where(m => m.Success).Select(m => (int.Parse(m.Groups[1].Value), m.Groups[2].Value.Split('|', StringSplitOptions.TrimEntries)))];

    [Fact]
    public void Table_EveryRule_StandsOnceWithWhatItsCheckDoesAndCannotSee()
    {
        Assert.Equal(Enumerable.Range(1, Rules), Rows.Select(r => r.Rule));
        Assert.All(Rows, row =>
        {
            Assert.Equal(4, row.Cells.Length);
            Assert.All(row.Cells, cell => Assert.True(cell.Length >= 10, $"rule {row.Rule}: '{cell}'"));
        });
    }

    [Fact]
    public void Table_EveryClassThatItNames_HasTests()
    {
        var classes = Repository.Files("tests", "*Tests.cs").Where(f => Test().IsMatch(Repository.Read(f))).Select(f => Path.GetFileNameWithoutExtension(f)).ToHashSet();
        foreach (var (rule, cells) in Rows)
        {
            var named = Name().Matches(cells[2]).Select(m => m.Groups[1].Value).ToList();
            Assert.True(named.Count > 0, $"rule {rule} names no test");
            Assert.Empty(named.Where(n => !classes.Contains(n)).Select(n => $"rule {rule}: {n}"));
        }
    }

    // What tools/plant runs for a rule are checks of that rule: the document names at least one of them.
    [Fact]
    public void Table_AndWhatPlantsAreTriedOn_NameTheSameChecks()
    {
        using var checks = System.Text.Json.JsonDocument.Parse(Repository.Read("tools/plants/checks.json"));
        Assert.Empty(Rows.Where(r => !checks.RootElement.GetProperty($"{r.Rule}").EnumerateArray().Any(c => r.Cells[2].Contains($"`{c.GetString()!.Split('.')[0]}`", StringComparison.Ordinal))).Select(r => r.Rule));
    }

    [GeneratedRegex(@"^\| (\d+) \| (.*) \|$", RegexOptions.None, 5000)]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z]+)`", RegexOptions.None, 5000)]
    private static partial Regex Name();

    [GeneratedRegex(@"\[(Fact|Theory)", RegexOptions.None, 5000)]
    private static partial Regex Test();
}
