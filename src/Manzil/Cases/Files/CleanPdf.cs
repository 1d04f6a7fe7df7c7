namespace Manzil.Cases.Files;

/// <summary>
/// A PDF written anew: pages, and what they draw with, are read as readers read them, and every key that comes through is on a
/// list (<see cref="PdfShape"/>). No byte of the file itself is copied but the data of streams, which are unpacked and packed again.
/// So actions, scripts, forms, links, files and metadata stay behind wherever they stood, and no two readers can see two things in it.
/// What is not understood is refused, in words; so is what would show something else than before.
/// </summary>
public static class CleanPdf
{
    /// <exception cref="FileRefusedException">It is locked, or is not understood.</exception>
    public static byte[] Of(byte[] original)
    {
        if (!original.AsSpan().StartsWith("%PDF-"u8)) throw new FileRefusedException(FileFault.Unreadable);
        try
        {
            return new Rebuilding(PdfFile.Open(original)).Run();
        }
        catch (FileRefusedException e) when (e.Fault is FileFault.PdfUnclear or FileFault.PdfHidden && PdfLock.IsIn(original))
        {
            throw new FileRefusedException(FileFault.PdfEncrypted);
        }
    }

    sealed class Rebuilding(PdfFile file)
    {
        // The catalog is object 1.
        const int Tree = 2;

        readonly PdfWriter _writer = new();
        readonly PdfDrawing _drawing = new(file);
        readonly Dictionary<(PdfRef From, PdfShape Shape), PdfRef> _numbers = [];
        readonly Queue<(PdfRef From, PdfShape Shape)> _waiting = new();
        int _last;
        bool _isDrawnByReaders;

        public byte[] Run()
        {
            if (file.Resolve(file.Trailer["Root"]) is not PdfDict root) throw Unclear();
            // The pages of these are not what the file shows: they say that another program is needed.
            var form = file.Resolve(root["AcroForm"]) as PdfDict;
            if (root.Entries.ContainsKey("Collection") && WrapsALockedFile(root)) throw new FileRefusedException(FileFault.PdfEncrypted);
            if (root.Entries.ContainsKey("Collection") || form?.Entries.ContainsKey("XFA") == true) throw new FileRefusedException(FileFault.PdfActive);
            _isDrawnByReaders = form is not null && file.Resolve(form["NeedAppearances"]) is PdfPlain { Text: "true" };

            var pages = PdfPages.Of(file, root);
            _last = Tree + pages.Count;
            var catalog = new PdfDict();
            catalog.Entries["Type"] = new PdfName("Catalog");
            catalog.Entries["Pages"] = new PdfRef(Tree, 0);
            if (Copy(root["OCProperties"], PdfShape.Layers) is { } layers) catalog.Entries["OCProperties"] = layers;
            _writer.Object(catalog);

            var tree = new PdfDict();
            tree.Entries["Type"] = new PdfName("Pages");
            tree.Entries["Count"] = PdfPlain.Of(pages.Count);
            tree.Entries["Kids"] = new PdfArray([.. Enumerable.Range(Tree + 1, pages.Count).Select(number => new PdfRef(number, 0))]);
            _writer.Object(tree);
            foreach (var page in pages) _writer.Object(PageOf(page));
            while (_waiting.TryDequeue(out var next)) Write(next.From, next.Shape);
            _drawing.Check();
            return _writer.End();
        }

        static FileRefusedException Unclear() => new(FileFault.PdfUnclear);

        /// <summary>One page that says which program opens the rest, and the rest is a locked file in it.</summary>
        bool WrapsALockedFile(PdfDict root) =>
            file.Resolve(root["AF"]) is PdfArray { Items: var files } && files.Take(10).Any(f => file.Resolve(f) is PdfDict named && file.Resolve(named["AFRelationship"]) is PdfName { Text: PdfLock.Payload });

        PdfDict PageOf(PdfPage page)
        {
            var clean = new PdfDict();
            clean.Entries["Type"] = new PdfName("Page");
            clean.Entries["Parent"] = new PdfRef(Tree, 0);
            Take("MediaBox", PdfShape.Box);
            Take("CropBox", PdfShape.Box);
            Take("Rotate", PdfShape.Box);
            Take("UserUnit", PdfShape.Box);
            Take("Resources", PdfShape.Resources);
            Take("Group", PdfShape.Group);
            Take("Contents", PdfShape.Content);
            var looks = new List<PdfRef>();
            if (PdfPages.Stamps(file, page, _isDrawnByReaders, CopyOnPage) is { } stamps) clean.Entries["Annots"] = stamps;
            _drawing.Add(page, looks);
            return clean;

            PdfValue? CopyOnPage(PdfValue value, PdfShape shape)
            {
                if (shape == PdfShape.Form && value is PdfRef look) looks.Add(look);
                return Copy(value, shape);
            }

            void Take(string key, PdfShape shape)
            {
                if (Copy(page[key], shape) is { } value) clean.Entries[key] = value;
            }
        }

