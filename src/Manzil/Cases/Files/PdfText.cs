using System.Globalization;
using System.Text;

namespace Manzil.Cases.Files;

/// <summary>What a PDF's text is made of, as far as it matters here (ISO 32000-1, 7.2 and 7.3).</summary>
enum PdfTokenKind
{
    End,
    Name,
    Number,
    Word,
    String,
    DictOpen,
    DictClose,
    Other,
}

/// <param name="Start">The first byte of it; of a string, of its content.</param>
/// <param name="Length">In bytes; of a string, of its content.</param>
readonly record struct PdfToken(PdfTokenKind Kind, int Start, int Length, string Text);

/// <summary>Reads a PDF's text token by token, from any place. Bounds-checked; never goes back, so it ends.</summary>
sealed class PdfText(byte[] bytes)
{
    const int MaxWord = 127;

    readonly int _end = bytes.Length;

    public int At { get; set; }

    public PdfToken Next()
    {
        SkipBlank();
        if (At >= _end) return new(PdfTokenKind.End, _end, 0, "");
        var start = At;
        switch (bytes[At])
        {
            case (byte)'/':
                return Name();
            case (byte)'(':
                return Literal();
            case (byte)'<' when At + 1 < _end && bytes[At + 1] == '<':
                At += 2;
                return new(PdfTokenKind.DictOpen, start, 2, "");
            case (byte)'>' when At + 1 < _end && bytes[At + 1] == '>':
                At += 2;
                return new(PdfTokenKind.DictClose, start, 2, "");
            case (byte)'<':
                At++;
                while (At < _end && bytes[At] != '>') At++;
                At = Math.Min(_end, At + 1);
                return new(PdfTokenKind.String, start + 1, Math.Max(0, At - start - 2), "");
            case (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' or (byte)')' or (byte)'>':
                At++;
                return new(PdfTokenKind.Other, start, 1, "");
        }

        while (At < _end && !IsBlank(bytes[At]) && !IsDelimiter(bytes[At])) At++;
        var text = Encoding.Latin1.GetString(bytes, start, Math.Min(MaxWord, At - start));
        var isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        return new(isNumber ? PdfTokenKind.Number : PdfTokenKind.Word, start, At - start, text);
    }

    // #4A in a name is J: the same name can be written in many ways.
    PdfToken Name()
    {
        var start = At++;
        var name = new StringBuilder();
        while (At < _end && !IsBlank(bytes[At]) && !IsDelimiter(bytes[At]))
        {
            if (bytes[At] == '#' && At + 2 < _end && char.IsAsciiHexDigit((char)bytes[At + 1]) && char.IsAsciiHexDigit((char)bytes[At + 2]))
            {
                name.Append((char)Convert.ToByte($"{(char)bytes[At + 1]}{(char)bytes[At + 2]}", 16));
                At += 3;
            }
            else
            {
                name.Append((char)bytes[At++]);
            }

            if (name.Length > MaxWord) name.Length = MaxWord;
        }

        return new(PdfTokenKind.Name, start, At - start, name.ToString());
    }

    PdfToken Literal()
    {
        var start = ++At;
        var depth = 1;
        for (; At < _end; At++)
        {
            if (bytes[At] == '\\') At++;
            else if (bytes[At] == '(') depth++;
            else if (bytes[At] == ')' && --depth == 0) break;
        }

        var close = Math.Min(At, _end);
        At = Math.Min(_end, close + 1);
        return new(PdfTokenKind.String, start, close - start, "");
    }

    void SkipBlank()
    {
        while (At < _end)
        {
            if (bytes[At] == '%')
            {
                while (At < _end && bytes[At] is not ((byte)'\r' or (byte)'\n')) At++;
            }
            else if (IsBlank(bytes[At]))
            {
                At++;
            }
            else
            {
                return;
            }
        }
    }

    static bool IsBlank(byte b) => b is 0 or 9 or 10 or 12 or 13 or 32;

    static bool IsDelimiter(byte b) => b is (byte)'(' or (byte)')' or (byte)'<' or (byte)'>' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' or (byte)'/' or (byte)'%';
}
