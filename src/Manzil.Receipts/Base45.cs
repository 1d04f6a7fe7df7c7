namespace Manzil.Receipts;

/// <summary>Base45 (RFC 9285): bytes as the characters of a QR code's alphanumeric mode.</summary>
public static class Base45
{
    const string Symbols = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

    /// <summary>Writes bytes as text (RFC 9285 section 4).</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>Three characters for two bytes, two for a last single byte.</returns>
    public static string Encode(ReadOnlySpan<byte> bytes) => Encode("", bytes);

    internal static string Encode(string prefix, ReadOnlySpan<byte> bytes) =>
        string.Create(prefix.Length + bytes.Length / 2 * 3 + bytes.Length % 2 * 2, new Prefixed(prefix, bytes), static (text, from) =>
        {
            from.Prefix.CopyTo(text);
            var bytes = from.Bytes;
            var at = from.Prefix.Length;
            for (var i = 0; i < bytes.Length; i += 2)
            {
                var pair = i + 1 < bytes.Length;
                var value = pair ? bytes[i] << 8 | bytes[i + 1] : bytes[i];
                text[at++] = Symbols[value % 45];
                text[at++] = Symbols[value / 45 % 45];
                if (pair)
                {
                    text[at++] = Symbols[value / 2025];
                }
            }
        });

    readonly ref struct Prefixed(string prefix, ReadOnlySpan<byte> bytes)
    {
        internal readonly string Prefix = prefix;
        internal readonly ReadOnlySpan<byte> Bytes = bytes;
    }

    /// <summary>Reads text back into bytes, strictly: only what <see cref="Encode(ReadOnlySpan{byte})"/> writes.</summary>
    /// <param name="text">The text; lower case is refused.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="ReceiptFormatException">A character is not of the alphabet, the length is impossible, or a group is
    /// too large for its bytes (RFC 9285 section 6).</exception>
    public static byte[] Decode(ReadOnlySpan<char> text)
    {
        if (text.Length % 3 == 1)
        {
            throw new ReceiptFormatException("The base45 text has an impossible length.");
        }
        var bytes = new byte[text.Length / 3 * 2 + text.Length % 3 / 2];
        var at = 0;
        for (var i = 0; i < text.Length; i += 3)
        {
            var triple = i + 2 < text.Length;
            var value = ValueOf(text[i]) + 45 * ValueOf(text[i + 1]) + (triple ? 2025 * ValueOf(text[i + 2]) : 0);
            if (value > (triple ? 0xFFFF : 0xFF))
            {
                throw new ReceiptFormatException("The base45 text has a group that is too large.");
            }
            if (triple)
            {
                bytes[at++] = (byte)(value >> 8);
            }
            bytes[at++] = (byte)value;
        }
        return bytes;
    }

    internal static int SymbolOf(char c) => Symbols.IndexOf(c, StringComparison.Ordinal);

    static int ValueOf(char c) => SymbolOf(c) is >= 0 and var value
        ? value
        : throw new ReceiptFormatException("The text has a character that base45 does not have.");
}
