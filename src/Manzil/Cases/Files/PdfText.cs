using System.Globalization;
using System.Text;

namespace Manzil.Cases.Files;

/// <summary>What one file may cost: whoever goes beyond is refused. The numbers are those of docs/operating.md.</summary>
sealed class PdfBudget
{
    /// <summary>All streams of a file together, unpacked; they pass through a small buffer and are packed again.</summary>
    public const int MaxUnpacked = 64 * 1024 * 1024;

    /// <summary>What has to be held unpacked at once: lists of objects, pictures that are packed twice, drawings behind a predictor.</summary>
    public const int MaxHeld = 8 * 1024 * 1024;

    /// <summary>All that is read of a file, an object that is asked for again once more: many small notes may name one large one.</summary>
    public const long MaxRead = 128 * 1024 * 1024;

    public const int MaxValues = 2_000_000, MaxValuesOfOne = 200_000, MaxObjects = 100_000, MaxRevisions = 100, MaxPages = 2_000;

    /// <summary>Names in all that is drawn, each counted once for each drawing; all are held until the last page is read.</summary>
    public const int MaxNames = 200_000;

    /// <summary>All pictures of a file together: 200 pages as a scanner makes them.</summary>
    public const long MaxPixels = 2_000_000_000;

    long _read, _unpacked, _held, _values, _names, _pixels;

    public void Read(long bytes)
    {
        if ((_read += bytes) > MaxRead) throw new FileRefusedException(FileFault.PdfUnclear);
    }

    public void Unpacked(long bytes)
    {
        if ((_unpacked += bytes) > MaxUnpacked) throw new FileRefusedException(FileFault.PdfHidden);
    }

    public void Held(long bytes)
    {
        if ((_held += bytes) > MaxHeld) throw new FileRefusedException(FileFault.PdfHidden);
    }

    public void Value()
    {
        if (++_values > MaxValues) throw new FileRefusedException(FileFault.PdfUnclear);
    }

    public void Name()
    {
        if (++_names > MaxNames) throw new FileRefusedException(FileFault.PdfUnclear);
    }

    public void Pixels(long count)
    {
        if ((_pixels += count) > MaxPixels) throw new FileRefusedException(FileFault.TooManyPixels);
    }
}

/// <summary>Reads values of a PDF from a place in its bytes (ISO 32000-1, 7.2 and 7.3). What is not written as it must be is refused.</summary>
sealed class PdfText(byte[] bytes, int at, PdfBudget budget)
{
    const int MaxName = 127, MaxNumber = 40, MaxDepth = 50;

    int _values;

    public int At
    {
        get;
        private set
        {
            if (value > field) budget.Read(value - field);
            field = value;
        }
    } = at >= 0 && at <= bytes.Length ? at : throw Unclear();

    /// <param name="references">Whether "1 0 R" may stand there.</param>
    public PdfValue Value(bool references = true, int depth = 0)
    {
        budget.Value();
        if (++_values > PdfBudget.MaxValuesOfOne || depth > MaxDepth) throw Unclear();
        SkipBlank();
        if (At >= bytes.Length) throw Unclear();
        switch (bytes[At])
        {
            case (byte)'/':
                return new PdfName(Name());
            case (byte)'(':
                return new PdfString(Literal());
            case (byte)'<' when At + 1 < bytes.Length && bytes[At + 1] == '<':
                At += 2;
                return Dict(references, depth);
            case (byte)'<':
                return new PdfString(Hexadecimal());
            case (byte)'[':
                At++;
                return Array(references, depth);
        }

        var word = Word();
        if (word is "true" or "false" or "null") return new PdfPlain(word);
        if (!IsNumber(word)) throw Unclear();
        if (references && WholeOf(word) is { } number && Generation() is { } generation) return new PdfRef(number, generation);
        return new PdfPlain(word.TrimStart('+'));
    }

    /// <summary>Whether the next word is this one; then it is behind.</summary>
    public bool Take(string word)
    {
        SkipBlank();
        var end = At + word.Length;
        if (end > bytes.Length || (end < bytes.Length && !IsEnd(bytes[end]))) return false;
        for (var i = 0; i < word.Length; i++)
        {
            if (bytes[At + i] != word[i]) return false;
        }

        At = end;
        return true;
    }

    public int Whole()
    {
        SkipBlank();
        return WholeOf(Word()) ?? throw Unclear();
    }

    public string Word()
    {
        SkipBlank();
        var start = At;
        while (At < bytes.Length && !IsEnd(bytes[At])) At++;
        if (At == start || At - start > MaxNumber) throw Unclear();
        return Encoding.Latin1.GetString(bytes, start, At - start);
    }

    /// <summary>Behind the word "stream" an end of line stands, and then the data.</summary>
    public int DataStart()
    {
        if (At < bytes.Length && bytes[At] == '\n') return At + 1;
        if (At + 1 < bytes.Length && bytes[At] == '\r' && bytes[At + 1] == '\n') return At + 2;
        throw Unclear();
    }

    static FileRefusedException Unclear() => new(FileFault.PdfUnclear);

    static int? WholeOf(string word) =>
        word.Length <= 10 && word.All(char.IsAsciiDigit) && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? whole : null;

