using System.Buffers;
using System.Globalization;
using System.Text;

namespace Manzil.Receipts;

/// <summary>The one spelling that the C2SP texts allow for numbers and bytes; every other spelling is refused.</summary>
static class StrictText
{
    static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    internal static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>RFC 4648 §4 with padding, no whitespace and no stray bits.</summary>
    internal static bool TryBase64(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = new byte[text.Length / 4 * 3];
        if (text.Length % 4 != 0 || !Convert.TryFromBase64Chars(text, bytes, out var length))
        {
            return false;
        }

        Array.Resize(ref bytes, length);
        return text.SequenceEqual(Convert.ToBase64String(bytes));
    }

    /// <summary>Decimal digits without a leading zero, 0 to 2^63 - 1.</summary>
    internal static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        return text.Length is > 0 and <= 19
            && !text.ContainsAnyExcept(Digits)
            && (text[0] != '0' || text.Length == 1)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>A key's name: not empty, no plus sign, no Unicode space, nothing that a text line cannot hold.</summary>
    internal static bool IsKeyName(ReadOnlySpan<char> name)
    {
        foreach (var letter in name)
        {
            if (letter == '+' || char.IsWhiteSpace(letter) || char.IsControl(letter))
            {
                return false;
            }
        }

        return name.Length is > 0 and <= 255 && IsWellFormed(name);
    }

    /// <summary>Whether UTF-8 can hold the text: no half of a surrogate pair stands alone.</summary>
    internal static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var length) != OperationStatus.Done)
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }
}
