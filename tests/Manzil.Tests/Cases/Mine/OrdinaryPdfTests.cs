using System.Diagnostics;
using System.Text;
using Manzil.Cases.Files;

namespace Manzil.Tests.Cases.Mine;

/// <summary>What people really send still passes, and still shows the same.</summary>
public class OrdinaryPdfTests
{
    // As scanners and apps write them: a picture a page, packed as only pictures are.
    public static TheoryData<string, string> Pictures => new()
    {
        { "/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 8 /Rows 8 /BlackIs1 false >> /BitsPerComponent 1 /ColorSpace /DeviceGray", "\u0000\u0010\u0001" },
        { "/Filter /JBIG2Decode /DecodeParms << /JBIG2Globals 6 0 R >> /BitsPerComponent 1 /ColorSpace /DeviceGray", "a coded page" },
        { "/Filter /JPXDecode", "\0\0\0\u000cjP  \r\n\u0087\n" },
        { "/Filter [/CCF] /DecodeParms [<< /K 0 /Columns 8 >>] /BitsPerComponent 1 /ImageMask true", "coded" },
    };

    [Theory, MemberData(nameof(Pictures))]
    public void Of_ScannedPage_KeepsTheCodedPicture(string dictionary, string data)
    {
        var clean = CleanFile.Of(Scan(dictionary, Encoding.Latin1.GetBytes(data))).Content;
        Assert.Contains($"stream\n{data}\nendstream", Encoding.Latin1.GetString(clean), StringComparison.Ordinal);
        foreach (var said in dictionary.Split(['[', ']', '<', '>', ' '], StringSplitOptions.RemoveEmptyEntries).Where(word => word.StartsWith('/') && word is not "/CCF"))
            Assert.Contains(said, Encoding.Latin1.GetString(clean), StringComparison.Ordinal);
        Assert.Equal([], PdfReaders.Forbidden(clean)!);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(15)]
    public void Of_PictureWithoutLoss_ShowsTheSame(int predictor)
    {
        var pixels = Enumerable.Range(0, 64).Select(i => (byte)(i * 4)).ToArray();
        var data = TaggedFiles.Packed(predictor == 15 ? PdfSample.Predicted(pixels, 15) : pixels);
        var pdf = Scan($"/Filter /FlateDecode /DecodeParms << /Predictor {predictor} /Columns 8 >> /BitsPerComponent 8 /ColorSpace [/Indexed /DeviceRGB 255 <{string.Concat(Enumerable.Range(0, 256).Select(i => $"{i:X2}80{255 - i:X2}"))}>]", data);
        Same(pdf);
    }

    [Theory]
    [InlineData("/Rotate 90", "")]
    [InlineData("/CropBox [10 10 90 60] /UserUnit 2", "")]
    [InlineData("/Annots [<< /Type /Annot /Subtype /Widget /FT /Btn /Rect [10 10 40 40] /AP << /N << /Yes 9 0 R /Off 8 0 R >> >> /AS /Yes >>]", "")]
    [InlineData("/Annots [<< /Type /Annot /Subtype /FreeText /Rect [10 10 40 40] /AP << /N 9 0 R >> /Contents (x) >>]", "")]
    [InlineData("/Annots [<< /Type /Annot /Subtype /Stamp /F 2 /Rect [10 10 40 40] /AP << /N 9 0 R >> >>]", "")]
    [InlineData("", "/OCProperties << /OCGs [7 0 R] /D << /OFF [7 0 R] >> >>")]
    [InlineData("", "/OCProperties << /OCGs [7 0 R] /D << /ON [7 0 R] >> >>")]
    public void Of_PageWithStampsLayersAndBoxes_ShowsTheSame(string page, string catalog) => Same(new PdfSample()
        .Add(1, $"<< /Type /Catalog /Pages 2 0 R {catalog} >>")
        .Add(2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 /MediaBox [0 0 100 80] /Resources << /Properties << /Layer 7 0 R >> /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>")
        .Add(3, $"<< /Type /Page /Parent 2 0 R /Contents [4 0 R 5 0 R] {page} >>")
        .AddPacked(4, "", PdfSample.Bytes("BT /F 12 Tf 20 40 Td (Lease) Tj ET /OC /Layer BDC"), "ASCII85Decode", "FlateDecode")
        .AddPacked(5, "", PdfSample.Bytes("60 20 20 20 re f EMC"))
        .Add(7, "<< /Type /OCG /Name (Second) >>")
        .AddPacked(8, "/Type /XObject /Subtype /Form /BBox [0 0 9 9]", [])
        .AddPacked(9, "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Matrix [0 1 -1 0 0 0]", PdfSample.Bytes("1 0 0 rg 0 0 5 9 re f"), "RunLengthDecode")
        .End().Bytes());

    // The phone's and the office's "print to PDF", by the engine that most phones have.
    [Fact]
    public void Of_PageThatABrowserPrinted_ShowsTheSame()
    {
        var folder = Directory.CreateTempSubdirectory("manzil-print-");
        try
        {
            var page = Path.Combine(folder.FullName, "a.html");
            var picture = Convert.ToBase64String(TaggedFiles.Png());
            File.WriteAllText(page, $"<meta charset=utf-8><h1>Договор найма — Жалдау шарты</h1><p style='opacity:.5;color:teal'>Lease <a href='https://example.org'>link</a><p style='font-family:monospace'>ұқғ 123<p><img src='data:image/png;base64,{picture}' width=90><div style='width:99px;height:50px;background:linear-gradient(red,#00f8);box-shadow:2px 2px 6px #888'></div>");
            var printed = Path.Combine(folder.FullName, "a.pdf");
            string[] arguments = ["--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={folder.FullName}/profile", $"--print-to-pdf={printed}", page];
            using (var chromium = Process.Start(new ProcessStartInfo("/usr/bin/chromium", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!)
            {
                var errors = chromium.StandardError.ReadToEndAsync();
                chromium.StandardOutput.ReadToEnd();
                chromium.WaitForExit();
                Assert.True(File.Exists(printed), errors.Result);
            }

            var pdf = File.ReadAllBytes(printed);
            Assert.NotEmpty(PdfReaders.Forbidden(pdf)!);
            Same(pdf);
            Assert.Contains("Lease", PdfReaders.TextOf(CleanFile.Of(pdf).Content), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static byte[] Scan(string dictionary, byte[] data) => new PdfSample("%PDF-1.4\n")
        .Add(1, "<< /Type /Catalog /Pages 2 0 R >>")
        .Add(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
        .Add(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Resources << /ProcSet [/PDF /ImageB] /XObject << /Im0 4 0 R >> >> /Contents 5 0 R >>")
        .AddStream(4, $"/Type /XObject /Subtype /Image /Width 8 /Height 8 {dictionary}", data)
        .AddStream(5, "", PdfSample.Bytes("99 0 0 99 0 0 cm /Im0 Do"))
        .AddStream(6, "", PdfSample.Bytes("what all pages share"))
        .End().Bytes();

    static void Same(byte[] pdf)
    {
        var clean = CleanFile.Of(pdf).Content;
        Assert.Equal([], PdfReaders.Forbidden(clean)!);
        Assert.Equal("", PdfReaders.Doubts(clean));
        Assert.Equal(PdfReaders.TextOf(pdf), PdfReaders.TextOf(clean));
        Assert.True(PdfReaders.PixelsOf(pdf) == PdfReaders.PixelsOf(clean), "the pages look different");
    }
}
