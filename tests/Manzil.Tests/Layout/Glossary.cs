using System.Text.RegularExpressions;
using Manzil.Tests.Privacy.Pages;

namespace Manzil.Tests.Layout;

/// <summary>docs/glossary.md as data: the words of each term in each language, those that stand for it nowhere, and the exceptions.</summary>
static partial class Glossary
{
    const string Page = "docs/glossary.md";

    /// <summary>The term of the row about how a page speaks to its reader.</summary>
    public const string Reader = "the reader";

    /// <summary>One word or a few; <paramref name="IsHere"/>: only where the English text has the row's word; <paramref name="But"/>: what is meant by something else.</summary>
    public sealed record Words(string Written, Regex Found, bool IsHere, IReadOnlyList<Regex> But)
    {
        public bool IsIn(string text) => Found.Matches(text).Any(m => !But.SelectMany(b => b.Matches(text)).Any(b => b.Index < m.Index + m.Length && m.Index < b.Index + b.Length));
    }

    public sealed record Row(string Term, IReadOnlyDictionary<string, (IReadOnlyList<Words> Say, IReadOnlyList<Words> Not)> In)
    {
        /// <summary>The English text is about this.</summary>
        public bool IsMeant(string english) => In["en"].Say.Any(w => w.IsIn(english));
    }

    public sealed record Exempt(string Key, string Term, string Why);

    public static IReadOnlyList<Row> Rows { get; } = [.. Cells(7).Where(c => c[0] != "term").Select(c => new Row(c[0], new Dictionary<string, (IReadOnlyList<Words>, IReadOnlyList<Words>)>
    {
        ["en"] = (Parse(c[1]), Parse(c[2])),
        ["ru"] = (Parse(c[3]), Parse(c[4])),
        ["kk"] = (Parse(c[5]), Parse(c[6])),
    }))];

    public static IReadOnlyList<Exempt> Exceptions { get; } = [.. Cells(3).Where(c => c[0] != "key").Select(c => new Exempt(c[0].Trim('`'), c[1], c[2]))];

    /// <summary>What in a text is not as the glossary has it, in a sentence that says what to write instead; by term.</summary>
    public static IEnumerable<(string Term, string Fault)> Faults(string lang, string text, string english)
    {
        (text, english) = (Placeholder().Replace(text, " "), Placeholder().Replace(english, " "));
        foreach (var row in Rows)
        {
            var (say, not) = row.In[lang];
            var isMeant = row.IsMeant(english);
            var right = say.Count == 0 ? "another word" : string.Join(" or ", say.Select(w => $"“{w.Written}”"));
            foreach (var word in not.Where(w => w.IsIn(text) && (!w.IsHere || (isMeant && !IsOfAnother(w, row, lang, english)))))
                yield return (row.Term, $"“{word.Written}” is not the word for {row.Term}: write {right}");
            if (lang != "en" && isMeant && say.Count > 0 && !say.Any(w => w.IsIn(text)))
                yield return (row.Term, $"the English has {row.Term}, this has no {right}");
        }
    }

    /// <summary>The words that stand nowhere, whatever the English says.</summary>
    public static IEnumerable<string> Never(string lang, string text) =>
        Rows.Where(r => r.Term != Reader).SelectMany(r => r.In[lang].Not.Where(w => !w.IsHere && w.IsIn(text)).Select(w => $"“{w.Written}” is not the word for {r.Term}"));

    public static string EnglishOf(string key)
    {
        var english = Vocabulary.Catalogue("en");
        var whole = key.Split('#')[0];
        return english.GetValueOrDefault(key) ?? english.GetValueOrDefault($"{whole}#other") ?? english.GetValueOrDefault(whole) ?? throw new KeyNotFoundException(key);
    }

    // A text about both a notice and a message has both words.
    static bool IsOfAnother(Words word, Row row, string lang, string english) => Rows.Any(r => r != row && r.In[lang].Say.Any(w => w.Written == word.Written) && r.IsMeant(english));

    static IEnumerable<string[]> Cells(int count) =>
        Repository.Read(Page).Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Select(l => l.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries)).Where(c => c.Length == count);

    static IReadOnlyList<Words> Parse(string cell) =>
        [.. Code().Matches(cell).Select(m => new Words(m.Groups["words"].Value, ToRegex(m.Groups["words"].Value), m.Groups["here"].Success, [.. Quoted().Matches(m.Groups["but"].Value).Select(b => ToRegex(b.Groups[1].Value))]))];

    static Regex ToRegex(string words) => new(
        @"(?<![\p{L}\p{N}])" + string.Join(@"\s+", words.Split(' ').Select(w => w.EndsWith('-') ? Regex.Escape(w[..^1]) + @"[\p{L}\p{M}]*" : Regex.Escape(w))) + @"(?![\p{L}\p{N}])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));

    [GeneratedRegex(@"`(?<words>[^`]+)`(?: \((?:(?<here>here)|but (?<but>`[^)]*))\))?", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Code();

    [GeneratedRegex("`([^`]+)`", RegexOptions.None, 5000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\{\w+\}", RegexOptions.None, 5000)]
    private static partial Regex Placeholder();
}
