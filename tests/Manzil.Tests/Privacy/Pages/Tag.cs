using System.Net;
using System.Text.RegularExpressions;

namespace Manzil.Tests.Privacy.Pages;

/// <summary>One opening tag of a page, read as a browser reads it: any quotes, none, any case, attributes in any order.</summary>
/// <param name="At">Where it begins in the page.</param>
/// <param name="End">Just behind it.</param>
sealed partial record Tag(string Name, IReadOnlyDictionary<string, string> Attributes, int At, int End)
{
    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);

    /// <summary>Every opening tag, in order. Comments are passed over.</summary>
    public static IReadOnlyList<Tag> All(string html)
    {
        var all = new List<Tag>();
        foreach (Match match in Opening().Matches(html))
        {
            if (match.Groups["name"].Value is not { Length: > 0 } name) continue;
            var attributes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (Match one in Attribute().Matches(match.Groups["rest"].Value))
                attributes.TryAdd(one.Groups["key"].Value, WebUtility.HtmlDecode(one.Groups["double"].Value + one.Groups["single"].Value + one.Groups["bare"].Value));
            all.Add(new Tag(name.ToLowerInvariant(), attributes, match.Index, match.Index + match.Length));
        }

        return all;
    }

    /// <summary>What stands between this tag and the next closing tag of its name.</summary>
    public string Inner(string html)
    {
        var end = html.IndexOf($"</{Name}", End, StringComparison.OrdinalIgnoreCase);
        return end < 0 ? "" : html[End..end];
    }

    /// <summary>The page's words as they are read, without tags.</summary>
    public static string Words(string html) => Spaces().Replace(WebUtility.HtmlDecode(Any().Replace(html, " ")), " ").Trim();

    [GeneratedRegex("""<!--.*?-->|<(?<name>[a-zA-Z][a-zA-Z0-9:-]*)(?<rest>(?:[^>"']|"[^"]*"|'[^']*')*)>""", RegexOptions.Singleline, 5000)]
    private static partial Regex Opening();

    [GeneratedRegex("""(?<key>[^\s=/>"']+)(?:\s*=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^\s>"']+)))?""", RegexOptions.None, 5000)]
    private static partial Regex Attribute();

    [GeneratedRegex("<!--.*?-->|<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", RegexOptions.Singleline, 5000)]
    private static partial Regex Any();

    [GeneratedRegex(@"\s+", RegexOptions.None, 5000)]
    private static partial Regex Spaces();
}
