using System.Globalization;
using System.Text;

namespace Manzil.Typing;

/// <summary>What can stand in a text without being seen, or turn what is seen around.</summary>
static class Unseen
{
    public const int ZeroWidthNonJoiner = 0x200C, ZeroWidthJoiner = 0x200D;

    /// <summary>Whether it is never recorded, wherever it stands. The two joiners depend on their neighbours.</summary>
    public static bool IsNever(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control => rune.Value != '\n',
        UnicodeCategory.Format => !IsJoiner(rune),
        UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => true,
        _ => false,
    };

    public static bool IsJoiner(Rune rune) => rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner;

    /// <summary>Turns the order of what follows around, whatever that is: embeddings, overrides and isolates to the right.</summary>
    public static bool TurnsAround(Rune rune) => rune.Value is 0x202B or 0x202D or 0x202E or 0x2067;

    /// <summary>Turns around only what is written from right to left: embeddings and isolates to the left, and the ends of both.</summary>
    public static bool TurnsBack(Rune rune) => rune.Value is 0x202A or 0x202C or 0x2066 or 0x2068 or 0x2069;

    /// <summary>A letter of a script that is written from right to left.</summary>
    public static bool IsFromTheRight(Rune rune) => rune.Value is (>= 0x0590 and <= 0x08FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFE)
        or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF);

    /// <summary>
    /// Shows nothing by itself, though Unicode calls it a letter, a mark or a symbol: fillers, and what only says how the sign before it
    /// is drawn. Drawing counts as meaning after a Han or a Mongolian letter.
    /// </summary>
    public static bool IsBlank(Rune rune, int before) => rune.Value switch
    {
        0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0 => true,
        0x180B or 0x180C or 0x180D or 0x180F => before is not (>= 0x1800 and <= 0x18AF),
        (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) => !IsHan(before),
        _ => false,
    };

    /// <summary>Numbers and verses of Arabic, Syriac and Kaithi: format characters that are seen.</summary>
    public static bool IsSeenFormat(Rune rune) => rune.Value is (>= 0x0600 and <= 0x0605) or 0x06DD or 0x070F or 0x0890 or 0x0891 or 0x08E2 or 0x110BD or 0x110CD
        or (>= 0x13430 and <= 0x1343F);

    /// <summary>Whether a joiner between these two is part of a word: letters that join, or a consonant and what follows its virama.</summary>
    public static bool Joins(Rune before, Rune? after) => IsOfJoiningScript(before) && (IsVirama(before) || (after is { } next && IsOfJoiningScript(next)));

    static bool IsOfJoiningScript(Rune rune) =>
        rune.Value is (>= 0x0600 and <= 0x07FF) or (>= 0x0840 and <= 0x0DFF) or (>= 0x0F00 and <= 0x109F) or (>= 0x1700 and <= 0x18AF) or (>= 0x1900 and <= 0x1C4F)
            or (>= 0xA800 and <= 0xABFF) or (>= 0xFB50 and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFC) or (>= 0x10A00 and <= 0x10FFF) or (>= 0x11000 and <= 0x11FFF) or (>= 0x1E900 and <= 0x1E95F)
        && (Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    static bool IsVirama(Rune rune) => rune.Value is 0x094D or 0x09CD or 0x0A4D or 0x0ACD or 0x0B4D or 0x0BCD or 0x0C4D or 0x0CCD or 0x0D4D or 0x0DCA or 0x1039 or 0x17D2;

    static bool IsHan(int value) => value is (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