        /// <summary>The value as it may stand there; null where it may not.</summary>
        PdfValue? Copy(PdfValue value, PdfShape shape)
        {
            switch (value)
            {
                case PdfRef reference:
                    return Refer(reference, shape);
                case PdfPlain { Text: "null" }:
                    return null;
                case PdfPlain:
                    return shape.IsNumber ? value : null;
                case PdfName name:
                    return shape.IsPlain && shape.Names?.Contains(name.Text) != false ? value : null;
                case PdfString:
                    return shape.IsText ? value : null;
                case PdfArray array:
                    return shape.Items is { } items ? new PdfArray([.. array.Items.Select(item => Copy(item, items) ?? PdfPlain.Null)]) : null;
                case PdfDict dict:
                    return shape.Accepts(PdfKind.Dict) ? CopyDict(dict, shape.Picks?.Invoke(dict) ?? shape, isStream: false) : null;
                default:
                    // A stream is always referred to.
                    throw Unclear();
            }
        }

        PdfDict CopyDict(PdfDict dict, PdfShape shape, bool isStream)
        {
            var clean = new PdfDict();
            foreach (var (key, value) in shape.Fixed) clean.Entries[key] = value;
            foreach (var (key, value) in dict.Entries)
            {
                var inside = !isStream && shape.Each is { } each ? each : (isStream ? shape.Stream : shape.Dict)?.GetValueOrDefault(key);
                if (inside is not null && Copy(value, inside) is { } copied) clean.Entries[key] = copied;
            }

            return clean;
        }

        PdfValue? Refer(PdfRef reference, PdfShape shape)
        {
            var (last, kind, plain) = file.Known(reference);
            if (!shape.Accepts(kind)) return null;
            // Short values stand where they are used.
            if (kind is PdfKind.Plain) return Copy(plain!, shape);
            if (kind is PdfKind.Text) return Copy(file.Resolve(last), shape);
            // Narrowed first, so that what is one object stays one: a layer is on or off wherever it is named.
            if (shape.Picks is { } picks && kind is PdfKind.Dict or PdfKind.Stream) shape = picks(file.Resolve(last) is PdfStream { Dict: var of } ? of : (PdfDict)file.Resolve(last));
            if (_numbers.TryGetValue((last, shape), out var known)) return known;
            _waiting.Enqueue((last, shape));
            if (++_last > PdfBudget.MaxObjects) throw Unclear();
            return _numbers[(last, shape)] = new PdfRef(_last, 0);
        }

        void Write(PdfRef from, PdfShape shape)
        {
            var value = file.Resolve(from);
            if (value is not PdfStream stream)
            {
                _writer.Object(Copy(value, shape) ?? PdfPlain.Null);
                return;
            }

            if (shape.Stream is null) throw Unclear();
            if (shape.IsPicture) _drawing.AddPicture(from, CheckPicture(stream.Dict));
            var drawing = shape.IsDrawn ? new PdfNames(file.Budget) : null;
            var (data, kept, isDeflated) = PdfStreams.Repack(file, stream, shape.IsPicture, drawing);
            if (drawing is not null) _drawing.Add(from, stream.Dict, drawing);
            var clean = CopyDict(stream.Dict, shape, isStream: true);
            if (isDeflated || kept is not null) clean.Entries["Filter"] = new PdfName(isDeflated ? "FlateDecode" : kept!.Name);
            if (kept is not null && Copy(kept.Parameters, PdfShape.Packing) is PdfDict { Entries.Count: > 0 } parameters) clean.Entries["DecodeParms"] = parameters;
            clean.Entries["Length"] = PdfPlain.Of(data.Length);
            _writer.Object(clean, data);
        }

        long CheckPicture(PdfDict dict)
        {
            if (file.Resolve(dict["Width"]).Whole is not { } width || file.Resolve(dict["Height"]).Whole is not { } height) throw Unclear();
            CleanFile.CheckSize(width, height);
            file.Budget.Pixels((long)width * height);
            return (long)width * height;
        }
    }
}
