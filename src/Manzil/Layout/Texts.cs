using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using NodaTime;

namespace Manzil.Layout;

/// <summary>
/// The words of the service in one language. In a page: <c>@T["home.title"]</c>,
/// <c>@T["notices.count", ("count", 3)]</c>; Razor encodes them.
/// </summary>
public sealed class Texts
{
    const string english = "en";
    static readonly ConcurrentDictionary<string, Texts> made = new();
    readonly Dictionary<string, JsonElement> texts;

    Texts(Language language)
    {
        Language = language;
        texts = Read(language.Tag);
        // A build with UnfinishedTexts lacks words: English stands in, so that its pages can be tried.
        foreach (var (key, text) in Read(english))
        {
            texts.TryAdd(key, text);
        }
    }

    public Language Language { get; }

    public string Lang => Language.Tag;

    /// <exception cref="KeyNotFoundException">No catalogue for this language.</exception>
    public static Texts For(string lang) => made.GetOrAdd(lang, tag => new(Language.All[tag]));

    /// <summary>The text with its placeholders filled; dates and numbers come out in words of this language.</summary>
    /// <exception cref="KeyNotFoundException">No such key, or a placeholder without a value.</exception>
    public string this[string key, params (string Name, object Value)[] values]
    {
        get
        {
            if (!texts.TryGetValue(key, out var text))
            {
                throw new KeyNotFoundException($"No text \"{key}\" in {Lang}.");
            }
            return Fill(key, Choose(key, text, values), values);
        }
    }

    public bool Has(string key) => texts.ContainsKey(key);

    string Choose(string key, JsonElement text, (string Name, object Value)[] values)
    {
        if (text.ValueKind == JsonValueKind.String)
        {
            return text.GetString()!;
        }
        var count = Value(key, "count", values);
        var category = Language.Plurals.Category(Convert.ToString(count, CultureInfo.InvariantCulture)!);
        return (text.TryGetProperty(category, out var chosen) ? chosen : text.GetProperty("other")).GetString()!;
    }

    string Fill(string key, string pattern, (string Name, object Value)[] values)
    {
        if (!pattern.Contains('{', StringComparison.Ordinal))
        {
            return pattern;
        }
        var filled = new StringBuilder(pattern.Length + 32);
        var position = 0;
        for (int open; (open = pattern.IndexOf('{', position)) >= 0;)
        {
            var close = pattern.IndexOf('}', open);
            var value = InWords(Value(key, pattern[(open + 1)..close], values));
            filled.Append(pattern, position, open - position).Append(value);
            position = close + 1;
            // A Russian date ends with a stop of its own, "2026 г.", and a sentence has one.
            if (value.EndsWith('.') && position < pattern.Length && pattern[position] == '.') position++;
        }
        return filled.Append(pattern, position, pattern.Length - position).ToString();
    }

    string InWords(object value) => value switch
    {
        // What somebody typed may be written from right to left.
        string text => Typing.Isolated.Of(text),
        LocalDate date => Dates.InWords(date, Lang),
        int or long or decimal => Numbers.InWords(Convert.ToDecimal(value, CultureInfo.InvariantCulture), Lang),
        _ => throw new ArgumentException($"A {value.GetType().Name} has no form in words: pass a string, a LocalDate or a number."),
    };

    static object Value(string key, string name, (string Name, object Value)[] values)
    {
        foreach (var given in values)
        {
            if (given.Name == name)
            {
                return given.Value;
            }
        }
        throw new KeyNotFoundException($"The text \"{key}\" needs a value for {{{name}}}.");
    }

    static Dictionary<string, JsonElement> Read(string lang) =>
        Language.Embedded.Read(lang).EnumerateObject().Where(p => p.Name[0] != '@').ToDictionary(p => p.Name, p => p.Value);
}
