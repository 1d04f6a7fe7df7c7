using System.Net;
using System.Text.RegularExpressions;
using Manzil.Layout;
using Manzil.Receipts;

namespace Manzil.Tests.Receipts;

/// <summary>found.md 4: six outcomes, of which none looks like another where colours cannot be told apart, and no row about what was not asked.</summary>
public partial class OutcomeViewTests
{
    static readonly ReceiptOutcome[] Outcomes = Enum.GetValues<ReceiptOutcome>();

    static IReadOnlyList<OutcomeView> Views { get; } = [.. Outcomes.Select(o => new OutcomeView(o, ""))];

    [Fact]
    public void Outcome_OfEachOfTheSix_HasASignALookAndAHeadingOfItsOwn()
    {
        Assert.Equal(6, Views.Count);
        Assert.Equal(6, Views.Select(v => v.Sign).Distinct().Count());
        Assert.Equal(6, Views.Select(v => v.Look).Distinct().Count());
        foreach (var lang in VerifyPageTests.Languages) Assert.Equal(6, Outcomes.Select(o => ReportFacts.Heading(o, Texts.For(lang))).Distinct().Count());
    }

    // What the browser is given, not the source: each look is in it, and its border differs from each other's in width, line or corners.
    [Fact]
    public void Style_OfEachOutcome_HasABorderOfItsOwnThatIsNotColourAlone()
    {
        var sheet = File.ReadAllText(Path.Combine(Repository.Root, "src", "Manzil", "wwwroot", "built", "manzil.css"));
        var borders = Views.ToDictionary(v => v.Look, v => BorderOf(sheet, v.Look));
        Assert.All(borders, b => Assert.NotEqual("", b.Value));
        Assert.True(borders.Values.Distinct().Count() == 6, string.Join('\n', borders.Select(b => $"{b.Key}: {b.Value}")));
    }

    // The check itself: two borders of which only the colour differs are the same.
    [Theory]
    [InlineData("border:8px solid #0b6b43", "border: 8px solid #a4201c", true)]
    [InlineData("border:8px solid #0b6b43;background:#fff", "border:8px solid #0b6b43", true)]
    [InlineData("border-color:red;border-radius:24px", "border-radius:24px;border-color:#000", true)]
    [InlineData("border:8px solid #0b6b43", "border:8px dashed #0b6b43", false)]
    [InlineData("border:0;border-block:4px solid #111", "border:4px solid #111", false)]
    public void BorderOf_TwoBlocks_IsComparedWithoutColours(string one, string other, bool same) =>
        Assert.Equal(same, BorderOf($".manzil-outcome--a{{{one}}}", "a") == BorderOf($".manzil-outcome--a {{ {other} }}", "a"));

    [Fact]
    public void Report_WithNothingButTheStatement_HasNoRowAboutWhatWasNotAskedOrGiven()
    {
        // Also one that was issued anew, of which the full text would say more.
        foreach (var content in new[] { Sample.Content(Sample.Act), Sample.Content(Sample.Act) with { Replaces = Sample.Number } })
        {
            var report = new VerificationReport
            {
                CheckedAt = Sample.Now,
                Problems = [],
                Statement = content,
                Document = DocumentFinding.NotAsked,
                RecordFinding = RecordFinding.NotGiven,
                Proof = ProofFinding.NotGiven,
                Witnesses = [],
                UnknownSigners = [],
            };
            foreach (var lang in VerifyPageTests.Languages)
            {
                var t = Texts.For(lang);
                var rows = ReportFacts.OfStatement(report, Layout.LayoutHost.Demo, t).Concat(ReportFacts.OfProof(report, Layout.LayoutHost.Demo, t)).Select(r => $"{r.Label}: {r.Value}").ToList();
                Assert.True(rows.Count >= 6, string.Join('\n', rows));
                Assert.All(rows, row => Assert.DoesNotMatch(NotSaid(), row));
            }
        }
    }

    // The check itself: what stood there before.
    [Theory]
    [InlineData("This document: You did not ask.")]
    [InlineData("Full text: Not given.")]
    [InlineData("Public log: No proof was given, so we did not look.")]
    [InlineData("First given: The full text, which was not given, says when it was first stated.")]
    [InlineData("Этот документ: Вы не спрашивали.")]
    [InlineData("Документ: не проверялся")]
    [InlineData("Полный текст: Не дан.")]
    [InlineData("Открытый журнал: Доказательства нет, поэтому мы не проверяли.")]
    [InlineData("Сказано в полном тексте, который не приложен.")]
    [InlineData("Осы құжат: Сіз сұрамадыңыз.")]
    [InlineData("Толық мәтін: Берілмеген.")]
    [InlineData("Ашық журнал: Дәлел берілмеген, сондықтан тексермедік.")]
    public void NotSaid_WhatStoodThereBefore_IsFound(string row) => Assert.Matches(NotSaid(), row);

    /// <summary>The rows of a page's lists of facts, as "label: value".</summary>
    internal static IReadOnlyList<string> RowsOf(string page) =>
        [.. Row().Matches(page).Select(m => $"{Plain(m.Groups[1].Value)}: {Plain(m.Groups[2].Value)}")];

    static string Plain(string html) => WebUtility.HtmlDecode(Tag().Replace(html, "")).Trim();

    /// <summary>What a block says of its border, but for colours; in one order.</summary>
    static string BorderOf(string sheet, string look)
    {
        var block = Regex.Match(sheet, $@"\.manzil-outcome--{Regex.Escape(look)}\s*\{{([^{{}}]*)\}}", RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;
        return string.Join("; ", block.Split(';').Select(d => d.Split(':', 2)).Where(d => d.Length == 2 && d[0].Trim().StartsWith("border", StringComparison.Ordinal) && !d[0].Contains("color", StringComparison.Ordinal))
            .Select(d => $"{d[0].Trim()}: {string.Join(' ', d[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(w => w[0] != '#'))}").Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"(?i)not (been )?(asked|given|checked|looked)|did not (ask|give|look|check)|no \w+ was given|не (спраш|спрош|прос|дан|указ|провер|прилож|перед)|сұрама|сұралма|берілме|берме|тексерме|тексерілме|қоса тіркелме", RegexOptions.None, 5000)]
    internal static partial Regex NotSaid();

    [GeneratedRegex("<dt[^>]*>(.*?)</dt>\\s*<dd[^>]*>(.*?)</dd>", RegexOptions.Singleline, 5000)]
    private static partial Regex Row();

    [GeneratedRegex("<[^>]*>", RegexOptions.None, 5000)]
    private static partial Regex Tag();
}
