using System.Net;
using System.Text.RegularExpressions;
using Manzil.Access;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Access;

/// <summary>
/// privacy.md 6 and 11: the same people live through the same days twice, once with documents of one state and once of as many states as
/// there are people. Every page that an officer, an auditor, a lead reviewer, an operator or anybody can read is the same, counts included;
/// the page about one person differs by that person's own state and by nothing else.
/// </summary>
public partial class SwappedStatesTests
{
    static readonly string[] states = ["VNM", "TJK", "KGZ", "IND", "MDA", "ARM", "AZE", "CHN", "TUR", "PRK"];

    [Theory, EachDatabase]
    public async Task Pages_OfEveryRoleAndOfNobody_AreTheSameWhateverStatesIssuedTheDocuments(DatabaseKind kind)
    {
        var one = await ReadAsync(kind, _ => "UZB");
        var other = await ReadAsync(kind, n => states[n % states.Length]);
        Assert.Equal(one.Keys.Order(StringComparer.Ordinal), other.Keys.Order(StringComparer.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {one.Count} pages");
        Assert.True(one.Count > (kind == DatabaseKind.Sqlite ? 90 : 55), $"{one.Count} pages");
        // It is of people with different states, and the pages show them where they should.
        Assert.Contains(one.Values, p => p.Contains("STATE", StringComparison.Ordinal));
        var different = one.Where(p => p.Value != other[p.Key]).Select(p => $"{p.Key}: {Difference(p.Value, other[p.Key])}").ToList();
        Assert.True(different.Count == 0, string.Join('\n', different));
    }

    // What the comparison takes for chance hides no count and no state.
    [Theory]
    [InlineData("<td>UZB</td><td>3</td>")]
    [InlineData("UZB: 3, TJK: 11")]
    [InlineData("{\"UZB\":1200}")]
    [InlineData("<li>1,204 acts</li>")]
    public void Plain_OfCounts_LeavesThem(string page) => Assert.Equal(page, Plain(page));

    static async Task<Dictionary<string, string>> ReadAsync(DatabaseKind kind, Func<int, string> stateOf)
    {
        await using var desk = await OpenedDesk.NewAsync(kind, stateOf);
        for (var i = 0; i < 6; i++) await desk.Service.EnrolAsync(phone: $"+7000000010{i}");
        var pages = new Dictionary<string, string>(StringComparer.Ordinal);
        var routes = (await Routes.AllAsync(desk.Service)).Where(r => r is { Method: "GET", Handler: null }).ToList();
        // Which roles may open a page, LooksByRouteTests and RouteMatrixTests hold; on the second database one of them is enough.
        foreach (var (route, role) in routes.Where(r => r.Rule!.Door == Door.Staff).SelectMany(r => r.Rule!.Roles.Take(kind == DatabaseKind.Sqlite ? int.MaxValue : 1).Select(role => (r, role))))
        {
            var n = 0;
            foreach (var opening in await desk.OpeningsAsync(route, role))
            {
                var web = opening.By.Web;
                await web.GetAsync(opening.Path(opening.Open is null ? desk.LookOfAnother : await opening.Open()));
                Assert.True(web.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{route} by {role}: {web.Status}");
                var isOfOne = PeopleInventory.All[route.Pattern] == Shows.One;
                pages[$"{route} by {role.Name()} {n++}"] = isOfOne ? OwnState().Replace(Plain(web.Html), "STATE") : Plain(web.Html);
                Assert.Empty(Link().Matches(web.Html).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).Where(to => !LeadsHere().IsMatch(to)));
            }
        }

        foreach (var route in routes.Where(r => r.Rule!.Door == Door.Everybody && !r.HasParameter))
        {
            using var answer = await desk.Service.Client.GetAsync(route.Pattern);
            pages[$"{route} by anybody"] = $"{(int)answer.StatusCode} {Plain(await answer.Content.ReadAsStringAsync())}";
        }

        if (kind == DatabaseKind.Sqlite)
        {
            foreach (var command in new[] { "staff list", "privacy inventory" })
            {
                var (code, output, errors) = await ServerProcess.RunAsync([.. command.Split(' '), .. command == "staff list" ? ServerProcess.Where(desk.Service.DataFolder, "sqlite") : ["--data", desk.Service.DataFolder, "--rules", ServiceOptions.DemoRules]]);
                pages[command] = $"{code} {Plain(output + errors)}";
            }
        }

        return pages;
    }

    /// <summary>The page without what is drawn by chance: numbers of receipts, signatures, digests, keys of forms, and pictures of codes.</summary>
    static string Plain(string page) => Digest().Replace(Number().Replace(Picture().Replace(page, "PICTURE"), "NUMBER"), "CHANCE");

    static string Difference(string one, string other)
    {
        var at = Enumerable.Range(0, Math.Min(one.Length, other.Length)).FirstOrDefault(i => one[i] != other[i], Math.Min(one.Length, other.Length));
        string From(string page) => page[Math.Max(0, at - 60)..Math.Min(page.Length, at + 120)].ReplaceLineEndings(" ");
        return $"\n  {From(one)}\n  {From(other)}";
    }

    [GeneratedRegex("\\b(UZB|VNM|TJK|KGZ|IND|MDA|ARM|AZE|CHN|TUR|PRK)\\b", RegexOptions.None, 5000)]
    private static partial Regex OwnState();

    [GeneratedRegex("<svg.*?</svg>|data:image/[^\"]*|data-text=\"MNZ[^\"]*", RegexOptions.Singleline, 5000)]
    private static partial Regex Picture();

    [GeneratedRegex(@"\b[0-9A-HJKMNP-TV-Z]{4,5}(-[0-9A-HJKMNP-TV-Z]{5}){1,2}\b|(?<=""kid"": ?"")[^""]+|(?<=STOP )[0-9]{6}", RegexOptions.None, 5000)]
    private static partial Regex Number();

    // Long, of one piece, and with both letters and digits.
    [GeneratedRegex(@"(?<![\w.-])(?=[A-Za-z_+/=-]*[0-9])(?=[0-9_+/=-]*[A-Za-z])[A-Za-z0-9_+/=:-]{22,}", RegexOptions.None, 5000)]
    private static partial Regex Digest();

    [GeneratedRegex("\\b(?:href|src|action|formaction)=\"([^\"]*)\"", RegexOptions.None, 5000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^(/(?![/\\])|#|\?|$|tel:|mailto:|data:image/)", RegexOptions.None, 5000)]
    private static partial Regex LeadsHere();
}
