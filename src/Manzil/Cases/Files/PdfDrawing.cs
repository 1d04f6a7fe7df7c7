using System.Globalization;

namespace Manzil.Cases.Files;

/// <summary>
/// What each page costs the reader that draws it: a few lines can draw a piece a thousand times that draws another a thousand times.
/// Counted in bytes of drawing, from above: whatever is named is taken to be drawn, each time. What a single operator costs, a long
/// dash or a blend, is not counted.
/// </summary>
sealed class PdfDrawing(PdfFile file)
{
    const long MaxOfPage = 256 * 1024 * 1024;
    const int MaxDepth = 40, MaxParts = 2_000, PixelsAByte = 16;

    // In points: larger than A3.
    const double PageArea = 1_000_000;

    readonly Dictionary<PdfRef, (PdfDict Dict, PdfNames Names)> _streams = [];
    readonly Dictionary<PdfRef, long> _pictures = [];
    readonly List<(PdfPage Page, List<PdfRef> Looks)> _pages = [];
    readonly Dictionary<PdfRef, PdfDict?> _dicts = [];
    readonly Dictionary<(PdfRef, PdfDict), long> _costs = [];
    readonly Dictionary<(PdfDict, PdfDict), long> _glyphs = [];
    readonly HashSet<(PdfRef, PdfDict)> _open = [];
    static readonly PdfDict Nothing = new();

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
            var names = parts.Select(part => _streams.TryGetValue(file.Known(part).Last, out var read) ? read.Names : null).OfType<PdfNames>().ToList();
            var total = Cost(names, resources, 0);
            foreach (var look in looks) total = Within(total + Cost(look, resources, 0));
        }
    }

    static FileRefusedException Unclear() => new(FileFault.PdfUnclear);

    static long Within(long cost) => cost <= MaxOfPage ? cost : throw Unclear();

    IEnumerable<PdfRef> Parts(PdfValue contents) => contents switch
    {
        PdfRef one when file.Known(one).Kind is PdfKind.Stream => [one],
        _ => file.Resolve(contents) is PdfArray { Items: var items } ? items.OfType<PdfRef>() : [],
    };

    long Cost(PdfRef stream, PdfDict inherited, int depth)
    {
        var last = file.Known(stream).Last;
        if (_pictures.TryGetValue(last, out var picture)) return picture;
        if (!_streams.TryGetValue(last, out var read)) return 0;
        var resources = Dict(read.Dict["Resources"]) ?? inherited;
        if (_costs.TryGetValue((last, resources), out var known)) return known;
        // Inside itself, it has no end.
        if (depth > MaxDepth || !_open.Add((last, resources))) throw Unclear();
        var cost = Cost([read.Names], resources, depth);
        _open.Remove((last, resources));
        return _costs[(last, resources)] = cost;
    }

    // Parts of one page share what was set: a font that one of them takes is written with in the next.
    long Cost(IReadOnlyList<PdfNames> parts, PdfDict resources, int depth)
    {
        var (pieces, patterns, states, fonts) = (Dict(resources["XObject"]), Dict(resources["Pattern"]), Dict(resources["ExtGState"]), Dict(resources["Font"]));
        long total = 0, bytes = 0, glyph = 0;
        foreach (var part in parts)
        {
            bytes += part.Bytes;
            foreach (var (name, count) in part.Counts)
            {
                if (pieces?[name] is PdfRef piece) total = Within(total + count * Cost(piece, resources, depth + 1));
                if (patterns?[name] is PdfRef pattern) total = Within(total + count * (Tiles(pattern) + Cost(pattern, resources, depth + 1)));
                if (states?[name] is { } value && Dict(value) is { } state)
                {
                    if (Dict(state["SMask"])?["G"] is PdfRef mask) total = Within(total + count * Cost(mask, resources, depth + 1));
                    if (file.Resolve(state["Font"]) is PdfArray { Items: [var set, ..] }) glyph = Math.Max(glyph, Glyph(set, resources, depth));
                }

                if (fonts?[name] is { } font) glyph = Math.Max(glyph, Glyph(font, resources, depth));
            }
        }

        return Within(total + bytes + bytes * glyph);
    }

    // Of a font whose letters are drawn themselves: its costliest. A byte of text shows one at most.
    long Glyph(PdfValue value, PdfDict inherited, int depth)
    {
        if (Dict(value) is not { } font || Dict(font["CharProcs"]) is not { } letters) return 0;
        if (_glyphs.TryGetValue((font, inherited), out var known)) return known;
        var resources = Dict(font["Resources"]) ?? inherited;
        return _glyphs[(font, inherited)] = letters.Entries.Values.OfType<PdfRef>().Select(letter => Cost(letter, resources, depth + 1)).DefaultIfEmpty(0).Max();
    }

    // How often a pattern is laid to fill a page.
    long Tiles(PdfRef pattern)
    {
        if (!_streams.TryGetValue(file.Known(pattern).Last, out var read)) return 0;
        var scale = file.Resolve(read.Dict["Matrix"]) is PdfArray { Items: [var a, var b, var c, var d, ..] } ? Math.Abs(Number(a) * Number(d) - Number(b) * Number(c)) : 1;
        var tiles = PageArea / (Math.Abs(Number(read.Dict["XStep"]) * Number(read.Dict["YStep"])) * scale);
        return tiles <= MaxOfPage ? (long)tiles : throw Unclear();
    }

    double Number(PdfValue value) => file.Resolve(value) is PdfPlain { Text: var text } && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;

    // Each is read once, however many pages share it.
    PdfDict? Dict(PdfValue value)
    {
        if (value is not PdfRef reference) return value as PdfDict;
        if (_dicts.TryGetValue(reference, out var known)) return known;
        return _dicts[reference] = file.Resolve(reference) as PdfDict;
    }
}
