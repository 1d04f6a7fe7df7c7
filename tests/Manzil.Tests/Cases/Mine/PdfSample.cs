using System.Globalization;
using System.Text;

namespace Manzil.Tests.Cases.Mine;

/// <summary>How a sample says where its objects stand.</summary>
enum PdfLayout
{
    Table,
    Stream,
    Hybrid,
}

/// <summary>Writes PDFs object by object, in every layout that readers know; right where nothing else is asked for.</summary>
sealed class PdfSample
{
    readonly MemoryStream _out = new();
    readonly Dictionary<int, string> _table = [];
    readonly Dictionary<int, (int Container, int Index)> _packed = [];
    int _previous = -1, _size;

    public PdfSample(string header = "%PDF-1.7\n") => Put(header);

    /// <summary>What stands there belongs to no object.</summary>
    public PdfSample Gap(string text)
    {
        Put(text);
        return this;
    }

    public PdfSample Add(int number, string value)
    {
        Begin(number);
        Put($"{number} 0 obj\n{value}\nendobj\n");
        return this;
    }

    public PdfSample AddStream(int number, string dictionary, byte[] data)
    {
        Begin(number);
        Put($"{number} 0 obj\n<< {dictionary} /Length {data.Length} >>\nstream\n");
        _out.Write(data);
        Put("\nendstream\nendobj\n");
        return this;
    }

    /// <summary>A stream packed by these filters, the first of which is undone first.</summary>
    public PdfSample AddPacked(int number, string dictionary, byte[] data, params string[] filters)
    {
        foreach (var filter in filters.Reverse()) data = Pack(data, filter);
        return AddStream(number, filters.Length == 0 ? dictionary : $"{dictionary} /Filter [{string.Join(' ', filters.Select(f => f.StartsWith('/') ? f : $"/{f}"))}]", data);
    }

    /// <summary>Objects in a stream of objects.</summary>
    /// <param name="predictor">1 for none, or 10 to 15.</param>
    public PdfSample AddObjects(int number, (int Number, string Value)[] objects, int predictor = 1, params string[] filters)
    {
        var (head, body) = (new StringBuilder(), new StringBuilder());
        foreach (var (inner, value) in objects)
        {
            head.Append(CultureInfo.InvariantCulture, $"{inner} {body.Length} ");
            body.Append(value).Append('\n');
            _packed[inner] = (number, Array.FindIndex(objects, o => o.Number == inner));
            _table.Remove(inner);
            _size = Math.Max(_size, inner + 1);
        }

        var data = Bytes($"{head}{body}");
        var dictionary = $"/Type /ObjStm /N {objects.Length} /First {head.Length}";
        if (predictor == 1) return AddPacked(number, dictionary, data, filters);
        data = Pack(Predicted(data, predictor), "FlateDecode");
        return AddStream(number, $"{dictionary} /Filter /FlateDecode /DecodeParms << /Predictor {predictor} /Columns 8 >>", data);
    }

    /// <summary>Ends a revision: where everything stands that was added since the last one.</summary>
    public PdfSample End(PdfLayout layout = PdfLayout.Table, string trailer = "", string after = "")
    {
        if (layout == PdfLayout.Table && _packed.Count > 0) layout = PdfLayout.Stream;
        var previous = _previous < 0 ? "" : $" /Prev {_previous}";
        if (layout == PdfLayout.Stream)
        {
            _previous = (int)_out.Length;
            WriteReferences($"/Root 1 0 R{previous} {trailer}", withTable: true);
        }
        else
        {
            var stream = "";
            if (layout == PdfLayout.Hybrid)
            {
                stream = $" /XRefStm {_out.Length}";
                WriteReferences("", withTable: false);
            }

            _previous = (int)_out.Length;
            Put("xref\n0 1\n0000000000 65535 f \n");
            foreach (var (number, at) in _table.OrderBy(entry => entry.Key)) Put($"{number} 1\n{at} 00000 n \n");
            foreach (var number in _packed.Keys) Put($"{number} 1\n0000000000 00000 f \n");
            Put($"trailer\n<< /Size {_size + 1} /Root 1 0 R{previous}{stream} {trailer} >>\n");
        }

        Put($"startxref\n{_previous}\n%%EOF\n{after}");
        _table.Clear();
        _packed.Clear();
        return this;
    }

