using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Manzil.Layout;
using Manzil.Tests.Databases;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Home;

/// <summary>
/// What the first page says for every standing, stage and last act: home.txt, one row each, come about by the acts themselves. To write it
/// anew after a change of words: MANZIL_HOME_TABLE=write; then read it.
/// </summary>
public partial class HomeTableTests
{
    static readonly string TablePath = Path.Combine(Repository.Root, "tests", "Manzil.Tests", "Home", "home.txt");

    static readonly Lock Writing = new();

    // What is read of the acts and the looks is SQL, the same for all rows: on PostgreSQL those that read most of it.
    static readonly HashSet<string> OnBoth =
    [
        "registered | confirmed just now", "case about silence | answered by a helper, not read", "case about silence | answered, read", "case for a reason | confirmed, not read",
        "case for a reason | our message had come back, steps undone", "removed | appeal refused before", "registered | reinstated",
    ];

    public static IEnumerable<TheoryDataRow<DatabaseKind, string>> Rows =>
        Enum.GetValues<DatabaseKind>().SelectMany(kind => HomeRows.All.Where(row => kind == DatabaseKind.Sqlite || OnBoth.Contains(row.Name)).Select(row => new TheoryDataRow<DatabaseKind, string>(kind, row.Name)
        {
            Skip = kind == DatabaseKind.Postgres && !PostgresServer.IsInstalled && !PostgresServer.MustBeInstalled ? PostgresServer.NotInstalled : null,
        }));

    [Theory, MemberData(nameof(Rows))]
    public async Task Home_InEachState_SaysItsRow(DatabaseKind kind, string row)
    {
        await using var story = await HomeStory.BeginAsync(kind);
        await HomeRows.All.Single(r => r.Name == row).GoAsync(story);
        var visitor = await (await story.VisitAsync()).GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        var says = Says(visitor.Html);
        if (Environment.GetEnvironmentVariable("MANZIL_HOME_TABLE") == "write")
        {
            lock (Writing) Write(row, says);
            return;
        }

        Assert.Equal(Table().GetValueOrDefault(row, "(no such row)"), says);
        CheckOrder(visitor);
        // The case's own page says the same of what was done last and of what to do.
        if ((await visitor.GetAsync("/case")).Html.Contains(Texts.For("en")["home.do-heading"], StringComparison.Ordinal))
            Assert.StartsWith(From(Says(visitor.Html), "## "), From(says, "## "), StringComparison.Ordinal);
        foreach (var lang in new[] { "ru", "kk" })
        {
            var other = await (await story.VisitAsync(lang)).GetAsync("/");
            Assert.Equal(HttpStatusCode.OK, other.Status);
            Assert.Equal(Bold().Count(says), Bold().Count(Says(other.Html, lang)));
        }
    }

    [Fact]
    public void Table_Rows_AreThoseOfTheStates()
    {
        Assert.Equal(HomeRows.All.Select(r => r.Name), Table().Keys);
        Assert.Subset(HomeRows.All.Select(r => r.Name).ToHashSet(), OnBoth);
    }

