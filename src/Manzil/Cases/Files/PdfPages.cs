namespace Manzil.Cases.Files;

/// <summary>A page with what it inherits from the nodes above it (ISO 32000-1, 7.7.3.4).</summary>
sealed record PdfPage(PdfDict Own, OrderedDictionary<string, PdfValue> Inherited)
{
    public PdfValue this[string key] => Own.Entries.TryGetValue(key, out var own) ? own : Inherited.TryGetValue(key, out var value) ? value : PdfPlain.Null;
}

/// <summary>The pages of a PDF, in their order, and what is drawn on top of them.</summary>
static class PdfPages
{
    const int MaxDepth = 40, Hidden = 2, NoView = 32, NoZoom = 8, NoRotate = 16, Print = 4;

    static readonly string[] Inheritable = ["Resources", "MediaBox", "CropBox", "Rotate"];

    // What somebody drew or wrote onto a page, which readers draw themselves where the file has no picture of it.
    static readonly HashSet<string> Drawn = ["FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly", "StrikeOut", "Stamp", "Caret", "Ink"];

    public static List<PdfPage> Of(PdfFile file, PdfDict catalog)
    {
        var pages = new List<PdfPage>();
        var seen = new HashSet<PdfRef>();
        var waiting = new Stack<(PdfValue Node, OrderedDictionary<string, PdfValue> Inherited, int Depth)>([(catalog["Pages"], [], 0)]);
        while (waiting.TryPop(out var next))
        {
            if (next.Depth > MaxDepth || file.Resolve(next.Node) is not PdfDict node) throw Unclear();
            if (node["Kids"] is PdfPlain)
            {
                if (node["Type"] is PdfName { Text: not "Page" } || pages.Count >= PdfBudget.MaxPages) throw Unclear();
                pages.Add(new PdfPage(node, next.Inherited));
                continue;
            }

            // A page may be there twice, a node with pages below it may not.
            if (next.Node is PdfRef reference && !seen.Add(reference)) throw Unclear();
            if (file.Resolve(node["Kids"]) is not PdfArray { Items: var kids }) throw Unclear();
            var inherited = new OrderedDictionary<string, PdfValue>(next.Inherited);
            foreach (var key in Inheritable)
            {
                if (node.Entries.TryGetValue(key, out var value)) inherited[key] = value;
            }

            for (var i = kids.Count - 1; i >= 0; i--) waiting.Push((kids[i], inherited, next.Depth + 1));
        }

        return pages.Count > 0 ? pages : throw Unclear();
    }

    /// <summary>
    /// What is drawn on top of a page: stamps, marks, what is filled into a form. Each stays as a picture without anything to press.
    /// </summary>
    /// <param name="copy">Copies a value into the clean file; null where it may not stand there.</param>
    /// <param name="isDrawnByReaders">Whether readers draw what is filled in, whatever its picture shows.</param>
    public static PdfArray? Stamps(PdfFile file, PdfPage page, bool isDrawnByReaders, Func<PdfValue, PdfShape, PdfValue?> copy)
    {
        if (file.Resolve(page.Own["Annots"]) is not PdfArray { Items: var listed }) return null;
        var stamps = new List<PdfValue>();
        foreach (var value in listed)
        {
            if (file.Resolve(value) is not PdfDict note) continue;
            var flags = file.Resolve(note["F"]).Whole ?? 0;
            if ((flags & (Hidden | NoView)) != 0) continue;
            var subtype = file.Resolve(note["Subtype"]) is PdfName name ? name.Text : "";
            if (subtype == "Popup") continue;
            if (subtype == "Widget" && isDrawnByReaders && IsFilled(file, note)) throw new FileRefusedException(FileFault.PdfActive);
            if (Look(file, note) is not { } look || copy(look, PdfShape.Form) is not PdfRef picture)
            {
                // A silent loss would be worse than a refusal: this is what the worker wrote.
                if (Drawn.Contains(subtype) || (subtype == "Widget" && IsFilled(file, note))) throw new FileRefusedException(FileFault.PdfActive);
                continue;
            }

            var stamp = new PdfDict();
            stamp.Entries["Type"] = new PdfName("Annot");
            stamp.Entries["Subtype"] = new PdfName("Stamp");
            if (file.Resolve(note["Rect"]) is PdfArray rect && copy(rect, PdfShape.Box) is { } box) stamp.Entries["Rect"] = box;
            stamp.Entries["F"] = PdfPlain.Of((flags & (NoZoom | NoRotate)) | Print);
            var appearance = new PdfDict();
            appearance.Entries["N"] = picture;
            stamp.Entries["AP"] = appearance;
            if (note.Entries.TryGetValue("OC", out var layer) && copy(layer, PdfShape.LayerOf) is { } oc) stamp.Entries["OC"] = oc;
            stamps.Add(stamp);
        }

        return stamps.Count > 0 ? new PdfArray(stamps) : null;
    }

    // The ordinary look; where there are several, the one of the state it is in, as of a ticked box.
    static PdfRef? Look(PdfFile file, PdfDict note)
    {
        if (file.Resolve(note["AP"]) is not PdfDict appearance || appearance["N"] is not PdfRef normal) return Nested(file, note);
        return file.Resolve(normal) is PdfStream ? normal : Nested(file, note);
    }

    static PdfRef? Nested(PdfFile file, PdfDict note) =>
        file.Resolve(note["AP"]) is PdfDict appearance && file.Resolve(appearance["N"]) is PdfDict states
        && file.Resolve(note["AS"]) is PdfName state && states[state.Text] is PdfRef look && file.Resolve(look) is PdfStream ? look : null;

    static bool IsFilled(PdfFile file, PdfDict field)
    {
        for (var depth = 0; depth < MaxDepth; depth++)
        {
            switch (file.Resolve(field["V"]))
            {
                case PdfString { Bytes.Length: > 0 } or PdfArray { Items.Count: > 0 } or PdfStream:
                    return true;
            }

            if (file.Resolve(field["Parent"]) is not PdfDict parent) return false;
            field = parent;
        }

        throw Unclear();
    }

    static FileRefusedException Unclear() => new(FileFault.PdfUnclear);
}
