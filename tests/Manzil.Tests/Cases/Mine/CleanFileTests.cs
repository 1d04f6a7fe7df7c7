using System.Text;
using Manzil.Cases.Files;

namespace Manzil.Tests.Cases.Mine;

public class CleanFileTests
{
    public static TheoryData<string> Kinds => ["jpeg", "png", "pdf"];

    static byte[] Tagged(string kind) => kind switch { "jpeg" => TaggedFiles.Jpeg(), "png" => TaggedFiles.Png(), _ => TaggedFiles.Pdf() };

    [Theory, MemberData(nameof(Kinds))]
    public void Of_FileWithPositionsEverywhere_KeepsNone(string kind)
    {
        var tagged = Tagged(kind);
        var (_, clean) = CleanFile.Of(tagged);
        foreach (var trace in TaggedFiles.Traces())
        {
            Assert.True(tagged.AsSpan().IndexOf(trace) >= 0, $"the {kind} has no {Convert.ToHexString(trace)} to begin with");
            Assert.True(clean.AsSpan().IndexOf(trace) < 0, $"{Convert.ToHexString(trace)} is left in the {kind}");
        }

        // What is clean comes out as it is.
        Assert.Equal(clean, CleanFile.Of(clean).Content);
    }

    [Fact]
    public void Of_Jpeg_KeepsThePictureAndWhichWayIsUp()
    {
        var (type, clean) = CleanFile.Of(TaggedFiles.Jpeg(orientation: 6));
        Assert.Equal("image/jpeg", type);
        var text = Encoding.Latin1.GetString(clean);
        Assert.Contains("\u00ff\u00c0\0\u000b\u0008\0\u0008\0\u0008\u0001", text, StringComparison.Ordinal);
        Assert.EndsWith("\u003f\u00ff\u00d9", text, StringComparison.Ordinal);
        // One EXIF entry: orientation 6.
        Assert.Contains("Exif\0\0MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006\0\0\0\0\0\0", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exif", Encoding.Latin1.GetString(CleanFile.Of(TaggedFiles.Jpeg(orientation: 1)).Content), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Png_KeepsThePixelsAndTheirColour()
    {
        var (type, clean) = CleanFile.Of(TaggedFiles.Png());
        Assert.Equal("image/png", type);
        var text = Encoding.Latin1.GetString(clean);
        Assert.Equal(["IHDR", "gAMA", "IDAT", "IEND"], new[] { "IHDR", "tEXt", "zTXt", "iTXt", "eXIf", "prVt", "gAMA", "IDAT", "IEND" }.Where(c => text.Contains(c, StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_Pdf_KeepsItsLengthAndItsObjects()
    {
        var tagged = TaggedFiles.Pdf();
        var (type, clean) = CleanFile.Of(tagged);
        Assert.Equal("application/pdf", type);
        // In place: every offset of the cross-reference table still holds.
        var (before, after) = (Encoding.Latin1.GetString(tagged), Encoding.Latin1.GetString(clean));
        Assert.Equal(before.IndexOf("%%EOF", StringComparison.Ordinal), after.IndexOf("%%EOF", StringComparison.Ordinal));
        foreach (var kept in new[] { "1 0 obj", "/Type /Catalog", "/MediaBox [0 0 99 99]", "/Info 6 0 R", "startxref" })
            Assert.Equal(before.IndexOf(kept, StringComparison.Ordinal), after.IndexOf(kept, StringComparison.Ordinal));
    }

    public static TheoryData<string, FileFault> Lies => new()
    {
        { "", FileFault.Empty },
        { "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", FileFault.WrongType },
        { "<!doctype html><script>alert(1)</script>", FileFault.WrongType },
        { "PK\u0003\u0004 a zip", FileFault.WrongType },
        { "GIF89a", FileFault.WrongType },
        { " %PDF-1.4 not at the beginning", FileFault.WrongType },
        { "\0\0\0\u0018ftypheic\0\0\0\0mif1heic", FileFault.Heic },
        { "%PDF-1.4\nno end", FileFault.Unreadable },
        { "\u00ff\u00d8\u00ff\u00d9", FileFault.Unreadable },
        { "\u0089PNG\r\n\u001a\n", FileFault.Unreadable },
    };

    [Theory, MemberData(nameof(Lies))]
    public void Of_WhatIsNoneOfTheThree_IsRefused(string content, FileFault fault) => Refused(fault, Encoding.Latin1.GetBytes(content));

    [Fact]
    public void Of_TooLargeOrTooManyPixels_IsRefused()
    {
        Refused(FileFault.TooLarge, new byte[CleanFile.MaxBytes + 1]);
        Refused(FileFault.TooManyPixels, TaggedFiles.Jpeg(height: 20_001));
        Refused(FileFault.TooManyPixels, TaggedFiles.Png(20_000, 20_000));
        // A bomb: a thousand times what the header says.
        Refused(FileFault.Unreadable, TaggedFiles.Png(pixels: new byte[9 * 8 * 100_000]));
        Refused(FileFault.Unreadable, TaggedFiles.Png(pixels: new byte[9 * 7]));
    }

    public static TheoryData<string, string, FileFault> Pdfs => new()
    {
        { "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>", "", FileFault.PdfActive },
        { "/OpenAction << /S /J#61vaScript >>", "", FileFault.PdfActive },
        { "/Names << /EmbeddedFiles 9 0 R >>", "", FileFault.PdfActive },
        { "/OpenAction << /S /Launch /F (x.exe) >>", "", FileFault.PdfActive },
        { "/AcroForm << /XFA 9 0 R >>", "", FileFault.PdfActive },
        { "/Encrypt 9 0 R", "", FileFault.PdfEncrypted },
        { "", "8 0 obj << /Type /Measure /Subtype /GEO /GPTS [1 2] >> endobj\n", FileFault.PdfPosition },
        { "", "8 0 obj << /Note (exif:GPSLatitude 38) >> endobj\n", FileFault.PdfPosition },
        { "", "8 0 obj << /Filter /LZWDecode >> stream\nxxx\nendstream endobj\n", FileFault.PdfHidden },
        { "", "8 0 obj << /Filter /FlateDecode >> stream\nnot packed\nendstream endobj\n", FileFault.Unreadable },
    };

    [Theory, MemberData(nameof(Pdfs))]
    public void Of_PdfWithWhatIsNotTaken_IsRefused(string catalog, string extra, FileFault fault) => Refused(fault, TaggedFiles.Pdf(catalog, null, extra));

    [Theory]
    [InlineData("/Type /ObjStm /N 1 ", "9 0 << /S /JavaScript >>", FileFault.PdfActive)]
    [InlineData("/Subtype /Image ", "a photo with Exif\0\0 in it", FileFault.PdfPosition)]
    public void Of_PdfWithSomethingPacked_IsLookedInto(string dictionary, string content, FileFault fault)
    {
        var packed = TaggedFiles.Packed(Encoding.Latin1.GetBytes(content));
        var stream = $"8 0 obj << {dictionary}/Filter /FlateDecode /Length {packed.Length} >> stream\n{Encoding.Latin1.GetString(packed)}\nendstream endobj\n";
        Refused(fault, TaggedFiles.Pdf("", null, stream));
    }

    [Fact]
    public void Of_PdfWithABomb_IsRefused()
    {
        var packed = TaggedFiles.Packed(new byte[80 * 1024 * 1024]);
        Refused(FileFault.PdfHidden, TaggedFiles.Pdf("", null, $"8 0 obj << /Filter /FlateDecode >> stream\n{Encoding.Latin1.GetString(packed)}\nendstream endobj\n"));
    }

    [Fact]
    public void Of_DamagedPng_IsRefused()
    {
        var png = TaggedFiles.Png();
        png[40] ^= 1;
        Refused(FileFault.Unreadable, png);
    }

    // Nothing but the declared exception, and an end: random bytes behind each beginning, and every example with bytes changed, cut, doubled.
    [Fact]
    public void Of_RandomAndMutatedFiles_OnlyTheDeclaredExceptionAndAnEnd()
    {
        var random = new Dice(20261124);
        byte[][] examples = [TaggedFiles.Jpeg(), TaggedFiles.Png(), TaggedFiles.Pdf()];
        byte[][] beginnings = [[0xFF, 0xD8, 0xFF, 0xE1], CleanPng.Signature.ToArray(), Encoding.Latin1.GetBytes("%PDF-1.7\n1 0 obj << /Length 3 >> stream ")];
        var taken = 0;
        for (var i = 0; i < 60_000; i++)
        {
            byte[] input;
            if (i % 4 == 0)
            {
                var tail = new byte[random.Next(400)];
                for (var k = 0; k < tail.Length; k++) tail[k] = (byte)random.Next(256);
                input = [.. beginnings[i / 4 % 3], .. tail, .. Encoding.Latin1.GetBytes("startxref %%EOF")];
            }
            else
            {
                var example = examples[random.Next(3)];
                input = [.. example];
                for (var k = 1 + random.Next(5); k > 0; k--) input[random.Next(input.Length)] = (byte)random.Next(256);
                if (i % 4 == 2) input = input[..random.Next(input.Length)];
                if (i % 4 == 3)
                {
                    var (from, to) = (random.Next(input.Length), random.Next(input.Length));
                    input = [.. input[..from], .. input[Math.Min(from, to)..]];
                }
            }

            try
            {
                CleanFile.Of(input);
                taken++;
            }
            catch (FileRefusedException)
            {
                // Declared.
            }
        }

        Assert.InRange(taken, 1000, 50_000);
    }

    // The same inputs at each run: xorshift.
    sealed class Dice(ulong state)
    {
        public int Next(int below)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            return below == 0 ? 0 : (int)(state % (ulong)below);
        }
    }

    static void Refused(FileFault fault, byte[] bytes) => Assert.Equal(fault, Assert.Throws<FileRefusedException>(() => CleanFile.Of(bytes)).Fault);
}
