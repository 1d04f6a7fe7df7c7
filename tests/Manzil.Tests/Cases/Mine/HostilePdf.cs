using System.Globalization;
using System.Text;

namespace Manzil.Tests.Cases.Mine;

/// <summary>
/// PDFs that want to do something, made from a seed: every action and form, in objects that stand in the open, packed under any chain
/// of filters, in older and newer revisions, in both kinds of references, between gaps that lead a reader of text astray.
/// </summary>
static class HostilePdf
{
    /// <summary>Stands in every script, address and name of a file, and in nothing that is shown.</summary>
    public const string Sentinel = "EVILSENTINEL";

    public const string Script = "<< /S /JavaScript /JS (app.alert\\(EVILSENTINEL\\)) >>";

    static readonly string[] Actions =
    [
        "/S /JavaScript /JS (app.alert\\('EVILSENTINEL'\\))",
        "/S /J#61vaScript /J#53 <4556494C53454E54494E454C>",
        "/S /JavaScript /JS 20 0 R",
        "/S /Launch /F (EVILSENTINEL.exe)",
        "/S /Launch /Win << /F (EVILSENTINEL) >>",
        "/S /URI /URI (https://EVILSENTINEL.example/)",
        "/S /GoToR /F << /Type /Filespec /F (EVILSENTINEL.pdf) >> /D [0 /Fit]",
        "/S /GoToE /T << /R /C /N (EVILSENTINEL) >>",
        "/S /SubmitForm /F << /FS /URL /F (https://EVILSENTINEL.example/) >> /Flags 4",
        "/S /ImportData /F (EVILSENTINEL.fdf)",
        "/S /ResetForm /Fields [(EVILSENTINEL)]",
        "/S /Hide /T (EVILSENTINEL)",
        "/S /Named /N /EVILSENTINEL",
        "/S /Rendition /OP 0 /R << /S /MR /N (EVILSENTINEL) /C << /S /MCD /D << /F (EVILSENTINEL.mp4) >> >> >> /JS (EVILSENTINEL)",
        "/S /Movie /T (EVILSENTINEL)",
        "/S /Sound /Sound 21 0 R",
        "/S /SetOCGState /State [/ON 22 0 R]",
        "/S /Trans /Trans << /S /Dissolve >>",
        "/S /GoTo3DView /V (EVILSENTINEL)",
        "/S /RichMediaExecute /CMD << /C (EVILSENTINEL) >>",
        "/S /Thread /F (EVILSENTINEL.pdf) /D 0",
    ];

    static readonly string[] Notes =
    [
        "/Subtype /Link /A {A}", "/Subtype /Link /PA {A}", "/Subtype /Screen /AA << /PV {A} >>", "/Subtype /Widget /FT /Btn /T (EVILSENTINEL) /AA << /U {A} /Fo {A} >>",
        "/Subtype /Widget /FT /Tx /T (b) /A {A} /AP << /N 23 0 R >> /MK << /CA (EVILSENTINEL) >>", "/Subtype /FileAttachment /FS << /EF << /F 21 0 R >> /F (EVILSENTINEL) >>",
        "/Subtype /Movie /Movie << /F (EVILSENTINEL) >> /A true", "/Subtype /Sound /Sound 21 0 R", "/Subtype /RichMedia /RichMediaContent << /Assets << /Names [(EVILSENTINEL) 21 0 R] >> >>",
        "/Subtype /3D /3DD 21 0 R /3DA << /A /PO >>", "/Subtype /Stamp /AP << /N 23 0 R /D 23 0 R >> /AA << /E {A} >> /Contents (EVILSENTINEL)",
        "/Subtype /Text /Contents (EVILSENTINEL) /Popup << /Subtype /Popup /AA << /D {A} >> >>", "/Subtype /Line /A {A} /AP << /N << /On 23 0 R >> >> /AS /On",
    ];

    static readonly string[] CatalogEntries =
    [
        "/OpenAction {A}", "/Open#41ction {A}", "/AA << /WC {A} /DP {A} >>", "/Names << /JavaScript << /Names [(EVILSENTINEL) {A}] >> >>",
        "/Names << /EmbeddedFiles << /Names [(EVILSENTINEL) << /Type /Filespec /F (EVILSENTINEL) /EF << /F 21 0 R >> >>] >> >>", "/AcroForm << /Fields [24 0 R] /NeedAppearances true /CO [24 0 R] >>",
        "/AcroForm << /XFA 21 0 R /Fields [] >>", "/URI << /Base (https://EVILSENTINEL.example/) >>", "/Outlines << /First << /Title (EVILSENTINEL) /A {A} >> >>", "/AF [21 0 R]",
        "/Dests << /x {A} >>", "/Metadata 21 0 R", "/Threads [<< /A {A} >>]", "/Collection << /D (EVILSENTINEL) >>", "/Perms << /DocMDP 21 0 R >>", "/OCProperties << /OCGs [22 0 R] /D << /AS [{A}] /A {A} /ON [22 0 R] >> /A {A} >>",
        "/JS (EVILSENTINEL)", "/Extensions << /EVIL << /A {A} >> >>", "/StructTreeRoot << /A {A} >>",
    ];

