using System.Globalization;

namespace Manzil.Cases.Files;

/// <summary>What kind of value an object is, where nothing more has to be known of it.</summary>
enum PdfKind
{
    Plain,
    Text,
    Array,
    Dict,
    Stream,
}

/// <summary>
/// A PDF as readers read it: from the last "startxref" through the tables or streams of references and all older revisions, and
/// from there to objects by their place (ISO 32000-1, 7.5). Objects to which no way leads are never looked at. Where a table and
/// the place to which it points disagree, the file is refused and never repaired: a repair is a guess at what another reader would do.
/// </summary>
sealed class PdfFile
{
    const int MaxNumber = 8_388_607;

    readonly byte[] _bytes;
    readonly Dictionary<int, Entry> _entries = [];
    readonly Dictionary<int, Packed> _packed = [];
    readonly Dictionary<PdfRef, (PdfRef Last, PdfKind Kind, PdfValue? Plain)> _known = [];

    PdfFile(byte[] bytes) => _bytes = bytes;

    public PdfBudget Budget { get; } = new();

    /// <summary>The newest revision's.</summary>
    public PdfDict Trailer { get; private set; } = new();

    /// <exception cref="FileRefusedException">It is locked, or is not read in one way only.</exception>
    public static PdfFile Open(byte[] bytes)
    {
        var file = new PdfFile(bytes);
        file.ReadReferences();
        return file;
    }

    public ReadOnlySpan<byte> Data(PdfStream stream)
    {
        Budget.Read(stream.Length);
        return _bytes.AsSpan(stream.Start, stream.Length);
    }

    public MemoryStream DataStream(PdfStream stream)
    {
        Budget.Read(stream.Length);
        return new(_bytes, stream.Start, stream.Length, writable: false);
    }

    /// <summary>The value itself, or what it refers to; null is what refers to nothing.</summary>
    public PdfValue Resolve(PdfValue value)
    {
        for (var steps = 0; value is PdfRef reference; steps++)
        {
            if (steps > 16) throw Unclear();
            value = Load(reference);
        }

        return value;
    }

    /// <summary>As <see cref="Resolve"/>, without keeping or reading anew what is large.</summary>
    public (PdfRef Last, PdfKind Kind, PdfValue? Plain) Known(PdfRef reference)
    {
        if (_known.TryGetValue(reference, out var known)) return known;
        var last = reference;
        var value = Load(last);
        for (var steps = 0; value is PdfRef next; steps++)
        {
            if (steps > 16) throw Unclear();
            value = Load(last = next);
        }

        return _known[reference] = (last, KindOf(value), value is PdfPlain or PdfName ? value : null);
    }

    static PdfKind KindOf(PdfValue value) => value switch
    {
        PdfString => PdfKind.Text,
        PdfArray => PdfKind.Array,
        PdfDict => PdfKind.Dict,
        PdfStream => PdfKind.Stream,
        _ => PdfKind.Plain,
    };

    static FileRefusedException Unclear() => new(FileFault.PdfUnclear);

    void ReadReferences()
    {
        var last = _bytes.AsSpan().LastIndexOf("startxref"u8);
        if (last < 0) throw Unclear();
        var next = (int?)new PdfText(_bytes, last + "startxref".Length, Budget).Whole();
        var seen = new HashSet<int>();
        for (var isFirst = true; next is { } at; isFirst = false)
        {
            if (!seen.Add(at) || seen.Count > PdfBudget.MaxRevisions) throw Unclear();
            var text = new PdfText(_bytes, at, Budget);
            var trailer = text.Take("xref") ? ReadTable(text) : ReadStream(at);
            if (trailer.Entries.ContainsKey("Encrypt")) throw new FileRefusedException(FileFault.PdfEncrypted);
            if (isFirst) Trailer = trailer;
            next = Place(trailer, "Prev");
        }
    }

    static int? Place(PdfDict trailer, string key) =>
        trailer.Entries.TryGetValue(key, out var place) ? place.Whole is >= 0 and var at ? at : throw Unclear() : null;

    PdfDict ReadTable(PdfText text)
    {
        var free = new List<long>();
        while (!text.Take("trailer"))
        {
            var (first, count) = (text.Whole(), text.Whole());
            for (var i = 0; i < count; i++)
            {
                var (at, generation, use) = (Offset(text.Word()), text.Whole(), text.Word());
                if (use == "n" && at > 0) Add(first + (long)i, new Entry(at, generation, -1));
                else if (use is "n" or "f") free.Add(first + (long)i);
                else throw Unclear();
                if (free.Count > PdfBudget.MaxObjects) throw Unclear();
            }
        }

        if (text.Value() is not PdfDict trailer) throw Unclear();
        // Both kinds in one file: what the table calls free may stand in the stream (7.5.8.4).
        if (Place(trailer, "XRefStm") is { } hybrid) ReadStream(hybrid);
        foreach (var number in free) Add(number, Entry.Free);
        return trailer;
    }

    // Free entries may have ten nines.
    static int Offset(string word) =>
        word.Length <= 10 && long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? (int)Math.Min(at, int.MaxValue) : throw Unclear();

