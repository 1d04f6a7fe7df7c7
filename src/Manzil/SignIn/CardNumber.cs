using System.Text;
using Manzil.Typing;

namespace Manzil.SignIn;

/// <summary>The number on a foreign citizen's card, a sign-in name and never a secret; and that of an identity document, which is written alike.</summary>
public static class CardNumber
{
    public const int MinLength = 2, MaxLength = 20, MaxTyped = 40;

    /// <summary>Letters A–Z and digits, upper case; spaces and dashes as printed are left out, look-alikes are read as meant.</summary>
    /// <returns>Null where anything else stands in it: to leave it out would name another card.</returns>
    public static string? Read(string typed)
    {
        var text = TypedText.Of(TextKind.Number, typed).Text;
        return text.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-') ? string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant() : null;
    }

    /// <summary>A field with such a number.</summary>
    /// <param name="missing">The key of what is said where it is empty.</param>
    /// <returns>The number; or the key of what is wrong with it.</returns>
    public static (string? Number, string? Fault) ReadField(string? typed, string missing, int least = 1)
    {
        if (string.IsNullOrWhiteSpace(typed)) return (null, missing);
        if (typed.Length > MaxTyped) return (null, "fault.text-too-long");
        if (Read(typed) is not { } number) return (null, "back-in.number-letters");
        return number.Length >= least && number.Length <= MaxLength ? (number, null) : (null, "back-in.number-wrong");
    }

    /// <summary>The letters of the state that issued a document, ICAO's three or fewer.</summary>
    /// <returns>The letters; or the key of what is wrong with them.</returns>
    public static (string? State, string? Fault) ReadState(string? typed)
    {
        if (string.IsNullOrWhiteSpace(typed)) return (null, "back-in.state-missing");
        var state = TypedText.Of(TextKind.Number, typed).Text.ToUpperInvariant();
        return state.Length <= 3 && state.All(char.IsAsciiLetterUpper) ? (state, null) : (null, "back-in.state-wrong");
    }

    /// <summary>Whether a letter is in it that no card and no code has: named, it is no guess that counts.</summary>
    public static bool HasOtherLetters(string text) => text.EnumerateRunes().Any(r => !r.IsAscii && Rune.IsLetter(r));
}