    public byte[] Bytes() => _out.ToArray();

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static byte[] Pack(byte[] data, string filter) => filter switch
    {
        "FlateDecode" or "Fl" => TaggedFiles.Packed(data),
        "ASCIIHexDecode" or "AHx" => Bytes($"{Convert.ToHexString(data)}>"),
        "ASCII85Decode" or "A85" => Base85(data),
        // Runs of one: not short, but right.
        "RunLengthDecode" or "RL" => [.. data.SelectMany(b => (byte[])[0, b]), 128],
        _ => data,
    };

    // One row of zeros above the first; PNG's kinds 0 to 4 by turns where the predictor says 15.
    public static byte[] Predicted(byte[] data, int predictor)
    {
        const int Columns = 8;
        byte[] padded = [.. data, .. Enumerable.Repeat((byte)' ', (Columns - data.Length % Columns) % Columns)];
        var rows = new MemoryStream();
        for (var y = 0; y < padded.Length / Columns; y++)
        {
            var kind = predictor == 15 ? y % 3 : Math.Min(predictor - 10, 2);
            rows.WriteByte((byte)kind);
            for (var x = 0; x < Columns; x++)
            {
                var guess = kind switch { 1 => x == 0 ? 0 : padded[y * Columns + x - 1], 2 => y == 0 ? 0 : padded[(y - 1) * Columns + x], _ => 0 };
                rows.WriteByte((byte)(padded[y * Columns + x] - guess));
            }
        }

        return rows.ToArray();
    }

    static byte[] Base85(byte[] data)
    {
        var text = new StringBuilder();
        for (var i = 0; i < data.Length; i += 4)
        {
            var count = Math.Min(4, data.Length - i);
            long group = 0;
            for (var k = 0; k < 4; k++) group = group << 8 | (k < count ? data[i + k] : 0L);
            var digits = new char[5];
            for (var k = 4; k >= 0; k--, group /= 85) digits[k] = (char)('!' + group % 85);
            text.Append(digits, 0, count + 1);
        }

        return Bytes($"{text}~>");
    }

    void Begin(int number)
    {
        _table[number] = _out.Length.ToString("D10", CultureInfo.InvariantCulture);
        _packed.Remove(number);
        _size = Math.Max(_size, number + 1);
    }

    void WriteReferences(string trailer, bool withTable)
    {
        var number = _size++;
        if (withTable) Begin(number);
        var at = _out.Length;
        var (data, index) = (new MemoryStream(), new StringBuilder());
        var entries = _packed.ToDictionary(p => p.Key, p => (Kind: 2, Place: p.Value.Container, p.Value.Index));
        if (withTable)
        {
            foreach (var (inner, place) in _table) entries[inner] = (1, int.Parse(place, CultureInfo.InvariantCulture), 0);
        }

        foreach (var (inner, (kind, place, extra)) in entries.OrderBy(e => e.Key))
        {
            index.Append(CultureInfo.InvariantCulture, $"{inner} 1 ");
            data.Write([(byte)kind, (byte)(place >> 24), (byte)(place >> 16), (byte)(place >> 8), (byte)place, 0, (byte)(extra >> 8), (byte)extra]);
        }

        Assert.True(at == _out.Length, "nothing was written between");
        var packed = Pack(Predicted(data.ToArray(), 12), "FlateDecode");
        Put($"{number} 0 obj\n<< /Type /XRef /Size {_size} /W [1 4 3] /Index [{index}] /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 8 >> /Length {packed.Length} {trailer} >>\nstream\n");
        _out.Write(packed);
        Put("\nendstream\nendobj\n");
    }

    void Put(string text) => _out.Write(Bytes(text));
}
