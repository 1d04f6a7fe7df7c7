namespace Manzil.Cases.Files;

/// <summary>The old packings that programs still write around others (ISO 32000-1, 7.4.2, 7.4.3 and 7.4.5).</summary>
static class PdfAscii
{
    public static byte[] Hex(ReadOnlySpan<byte> text)
    {
        var bytes = new List<byte>(text.Length / 2);
        var half = -1;
        foreach (var letter in text)
        {
            if (letter == '>') break;
            if (PdfText.IsBlank(letter)) continue;
            if (!char.IsAsciiHexDigit((char)letter)) throw Unclear();
            if (half < 0)
            {
                half = PdfText.Digit(letter);
            }
            else
            {
                bytes.Add((byte)(half << 4 | PdfText.Digit(letter)));
                half = -1;
            }
        }

        if (half >= 0) bytes.Add((byte)(half << 4));
        return [.. bytes];
    }

    public static byte[] Base85(ReadOnlySpan<byte> text)
    {
        var bytes = new List<byte>(text.Length);
        long group = 0;
        var digits = 0;
        foreach (var letter in text)
        {
            if (letter == '~') break;
            if (PdfText.IsBlank(letter)) continue;
            if (letter == 'z' && digits == 0)
            {
                bytes.AddRange([0, 0, 0, 0]);
                continue;
            }

            if (letter is < (byte)'!' or > (byte)'u') throw Unclear();
            group = group * 85 + letter - '!';
            if (++digits < 5) continue;
            Add(bytes, group, 4);
            (group, digits) = (0, 0);
        }

        if (digits == 1) throw Unclear();
        if (digits > 1)
        {
            for (var i = digits; i < 5; i++) group = group * 85 + 84;
            Add(bytes, group, digits - 1);
        }

        return [.. bytes];
    }

    public static byte[] RunLength(ReadOnlySpan<byte> packed, PdfBudget budget)
    {
        var bytes = new List<byte>(packed.Length);
        for (var i = 0; i < packed.Length && packed[i] != 128;)
        {
            var length = packed[i++];
            var count = length < 128 ? length + 1 : 257 - length;
            budget.Held(count);
            budget.Unpacked(count);
            if (i + (length < 128 ? count : 1) > packed.Length) throw Unclear();
            if (length < 128)
            {
                bytes.AddRange(packed.Slice(i, count));
                i += count;
            }
            else
            {
                bytes.AddRange(Enumerable.Repeat(packed[i++], count));
            }
        }

        return [.. bytes];
    }

    static void Add(List<byte> bytes, long group, int count)
    {
        if (group > uint.MaxValue) throw Unclear();
        for (var i = 0; i < count; i++) bytes.Add((byte)(group >> (24 - 8 * i)));
    }

    static FileRefusedException Unclear() => new(FileFault.PdfUnclear);
}
