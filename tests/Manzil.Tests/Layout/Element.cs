using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Manzil.Tests.Layout;

/// <summary>An element of a page, with what it stands in and what stands in it.</summary>
sealed partial class Element(string name, IReadOnlyDictionary<string, string> attributes, Element? parent)
{
    static readonly HashSet<string> empty = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

    readonly List<Element> _children = [];
    readonly StringBuilder _words = new();

    public string Name => name;

    public Element? Parent => parent;

    public IReadOnlyList<Element> Children => _children;

    /// <summary>An attribute's value; "" where it has none; null where it is not there.</summary>
    public string? this[string attribute] => attributes.GetValueOrDefault(attribute);

    public IReadOnlyDictionary<string, string> Attributes => attributes;

    /// <summary>What is read in it: its own words and those of what stands in it, and of pictures what they say instead.</summary>
    public string Words => (string.Join(' ', [_words.ToString(), this["aria-label"] ?? "", name == "img" ? this["alt"] ?? "" : "", .. _children.Where(c => c["aria-hidden"] != "true").Select(c => c.Words)])).Trim();

    public IEnumerable<Element> All => _children.SelectMany(c => c.All.Prepend(c));

    public IEnumerable<Element> Around => parent is null ? [] : parent.Around.Prepend(parent);

    public override string ToString() => $"<{name}{string.Concat(attributes.Select(a => $" {a.Key}=\"{(a.Value.Length > 40 ? a.Value[..40] : a.Value)}\""))}>";

    /// <summary>A page's words in the order in which they stand, without tags; also those that are shown to nobody.</summary>
    public static string Text(string html) => Spaces().Replace(WebUtility.HtmlDecode(Piece().Replace(html, " ")), " ").Trim();

    /// <summary>The page as a browser without scripts takes it in: what no tag closes ends with what it stands in.</summary>
    public static Element Parse(string html)
    {
        var root = new Element("", new Dictionary<string, string>(), null);
        var (at, open) = (0, root);
        foreach (Match match in Piece().Matches(html))
        {
            open._words.Append(WebUtility.HtmlDecode(html[at..match.Index])).Append(' ');
            at = match.Index + match.Length;
            var tag = match.Groups["name"].Value.ToLowerInvariant();
            if (tag.Length == 0) continue;
            if (match.Groups["close"].Length > 0)
            {
                if (open.Around.Prepend(open).FirstOrDefault(e => e.Name == tag) is { Parent: { } outer }) open = outer;
                continue;
            }

            var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (Match one in Attribute().Matches(match.Groups["rest"].Value))
                values.TryAdd(one.Groups["key"].Value, WebUtility.HtmlDecode(one.Groups["double"].Value + one.Groups["single"].Value + one.Groups["bare"].Value));
            var element = new Element(tag, values, open);
            open._children.Add(element);
            if (!empty.Contains(tag) && !match.Groups["rest"].Value.EndsWith('/')) open = element;
        }

        return root;
    }

    [GeneratedRegex("""<!--.*?-->|<!doctype[^>]*>|<(?<close>/)?(?<name>[a-zA-Z][a-zA-Z0-9:-]*)(?<rest>(?:[^>"']|"[^"]*"|'[^']*')*)>""", RegexOptions.Singleline | RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Piece();

    [GeneratedRegex(@"\s+", RegexOptions.None, 5000)]
    private static partial Regex Spaces();

    [GeneratedRegex("""(?<key>[^\s=/>"']+)(?:\s*=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^\s>"']+)))?""", RegexOptions.None, 5000)]
    private static partial Regex Attribute();
}