    static readonly string[] PageEntries =
        ["/AA << /O {A} /C {A} >>", "/A {A}", "/PieceInfo << /EVIL << /Private (EVILSENTINEL) /A {A} >> >>", "/PresSteps << /NA {A} >>", "/AF [21 0 R]", "/Trans << /S /Fly /A {A} >>", "/VP [<< /Measure << /Subtype /GEO >> /A {A} >>]"];

    static readonly string[] Resources =
    [
        "/ExtGState << /G << /A {A} /TR {A} /SMask {A} >> >>", "/XObject << /X 23 0 R /I 25 0 R >>", "/Properties << /P << /Type /OCG /A {A} /Name (EVILSENTINEL) >> /Q {A} >>",
        "/ColorSpace << /C [/Separation /EVIL {A} {A}] /OpenSpace {A} >>", "/Pattern << /P << /PatternType 2 /A {A} /Shading << /ShadingType 2 /A {A} /Function {A} >> >> >>", "/JavaScript {A}",
    ];

    static readonly string[] Gaps =
    [
        "(", ")", "%(\n", "% EVILSENTINEL\n", "<", "<<", ">>", "[", "\n1 0 obj << /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (EVILSENTINEL) >> >> endobj\n", "stream\n", "endstream\n",
        "3 0 obj << /Type /Page /AA << /O << /S /Launch /F (EVILSENTINEL) >> >> >> stream\n", "trailer << /Root 99 0 R >>\n", "<< /OpenAction << /S /JavaScript /JS (EVILSENTINEL) >> >>", "\\(", "(((", "xref\n0 1\n",
    ];

    static readonly string[][] Chains =
    [
        [], ["FlateDecode"], ["ASCIIHexDecode"], ["ASCII85Decode"], ["RunLengthDecode"], ["ASCIIHexDecode", "FlateDecode"], ["ASCII85Decode", "FlateDecode"], ["FlateDecode", "FlateDecode"],
        ["FlateDecode", "ASCIIHexDecode"], ["RunLengthDecode", "ASCII85Decode", "FlateDecode"], ["ASCIIHexDecode", "ASCIIHexDecode"], ["A85", "Fl"], ["/Fl#61teDecode"], ["LZWDecode"], ["Crypt", "FlateDecode"],
    ];

