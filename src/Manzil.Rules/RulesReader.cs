using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Rules;

/// <summary>Takes typed values from the nodes of one rules file, or says in a plain sentence why not.</summary>
sealed class RulesReader(string fileName)
{
    const int MaxTextLength = 200;

    internal RulesFormatException Wrong(int line, string reason) => new(fileName, line, reason);

    /// <summary>A name from the file, made safe to print.</summary>
    internal static string Quote(string text)
    {
        var safe = new string([.. text.Select(c => char.IsControl(c) ? '?' : c).Take(41)]);
        return safe.Length > 40 ? $"“{safe[..40]}…”" : $"“{safe}”";
    }

    /// <summary>The members of an object, none unknown and none of the required ones missing.</summary>
    internal Dictionary<string, RulesNode> Members(RulesNode node, string what, IEnumerable<string> required, params IEnumerable<string> optional)
    {
        Need(node, JsonTokenType.StartObject, what, "an object in braces { }");
        var must = required.ToList();
        var known = must.Concat(optional).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, line, _) in node.Members)
        {
            if (!known.Contains(name))
                throw Wrong(line, $"{Quote(name)} is not a member of {what}; its members are {string.Join(", ", known)}");
        }
        var found = node.Members.ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
        return must.Find(name => !found.ContainsKey(name)) is { } missing
            ? throw Wrong(node.Line, $"“{missing}” is missing from {what}")
            : found;
    }

    internal IReadOnlyList<RulesNode> Items(RulesNode node, string what, int min, int max)
    {
        Need(node, JsonTokenType.StartArray, what, "a list in brackets [ ]");
        return node.Items.Count >= min && node.Items.Count <= max
            ? node.Items
            : throw Wrong(node.Line, $"{what} must hold {Range(min, max)} entries, and holds {node.Items.Count}");
    }

    internal string Text(RulesNode node, string what)
    {
        Need(node, JsonTokenType.String, what, "text in quotation marks");
        var text = node.Text;
        if (text.Length is 0 or > MaxTextLength)
            throw Wrong(node.Line, $"{what} must be 1 to {MaxTextLength} characters long");
        if (text != text.Trim() || text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029'))
            throw Wrong(node.Line, $"{what} must have no space at its ends, no line breaks and no control characters");
        return text;
    }

    internal string Phone(RulesNode node, string what)
    {
        var text = Text(node, what);
        return text.Length <= 30 && text.Count(char.IsAsciiDigit) >= 3 && text.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '(' or ')' or '-')
            ? text
            : throw Wrong(node.Line, $"{what} must be a telephone number of digits, spaces, +, ( ), and hyphens, at most 30 in all");
    }

    internal OfficeCode Code(RulesNode node, string what) =>
        OfficeCode.TryParse(Text(node, what), out var code)
            ? code
            : throw Wrong(node.Line, $"{what} must be 2 to 12 characters of A-Z, 0-9 and hyphen");

    internal int Whole(RulesNode node, string what, int min, int max) =>
        node.Kind == JsonTokenType.Number && node.Whole is { } whole && whole >= min && whole <= max
            ? whole
            : throw Wrong(node.Line, $"{what} must be a whole number {Range(min, max)}");

    internal LocalText Local(RulesNode node, string what, IReadOnlyList<string> languages)
    {
        var texts = Members(node, what, languages);
        return new LocalText(
            languages.ToDictionary(l => l, l => Text(texts[l], $"{what} in {l}"), StringComparer.Ordinal),
            languages[0]);
    }

    internal LocalDate Date(RulesNode node, string what, int year)
    {
        Need(node, JsonTokenType.String, what, $"a date in quotation marks, such as \"{year}-01-31\"");
        var date = node.Text.Length == 10 && char.IsAsciiDigit(node.Text[0]) ? LocalDatePattern.Iso.Parse(node.Text) : null;
        if (date is not { Success: true })
            throw Wrong(node.Line, $"{Quote(node.Text)} is not a date; write year-month-day, such as {year}-01-31");
        return date.Value.Year == year
            ? date.Value
            : throw Wrong(node.Line, $"{node.Text} does not lie in {year}");
    }

    void Need(RulesNode node, JsonTokenType kind, string what, string form)
    {
        if (node.Kind != kind)
            throw Wrong(node.Line, $"{what} must be {form}");
    }

    static string Range(int min, int max) => max == int.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $"of at least {min}")
        : string.Create(CultureInfo.InvariantCulture, $"from {min} to {max}");
}
