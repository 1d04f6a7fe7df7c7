using System.Net;
using System.Text.RegularExpressions;
using Manzil.Layout;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Home;

/// <summary>The first page for whoever is not signed in, and the drawings beside its words.</summary>
public partial class StartPageTests
{
    [Theory, InlineData("en"), InlineData("ru"), InlineData("kk")]
    public async Task Start_NotSignedIn_SaysForWhomWhatToBringAndWhoStandsBehindIt(string lang)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var (t, authority) = (Texts.For(lang), service.Core.Rules.Authority);
        var visitor = await new Visitor(service, "nobody", lang).GetAsync("/");
        Assert.Equal(t["home.title"], visitor.Heading);
        // The authority is the rules file's, not the program's.
        foreach (var said in new[] { authority.Name.In(lang), authority.Address.In(lang), t["start.for-whom"], t["start.free"], t["start.step-card-how"], t["start.step-sign-in-how"], t["start.step-tell-how"], t["start.no-code"] })
            Assert.Contains(said, visitor.Text.Replace("\u2068", "", StringComparison.Ordinal).Replace("\u2069", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(3, Step().Count(Steps().Match(visitor.Html).Value));
        foreach (var link in new[] { "/sign-in", "/help", "/verify" }) Assert.Contains($"href=\"{link}\"", visitor.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
    }

    // Beside words and never in their place: hidden from who listens, drawn in the page itself, and all of them used.
    [Fact]
    public async Task Pictograms_OnTheFirstPage_StandBesideWordsAndAreHiddenFromReaders()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await Visitor.SignInAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/");
        var drawings = Drawing().Matches(visitor.Html).Select(m => m.Value).ToList();
        Assert.True(drawings.Count >= 10, $"{drawings.Count} drawings");
        Assert.All(drawings, d => Assert.Contains("aria-hidden=\"true\"", d, StringComparison.Ordinal));
        Assert.DoesNotContain("<img", visitor.Html, StringComparison.Ordinal);
        var used = Repository.Files("src/Manzil", "*.cshtml").Concat(Repository.Files("src/Manzil/Home", "*.cs")).Select(Repository.Read).ToList();
        foreach (var name in Pictogram.Names) Assert.True(used.Any(text => text.Contains($"\"{name}\"", StringComparison.Ordinal)), $"No page has the drawing \"{name}\".");
    }

    [GeneratedRegex("<ol class=\"govuk-list govuk-list--number manzil-steps\">.*?</ol>", RegexOptions.Singleline, 5000)]
    private static partial Regex Steps();

    [GeneratedRegex("<li>", RegexOptions.None, 5000)]
    private static partial Regex Step();

    [GeneratedRegex("<svg class=\"manzil-pictogram\"[^>]*>", RegexOptions.None, 5000)]
    private static partial Regex Drawing();
}
