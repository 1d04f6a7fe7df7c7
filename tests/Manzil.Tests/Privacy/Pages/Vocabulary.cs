using System.Text.Json;
using System.Text.RegularExpressions;
using Manzil.Layout;

namespace Manzil.Tests.Privacy.Pages;

/// <summary>
/// Which words belong to which language: all that stand in its catalogue and, in that language, in the rules file. Kazakh and Russian share
/// a script, and so few words that a list names them: whatever else stands in both was copied from one into the other.
/// </summary>
static partial class Vocabulary
{
    public static readonly string[] Languages = ["en", "ru", "kk"];

    /// <summary>Cyrillic words that both languages have.</summary>
    public static readonly string[] InBoth =
    [
        "аудитор", "байт", "браузер", "да", "журнал", "идентификатор", "инспектор", "интернет", "карта", "кб", "код", "коды", "мб", "минут", "не", "он", "сервис", "смартфон", "стоп",
        "те", "телефон", "телефоны", "файл", "файлы", "цифр",
    ];

    /// <summary>Latin words that stand in Russian and Kazakh texts: names of formats, of programs and of fields as they are written in them.</summary>
    public static readonly string[] Latin =
    [
        "A", "ABC-D", "API", "ASCII", "EF", "HEIC", "HTTPS", "IP", "Idempotency-Key", "JPEG", "JSON", "JWK", "JavaScript", "K", "KGZ", "M", "MNZ", "Manzil", "Manzil-Signature", "Manzil-Signed-At", "P", "PDF",
        "PIN", "PNG", "POST", "SHA", "SMS", "T", "TJK", "UTC", "UZB", "XQ", "Z", "api", "cookie", "cose", "crv", "docs", "key", "kty", "manzil", "md", "receipts", "sessions", "statement", "v", "x", "y", "zip",
    ];

    static readonly HashSet<string> LatinSet = [.. Latin];

    static readonly Dictionary<string, IReadOnlyDictionary<string, string>> Texts = Languages.ToDictionary(l => l, ReadCatalogue);

    static readonly Dictionary<string, HashSet<string>> Known = Languages.ToDictionary(l => l, l => Texts[l].Values.Concat(OfRules(l)).SelectMany(Words).Select(w => w.ToLowerInvariant()).ToHashSet());

    /// <summary>Every text of a catalogue, a form of a plural under its own name (key#few).</summary>
    public static IReadOnlyDictionary<string, string> Catalogue(string lang) => Texts[lang];

    public static IReadOnlySet<string> Of(string lang) => Known[lang];

    /// <summary>Words by letters; what stands in braces is filled in later.</summary>
    public static IEnumerable<string> Words(string text) => Word().Matches(Placeholder().Replace(text, " ")).Select(m => m.Value);

    /// <summary>The words of a text that are not of its language: of another script, or known in the other language alone.</summary>
    /// <param name="names">Names that people and places have, in any language.</param>
    public static IEnumerable<string> Foreign(string text, string lang, params IEnumerable<string> names)
    {
        var also = names.SelectMany(Words).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var word in Words(text))
        {
            if (also.Contains(word)) continue;
            if (lang == "en" ? Cyrillic().IsMatch(word) : word.Split('-').Any(p => LatinLetter().IsMatch(p) && (Cyrillic().IsMatch(p) || !LatinSet.Contains(p))) && !LatinSet.Contains(word)) yield return word;
            else if (lang == "ru" && KazakhLetter().IsMatch(word)) yield return word;
            else if (lang != "en" && !Known[lang].Contains(word.ToLowerInvariant()) && Known[lang == "ru" ? "kk" : "ru"].Contains(word.ToLowerInvariant())) yield return word;
        }
    }

    static IReadOnlyDictionary<string, string> ReadCatalogue(string lang)
    {
        using var json = JsonDocument.Parse(Repository.Read($"src/Manzil/Layout/Languages/{lang}.json"));
        var texts = new Dictionary<string, string>();
        foreach (var text in json.RootElement.EnumerateObject())
        {
            if (text.Value.ValueKind == JsonValueKind.String) texts[text.Name] = text.Value.GetString()!;
            else if (text.Name[0] != '@') foreach (var form in text.Value.EnumerateObject()) texts[$"{text.Name}#{form.Name}"] = form.Value.GetString()!;
            // The names of months, and how a date is written.
            else foreach (var part in text.Value.EnumerateObject().Where(p => p.Name.StartsWith("month", StringComparison.Ordinal))) texts[$"@{part.Name}"] = part.Value.ToString();
        }

        return texts;
    }

    /// <summary>Every text of the rules file in one language, whatever it is for.</summary>
    public static IReadOnlyList<string> OfRules(string lang)
    {
        using var json = JsonDocument.Parse(Repository.Read("rules/demo.json"));
        var texts = new List<string>();
        void Read(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in element.EnumerateObject())
                {
                    if (member.Name == lang && member.Value.ValueKind == JsonValueKind.String) texts.Add(member.Value.GetString()!);
                    else Read(member.Value);
                }
            }
            else if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var one in element.EnumerateArray()) Read(one);
            }
        }

        Read(json.RootElement);
        return texts;
    }

    [GeneratedRegex(@"\p{L}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*", RegexOptions.None, 5000)]
    private static partial Regex Word();

    [GeneratedRegex(@"\{\w+\}", RegexOptions.None, 5000)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\p{IsCyrillic}", RegexOptions.None, 5000)]
    private static partial Regex Cyrillic();

    [GeneratedRegex(@"[\p{L}-[\p{IsCyrillic}]]", RegexOptions.None, 5000)]
    private static partial Regex LatinLetter();

    [GeneratedRegex("[әғқңөұүһіӘҒҚҢӨҰҮҺІ]", RegexOptions.None, 5000)]
    public static partial Regex KazakhLetter();
}
