using System.IO.Compression;
using System.Text;

namespace Manzil.Cases.Files;

/// <summary>The packings of a PDF's streams (ISO 32000-1, 7.4): what is understood is unpacked within bounds, anything else is refused.</summary>
static class PdfStreams
{
    const int MaxFilters = 4, Chunk = 64 * 1024;

    // What cameras and programs write before a position, whatever it is packed in.
    static readonly byte[][] Traces =
    [
        .. new[] { "Exif\0\0", "exif:", "xmpmeta", "ns.adobe.com/xap", "GPSLatitude", "GPSLongitude", "/Latitude", "/Longitude" }
            .SelectMany(trace => new[] { Encoding.Latin1.GetBytes(trace), Encoding.BigEndianUnicode.GetBytes(trace) }),
    ];

    static readonly int LongestTrace = Traces.Max(trace => trace.Length);

    /// <summary>A packing with its parameters, both resolved.</summary>
    internal sealed record Filter(string Name, PdfDict Parameters);

    /// <summary>Objects or references that are packed: all of it, held in memory.</summary>
    public static byte[] Unpack(PdfFile file, PdfStream stream)
    {
        // References are read before it is known where anything stands, so nothing here may refer to anything.
        var filters = FiltersOf(stream.Dict, value => value is PdfRef ? throw Unclear() : value);
        var bytes = file.Data(stream).ToArray();
        foreach (var filter in filters) bytes = PdfPredictor.Undo(One(file.Budget, bytes, filter.Name), filter.Parameters, file.Budget);
        return bytes;
    }

    /// <summary>A stream's data packed anew, and the filter of a picture or the predictor that stay.</summary>
    /// <param name="isPicture">Whether the packings of pictures may stand there.</param>
    /// <param name="drawing">Reads what the stream draws; null where it draws nothing.</param>
    public static (byte[] Data, Filter? Kept, bool IsDeflated) Repack(PdfFile file, PdfStream stream, bool isPicture, PdfNames? drawing)
    {
        var filters = FiltersOf(stream.Dict, file.Resolve);
        if (filters is [.. var before, { Name: "DCTDecode" or "CCITTFaxDecode" or "JBIG2Decode" or "JPXDecode" } picture])
        {
            if (!isPicture) throw Hidden();
            var data = file.Data(stream).ToArray();
            foreach (var filter in before) data = PdfPredictor.Undo(One(file.Budget, data, filter.Name), filter.Parameters, file.Budget);
            return (Picture(data, picture.Name), picture, false);
        }

        Stream source = file.DataStream(stream);
        for (var i = 0; i < filters.Count; i++)
        {
            var isLast = i == filters.Count - 1;
            // Differences stay as they are, but for those of a drawing, which is read.
            if (filters[i].Name == "FlateDecode" && ((isLast && drawing is null) || !PdfPredictor.IsIn(filters[i].Parameters)))
            {
                source = new ZLibStream(source, CompressionMode.Decompress);
                continue;
            }

            source = new MemoryStream(PdfPredictor.Undo(One(file.Budget, All(file.Budget, source), filters[i].Name), filters[i].Parameters, file.Budget));
        }

        var kept = drawing is null && filters is [.., { Name: "FlateDecode" } last] && PdfPredictor.IsIn(last.Parameters) ? last : null;
        return (Deflate(file.Budget, source, drawing), kept, true);
    }

    static FileRefusedException Unclear() => new(FileFault.PdfUnclear);

    static FileRefusedException Hidden() => new(FileFault.PdfHidden);

