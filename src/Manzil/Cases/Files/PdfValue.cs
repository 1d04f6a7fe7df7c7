using System.Globalization;
using System.Text;

namespace Manzil.Cases.Files;

/// <summary>What a PDF is made of (ISO 32000-1, 7.3).</summary>
abstract record PdfValue
{
    /// <summary>A whole number, where this is one that fits.</summary>
    public int? Whole => this is PdfPlain { Text: var text } && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null;
}

/// <summary>A number, true, false or null, as it is written.</summary>
sealed record PdfPlain(string Text) : PdfValue
{
    public static readonly PdfPlain Null = new("null");

    public static PdfPlain Of(long number) => new(number.ToString(CultureInfo.InvariantCulture));
}

/// <param name="Text">Without the slash, and without escapes: a letter stands for a byte.</param>
sealed record PdfName(string Text) : PdfValue;

sealed record PdfString(byte[] Bytes) : PdfValue;

sealed record PdfArray(List<PdfValue> Items) : PdfValue;

sealed record PdfDict(OrderedDictionary<string, PdfValue> Entries) : PdfValue
{
    public PdfDict() : this([])
    {
    }

    public PdfValue this[string key] => Entries.TryGetValue(key, out var value) ? value : PdfPlain.Null;
}

sealed record PdfRef(int Number, int Generation) : PdfValue;

/// <param name="Start">Where its data begin in the file.</param>
sealed record PdfStream(PdfDict Dict, int Start, int Length) : PdfValue;

/// <summary>Writes a PDF from values alone, objects in the order of their numbers; no byte of another file is copied but the data of streams.</summary>
sealed class PdfWriter
{
    readonly MemoryStream _out = new();
    readonly List<long> _starts = [];

    public PdfWriter()
    {
        Put("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n");
    }

    /// <param name="data">Of a stream; null for anything else.</param>
    public void Object(PdfValue value, byte[]? data = null)
    {
        _starts.Add(_out.Length);
        Put(string.Create(CultureInfo.InvariantCulture, $"{_starts.Count} 0 obj\n"));
        Value(value);
        if (data is not null)
        {
            Put("\nstream\n");
            _out.Write(data);
            Put("\nendstream");
        }

        Put("\nendobj\n");
        if (_out.Length > CleanFile.MaxBytes) throw new FileRefusedException(FileFault.TooLarge);
    }

    /// <summary>The whole file; object 1 is its catalog.</summary>
    public byte[] End()
    {
        var table = _out.Length;
        Put(string.Create(CultureInfo.InvariantCulture, $"xref\n0 {_starts.Count + 1}\n0000000000 65535 f \n"));
        foreach (var start in _starts) Put(string.Create(CultureInfo.InvariantCulture, $"{start:D10} 00000 n \n"));
        Put(string.Create(CultureInfo.InvariantCulture, $"trailer\n<< /Size {_starts.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"));
        return _out.ToArray();
    }

    void Value(PdfValue value)
    {
        switch (value)
        {
            case PdfPlain plain:
                Put(plain.Text);
                break;
            case PdfName name:
                Name(name.Text);
                break;
            case PdfString text:
                Put($"<{Convert.ToHexString(text.Bytes)}>");
                break;
            case PdfRef reference:
                Put(string.Create(CultureInfo.InvariantCulture, $"{reference.Number} {reference.Generation} R"));
                break;
            case PdfArray array:
                Put("[");
                foreach (var item in array.Items)
                {
                    Put(" ");
                    Value(item);
                }

                Put(" ]");
                break;
            case PdfDict dict:
                Put("<<");
                foreach (var (key, entry) in dict.Entries)
                {
                    Put(" ");
                    Name(key);
                    Put(" ");
                    Value(entry);
                }

                Put(" >>");
                break;
            default:
                throw new InvalidOperationException("A stream is an object of its own.");
        }
    }

    void Name(string name)
    {
        var escaped = new StringBuilder("/");
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '+' or ',' or '*') escaped.Append(letter);
            else escaped.Append(CultureInfo.InvariantCulture, $"#{(int)letter:X2}");
        }

        Put(escaped.ToString());
    }

    void Put(string text) => _out.Write(Encoding.Latin1.GetBytes(text));
}
