namespace Manzil.Rules;

/// <summary>One text of a rules file in each of its languages.</summary>
public sealed class LocalText
{
    readonly IReadOnlyDictionary<string, string> texts;
    readonly string fallback;

    /// <summary>A text by language.</summary>
    /// <param name="texts">The text by BCP 47 tag.</param>
    /// <param name="firstLanguage">The language of the text that stands for a language not among them.</param>
    /// <exception cref="ArgumentException">There is no text in the first language.</exception>
    public LocalText(IReadOnlyDictionary<string, string> texts, string firstLanguage)
    {
        this.texts = texts;
        fallback = texts.TryGetValue(firstLanguage, out var text)
            ? text
            : throw new ArgumentException("There is no text in the first language.", nameof(firstLanguage));
    }

    /// <summary>The languages that have this text.</summary>
    public IEnumerable<string> Languages => texts.Keys;

    /// <summary>The text in a language, or in the first language of the rules where it is missing.</summary>
    /// <param name="language">A BCP 47 tag, such as <c>kk</c>.</param>
    public string In(string language) => texts.GetValueOrDefault(language, fallback);

    /// <summary>The text in the first language of the rules.</summary>
    public override string ToString() => fallback;
}
