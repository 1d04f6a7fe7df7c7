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
    public void Of_Pdf_KeepsThePageAndThePhoto()
    {
        var (type, clean) = CleanFile.Of(TaggedFiles.Pdf());
        Assert.Equal("application/pdf", type);
        Assert.Equal("", PdfReaders.Doubts(clean));
        Assert.Equal([], PdfReaders.Forbidden(clean)!);
        Assert.Equal(PdfReaders.PixelsOf(TaggedFiles.Pdf()), PdfReaders.PixelsOf(clean));
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
        { "%PDF-1.4\nno end", FileFault.PdfUnclear },
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

    // What stands in the content of a page, or in a picture, cannot be left out of it.
    [Theory]
    [InlineData("/Filter /LZWDecode", "xxx", FileFault.PdfHidden)]
    [InlineData("/Filter /Unheard", "xxx", FileFault.PdfHidden)]
    [InlineData("/Filter /FlateDecode", "not packed", FileFault.PdfUnclear)]
    [InlineData("/Filter /ASCIIHexDecode", "457869660000>", FileFault.PdfPosition)]
    [InlineData("", "(exif:GPSLatitude 38) Tj", FileFault.PdfPosition)]
    [InlineData("/Filter /DCTDecode", "a picture as a text", FileFault.PdfHidden)]
    [InlineData("/Filter /Crypt", "xxx", FileFault.PdfEncrypted)]
    [InlineData("/F (elsewhere.txt)", "", FileFault.PdfActive)]
    public void Of_PdfWithContentThatIsNotTaken_IsRefused(string dictionary, string content, FileFault fault) =>
        Refused(fault, PageOf(dictionary, Encoding.Latin1.GetBytes(content)));

    [Fact]
    public void Of_PdfWithABomb_IsRefused() => Refused(FileFault.PdfHidden, PageOf("/Filter /FlateDecode", TaggedFiles.Packed(new byte[80 * 1024 * 1024])));

    static byte[] PageOf(string dictionary, byte[] content) => new PdfSample()
        .Add(1, "<< /Type /Catalog /Pages 2 0 R >>")
        .Add(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
        .Add(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R >>")
        .AddStream(4, dictionary, content)
        .End().Bytes();

    // Chunks that may stand once carry data of their own if they may stand often, or be longer than their colours need.
    [Fact]
    public void Of_PngWithChunksThatSayNothing_KeepsNone()
    {
        var png = TaggedFiles.Png();
        var pixels = Encoding.Latin1.GetString(png).IndexOf("IDAT", StringComparison.Ordinal) - 4;
        byte[] hidden = [.. TaggedFiles.Chunk("tRNS", [.. Encoding.Latin1.GetBytes("38.7261943")]), .. TaggedFiles.Chunk("gAMA", [.. Encoding.Latin1.GetBytes("38.7")]), .. TaggedFiles.Chunk("sRGB", [1]), .. TaggedFiles.Chunk("sRGB", [2])];
        var clean = Encoding.Latin1.GetString(CleanFile.Of([.. png[..pixels], .. hidden, .. png[pixels..]]).Content);
        Assert.DoesNotContain("38.7", clean, StringComparison.Ordinal);
        Assert.DoesNotContain("tRNS", clean, StringComparison.Ordinal);
        Assert.Equal(1, clean.Split("sRGB").Length - 1);
        Refused(FileFault.TooManyPixels, TaggedFiles.Png(11_000, 11_000));
    }

    // Found by the attack: what unpacks the pixels stops at their checksum; the same checksum again at the end looked as if nothing stood between.
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(20_000)]
    public void Of_PngWithBytesBetweenTwoChecksums_IsRefused(int hidden)
    {
        var pixels = TaggedFiles.Packed(new byte[9 * 8]);
        Assert.NotEmpty(CleanFile.Of(TaggedFiles.Png(packed: pixels)).Content);
        byte[] position = [.. Enumerable.Repeat("38.7261943 "u8.ToArray(), hidden).SelectMany(p => p).Take(hidden)];
        Refused(FileFault.Unreadable, TaggedFiles.Png(packed: [.. pixels, .. position, .. pixels[^4..]]));
    }

    // Each scan costs whoever looks at the picture a pass over all of it.
    [Fact]
    public void Of_JpegWithHundredsOfScans_IsRefused()
    {
        var jpeg = TaggedFiles.Jpeg();
        var end = Encoding.Latin1.GetString(jpeg).LastIndexOf("\u003f\u00ff\u00d9", StringComparison.Ordinal);
        byte[] scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F];
        byte[] Scans(int more) => [.. jpeg[..(end + 1)], .. Enumerable.Repeat(scan, more).SelectMany(s => s), 0xFF, 0xD9];
        Assert.NotEmpty(CleanFile.Of(Scans(20)).Content);
        Refused(FileFault.Unreadable, Scans(100));
        jpeg[Encoding.Latin1.GetString(jpeg).IndexOf("\u00ff\u00c0\0\u000b", StringComparison.Ordinal) + 11] = 0;
        Refused(FileFault.Unreadable, jpeg);
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

        Assert.InRange(taken, 500, 50_000);
    }

    static void Refused(FileFault fault, byte[] bytes) => Assert.Equal(fault, Assert.Throws<FileRefusedException>(() => CleanFile.Of(bytes)).Fault);
}
