using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Manzil.BrowserTests;

/// <summary>Which of the program's pages were looked at with axe, so that a new page cannot stay out of the walks unnoticed.</summary>
static partial class PagesLookedAt
{
    const string ErrorPage = "/error";

    static readonly ConcurrentDictionary<string, bool> Paths = new();

    public static void Add(string url) => Paths[new Uri(url).AbsolutePath] = true;

    /// <returns>The routes that no path led to. A page without markup sends a file or leads on: there is nothing to look at.</returns>
    public static IReadOnlyList<string> Missing()
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
        // Whatever leads to no page shows the error page.
        var seen = Paths.Keys.Select(path => patterns.Where(p => p.Pattern.IsMatch(path)).Select(p => p.Route).FirstOrDefault() ?? ErrorPage).ToHashSet();
        return [.. routes.Where(route => !seen.Contains(route)).Order(StringComparer.Ordinal)];
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