    static List<Filter> FiltersOf(PdfDict dict, Func<PdfValue, PdfValue> resolve)
    {
        var names = Listed(resolve(dict["Filter"]));
        var parameters = Listed(resolve(dict.Entries.TryGetValue("DecodeParms", out var parms) ? parms : dict["DP"]));
        if (names.Count > MaxFilters || parameters.Count > MaxFilters) throw Hidden();
        var filters = new List<Filter>();
        for (var i = 0; i < names.Count; i++)
        {
            if (resolve(names[i]) is not PdfName { Text: var name }) throw Unclear();
            var full = name switch
            {
                "FlateDecode" or "Fl" => "FlateDecode",
                "ASCIIHexDecode" or "AHx" => "ASCIIHexDecode",
                "ASCII85Decode" or "A85" => "ASCII85Decode",
                "RunLengthDecode" or "RL" => "RunLengthDecode",
                "DCTDecode" or "DCT" => "DCTDecode",
                "CCITTFaxDecode" or "CCF" => "CCITTFaxDecode",
                "JBIG2Decode" or "JPXDecode" => name,
                "Crypt" => throw new FileRefusedException(FileFault.PdfEncrypted),
                // LZW among them: nothing has written it for twenty years.
                _ => throw Hidden(),
            };
            filters.Add(new(full, i < parameters.Count && resolve(parameters[i]) is PdfDict said ? said : new PdfDict()));
        }

        return filters;
    }

    static List<PdfValue> Listed(PdfValue value) => value switch { PdfArray array => array.Items, PdfPlain => [], _ => [value] };

    static byte[] One(PdfBudget budget, byte[] bytes, string name) => name switch
    {
        "FlateDecode" => All(budget, new ZLibStream(new MemoryStream(bytes), CompressionMode.Decompress)),
        "ASCIIHexDecode" => PdfAscii.Hex(bytes),
        "ASCII85Decode" => PdfAscii.Base85(bytes),
        "RunLengthDecode" => PdfAscii.RunLength(bytes, budget),
        _ => throw Hidden(),
    };

    static byte[] All(PdfBudget budget, Stream source)
    {
        using var all = new MemoryStream();
        Pump(budget, source, part =>
        {
            budget.Held(part.Length);
            all.Write(part);
        });
        return all.ToArray();
    }

    static byte[] Deflate(PdfBudget budget, Stream source, PdfNames? drawing)
    {
        using var packed = new MemoryStream();
        using (var packing = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            // What two parts share is searched with the second.
            var window = new byte[LongestTrace + Chunk];
            var tail = 0;
            Pump(budget, source, part =>
            {
                part.CopyTo(window.AsSpan(tail));
                var filled = window.AsSpan(0, tail + part.Length);
                Trace(filled);
                drawing?.Read(part);
                packing.Write(part);
                tail = Math.Min(LongestTrace, filled.Length);
                filled[^tail..].CopyTo(window);
            });
        }

        drawing?.End();
        // A photo inside the drawing itself, which nobody cleans there.
        if (drawing?.Counts.Keys.Any(name => name is "DCT" or "DCTDecode") == true) throw Hidden();
        return packed.ToArray();
    }

    static void Pump(PdfBudget budget, Stream source, Action<ReadOnlySpan<byte>> to)
    {
        var buffer = new byte[Chunk];
        try
        {
            using (source)
            {
                for (int count; (count = source.Read(buffer)) > 0;)
                {
                    budget.Unpacked(count);
                    to(buffer.AsSpan(0, count));
                }
            }
        }
        catch (InvalidDataException)
        {
            throw Unclear();
        }
    }

    static byte[] Picture(byte[] data, string filter)
    {
        if (filter == "DCTDecode") return CleanJpeg.InPdf(data);
        // Boxes of a picture that say where it lies on a map.
        if (filter == "JPXDecode" && (data.AsSpan().IndexOf("uuid"u8) >= 0 || data.AsSpan().IndexOf("xml "u8) >= 0)) throw Hidden();
        Trace(data);
        return data;
    }

    static void Trace(ReadOnlySpan<byte> data)
    {
        foreach (var trace in Traces)
        {
            if (data.IndexOf(trace) >= 0) throw new FileRefusedException(FileFault.PdfPosition);
        }
    }
}
