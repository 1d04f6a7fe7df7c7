using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Manzil.Tests;

public partial class ArchitectureTests
{
    const int LongestFile = 400;

    // Pure libraries: the runtime itself and NodaTime, so no web, no database, and not each other.
    [Theory]
    [InlineData("Manzil.Rules")]
    [InlineData("Manzil.Receipts")]
    public void Library_References_OnlyTheRuntimeAndNodaTime(string library)
    {
        var references = Assembly.Load(library).GetReferencedAssemblies().Select(reference => reference.Name!).ToList();
        Assert.Contains("System.Runtime", references);
        Assert.Empty(references.Where(name => name != "NodaTime" && !name.StartsWith("System.", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("var now = DateTime.Now;", true)]
    [InlineData("var now = DateTimeOffset . UtcNow;", true)]
    [InlineData("var day = System.DateTime.Today;", true)]
    [InlineData("var now = TimeProvider.System.GetUtcNow();", true)]
    [InlineData("var now = clock.GetCurrentInstant();", false)]
    public void OtherClock_Line_IsFound(string line, bool isFound) => Assert.Equal(isFound, OtherClock().IsMatch(line));

    [Fact]
    public void Source_Time_ComesFromTheClock() =>
        Assert.Empty(Sources().Where(path => OtherClock().IsMatch(Repository.Read(path))));

    // The system's clock is chosen in one place; everything else is handed an IClock.
    [Fact]
    public void Source_SystemClock_IsNamedOnce() =>
        Assert.InRange(Sources().Sum(path => Regex.Count(Repository.Read(path), @"\bSystemClock\b", RegexOptions.None, TimeSpan.FromSeconds(5))), 0, 1);

    [Theory]
    [InlineData("create table worker (home_lat real)", "lat")]
    [InlineData("ALTER TABLE notice ADD COLUMN Longitude double precision", "longitude")]
    [InlineData("create index by_nationality on worker (card)", "nationality")]
    [InlineData("create table home (geo_hash text)", "geo")]
    [InlineData("create table notice (language text, latest integer, template text) -- no lat, no lon", null)]
    public void BannedName_InSql_IsFound(string sql, string? name) => Assert.Equal(name, BannedNames(sql).SingleOrDefault());

    [Fact]
    public void Schema_Names_TellNothingOfLocationOrNationality()
    {
        var scripts = Repository.Files("src", "*.sql").ToList();
        Assert.Empty(scripts.SelectMany(path => BannedNames(Repository.Read(path)).Select(name => $"{path}: {name}")));
    }

    [Fact]
    public void Source_File_IsShortEnoughToRead()
    {
        string[] kinds = ["*.cs", "*.cshtml", "*.sql", "*.js", "*.mjs", "*.css", "*.scss"];
        var tooLong = kinds.SelectMany(kind => Repository.Files("src", kind))
            .Select(path => (path, lines: File.ReadLines(Path.Combine(Repository.Root, path)).Count()))
            .Where(file => file.lines > LongestFile);
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Source_FileName_SaysWhatIsInside() =>
        Assert.Empty(Repository.Files("src", "*.cs").Concat(Repository.Files("tests", "*.cs"))
            .Where(path => Path.GetFileName(path) is var name
                && (name.EndsWith("Extensions.cs", StringComparison.Ordinal)
                    || name.EndsWith("Helpers.cs", StringComparison.Ordinal) || name.EndsWith("Helper.cs", StringComparison.Ordinal)
                    || name.EndsWith("Utils.cs", StringComparison.Ordinal) || name.EndsWith("Utilities.cs", StringComparison.Ordinal))));

    [Fact]
    public void ThirdParty_EveryLockedPackage_IsListedWithItsLicence()
    {
        var page = Repository.Read("docs/third-party.md");
        var nuget = Repository.Files(".", "packages.lock.json")
            .SelectMany(path => Members(path, "dependencies").SelectMany(framework => framework.Value.EnumerateObject()))
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(package => $"{package.Name} {package.Value.GetProperty("resolved").GetString()}");
        var npm = Repository.Files(".", "package-lock.json")
            .SelectMany(path => Members(path, "packages"))
            .Where(package => package.Name.Length > 0)
            .Select(package => $"{package.Name.Split("node_modules/")[^1]} {package.Value.GetProperty("version").GetString()}");

        var missing = nuget.Concat(npm).Distinct().Where(part => !page.Contains($"| {part} |", StringComparison.OrdinalIgnoreCase));
        Assert.True(!missing.Any(), $"Run `node tools/third-party.mjs`; not in docs/third-party.md: {string.Join(", ", missing)}");
    }

    static IEnumerable<string> Sources() => Repository.Files("src", "*.cs").Concat(Repository.Files("src", "*.cshtml"));

    static IEnumerable<JsonProperty> Members(string path, string member) =>
        JsonDocument.Parse(Repository.Read(path)).RootElement.GetProperty(member).EnumerateObject();

    static IEnumerable<string> BannedNames(string sql) =>
        BannedName().Matches(Comment().Replace(sql, "")).Select(match => match.Value.ToLowerInvariant()).Distinct();

    [GeneratedRegex(@"\b(DateTime|DateTimeOffset)\s*\.\s*(Now|UtcNow|Today)\b|\bTimeProvider\s*\.\s*System\b", RegexOptions.None, 5000)]
    private static partial Regex OtherClock();

    // A name's words are parted by underscores.
    [GeneratedRegex(
        "(?<![a-z])(lat|lon|lng|latitude|longitude|geo|geom|geometry|geography|geohash|point|position|coordinates?|nationality|citizenship)(?![a-z])",
        RegexOptions.IgnoreCase, 5000)]
    private static partial Regex BannedName();

    [GeneratedRegex("--.*$", RegexOptions.Multiline, 5000)]
    private static partial Regex Comment();
}
