using System.Diagnostics.CodeAnalysis;

namespace Manzil.Rules;

/// <summary>The code of a centre or another office: 2 to 12 characters of A–Z, 0–9 and hyphen, not beginning or ending with a hyphen (design §4, statement field 5).</summary>
public sealed record OfficeCode
{
    /// <summary>The shortest code, in characters.</summary>
    public const int MinLength = 2;

    /// <summary>The longest code, in characters.</summary>
    public const int MaxLength = 12;

    OfficeCode(string value)
    {
        Value = value;
    }

    /// <summary>The code as written.</summary>
    public string Value { get; }

    /// <summary>The code that <paramref name="text"/> is; nothing is trimmed or changed to capitals.</summary>
    /// <exception cref="FormatException">The text is not an office code.</exception>
    public static OfficeCode Parse(string text) =>
        TryParse(text, out var code) ? code : throw new FormatException("An office code is 2 to 12 characters of A-Z, 0-9 and hyphen.");

    /// <summary>As <see cref="Parse"/>, but says whether the text is an office code.</summary>
    /// <param name="text">The text to read.</param>
    /// <param name="code">The code, where the answer is true.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out OfficeCode? code)
    {
        var valid = text is { Length: >= MinLength and <= MaxLength }
            && text[0] != '-' && text[^1] != '-'
            && text.All(c => c is >= 'A' and <= 'Z' or >= '0' and <= '9' or '-');
        code = valid ? new OfficeCode(text!) : null;
        return valid;
    }

    /// <summary>The code as written.</summary>
    public override string ToString() => Value;
}
