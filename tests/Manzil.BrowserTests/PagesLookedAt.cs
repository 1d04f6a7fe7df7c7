using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Manzil.BrowserTests;

/// <summary>
/// Which of the program's pages were looked at with axe, and which without scripts, so that a new page cannot stay out of the walks
/// unnoticed.
/// </summary>
static partial class PagesLookedAt
{
    const string ErrorPage = "/error";

    static readonly ConcurrentDictionary<string, bool> WithAxe = new(), WithoutScript = new();

    public static void AddWithAxe(string url) => WithAxe[new Uri(url).AbsolutePath] = true;

    public static void AddWithoutScript(string url) => WithoutScript[new Uri(url).AbsolutePath] = true;

    /// <summary>That each page of the program is among both. A page without markup sends a file or leads on: there is nothing to look at.</summary>
    public static void CheckAll()
    {
        var routes = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Manzil"), "*.cshtml", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .Where(text => text.StartsWith("@page", StringComparison.Ordinal) && text.Contains('<', StringComparison.Ordinal))
            .Select(text => RouteOf().Match(text).Groups[1].Value)
            // Where two fit, /departure/undo and /departure/{replaces?}, the one without a place in it is meant.
            .OrderBy(route => route.Contains('{', StringComparison.Ordinal))
            .ToList();
        Assert.True(routes.Count > 50, $"{routes.Count} pages found in the sources");
        var patterns = routes.ConvertAll(route => (Route: route, Pattern: Pattern(route)));
        var (noAxe, noPlain) = (Missing(WithAxe), Missing(WithoutScript));
        Assert.True(
            noAxe.Count + noPlain.Count == 0,
            $"No test looks at these pages with axe: {string.Join(", ", noAxe)}; and at these without scripts: {string.Join(", ", noPlain)}");

        List<string> Missing(ConcurrentDictionary<string, bool> paths)
        {
            // Whatever leads to no page shows the error page.
            var seen = paths.Keys.Select(path => patterns.Where(p => p.Pattern.IsMatch(path)).Select(p => p.Route).FirstOrDefault() ?? ErrorPage).ToHashSet();
            return [.. routes.Where(route => !seen.Contains(route)).Order(StringComparer.Ordinal)];
        }
    }

    static Regex Pattern(string route)
    {
        var pattern = Place().Replace(route, place =>
        {
            var rule = place.Groups["rule"].Value;
            var one = rule switch
            {
                "" => "/[^/]+",
                "long" => "/[0-9]+",
                _ when rule.StartsWith("regex(", StringComparison.Ordinal) => "/" + rule["regex(".Length..^1].Trim('^', '$'),
                _ => throw new InvalidOperationException($"{route}: what does '{rule}' allow?"),
            };
            return place.Groups["optional"].Success ? $"({one})?" : one;
        });
        return new Regex($"^{pattern}$", RegexOptions.None, TimeSpan.FromSeconds(5));
    }

    [GeneratedRegex("^@page \"([^\"]+)\"", RegexOptions.None, 5000)]
    private static partial Regex RouteOf();

    [GeneratedRegex(@"/\{\w+(:(?<rule>[^{}?]+))?(?<optional>\?)?\}", RegexOptions.None, 5000)]
    private static partial Regex Place();
}
