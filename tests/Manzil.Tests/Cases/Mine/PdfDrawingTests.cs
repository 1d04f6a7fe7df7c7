using System.Text;
using Manzil.Cases.Files;

namespace Manzil.Tests.Cases.Mine;

/// <summary>A small PDF that draws without end hangs whoever opens it: refused. What draws the same things often, as ordinary files do, passes.</summary>
public class PdfDrawingTests
{
    const string Box = "/BBox [0 0 9 9]", Predictor = "/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 8 >>";

    public static TheoryData<string> Endless =>
    [
        "pieces in pieces", "a piece in itself", "a piece under a name with an escape", "pieces in a stamp", "a font whose letter writes", "letters of pieces", "a piece that is a picture too", "a page of many names again and again",
        "a pattern in tiny steps", "a pattern of pieces", "a mask of pieces", "one large picture again and again", "a hundred thousand parts", "pieces behind a predictor", "pieces of what the page lends",
    ];

    static PdfSample Of(string name) => name switch
    {
        "pieces in pieces" => Pieces(Page("/XObject << /P 10 0 R >>", "/P Do"), 10),
        "a piece in itself" => Page("/XObject << /P 10 0 R >>", "/P Do").AddStream(10, $"/Type /XObject /Subtype /Form {Box} /Resources << /XObject << /P 10 0 R >> >>", Bytes("/P Do")),
        "a piece under a name with an escape" => Page("/XObject << /P 10 0 R >>", "/#50 Do").AddStream(10, $"/Type /XObject /Subtype /Form {Box} /Resources << /XObject << /P 10 0 R >> >>", Bytes("/#5#50 /#50 Do")),
        "pieces in a stamp" => Pieces(Page("", "", "/Annots [<< /Type /Annot /Subtype /Stamp /Rect [0 0 9 9] /AP << /N 10 0 R >> >>]"), 10),
        "a font whose letter writes" => Page("/Font << /F 10 0 R >>", "BT /F 9 Tf (a) Tj ET").Add(10, Font("/Resources << /Font << /F 10 0 R >> >>")).AddStream(11, "", Bytes("9 0 d0 BT /F 9 Tf (a) Tj ET")),
        "letters of pieces" => Pieces(Page("/Font << /F 10 0 R >>", "BT /F 9 Tf (a) Tj ET").Add(10, Font("/Resources << /XObject << /P 20 0 R >> >>")).AddStream(11, "", Bytes("9 0 d0 /P Do")), 20),
        "a piece that is a picture too" => Page("/XObject << /P 10 0 R >> /Pattern << /Q 10 0 R >>", "/Pattern cs /Q scn /P Do")
            .AddStream(10, "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9 /Resources << /Pattern << /Q 10 0 R >> >>", Bytes("/Pattern cs /Q scn 0 0 9 9 re f")),
        "a page of many names again and again" => Page("", string.Concat(Enumerable.Range(0, 50_000).Select(i => $"/{i:X} ")), contents: "[" + Often("4 0 R ", 1_900) + "]"),
        "a pattern in tiny steps" => Page("/Pattern << /P 10 0 R >>", "/Pattern cs /P scn 0 0 99 99 re f").AddStream(10, Tiles("0.0001", ""), Bytes("0 0 1 1 re f")),
        "a pattern of pieces" => Pieces(Page("/Pattern << /P 10 0 R >>", "/Pattern cs /P scn 0 0 99 99 re f").AddStream(10, Tiles("9", "/Resources << /XObject << /P 20 0 R >> >>"), Bytes("/P Do")), 20),
        "a mask of pieces" => Pieces(Page("/ExtGState << /S << /SMask << /S /Alpha /G 10 0 R >> >> >>", "/S gs 0 0 9 9 re f"), 10),
        "one large picture again and again" => Page("/XObject << /P 10 0 R >>", Often("/P Do ", 200)).AddPacked(10, "/Type /XObject /Subtype /Image /Width 6000 /Height 6000 /BitsPerComponent 1 /ColorSpace /DeviceGray", new byte[6000 * 750], "FlateDecode"),
        "a hundred thousand parts" => Page("", "", contents: "[" + Often("4 0 R ", 100_000) + "]"),
        "pieces behind a predictor" => Pieces(Page("/XObject << /P 10 0 R >>", "/P Do"), 10, predictor: true),
        _ => Pieces(Page("/XObject << /P 10 0 R /A 10 0 R /B 11 0 R /C 12 0 R /D 13 0 R /E 14 0 R /F 15 0 R >>", "/P Do"), 10, lends: true),
    };

