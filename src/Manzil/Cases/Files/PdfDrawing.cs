namespace Manzil.Cases.Files;

/// <summary>
/// Whether a small file would keep the reader that opens it busy: a piece that draws itself, pieces that each draw the next a hundred
/// times, a pattern laid in tiny steps. Whatever a drawing names is taken to be drawn each time it is named, and counted in bytes of
/// drawing. That is not all that can be slow: a font, a mask or a pattern may be named once and serve many times.
/// </summary>
sealed class PdfDrawing(PdfFile file)
{
    const long MaxOfPage = 256 * 1024 * 1024;
    const int MaxDepth = 40, MaxParts = 2_000, MaxWork = 5_000_000, PixelsAByte = 16;

    static readonly PdfDict Nothing = new();

    readonly Dictionary<PdfRef, (PdfDict Dict, PdfNames Names)> _streams = [];
    readonly Dictionary<PdfRef, long> _pictures = [];
    readonly List<(PdfPage Page, List<PdfRef> Looks)> _pages = [];
    readonly Dictionary<PdfRef, PdfDict?> _dicts = [];
    readonly Dictionary<(PdfRef, PdfDict), long> _costs = [];
    readonly HashSet<(PdfRef, PdfDict)> _open = [];
    int _work;

    public void Add(PdfRef stream, PdfDict dict, PdfNames names) => _streams[stream] = (dict, names);

    public void AddPicture(PdfRef picture, long pixels) => _pictures[picture] = pixels / PixelsAByte;

    /// <param name="looks">What is drawn on top of it.</param>
    public void Add(PdfPage page, List<PdfRef> looks) => _pages.Add((page, looks));

    /// <summary>Once all is read.</summary>
    /// <exception cref="FileRefusedException">A page costs too much, or draws a piece inside itself.</exception>
    public void Check()
    {
        foreach (var (page, looks) in _pages)
        {
            var parts = Parts(page["Contents"]).ToList();
            if (parts.Count > MaxParts) throw Unclear();
            var resources = Dict(page["Resources"]) ?? Nothing;
            long total = 0;
            foreach (var part in parts.Concat(looks)) total = Within(total + Cost(part, resources, 0));
        }
    }

    static FileRefusedException Unclear() => new(FileFault.PdfUnclear);

    static long Within(long cost) => cost <= MaxOfPage ? cost : throw Unclear();

    // Reading a small file over and over would be slow here too.
    void Work(int steps)
    {
        if ((_work += steps) > MaxWork) throw Unclear();
    }

    IEnumerable<PdfRef> Parts(PdfValue contents) => contents switch
    {
        PdfRef one when file.Known(one).Kind is PdfKind.Stream => [one],
        _ => file.Resolve(contents) is PdfArray { Items: var items } ? items.OfType<PdfRef>() : [],
    };

    long Cost(PdfRef stream, PdfDict lent, int depth)
    {
        Work(1);
        var last = file.Known(stream).Last;
        // One object may be a picture here and a drawing there.
        var picture = _pictures.GetValueOrDefault(last);
        if (!_streams.TryGetValue(last, out var read)) return picture;
        var resources = Dict(read.Dict["Resources"]) ?? lent;
        if (_costs.TryGetValue((last, resources), out var known)) return known;
        // Inside itself, it has no end.
        if (depth > MaxDepth || !_open.Add((last, resources))) throw Unclear();
        var cost = Within(picture + read.Names.Bytes + OfNames(read.Names, resources, depth + 1));
        _open.Remove((last, resources));
        return _costs[(last, resources)] = cost;
    }

    long OfNames(PdfNames names, PdfDict resources, int depth)
    {
        var (pieces, patterns, states, fonts) = (Dict(resources["XObject"]), Dict(resources["Pattern"]), Dict(resources["ExtGState"]), Dict(resources["Font"]));
        Work(names.Counts.Count);
        long total = 0;
        foreach (var (name, count) in names.Counts)
        {
            var each = Of(pieces, name, resources, depth) + Of(patterns, name, resources, depth);
            if (patterns?[name] is PdfRef pattern) CheckSteps(pattern);
            if (states?[name] is { } value && Dict(value) is { } state)
                each += Of(Dict(state["SMask"]), "G", resources, depth) + (file.Resolve(state["Font"]) is PdfArray { Items: [var set, ..] } ? Letters(set, resources, depth) : 0);
            if (fonts?[name] is { } font) each += Letters(font, resources, depth);
            total = Within(total + count * Within(each));
        }

        return total;
    }

    long Of(PdfDict? named, string name, PdfDict resources, int depth) => named?[name] is PdfRef piece ? Cost(piece, resources, depth) : 0;

    // Of a font whose letters are drawings: the costliest.
    long Letters(PdfValue value, PdfDict lent, int depth)
    {
        if (Dict(value) is not { } font || Dict(font["CharProcs"]) is not { } letters) return 0;
        var resources = Dict(font["Resources"]) ?? lent;
        return letters.Entries.Keys.Select(letter => Of(letters, letter, resources, depth)).DefaultIfEmpty(0).Max();
    }

    // Of a pattern; its matrix, which may make them smaller still, is not reckoned with.
    void CheckSteps(PdfRef pattern)
    {
        if (_streams.TryGetValue(file.Known(pattern).Last, out var read) && (IsTiny(read.Dict["XStep"]) || IsTiny(read.Dict["YStep"]))) throw Unclear();
    }

    // Less than a hundredth, by how it is written.
    bool IsTiny(PdfValue value) => file.Resolve(value) is PdfPlain { Text: var text } && text.TrimStart('-', '0') is var rest && (rest is "" or "." || rest.StartsWith(".00", StringComparison.Ordinal));

    // Each is read once, however many pages share it.
    PdfDict? Dict(PdfValue value)
    {
        if (value is not PdfRef reference) return value as PdfDict;
        if (_dicts.TryGetValue(reference, out var known)) return known;
        return _dicts[reference] = file.Resolve(reference) as PdfDict;
    }
}
