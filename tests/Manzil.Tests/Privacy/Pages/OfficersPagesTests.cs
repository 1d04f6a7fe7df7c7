using System.Net;
using Manzil.Layout;
using Manzil.Rules;
using Manzil.Tests.Layout;

namespace Manzil.Tests.Privacy.Pages;

/// <summary>What stands on every page of officers: the way to the rest of their work, and at the desk who is meant by "you" (found.md 25).</summary>
[Collection(nameof(EveryPage))]
public sealed class OfficersPagesTests(EveryPage pages)
{
    static readonly Dictionary<StaffRole, (string Path, string Name)[]> Work = new()
    {
        [StaffRole.Caseworker] = [("/staff", "title"), ("/staff/cases", "cases"), ("/staff/search", "search")],
        [StaffRole.Reviewer] = [("/staff", "title"), ("/staff/cases", "cases"), ("/staff/search", "search")],
        [StaffRole.LeadReviewer] = [("/staff", "title"), ("/staff/lead", "lead"), ("/staff/cases", "cases"), ("/staff/search", "search"), ("/staff/audit", "audit")],
        [StaffRole.Clerk] = [("/staff", "title"), ("/staff/desk", "clerk")],
        [StaffRole.Auditor] = [("/staff", "title"), ("/staff/audit", "audit")],
        [StaffRole.Operator] = [("/staff", "title")],
    };

    const string Served = "/staff/desk/{look:long}";

    // Where "you" is the clerk.
    static readonly string[] OfTheClerk = [Served, Served + "/again", Served + "/code", Served + "/details"];

    IEnumerable<Seen> Shown => pages.Staff.Where(p => p.Status is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity && !p.Pattern.EndsWith("/print", StringComparison.Ordinal));

    [Fact]
    public void Way_BetweenQueueSearchAndDesk_StandsOnEveryPageOfAnOfficer()
    {
        Assert.Equal(StaffRoles.All.Order(), Work.Keys.Order());
        var wrong = new List<string>();
        foreach (var (role, work) in Work)
        {
            var shown = Shown.Where(p => p.Who == role.Name()).ToList();
            Assert.True(shown.Count >= 3, $"{role}: {shown.Count} pages");
            foreach (var page in shown)
            {
                var t = Texts.For(page.Lang);
                var ways = page.Tags.Where(e => e.Name == "nav" && e["aria-label"] == t["staff-home.nav"]).SelectMany(e => e.All).Where(e => e.Name == "a").Select(a => (a["href"]!, a.Words, a["aria-current"])).ToList();
                var expected = work.Select(w => (w.Path, t[$"staff-home.{w.Name}"], page.Path.Split('?')[0] == w.Path ? "page" : null)).ToList();
                if (!expected.SequenceEqual(ways)) wrong.Add($"{page}: {string.Join(", ", ways)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
    }

    [Fact]
    public void Sentence_ThatYouIsTheWorker_StandsWhereverAClerkFillsInTheirForm()
    {
        var forms = Shown.Where(p => p.Pattern.StartsWith(Served + "/", StringComparison.Ordinal) && !OfTheClerk.Contains(p.Pattern)).ToList();
        var missing = forms.Where(p => !Element.Text(p.Html).Contains(Texts.For(p.Lang)["serve.for-them"], StringComparison.Ordinal)).Select(p => p.ToString()).Distinct().ToList();
        Assert.True(missing.Count == 0, string.Join('\n', missing));
        Assert.Equal(["en", "kk", "ru"], forms.Select(p => p.Lang).Distinct().Order());
        // Every form that a worker fills in has its door at the desk.
        Assert.Superset(
            new HashSet<string>(["/registration", "/residence/{replaces?}", "/confirmation", "/departure/{replaces?}", "/departure/undo", "/case/answer", "/case/appeal", "/account/channel"]),
            forms.Select(p => p.Pattern[Served.Length..]).ToHashSet());
    }

    // The clerk's own pages have no such sentence: there nothing says to them what is meant for the worker.
    [Fact]
    public void Case_OfWhoeverIsAtTheDesk_IsToldToTheClerk()
    {
        var own = Shown.Where(p => OfTheClerk.Contains(p.Pattern)).ToList();
        foreach (var page in own)
        {
            var (t, text) = (Texts.For(page.Lang), Element.Text(page.Html));
            Assert.DoesNotContain(t["serve.for-them"], text, StringComparison.Ordinal);
            foreach (var state in new[] { "silence", "other", "proposed", "removal-pending", "suspended", "removed" }) Assert.DoesNotContain(t[$"case.now.{state}.happened"], text, StringComparison.Ordinal);
        }

        var roots = own.Where(p => p.Pattern == Served).ToList();
        foreach (var (stage, shown) in new[] { ("answered", "open"), ("may be decided", "open"), ("appealed", "suspended"), ("removed", "removed") })
            Assert.Contains(roots, p => p.Stage == stage && Element.Text(p.Html) is var text && text.Contains(Texts.For(p.Lang)["desk.stage"], StringComparison.Ordinal) && text.Contains(Texts.For(p.Lang)[$"desk.stage.{shown}"], StringComparison.Ordinal));
    }
}
