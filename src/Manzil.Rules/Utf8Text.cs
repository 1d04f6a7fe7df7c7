using System.Text;

namespace Manzil.Rules;

/// <summary>Text from bytes that must be UTF-8, with the line of the first that are not.</summary>
static class Utf8Text
{
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) =>
        utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    internal static string Decode(ReadOnlySpan<byte> utf8, Func<int, Exception> error)
    {
        Check(utf8, error);
        return Strict.GetString(WithoutMark(utf8));
    }

    internal static void Check(ReadOnlySpan<byte> utf8, Func<int, Exception> error)
    {
        var bad = System.Text.Unicode.Utf8.IsValid(utf8) ? -1 : FirstInvalid(utf8);
        if (bad >= 0)
            throw error(utf8[..bad].Count((byte)'\n') + 1);
    }

    static int FirstInvalid(ReadOnlySpan<byte> utf8)
    {
        var position = 0;
        while (Rune.DecodeFromUtf8(utf8[position..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
            position += consumed;
        return position;
    }
}
