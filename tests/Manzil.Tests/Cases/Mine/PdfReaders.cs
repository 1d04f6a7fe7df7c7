using System.Diagnostics;
using System.Text.Json;

namespace Manzil.Tests.Cases.Mine;

/// <summary>Two readers of PDF that are not ours, and find objects as an officer's reader does: qpdf and poppler, of Debian.</summary>
static class PdfReaders
{
    // Every key that a cleaned file may have. Written here anew, not taken from the program.
    static readonly HashSet<string> Allowed =
    [
        .. ("Type Subtype Length Filter DecodeParms Size Root Pages Kids Count Parent MediaBox CropBox Rotate UserUnit Resources Group Contents Annots "
            + "ExtGState ColorSpace Pattern Shading XObject Font Properties CharProcs OCProperties OCGs D ON OFF BaseState OC P Name "
            + "Rect F AP N BBox Matrix FormType S CS I K Width Height BitsPerComponent Intent ImageMask Mask Decode Interpolate SMask SMaskInData Matte "
            + "LW LC LJ ML RI OP op OPM FL SM SA BM CA ca AIS TK TR TR2 G BC PatternType PaintType TilingType XStep YStep "
            + "ShadingType Background AntiAlias Domain Coords Extend Function BitsPerCoordinate BitsPerFlag VerticesPerRow FunctionType Range BitsPerSample Order Encode C0 C1 Bounds Functions "
            + "WhitePoint BlackPoint Gamma Alternate BaseFont FirstChar LastChar Widths FontBBox FontMatrix DW W DW2 W2 FontDescriptor Encoding BaseEncoding Differences "
            + "ToUnicode DescendantFonts CIDSystemInfo CIDToGIDMap Registry Ordering Supplement CMapName WMode UseCMap Length1 Length2 Length3 "
            + "FontName FontStretch FontWeight Flags ItalicAngle Ascent Descent Leading CapHeight XHeight StemV StemH AvgWidth MaxWidth MissingWidth FontFile FontFile2 FontFile3 CharSet CIDSet Style Panose "
            + "Predictor Colors Columns ColorTransform EndOfLine EncodedByteAlign Rows EndOfBlock BlackIs1 DamagedRowsBeforeError JBIG2Globals").Split(' ').Select(key => $"/{key}"),
    ];

    static readonly HashSet<string> Maps = ["/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font", "/Properties", "/CharProcs"];

    static readonly HashSet<string> Active =
    [
        .. ("JavaScript JS Launch URI GoTo GoToR GoToE GoToDp Thread Sound Movie Hide Named SubmitForm ResetForm ImportData SetOCGState Rendition Trans GoTo3DView RichMediaExecute "
            + "OpenAction AA A PA Next Names EmbeddedFiles EmbeddedFile EF Filespec AF RF Widget Link Screen FileAttachment RichMedia 3D 3DD Action AcroForm Fields XFA DA Dests Outlines "
            + "Metadata PieceInfo Collection Encrypt Perms URLS Ref OPI Alternates FFilter").Split(' ').Select(key => $"/{key}"),
    ];

    /// <summary>What qpdf sees in the file that may not be there, in all its objects; null where qpdf does not read it.</summary>
    public static List<string>? Forbidden(byte[] pdf)
    {
        var (exit, text) = Run("qpdf", pdf, "--json=2", "--json-stream-data=none", "--no-original-object-ids", "{}");
        if (exit is not (0 or 3) || !text.StartsWith('{')) return null;
        using var json = JsonDocument.Parse(text);
        var objects = json.RootElement.GetProperty("qpdf")[1].EnumerateObject().ToDictionary(
            o => o.Name.Replace("obj:", "", StringComparison.Ordinal),
            o => o.Value.TryGetProperty("stream", out var stream) ? stream.GetProperty("dict") : o.Value.GetProperty("value"));
        var found = new List<string>();
        var maps = new HashSet<string>();
        foreach (var value in objects.Values) Collect(value);
        foreach (var (name, value) in objects) Check(value, maps.Contains(name), name);
        return found;

        void Collect(JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in value.EnumerateArray()) Collect(item);
            }
            else if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (var entry in value.EnumerateObject())
                {
                    if (Maps.Contains(entry.Name) && entry.Value.ValueKind == JsonValueKind.String) maps.Add(entry.Value.GetString()!);
                    Collect(entry.Value);
                }
            }
        }

        void Check(JsonElement value, bool isMap, string path)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Array:
                    foreach (var item in value.EnumerateArray()) Check(item, false, path);
                    break;
                case JsonValueKind.String when Active.Contains(value.GetString()!):
                    found.Add($"{path}: {value}");
                    break;
                case JsonValueKind.Object:
                    foreach (var entry in value.EnumerateObject())
                    {
                        if (isMap ? Active.Contains(entry.Name) : !Allowed.Contains(entry.Name)) found.Add($"{path}: {entry.Name}");
                        Check(entry.Value, Maps.Contains(entry.Name), $"{path}{entry.Name}");
                    }

                    break;
            }
        }
    }

    /// <summary>Whether qpdf reads all of it without a word of doubt.</summary>
    public static string Doubts(byte[] pdf)
    {
        var (exit, text) = Run("qpdf", pdf, "--check", "{}");
        return exit == 0 ? "" : text;
    }

    public static string TextOf(byte[] pdf) => Run("pdftotext", pdf, "{}", "-").Text;

    /// <summary>The pages as pictures, byte for byte.</summary>
    public static string PixelsOf(byte[] pdf) => Run("pdftoppm", pdf, "-r", "40", "{}").Text;

    /// <summary>Scripts, addresses and files that poppler finds.</summary>
    public static string ActiveOf(byte[] pdf)
    {
        var scripts = Run("pdfinfo", pdf, "-js", "{}").Text;
        var info = Run("pdfinfo", pdf, "{}").Text;
        var files = Run("pdfdetach", pdf, "-list", "{}").Text.Trim();
        var said = scripts.Trim();
        if (files is not ("0 embedded files" or "")) said += files;
        foreach (var line in info.Split('\n'))
        {
            if ((line.StartsWith("JavaScript:", StringComparison.Ordinal) && !line.EndsWith("no", StringComparison.Ordinal))
                || (line.StartsWith("Form:", StringComparison.Ordinal) && !line.EndsWith("none", StringComparison.Ordinal)))
                said += line;
        }

        return said;
    }

    static (int Exit, string Text) Run(string program, byte[] pdf, params string[] arguments)
    {
        var path = Path.Combine(Path.GetTempPath(), $"manzil-{Guid.NewGuid():N}.pdf");
        File.WriteAllBytes(path, pdf);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments.Select(a => a == "{}" ? path : a))
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = System.Text.Encoding.Latin1,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, process.ExitCode == 0 || text.Length > 0 ? text : errors.Result);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
