using System.Text.RegularExpressions;

namespace Manzil.Tests;

/// <summary>docs/security.md, the walk through OWASP ASVS 5.0: every requirement of levels 1 and 2 once, and what shows it is there.</summary>
public partial class SecurityDocumentTests
{
    // ASVS 5.0.0, levels 1 and 2: each section with the numbers in it. What is missing here is of level 3.
    const string Sections = """
        1.1 1-2 | 1.2 1-9 | 1.3 1-11 | 1.4 1-3 | 1.5 1-2
        2.1 1-3 | 2.2 1-3 | 2.3 1-4 | 2.4 1-1
        3.2 1-2 | 3.3 1-4 | 3.4 1-6 | 3.5 1-5 | 3.7 1-2
        4.1 1-3 | 4.2 1-1 | 4.3 1-2 | 4.4 1-4
        5.1 1-1 | 5.2 1-3 | 5.3 1-2 | 5.4 1-3
        6.1 1-3 | 6.2 1-12 | 6.3 1-4 | 6.4 1-4 | 6.5 1-5 | 6.6 1-3 | 6.8 1-4
        7.1 1-3 | 7.2 1-4 | 7.3 1-2 | 7.4 1-5 | 7.5 1-2 | 7.6 1-2
        8.1 1-2 | 8.2 1-3 | 8.3 1-1 | 8.4 1-1
        9.1 1-3 | 9.2 1-4
        10.1 1-2 | 10.2 1-2 | 10.3 1-4 | 10.4 1-11 | 10.5 1-5 | 10.6 1-2 | 10.7 1-3
        11.1 1-2 | 11.2 1-3 | 11.3 1-3 | 11.4 1-4 | 11.5 1-1 | 11.6 1-1
        12.1 1-3 | 12.2 1-2 | 12.3 1-4
        13.1 1-1 | 13.2 1-5 | 13.3 1-2 | 13.4 1-5
        14.1 1-2 | 14.2 1-4 | 14.3 1-3
        15.1 1-3 | 15.2 1-3 | 15.3 1-7
        16.1 1-1 | 16.2 1-5 | 16.3 1-4 | 16.4 1-3 | 16.5 1-3
        17.1 1-1 | 17.2 1-4 | 17.3 1-2
        """;

    static readonly string Document = Repository.Read("docs/security.md");

    static readonly IReadOnlyList<(string Number, int Level, string State, string How)> Walked =
        [.. Row().Matches(Document).Select(m => (m.Groups[1].Value, int.Parse(m.Groups[2].Value), m.Groups[3].Value, m.Groups[4].Value))];

    [Fact]
    public void Walk_EveryRequirementOfLevels1And2_StandsOnce()
    {
        var asked = Section().Matches(Sections)
            .SelectMany(m => Enumerable.Range(int.Parse(m.Groups[2].Value), int.Parse(m.Groups[3].Value)).Select(n => $"{m.Groups[1].Value}.{n}")).ToList();
        Assert.Equal(253, asked.Count);
        Assert.Equal(asked, Walked.Select(w => w.Number));
        Assert.Equal(70, Walked.Count(w => w.Level == 1));
        // A line of the walk that is written otherwise would not be counted above.
        Assert.Equal(253, Document.Split('\n').Count(line => AnyRow().IsMatch(line)));
    }

    [Fact]
    public void Walk_CountsInFront_AreThoseOfTheRows()
    {
        foreach (var state in new[] { "met", "not applicable", "not met" })
        {
            var rows = Walked.Where(w => w.State == state).ToList();
            Assert.Contains($"| {state} | {rows.Count} | {rows.Count(w => w.Level == 1)} |", Document, StringComparison.Ordinal);
        }
    }

    // Tests are looked for by DocumentedCommandsTests; here files, and code by the name of its file.
    [Fact]
    public void Walk_WhatIsMet_NamesWhatShowsItAndThatIsThere()
    {
        Assert.Empty(Walked.Where(w => w.State == "met" && !Name().IsMatch(w.How) && !w.How.Contains("same test", StringComparison.Ordinal) && !w.How.Contains("* above", StringComparison.Ordinal)));
        Assert.Empty(Walked.Where(w => w.State == "not met" && w.How.Length < 40));
        var code = Repository.Files("src", "*.cs").Concat(Repository.Files("tests", "*.cs")).Select(f => Path.GetFileName(f).Split('.')[0]).ToHashSet();
        var named = Walked.SelectMany(w => Name().Matches(w.How).Select(m => m.Groups[1].Value)).Distinct().ToList();
        Assert.True(named.Count > 100, $"{named.Count} names");
        Assert.Empty(named.Where(name => name.Contains('/', StringComparison.Ordinal) || name.EndsWith(".txt", StringComparison.Ordinal)
            ? !File.Exists(Path.Combine(Repository.Root, name))
            : !code.Contains(name.Split('.')[0])));
        foreach (Match section in Above().Matches(Document)) Assert.Contains($"\n## {section.Groups[1].Value}\n", Document, StringComparison.Ordinal);
    }

    static readonly string[] NoCall =
        ["Process.Start", "ProcessStartInfo", "Assembly.Load", "Activator.CreateInstance", "CSharpScript", "DynamicMethod", "BinaryFormatter", "XslCompiledTransform", "new Regex(", "MD5", "SHA1."];

    static readonly string[] NoScript = ["eval(", "new Function", "innerHTML", "document.write", "postMessage", "localStorage", "sessionStorage", "indexedDB"];

    [Fact]
    public void Source_Calls_ThatRunWhatSomebodySays_AreNowhere()
    {
        var wrong = Repository.Files("src", "*.cs").Concat(Repository.Files("src", "*.cshtml")).SelectMany(f => NoCall.Where(c => Repository.Read(f).Contains(c, StringComparison.Ordinal)).Select(c => $"{f}: {c}"))
            .Concat(Repository.Files("src/Manzil/wwwroot", "*.js").SelectMany(f => NoScript.Where(c => Repository.Read(f).Contains(c, StringComparison.Ordinal)).Select(c => $"{f}: {c}")));
        Assert.Empty(wrong);
    }

    [GeneratedRegex(@"^\| ([0-9]+\.[0-9]+\.[0-9]+) \| ([12]) \| [^|]+ \| (met|not applicable|not met) \| ([^|]+) \|$", RegexOptions.Multiline, 5000)]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| [0-9]+\.[0-9]+\.[0-9]+ ", RegexOptions.None, 5000)]
    private static partial Regex AnyRow();

    [GeneratedRegex(@"([0-9]+\.[0-9]+) ([0-9]+)-([0-9]+)", RegexOptions.None, 5000)]
    private static partial Regex Section();

    [GeneratedRegex("`([A-Za-z0-9_./-]+)`", RegexOptions.None, 5000)]
    private static partial Regex Name();

    [GeneratedRegex(@"\*([A-Z][a-z]+)\* above", RegexOptions.None, 5000)]
    private static partial Regex Above();
}