    PdfDict ReadStream(int at)
    {
        if (ReadObject(at, null, isPackedAllowed: false) is not PdfStream { Dict: var dict } stream || dict["Type"] is not PdfName { Text: "XRef" }) throw Unclear();
        // Said before anything is unpacked, since what is unpacked may be what is locked.
        if (dict.Entries.ContainsKey("Encrypt")) throw new FileRefusedException(FileFault.PdfEncrypted);
        if (dict["W"] is not PdfArray { Items: [{ Whole: >= 0 and <= 4 and var one }, { Whole: > 0 and <= 4 and var two }, { Whole: >= 0 and <= 4 and var three }] }) throw Unclear();
        var index = dict["Index"] is PdfArray { Items: var ranges } ? ranges : [PdfPlain.Of(0), dict["Size"]];
        var data = PdfStreams.Unpack(this, stream).AsSpan();
        for (var i = 0; i + 1 < index.Count; i += 2)
        {
            if (index[i].Whole is not { } first || index[i + 1].Whole is not { } count) throw Unclear();
            for (var k = 0; k < count; k++)
            {
                if (data.Length < one + two + three) throw Unclear();
                var (kind, place, extra) = (one == 0 ? 1 : Number(data[..one]), Number(data[one..(one + two)]), Number(data[(one + two)..(one + two + three)]));
                data = data[(one + two + three)..];
                if (kind == 1) Add(first + (long)k, new Entry((int)place, (int)extra, -1));
                else if (kind == 2) Add(first + (long)k, new Entry((int)extra, 0, (int)place));
                else Add(first + (long)k, Entry.Free);
            }
        }

        return dict;
    }

    static long Number(ReadOnlySpan<byte> digits)
    {
        long number = 0;
        foreach (var digit in digits) number = number << 8 | digit;
        return number <= int.MaxValue ? number : throw Unclear();
    }

    // What a newer revision says stays.
    void Add(long number, Entry entry)
    {
        if (number is < 0 or > MaxNumber) throw Unclear();
        _entries.TryAdd((int)number, entry);
        if (_entries.Count > PdfBudget.MaxObjects) throw Unclear();
    }

    PdfValue Load(PdfRef reference, bool isPackedAllowed = true)
    {
        if (!_entries.TryGetValue(reference.Number, out var entry) || entry == Entry.Free) return PdfPlain.Null;
        if (entry.Container < 0) return entry.Extra == reference.Generation ? ReadObject(entry.At, reference, isPackedAllowed) : PdfPlain.Null;
        if (!isPackedAllowed) throw Unclear();
        if (reference.Generation != 0) return PdfPlain.Null;
        var packed = Unpacked(entry.Container);
        if (entry.At >= packed.Places.Count || packed.Places[entry.At].Number != reference.Number) throw Unclear();
        return new PdfText(packed.Bytes, packed.Places[entry.At].At, Budget).Value();
    }

    /// <param name="expected">Who must stand there; null for a stream of references.</param>
    PdfValue ReadObject(int at, PdfRef? expected, bool isPackedAllowed)
    {
        var text = new PdfText(_bytes, at, Budget);
        var found = new PdfRef(text.Whole(), text.Whole());
        if (!text.Take("obj") || (expected is not null && found != expected)) throw Unclear();
        var value = text.Value();
        if (value is not PdfDict dict || !text.Take("stream")) return value;
        var start = text.DataStart();
        var said = dict["Length"] is PdfRef elsewhere ? Length(elsewhere, isPackedAllowed) : dict["Length"].Whole;
        if (said is not { } length || length < 0 || length > _bytes.Length - start) throw Unclear();
        if (!new PdfText(_bytes, start + length, Budget).Take("endstream")) throw Unclear();
        // Its data stand in another file.
        if (dict.Entries.ContainsKey("F")) throw new FileRefusedException(FileFault.PdfActive);
        return new PdfStream(dict, start, length);
    }

    int? Length(PdfRef reference, bool isPackedAllowed)
    {
        // A number, never a stream whose length would be asked for in turn.
        if (_entries.TryGetValue(reference.Number, out var entry) && entry != Entry.Free && entry.Container < 0)
        {
            var text = new PdfText(_bytes, entry.At, Budget);
            return text.Whole() == reference.Number && text.Whole() == reference.Generation && text.Take("obj") ? text.Value().Whole : null;
        }

        return isPackedAllowed ? Load(reference).Whole : null;
    }

    Packed Unpacked(int container)
    {
        if (_packed.TryGetValue(container, out var known)) return known;
        if (Load(new PdfRef(container, 0), isPackedAllowed: false) is not PdfStream { Dict: var dict } stream || dict["Type"] is not PdfName { Text: "ObjStm" }) throw Unclear();
        if (dict["N"].Whole is not (>= 0 and <= PdfBudget.MaxObjects and var count) || dict["First"].Whole is not (>= 0 and var first)) throw Unclear();
        var bytes = PdfStreams.Unpack(this, stream);
        var head = new PdfText(bytes, 0, Budget);
        var places = new List<(int Number, int At)>();
        for (var i = 0; i < count; i++)
        {
            Budget.Value();
            places.Add((head.Whole(), (int)Math.Min(int.MaxValue, (long)head.Whole() + first)));
        }

        return _packed[container] = new Packed(bytes, places);
    }

    /// <param name="At">In the file; for what is packed, its place among the others.</param>
    /// <param name="Extra">The generation.</param>
    /// <param name="Container">The stream in which it is packed, or -1.</param>
    readonly record struct Entry(int At, int Extra, int Container)
    {
        public static readonly Entry Free = new(-1, -1, -1);
    }

    sealed record Packed(byte[] Bytes, List<(int Number, int At)> Places);
}