    /// <summary>One page with words, but for object 1.</summary>
    public static PdfSample Pages(PdfSample pdf, string page = "") => pdf
        .Add(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
        .Add(3, $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> {page} >>")
        .AddPacked(4, "", PdfSample.Bytes("BT /F 12 Tf 20 40 Td (Hello officer) Tj ET"), "FlateDecode");

    /// <summary>Whoever reads it as a text takes what follows the parenthesis for a string.</summary>
    public static byte[] AfterAParenthesis() =>
        Pages(new PdfSample().Gap("(\n").Add(1, $"<< /Type /Catalog /Pages 2 0 R /OpenAction {Script} >>").Gap(")\n")).End().Bytes();

    /// <summary>As a program writes it that locks what it prints.</summary>
    public static byte[] Locked() =>
        Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>")).End(trailer: "/Encrypt << /Filter /Standard /V 2 /R 3 /P -44 /O <00> /U <00> >>").Bytes();

    /// <summary>It shows its words, and two readers find nothing else in it.</summary>
    public static void AssertTame(byte[] clean)
    {
        Assert.Equal([], PdfReaders.Forbidden(clean) ?? ["qpdf does not read it"]);
        Assert.Equal("", PdfReaders.Doubts(clean));
        Assert.Equal("", PdfReaders.ActiveOf(clean));
        Assert.Contains("Hello officer", PdfReaders.TextOf(clean), StringComparison.Ordinal);
        Assert.DoesNotContain(Sentinel, Encoding.Latin1.GetString(clean), StringComparison.Ordinal);
    }

    public static byte[] Of(Dice dice)
    {
        var layout = dice.Of(PdfLayout.Table, PdfLayout.Stream, PdfLayout.Hybrid);
        var pdf = new PdfSample();
        var revisions = 1 + dice.Next(3);
        for (var revision = 0; revision < revisions; revision++)
        {
            // In one revision of several nothing is active: it may be the newest, or one that is hidden by it.
            Objects(pdf, dice, layout, isTame: dice.Next(4) == 0);
            pdf.End(layout, dice.Next(4) == 0 ? $"/Info << /Title ({Sentinel}) >> /A {Action(dice, 0)}" : "", dice.Next(4) == 0 ? dice.Of(Gaps) : "");
        }

        return pdf.Bytes();
    }

    static void Objects(PdfSample pdf, Dice dice, PdfLayout layout, bool isTame)
    {
        string Some(string[] from, int most) => isTame ? "" : string.Join(' ', Enumerable.Range(0, dice.Next(most + 1)).Select(_ => Filled(dice.Of(from), dice)).DistinctBy(entry => entry.Split(' ')[0]));

        var resources = $"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica {(isTame ? "" : $"/A {Action(dice, 0)}")} >> >> {Some(Resources, 3)}";
        var notes = isTame ? "" : string.Join(' ', Enumerable.Range(0, dice.Next(4)).Select(_ => $"<< /Type /Annot /Rect [10 10 30 30] {Filled(dice.Of(Notes), dice)} >>"));
        List<(int Number, string Value)> objects =
        [
            (1, $"<< /Type /Catalog /Pages 2 0 R {Some(CatalogEntries, 4)} >>"),
            (2, $"<< /Type /Pages /Kids [3 0 R] /Count 1 {Some(PageEntries, 1)} >>"),
            (3, $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << {resources} >> /Annots [{notes}] {Some(PageEntries, 2)} >>"),
            (20, $"({Sentinel})"), (22, $"<< /Type /OCG /Name ({Sentinel}) /Usage {Action(dice, 0)} >>"),
            (24, $"<< /FT /Tx /T ({Sentinel}) /Kids [] /AA << /K {Action(dice, 0)} >> >>"), (26, Action(dice, 1)), (27, $"[{Action(dice, 1)} {Action(dice, 1)}]"),
        ];
        Gap(pdf, dice);
        pdf.AddPacked(4, "", PdfSample.Bytes("BT /F 12 Tf 20 40 Td (Hello officer) Tj ET"), dice.Of(Chains[..13]));
        Gap(pdf, dice);
        pdf.AddPacked(21, dice.Of("", "/F (https://EVILSENTINEL.example/x)", "/Type /EmbeddedFile"), PdfSample.Bytes(Sentinel), dice.Of(Chains[..13]));
        pdf.AddPacked(23, $"/Type /XObject /Subtype /Form /BBox [0 0 9 9] {(isTame ? "" : dice.Of($"/Ref << /F ({Sentinel}) >>", $"/OPI << /A {Action(dice, 0)} >>", $"/Metadata 21 0 R /PieceInfo {Action(dice, 0)}"))}", PdfSample.Bytes("0 0 9 9 re f"), "FlateDecode");
        pdf.AddPacked(25, $"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray {(isTame ? "" : dice.Of($"/Alternates [{Action(dice, 0)}]", "/Metadata 21 0 R", dice.Next(3) == 0 ? $"/F ({Sentinel})" : ""))}", [0], "FlateDecode");
        if (layout != PdfLayout.Table && dice.Next(4) > 0)
        {
            pdf.AddObjects(30, [.. objects], dice.Next(3) == 0 ? dice.Of(10, 11, 12, 15) : 1, dice.Of(dice.Next(6) == 0 ? Chains : Chains[..13]));
            return;
        }

        foreach (var (number, value) in objects)
        {
            Gap(pdf, dice);
            pdf.Add(number, value);
        }
    }

    static void Gap(PdfSample pdf, Dice dice)
    {
        if (dice.Next(3) == 0) pdf.Gap($"{dice.Of(Gaps)}{(dice.Next(2) == 0 ? dice.Of(Gaps) : "")}\n");
    }

    static string Filled(string entry, Dice dice)
    {
        var filled = new StringBuilder();
        var parts = entry.Split("{A}");
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0) filled.Append(Action(dice, 0));
            filled.Append(parts[i]);
        }

        return filled.ToString();
    }

    // In place, referred to, or behind another in a chain.
    static string Action(Dice dice, int depth)
    {
        if (depth == 0 && dice.Next(4) == 0) return dice.Of("26 0 R", "27 0 R");
        var next = depth < 3 && dice.Next(3) == 0 ? $"/Next {(dice.Next(2) == 0 ? Action(dice, depth + 1) : $"[{Action(dice, depth + 1)}]")}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"<< {(dice.Next(2) == 0 ? "/Type /Action " : "")}{dice.Of(Actions)} {next} >>");
    }
}

/// <summary>The same throws at each run: xorshift.</summary>
sealed class Dice(ulong state)
{
    public int Next(int below)
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return below == 0 ? 0 : (int)(state % (ulong)below);
    }

    public T Of<T>(params T[] all) => all[Next(all.Length)];
}
