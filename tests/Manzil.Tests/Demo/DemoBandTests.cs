using Manzil.Layout;
using Manzil.Tests.Layout;
using Manzil.Tests.Privacy.Pages;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Demo;

/// <summary>Every page of the demonstration says that it is one, with the way to its messages and its clock; no other service says so (found.md 29).</summary>
[Collection(nameof(EveryPage))]
public sealed class DemoBandTests(EveryPage pages)
{
    [Fact]
    public void Band_OnEveryPageOfTheDemo_SaysSoAndLeadsToMessagesAndClock()
    {
        // A sheet of paper is the worker's.
        var shown = pages.All.Where(p => !p.Pattern.EndsWith("/print", StringComparison.Ordinal)).ToList();
        Assert.Superset(new HashSet<string>(["nobody", "worker", "helper", "clerk", "caseworker", "operator"]), shown.Select(p => p.Who).ToHashSet());
        var without = shown.Where(p => !Says(Element.Parse(p.Html), Texts.For(p.Lang))).Select(p => p.ToString()).Distinct().ToList();
        Assert.True(without.Count == 0, string.Join('\n', without.Take(20)));
    }

    [Theory, InlineData("en"), InlineData("ru"), InlineData("kk")]
    public async Task Band_OutsideTheDemo_StandsNowhere(string lang)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, demo: false);
        var visitor = new Visitor(service, "nobody", lang);
        foreach (var path in new[] { "/", "/verify", "/staff/sign-in", "/none" })
        {
            await visitor.GetAsync(path);
            Assert.Contains("</main>", visitor.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("manzil-demo", visitor.Html, StringComparison.Ordinal);
            Assert.DoesNotContain(Texts.For(lang)["demo-band.text"], Element.Text(visitor.Html), StringComparison.Ordinal);
        }
    }

    static bool Says(Element page, Texts t) => page.All.SingleOrDefault(e => e["class"] == "manzil-demo") is { } band
        && band.Words.Contains(t["demo-band.text"], StringComparison.Ordinal)
        && band.All.Where(e => e.Name == "a").Select(a => (a["href"], a.Words)).SequenceEqual([("/demo/messages", t["demo-messages.title"]), ("/demo/clock", t["demo-clock.title"])]);
}
