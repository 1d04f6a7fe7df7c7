using System.Globalization;
using System.Text;

namespace Manzil.Typing;

/// <summary>A text as it came through the door.</summary>
/// <param name="Text">In form C, freed of what is not seen; also where there is a fault, so that the form shows what can be sent.</param>
/// <param name="Fault">What is wrong with it, with a text <c>fault.{Fault}</c>; null where nothing is.</param>
public readonly record struct TypedText(string Text, string? Fault)
{
    public const string TurnsAround = "text-turns-around", CannotBeUsed = "text-has-unusable-characters", HasControls = "text-has-control-characters", IsInvisible = "text-is-invisible", TooLong = "text-too-long";

    // More than any field takes. What is longer is not read to its end: putting marks in order takes the square of their number.
    const int MostRead = 16 * 1024;

    /// <summary>The one door by which text that somebody typed comes in, whatever page, program, message or command it came by.</summary>
    public static TypedText Of(TextKind kind, string raw)
    {
        if (kind == TextKind.Made) return new(raw, null);
        if (kind == TextKind.Contact) kind = raw.AsSpan().ContainsAny('@', '\uFF20') ? TextKind.Email : TextKind.Phone;
        var isTooLong = raw.Length > MostRead;
        if (isTooLong) raw = raw[..MostRead];
        var (text, fault) = kind is TextKind.Line or TextKind.Long or TextKind.Message ? Words(kind, raw) : (Signs(kind, raw), null);
        return new(text, isTooLong ? TooLong : kind == TextKind.Message ? null : fault);
    }

    /// <summary>The same for a text that need not be there.</summary>
    public static string? TextOf(TextKind kind, string? raw) => raw is null ? null : Of(kind, raw).Text;

    /// <summary>True where no text with this in it is ever recorded.</summary>
    public static bool HasUnseen(string text) => text.EnumerateRunes().Any(Unseen.IsNever) || HasLoneHalf(text);

    static (string Text, string? Fault) Words(TextKind kind, string raw)
    {
        var kept = new List<Rune>(raw.Length);
        var (turns, unusable, controls) = (false, false, false);
        var hasRightToLeft = raw.EnumerateRunes().Any(Unseen.IsFromTheRight);
        foreach (var rune in Lines(raw))
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (rune.Value == '\n' || rune.Value is 0x2028 or 0x2029)
            {
                kept.Add(new Rune(kind == TextKind.Line ? ' ' : '\n'));
            }
            else if (category == UnicodeCategory.SpaceSeparator || rune.Value is '\t' or 0x2800)
            {
                kept.Add(new Rune(' '));
            }
            else if (category == UnicodeCategory.Control)
            {
                controls = true;
                kept.Add(new Rune(' '));
            }
            else if (Unseen.TurnsAround(rune) || (hasRightToLeft && Unseen.TurnsBack(rune)))
            {
                turns = true;
            }
            else if (category is UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned || Unseen.IsSeenFormat(rune))
            {
                unusable = true;
            }
            else if (!(category == UnicodeCategory.Format && !Unseen.IsJoiner(rune)) && !Unseen.IsBlank(rune, kept.Count > 0 ? kept[^1].Value : 0))
            {
                kept.Add(kind != TextKind.Message ? rune : Digit(rune) ?? (category == UnicodeCategory.DashPunctuation ? new Rune('-') : rune));
            }
        }

        var text = InFormC(kept);
        text = kind == TextKind.Line ? OneBlankEach(text) : text.Trim();
        var isEmpty = !text.EnumerateRunes().Any(IsSeen);
        // Blanks alone are no text, and nothing to complain of.
        var fault = turns ? TurnsAround
            : unusable || HasLoneHalf(raw) ? CannotBeUsed
            : controls && kind == TextKind.Line ? HasControls
            : isEmpty && raw.EnumerateRunes().Any(r => !Rune.IsWhiteSpace(r)) ? IsInvisible
            : null;
        return (isEmpty ? "" : text, fault);
    }

    /// <summary>What is no number, phone or address is left in it, for the page to name; what is not seen is gone.</summary>
    static string Signs(TextKind kind, string raw)
    {
        var text = new StringBuilder(raw.Length);
        // Form C first: some signs are another one of which a digit or a Latin letter is made here.
        foreach (var rune in Nfc.Of(raw).EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator || Rune.IsWhiteSpace(rune) || rune.Value == 0x2800) text.Append(' ');
            else if (category is UnicodeCategory.Control or UnicodeCategory.Format || Unseen.IsBlank(rune, 0)) continue;
            else if (kind != TextKind.Email && (category == UnicodeCategory.DashPunctuation || rune.Value == 0x2212)) text.Append('-');
            else text.Append((kind == TextKind.Email ? null : Digit(rune)) ?? (kind == TextKind.Number ? LookAlikes.Read(rune) : LookAlikes.Narrow(rune)));
        }

        return Nfc.Of(text.ToString()).Trim();
    }

    /// <summary>The ASCII digit of that value; null where it is no decimal digit.</summary>
    static Rune? Digit(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber ? new Rune('0' + (int)Rune.GetNumericValue(rune)) : null;

    static IEnumerable<Rune> Lines(string raw) => raw.ReplaceLineEndings("\n").EnumerateRunes();

    /// <summary>Form C puts marks in order, which gives a joiner another neighbour, and to drop one lets letters come together: until nothing changes.</summary>
    static string InFormC(List<Rune> runes)
    {
        while (true)
        {
            var text = Nfc.Of(string.Concat(runes));
            var joined = text.AsSpan().ContainsAny((char)Unseen.ZeroWidthNonJoiner, (char)Unseen.ZeroWidthJoiner) ? WithJoinersInWords([.. text.EnumerateRunes()]) : text;
            if (joined == text) return text;
            runes = [.. joined.EnumerateRunes()];
        }
    }

    static string WithJoinersInWords(List<Rune> runes)
    {
        var text = new StringBuilder(runes.Count);
        for (var i = 0; i < runes.Count; i++)
        {
            if (!Unseen.IsJoiner(runes[i]))
            {
                text.Append(runes[i]);
                continue;
            }

            // Of several in a row, the first one counts.
            var before = i - 1;
            while (i + 1 < runes.Count && Unseen.IsJoiner(runes[i + 1])) i++;
            if (before >= 0 && Unseen.Joins(runes[before], i + 1 < runes.Count ? runes[i + 1] : null)) text.Append(runes[before + 1]);
        }

        return text.ToString();
    }

    static string OneBlankEach(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    static bool IsSeen(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark) && !Rune.IsWhiteSpace(rune) && !Unseen.IsJoiner(rune);

    static bool HasLoneHalf(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return true;
            i++;
        }

        return false;
    }
}
