using System.Reflection;
using System.Text.RegularExpressions;
using Manzil.Access;
using Manzil.Tests.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Privacy.Pages;

/// <summary>
/// privacy.md 1: the server has no place for a position. Everything that a request can bring stands in inputs.txt, so that a new place
/// is seen by whoever reviews the change, whatever it is called; what is kept of it stands in the inventory.
/// </summary>
public sealed partial class InputsTests
{
    // Plural rules and the way numbers are written; how long the next guess waits; the simulation's report.
    static readonly string[] Fractions =
        ["src/Manzil/Layout/Numbers.cs", "src/Manzil/Layout/PluralRules.cs", "src/Manzil/Layout/Texts.cs", "src/Manzil/SignIn/Attempts.cs", "src/Manzil/Simulation/Curves.cs", "src/Manzil/Simulation/SimulateCommand.cs"];

    [Fact]
    public async Task Input_AtEveryDoor_IsOnTheList()
    {
        var listed = Repository.Read("tests/Manzil.Tests/Privacy/Pages/inputs.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#').ToHashSet();
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var found = Pages().Concat(await HandlersAsync(service)).Concat(Readers()).ToHashSet();
        var differs = found.Except(listed).Select(l => "+ " + l).Concat(listed.Except(found).Select(l => "- " + l)).Order(StringComparer.Ordinal).ToList();
        Assert.True(differs.Count == 0, "inputs.txt differs:\n" + string.Join('\n', differs));
        Assert.True(found.Count > 50, $"{found.Count} lines");
    }

    // A position is two numbers with a fraction: nothing that a request brings is read as one, and no column could keep one (SchemaTests).
    [Fact]
    public void Source_ThatReadsANumberWithAFraction_IsNowhereAtTheDoors()
    {
        var found = Repository.Files("src", "*.cs").Concat(Repository.Files("src", "*.cshtml")).Where(f => Fraction().IsMatch(Comment().Replace(Repository.Read(f), ""))).Order(StringComparer.Ordinal);
        Assert.Equal(Fractions, found);
    }

    /// <summary>What an address that is no page is handed besides the request itself.</summary>
    static async Task<IEnumerable<string>> HandlersAsync(TestService service) =>
        from route in await Routes.AllAsync(service)
        where route.Endpoint.Metadata.GetMetadata<PageActionDescriptor>() is null && route.Rule?.Door != Door.File
        select $"route {route.Method} {route.Pattern}: {string.Join(' ', route.Endpoint.Metadata.OfType<MethodInfo>().SelectMany(m => m.GetParameters()).Where(p => p.ParameterType != typeof(HttpContext)).Select(p => $"{p.Name}:{p.ParameterType.Name}"))}";

    /// <summary>What pages take in: properties that are bound, with those inside them, and what their handlers are given.</summary>
    static IEnumerable<string> Pages()
    {
        foreach (var page in typeof(Program).Assembly.GetTypes().Where(t => typeof(PageModel).IsAssignableFrom(t) && !t.IsAbstract))
        {
            var isAll = page.IsDefined(typeof(BindPropertiesAttribute), true);
            var taken = page.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(p => isAll || p.GetCustomAttributes(true).Any(a => a is BindPropertyAttribute || a.GetType().Name.StartsWith("From", StringComparison.Ordinal)))
                .SelectMany(p => Within(p.Name, p.PropertyType, 0))
                .Concat(page.GetMethods(BindingFlags.Instance | BindingFlags.Public).Where(m => m.Name.StartsWith("On", StringComparison.Ordinal) && m.DeclaringType != typeof(PageModel) && m.Name != "OnPageHandlerExecutionAsync")
                    .SelectMany(m => m.GetParameters().Select(p => $"{m.Name}({p.Name})")));
            yield return $"page {page.FullName}: {string.Join(' ', taken.Distinct().Order(StringComparer.Ordinal))}";
        }
    }

    static IEnumerable<string> Within(string name, Type type, int depth) =>
        depth > 2 || type.Namespace?.StartsWith("Manzil", StringComparison.Ordinal) != true || type.IsEnum
            ? [name]
            : type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(p => p.CanWrite).Select(p => (p.Name, p.PropertyType)) is var inside && inside.Any()
                ? inside.SelectMany(p => Within($"{name}.{p.Name}", p.PropertyType, depth + 1))
                : [name];

    /// <summary>Every source that reads JSON, a header, a cookie, a query or a form by itself, with each word that it could read it by.</summary>
    static IEnumerable<string> Readers() =>
        from file in Repository.Files("src/Manzil", "*.cs").Concat(Repository.Files("src/Manzil", "*.cshtml"))
        let text = Comment().Replace(Repository.Read(file), "")
        where Reads().IsMatch(text)
        select $"{file}: {string.Join(' ', Literal().Matches(text).Where(_ => file.EndsWith(".cs", StringComparison.Ordinal)).Select(m => m.Groups[1].Value).Concat(Access().Matches(text).Select(m => m.Value)).Distinct().Order(StringComparer.Ordinal))}";

    [GeneratedRegex(@"(?<=^|\s)//[^\n]*", RegexOptions.None, 5000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bRequest\b\s*\??\.\s*(Query|Headers|Form|Cookies|Body|BodyReader|ReadForm|RouteValues|Trailers|GetDisplayUrl|GetEncoded|QueryString|ContentType|Path)|\bJson(Element|Document|Node|Object)\b|Deserialize|ReadFromJson|\[From\w+|\bBindAsync\b|IFormCollection|IHeaderDictionary|IQueryCollection|IModelBinder|Utf8JsonReader|ITlsConnectionFeature|IHttpRequestFeature|IRequestCookieCollection|IFormFile|Features\s*\.\s*Get|StringValues", RegexOptions.None, 5000)]
    private static partial Regex Reads();

    // By which name, also where that stands elsewhere.
    [GeneratedRegex(@"\b(Query|Headers|Form|Cookies|RouteValues|Trailers)(\[[^\]]*\]|\.(TryGetValue|ContainsKey|GetFile)\([^,)]*|\.(?!TryGetValue|ContainsKey|GetFile)\w+)", RegexOptions.None, 5000)]
    private static partial Regex Access();

    [GeneratedRegex(@"\b(double|float|decimal|Half|(Try)?Get(Double|Single|Decimal)|System\.(Double|Single|Decimal))\b", RegexOptions.None, 5000)]
    private static partial Regex Fraction();

    [GeneratedRegex("\"([A-Za-z][A-Za-z0-9_-]{0,40})\"", RegexOptions.None, 5000)]
    private static partial Regex Literal();
}