    [Theory, MemberData(nameof(Endless))]
    public void Of_PdfThatDrawsWithoutEnd_IsRefused(string name) =>
        Assert.Equal(FileFault.PdfUnclear, Assert.Throws<FileRefusedException>(() => CleanFile.Of(Of(name).End().Bytes())).Fault);

    public static TheoryData<string> Ordinary => ["a sign drawn often", "a piece that could draw itself and does not", "a page of letters of its own", "hatching", "a large photo"];

    [Theory, MemberData(nameof(Ordinary))]
    public void Of_PdfThatDrawsMuch_IsTaken(string name)
    {
        var pdf = name switch
        {
            "a sign drawn often" => Page("/XObject << /P 10 0 R >>", Often("q 1 0 0 1 9 9 cm /P Do Q ", 20_000)).AddStream(10, $"/Type /XObject /Subtype /Form {Box}", Bytes("0 0 1 1 re f")),
            "a piece that could draw itself and does not" => Page("/XObject << /P 10 0 R >>", "/P Do").AddStream(10, $"/Type /XObject /Subtype /Form {Box} /Resources << /XObject << /P 10 0 R >> >>", Bytes("0 0 5 5 re f")),
            "a page of letters of its own" => Page("/Font << /F 10 0 R >>", "BT /F 9 Tf (" + new string('a', 20_000) + ") Tj ET").Add(10, Font("")).AddStream(11, "", Bytes(Often("0 0 1 1 re f ", 100))),
            "hatching" => Page("/Pattern << /P 10 0 R >>", Often("/Pattern cs /P scn 0 0 99 99 re f ", 50)).AddStream(10, Tiles("2", ""), Bytes("0 0 1 1 re f")),
            _ => Page("/XObject << /P 10 0 R >>", "/P Do").AddPacked(10, "/Type /XObject /Subtype /Image /Width 6000 /Height 6000 /BitsPerComponent 1 /ColorSpace /DeviceGray", new byte[6000 * 750], "FlateDecode"),
        };
        Assert.Equal("", PdfReaders.Doubts(CleanFile.Of(pdf.End().Bytes()).Content));
    }

    // A photo in the drawing itself is cleaned by nobody; no other packing around it makes it pass.
    [Theory]
    [InlineData("/F /DCT")]
    [InlineData("/Filter [/A85 /DCT]")]
    [InlineData("/F [/AHx /D#43TDecode]")]
    [InlineData("/F/DCTDecode/W 8")]
    public void Of_PdfWithAPhotoInTheDrawing_IsRefused(string packing)
    {
        foreach (var predictor in new[] { false, true })
        {
            var drawing = Bytes($"BI /W 8 /H 8 /BPC 8 /CS /G {packing} ID <~x~> EI");
            var pdf = Page("/XObject << /P 10 0 R >>", "/P Do").AddStream(10, $"/Type /XObject /Subtype /Form {Box} {(predictor ? Predictor : "")}", predictor ? TaggedFiles.Packed(PdfSample.Predicted(drawing, 15)) : drawing);
            Assert.Equal(FileFault.PdfHidden, Assert.Throws<FileRefusedException>(() => CleanFile.Of(pdf.End().Bytes())).Fault);
        }
    }

    static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    static string Often(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    static PdfSample Page(string resources, string drawing, string page = "", string contents = "4 0 R") => new PdfSample()
        .Add(1, "<< /Type /Catalog /Pages 2 0 R >>")
        .Add(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
        .Add(3, $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents {contents} /Resources << {resources} >> {page} >>")
        .AddPacked(4, "", Bytes(drawing), "FlateDecode");

    static string Font(string resources) =>
        $"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [0.1 0 0 0.1 0 0] /FirstChar 97 /LastChar 97 /Widths [9] /Encoding << /Differences [97 /a] >> /CharProcs << /a 11 0 R >> {resources} >>";

    static string Tiles(string step, string resources) => $"/PatternType 1 /PaintType 1 /TilingType 1 {Box} /XStep {step} /YStep {step} {(resources == "" ? "/Resources << >>" : resources)}";

    // Six, each of which draws the next a hundred times: a billion of the last.
    static PdfSample Pieces(PdfSample pdf, int first, bool predictor = false, bool lends = false)
    {
        for (var i = 0; i < 6; i++)
        {
            var drawing = Bytes(i == 5 ? "0 0 1 1 re f" : Often($"/{(lends ? "ABCDEF"[i + 1] : 'P')} Do ", 100));
            var resources = lends ? "" : $"/Resources << /XObject << /P {first + i + 1} 0 R >> >>";
            pdf.AddStream(first + i, $"/Type /XObject /Subtype /Form {Box} {resources} {(predictor ? Predictor : "")}", predictor ? TaggedFiles.Packed(PdfSample.Predicted(drawing, 15)) : drawing);
        }

        return pdf;
    }
}