    // Of a sentence that points to something, what it points to stands right there.
    [Fact]
    public void Table_EachRow_PointsToNothingThatIsNotThere()
    {
        foreach (var (row, says) in Table())
        {
            Assert.True(Bold().Count(says) <= 1, $"{row}: more than one thing in bold");
            foreach (Match bold in Bold().Matches(says)) Assert.True(Day().Count(bold.Value) == 1, $"{row}: {bold.Value}");
            Assert.DoesNotContain("below", says, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("is looking", says, StringComparison.OrdinalIgnoreCase);
            // Whoever is told to confirm can do it with what comes next.
            if (AsksToConfirm(says)) Assert.Matches(@"\[Yes, I still live here\]", says);
            if (says.Contains("[Yes, I still live here]", StringComparison.Ordinal)) Assert.DoesNotContain("There is nothing to do now", says, StringComparison.Ordinal);
        }

        static bool AsksToConfirm(string says) => Bold().Matches(says).Any(b => b.Value.StartsWith("**Confirm your address", StringComparison.Ordinal));
    }

    /// <summary>The order in which somebody in a hurry asks: standing, last act, what to do, what is proved.</summary>
    static void CheckOrder(Visitor visitor)
    {
        var t = Texts.For("en");
        var places = new[] { "<h1", t["home.last-heading"], t["home.do-heading"], t["home.proved-heading"] }.Select(w => visitor.Html.IndexOf(w, StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    static string From(string text, string start) => text[text.IndexOf(start, StringComparison.Ordinal)..];

    /// <summary>What stands before the receipts, in its order: headings, sentences, what is bold, and in brackets what can be pressed.</summary>
    static string Says(string html, string lang = "en")
    {
        var main = MainElement().Match(html).Value;
        main = Svg().Replace(main, "");
        main = Strong().Replace(main, "**$1**");
        main = Pressed().Replace(main, m => $"[{m.Groups["words"].Value.Trim()}]");
        main = main.Replace("<h2", "\n## <h2", StringComparison.Ordinal).Replace("<h1", "\n# <h1", StringComparison.Ordinal).Replace("<li", "\n- <li", StringComparison.Ordinal)
            .Replace("<div class=\"govuk-inset-text\"", "\n> <div", StringComparison.Ordinal).Replace("<summary", "\n(<summary", StringComparison.Ordinal);
        main = BlockEnd().Replace(main, "\n");
        main = WebUtility.HtmlDecode(Tag().Replace(main, ""));
        main = Receipt().Replace(main, "N");
        var text = new StringBuilder();
        foreach (var line in main.Split('\n').Select(l => Spaces().Replace(l.Replace("\u2068", "", StringComparison.Ordinal).Replace("\u2069", "", StringComparison.Ordinal), " ").Trim()))
        {
            // The name stands in every row, the way to the whole case on the first page alone, and what follows is the same in all.
            if (line.Length == 0 || line == $"[{Texts.For("en")["case.see"]}]" || line.StartsWith("Aziz Rahimov", StringComparison.Ordinal)) continue;
            if (line == "## " + Texts.For(lang)["home.proved-heading"] || line.StartsWith("Here is everything that was done", StringComparison.Ordinal)) break;
            text.Append(line).Append('\n');
        }

        return text.ToString().TrimEnd();
    }

    static Dictionary<string, string> Table() =>
        !File.Exists(TablePath) ? [] : File.ReadAllText(TablePath).Split("\n=== ").Skip(1).Select(part => part.Split('\n', 2)).ToDictionary(p => p[0], p => p[1].Trim());

    static void Write(string row, string says)
    {
        var table = Table();
        table[row] = says;
        File.WriteAllText(TablePath, "What the first page says, by standing, stage and last act (HomeTableTests). **Bold** is bold; [in brackets] can be pressed; N is a receipt's number.\n"
            + string.Concat(HomeRows.All.Where(r => table.ContainsKey(r.Name)).Select(r => $"\n=== {r.Name}\n{table[r.Name]}\n")));
    }

    [GeneratedRegex("<main.*</main>", RegexOptions.Singleline, 5000)]
    private static partial Regex MainElement();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline, 5000)]
    private static partial Regex Svg();

    [GeneratedRegex("<strong[^>]*>(.*?)</strong>", RegexOptions.Singleline, 5000)]
    private static partial Regex Strong();

    [GeneratedRegex("<(?:a|button)(?= |>)[^>]*>(?<words>.*?)</(?:a|button)>", RegexOptions.Singleline, 5000)]
    private static partial Regex Pressed();

    [GeneratedRegex("</(?:p|h1|h2|li|div|ul|form|summary)>|<br>", RegexOptions.None, 5000)]
    private static partial Regex BlockEnd();

    [GeneratedRegex("<[^>]*>", RegexOptions.None, 5000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"[0-9A-Z]{4}-[0-9A-Z]{5}-[0-9A-Z]{5}", RegexOptions.None, 5000)]
    private static partial Regex Receipt();

    [GeneratedRegex(@"[ \t\r]+", RegexOptions.None, 5000)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\*\*[^*]+\*\*", RegexOptions.None, 5000)]
    private static partial Regex Bold();

    [GeneratedRegex(@"\d{1,2} [A-Z][a-z]+ \d{4}", RegexOptions.None, 5000)]
    private static partial Regex Day();
}