    static bool IsNumber(string word)
    {
        var digits = word.AsSpan(word[0] is '+' or '-' ? 1 : 0);
        var point = digits.IndexOf('.');
        var count = digits.Length - (point < 0 ? 0 : 1);
        if (count == 0) return false;
        for (var i = 0; i < digits.Length; i++)
        {
            if (i != point && !char.IsAsciiDigit(digits[i])) return false;
        }

        return true;
    }

    int? Generation()
    {
        var before = At;
        SkipBlank();
        if (At < bytes.Length && char.IsAsciiDigit((char)bytes[At]) && WholeOf(Word()) is { } generation && Take("R")) return generation;
        At = before;
        return null;
    }

    PdfDict Dict(bool references, int depth)
    {
        var dict = new PdfDict();
        while (true)
        {
            SkipBlank();
            if (At + 1 >= bytes.Length) throw Unclear();
            if (bytes[At] == '>' && bytes[At + 1] == '>')
            {
                At += 2;
                return dict;
            }

            if (bytes[At] != '/') throw Unclear();
            var key = Name();
            // Written twice, the last one counts.
            dict.Entries[key] = Value(references, depth + 1);
        }
    }

    PdfArray Array(bool references, int depth)
    {
        var items = new List<PdfValue>();
        while (true)
        {
            SkipBlank();
            if (At >= bytes.Length) throw Unclear();
            if (bytes[At] == ']')
            {
                At++;
                return new PdfArray(items);
            }

            items.Add(Value(references, depth + 1));
        }
    }

    // #4A in a name is J: the same name can be written in many ways.
    string Name()
    {
        var name = new StringBuilder();
        for (At++; At < bytes.Length && !IsEnd(bytes[At]); At++)
        {
            if (bytes[At] == '#' && At + 2 < bytes.Length && char.IsAsciiHexDigit((char)bytes[At + 1]) && char.IsAsciiHexDigit((char)bytes[At + 2]))
            {
                name.Append((char)(Digit(bytes[At + 1]) << 4 | Digit(bytes[At + 2])));
                At += 2;
            }
            else
            {
                name.Append((char)bytes[At]);
            }
        }

        // A byte of zero ends a name early in readers written in C.
        if (name.Length > MaxName || name.ToString().Contains('\0', StringComparison.Ordinal)) throw Unclear();
        return name.ToString();
    }

    byte[] Literal()
    {
        var text = new List<byte>();
        var depth = 1;
        for (At++; At < bytes.Length; At++)
        {
            var letter = bytes[At];
            if (letter == ')' && --depth == 0)
            {
                At++;
                return [.. text];
            }

            if (letter == '(') depth++;
            if (letter != '\\') text.Add(letter);
            else Escaped(text);
        }

        throw Unclear();
    }

    void Escaped(List<byte> text)
    {
        if (++At >= bytes.Length) throw Unclear();
        var letter = bytes[At];
        switch (letter)
        {
            case (byte)'n':
                text.Add((byte)'\n');
                break;
            case (byte)'r':
                text.Add((byte)'\r');
                break;
            case (byte)'t':
                text.Add((byte)'\t');
                break;
            case (byte)'b':
                text.Add(8);
                break;
            case (byte)'f':
                text.Add(12);
                break;
            case (byte)'\r':
                // A line that goes on.
                if (At + 1 < bytes.Length && bytes[At + 1] == '\n') At++;
                break;
            case (byte)'\n':
                break;
            case >= (byte)'0' and <= (byte)'7':
                var value = letter - '0';
                for (var i = 0; i < 2 && At + 1 < bytes.Length && bytes[At + 1] is >= (byte)'0' and <= (byte)'7'; i++) value = value * 8 + bytes[++At] - '0';
                text.Add((byte)value);
                break;
            default:
                text.Add(letter);
                break;
        }
    }

    byte[] Hexadecimal()
    {
        var text = new List<byte>();
        var half = -1;
        for (At++; At < bytes.Length; At++)
        {
            if (bytes[At] == '>')
            {
                At++;
                if (half >= 0) text.Add((byte)(half << 4));
                return [.. text];
            }

            if (IsBlank(bytes[At])) continue;
            if (!char.IsAsciiHexDigit((char)bytes[At])) throw Unclear();
            if (half < 0)
            {
                half = Digit(bytes[At]);
            }
            else
            {
                text.Add((byte)(half << 4 | Digit(bytes[At])));
                half = -1;
            }
        }

        throw Unclear();
    }

    public void SkipBlank()
    {
        while (At < bytes.Length)
        {
            if (bytes[At] == '%')
            {
                while (At < bytes.Length && bytes[At] is not ((byte)'\r' or (byte)'\n')) At++;
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

    public static int Digit(byte letter) => letter <= '9' ? letter - '0' : (letter | 0x20) - 'a' + 10;

    public static bool IsBlank(byte b) => b is 0 or 9 or 10 or 12 or 13 or 32;

    /// <summary>Whether a word or a name ends before it.</summary>
    public static bool IsEnd(byte b) => IsBlank(b) || b is (byte)'(' or (byte)')' or (byte)'<' or (byte)'>' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' or (byte)'/' or (byte)'%';
}
