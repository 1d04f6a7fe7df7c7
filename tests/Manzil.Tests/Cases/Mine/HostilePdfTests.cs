using System.Security.Cryptography;
using System.Text;
using Manzil.Cases.Files;

namespace Manzil.Tests.Cases.Mine;

/// <summary>What a PDF could do to an officer who opens it, held against two readers that are not ours.</summary>
public class HostilePdfTests(ITestOutputHelper output)
{
    const string Script = HostilePdf.Script;

    public static TheoryData<string> Examples => ["parenthesis in a gap", "objects under a chain of filters", "open action", "remote stream as page", "page action", "older revision", "shadow in a gap"];

    static byte[] Example(string name) => name switch
    {
        // Found by the attack: a reader of text takes what follows the parenthesis for a string.
        "parenthesis in a gap" => HostilePdf.AfterAParenthesis(),
        // Found by the attack: only the first filter was looked behind.
        "objects under a chain of filters" => HostilePdf.Pages(new PdfSample()).AddObjects(9, [(1, $"<< /Type /Catalog /Pages 2 0 R /OpenAction {Script} >>")], 1, "FlateDecode", "ASCIIHexDecode").End(PdfLayout.Stream).Bytes(),
        "open action" => HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /URI /URI (https://EVILSENTINEL.example) >> >>")).End().Bytes(),
        "remote stream as page" => HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>")).AddStream(4, "/F (https://EVILSENTINEL.example)", []).End().Bytes(),
        "page action" => HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>"), $"/A#41 << /O {Script} >>").End().Bytes(),
        "older revision" => HostilePdf.Pages(new PdfSample().Add(1, $"<< /Type /Catalog /Pages 2 0 R /OpenAction {Script} >>")).End().Add(1, "<< /Type /Catalog /Pages 2 0 R >>").End().Bytes(),
        _ => HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>").Gap($"1 0 obj << /Type /Catalog /Pages 2 0 R /OpenAction {Script} >> endobj\n")).End().Bytes(),
    };

    [Theory, MemberData(nameof(Examples))]
    public void Of_WhatTheAttackFound_NothingActiveComesThrough(string name)
    {
        var hostile = Example(name);
        if (name is "remote stream as page")
        {
            Assert.Equal(FileFault.PdfActive, Assert.Throws<FileRefusedException>(() => CleanFile.Of(hostile)).Fault);
            return;
        }

        HostilePdf.AssertTame(CleanFile.Of(hostile).Content);
        if (name is not ("older revision" or "shadow in a gap")) Assert.NotEmpty(PdfReaders.Forbidden(hostile)!);
    }

    [Fact]
    public void Of_GeneratedHostilePdfs_NothingActiveComesThrough()
    {
        var seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
        output.WriteLine($"Random seed: {seed}");
        int taken = 0, dangerous = 0, all = 0;
        foreach (var (start, count) in new[] { (20261130UL, 60), (seed, 30) })
        {
            var dice = new Dice(start);
            for (var i = 0; i < count; i++, all++)
            {
                var hostile = HostilePdf.Of(dice);
                if (PdfReaders.Forbidden(hostile) is { Count: > 0 }) dangerous++;
                byte[] clean;
                try
                {
                    clean = CleanFile.Of(hostile).Content;
                }
                catch (FileRefusedException)
                {
                    continue;
                }

                taken++;
                try
                {
                    HostilePdf.AssertTame(clean);
                }
                catch (Exception e)
                {
                    Assert.Fail($"Seed {start}, file {i}: {e.Message}\n{Encoding.Latin1.GetString(hostile)}");
                }
            }
        }

        output.WriteLine($"{all} files, {dangerous} with something active for qpdf, {taken} taken");
        Assert.True(dangerous > all / 2, "the generator makes harmless files");
        Assert.True(taken > all / 3, "nearly all is refused, so nothing is shown");
    }

    // Without another reader's time: many more, for exceptions, an end, and the sentinel.
    [Fact]
    public void Of_ManyHostilePdfs_OnlyTheDeclaredExceptionAndNoSentinel()
    {
        var dice = new Dice(4711);
        byte[] sentinel = PdfSample.Bytes(HostilePdf.Sentinel), hexadecimal = PdfSample.Bytes(Convert.ToHexString(sentinel));
        var taken = 0;
        for (var i = 0; i < 4000; i++)
        {
            var hostile = HostilePdf.Of(dice);
            for (var k = dice.Next(4) * (i % 2); k > 0; k--) hostile[dice.Next(hostile.Length)] = (byte)dice.Next(256);
            try
            {
                var clean = CleanFile.Of(hostile).Content;
                Assert.True(clean.AsSpan().IndexOf(sentinel) < 0 && clean.AsSpan().IndexOf(hexadecimal) < 0, $"file {i}");
                taken++;
            }
            catch (FileRefusedException)
            {
                // Declared.
            }
        }

        Assert.InRange(taken, 1000, 3999);
    }

    [Theory]
    [InlineData("/Encrypt << /Filter /Standard /V 2 /R 3 /P -44 /O <00> /U <00> >>")]
    [InlineData("/Encrypt 9 0 R")]
    public void Of_LockedPdf_IsToldAsLocked(string trailer)
    {
        foreach (var layout in Enum.GetValues<PdfLayout>())
        {
            var locked = HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>")).End(layout, trailer).Bytes();
            Assert.Equal(FileFault.PdfEncrypted, Assert.Throws<FileRefusedException>(() => CleanFile.Of(locked)).Fault);
        }
    }

    [Theory]
    [InlineData("/AcroForm << /XFA 4 0 R >>", "")]
    [InlineData("/Collection << >>", "")]
    [InlineData("", "/Annots [<< /Type /Annot /Subtype /FreeText /Rect [0 0 9 9] /Contents (I live here) >>]")]
    [InlineData("", "/Annots [<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (I live here) /Rect [0 0 9 9] >>]")]
    public void Of_PdfThatWouldShowLessThanBefore_IsRefused(string catalog, string page)
    {
        var pdf = HostilePdf.Pages(new PdfSample().Add(1, $"<< /Type /Catalog /Pages 2 0 R {catalog} >>"), page).End().Bytes();
        Assert.Equal(FileFault.PdfActive, Assert.Throws<FileRefusedException>(() => CleanFile.Of(pdf)).Fault);
    }

    // Small to send, large to unpack: pages that share a stream, streams in streams.
    [Fact]
    public void Of_SmallFileThatUnpacksToMuch_IsRefusedAndHoldsLittle()
    {
        var packed = TaggedFiles.Packed(new byte[80 * 1024 * 1024]);
        var twice = TaggedFiles.Packed(packed);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var pdf in new[]
        {
            HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>")).AddStream(4, "/Filter /FlateDecode", packed).End().Bytes(),
            HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>")).AddStream(4, "/Filter [/Fl /Fl]", twice).End().Bytes(),
            HostilePdf.Pages(new PdfSample()).AddStream(9, "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", packed).Add(1, "<< /Type /Catalog /Pages 9 0 R >>").End().Bytes(),
        })
        {
            var fault = Assert.Throws<FileRefusedException>(() => CleanFile.Of(pdf)).Fault;
            Assert.True(fault is FileFault.PdfHidden or FileFault.PdfUnclear, fault.ToString());
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 96 * 1024 * 1024);
    }

    // Little to send, much to read: one large object that is named a thousand times.
    [Fact]
    public void Of_LargeObjectsReadAgainAndAgain_AreRefused()
    {
        var notes = string.Concat(Enumerable.Repeat("9 0 R ", 1000));
        var note = HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>"), $"/Annots [{notes}]")
            .Add(9, $"<< /Type /Annot /Subtype /Link /Contents ({new string('a', 1024 * 1024)}) >>").End().Bytes();
        var comment = HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>"), $"/Annots [{notes}]")
            .Add(9, $"%{new string('a', 1024 * 1024)}\n<< /Type /Annot /Subtype /Link >>").End().Bytes();
        foreach (var pdf in new[] { note, comment })
            Assert.Equal(FileFault.PdfUnclear, Assert.Throws<FileRefusedException>(() => CleanFile.Of(pdf)).Fault);
    }

    [Theory]
    [InlineData("xref that points elsewhere")]
    [InlineData("revisions in a circle")]
    [InlineData("pages in a circle")]
    [InlineData("length that runs on")]
    [InlineData("length of a length")]
    public void Of_PdfThatReadersWouldHaveToRepair_IsRefused(string name)
    {
        var text = Encoding.Latin1.GetString(HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>")).End(trailer: name == "revisions in a circle" ? "/Prev 000000000" : "").Bytes());
        var broken = name switch
        {
            "xref that points elsewhere" => text.Replace("0000000009 00000 n", "0000000019 00000 n", StringComparison.Ordinal),
            "revisions in a circle" => text.Replace("/Prev 000000000", $"/Prev {text.LastIndexOf("xref\n0 1", StringComparison.Ordinal):D9}", StringComparison.Ordinal),
            "pages in a circle" => text.Replace("/Kids [3 0 R]", "/Kids [2 0 R]", StringComparison.Ordinal),
            "length that runs on" => text.Replace("/Length 5", "/Length 9", StringComparison.Ordinal),
            _ => System.Text.RegularExpressions.Regex.Replace(text, "/Length \\d+", "/Length 4 0 R", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)),
        };
        Assert.NotEqual(text, broken);
        Assert.Equal(FileFault.PdfUnclear, Assert.Throws<FileRefusedException>(() => CleanFile.Of(PdfSample.Bytes(broken))).Fault);
    }
}
