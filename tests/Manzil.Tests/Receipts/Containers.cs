using System.IO.Compression;
using System.Text;
using Manzil.Receipts;

namespace Manzil.Tests.Receipts;

/// <summary>The shapes in which one and the same receipt is handed on.</summary>
static class Containers
{
    /// <summary>As a text that is pasted.</summary>
    public static readonly IReadOnlyDictionary<string, Func<ReceiptFile, string>> Texts = new Dictionary<string, Func<ReceiptFile, string>>
    {
        ["first alone"] = First,
        ["both"] = Both,
        ["both, the second first"] = r => Second(r) + "\n" + First(r),
        ["in quotes"] = r => "\"" + First(r) + "\"",
        ["in curly quotes"] = r => "«" + First(r) + "»",
        ["a blank at its end"] = r => First(r) + " ",
        ["line breaks around"] = r => "\r\n\r\n" + First(r) + "\r\n\r\n",
        ["inside a letter"] = r => "Dear Sir,\n\nhere is my receipt: " + First(r) + " It begins with MNZ1: as you see, and MNZ2: is not there.\nYours, A. RAHIMOV 12/3",
        ["inside a letter in capitals"] = r => "HERE IT IS MNZ1: " + First(r) + "AND THE OTHER " + Second(r) + "GOOD BYE",
        ["wrapped"] = r => Wrapped(Both(r), 76, "\n"),
        ["wrapped, spaces at line ends lost"] = r => Wrapped(Both(r), 60, "\r\n", isSpaceLost: true),
        ["wrapped and quoted"] = r => "> " + Wrapped(Both(r), 72, "\n> "),
        ["quoted twice"] = r => ">> " + Wrapped(Both(r), 70, "\r\n>> ", isSpaceLost: true),
        ["quoted-printable"] = r => Wrapped(Both(r), 75, "=\r\n"),
        ["no-break spaces"] = r => Both(r).Replace(' ', '\u00A0'),
        ["zero-width characters"] = r => "\uFEFF" + string.Join('\u200B', Both(r).Chunk(20).Select(c => new string(c))) + "\u200E",
        ["double spaces made one"] = r => First(r).Replace("  ", " ", StringComparison.Ordinal),
        ["lower case"] = r => Both(r).ToLowerInvariant(),
        ["dashes made long"] = r => Both(r).Replace('-', '–'),
        ["within JSON"] = r => System.Text.Json.JsonSerializer.Serialize(new { number = "1", qr = First(r) }),
        ["twice"] = r => First(r) + "\n\n> " + First(r),
    };

    /// <summary>As a file.</summary>
    public static readonly IReadOnlyDictionary<string, Func<ReceiptFile, byte[]>> Files = new Dictionary<string, Func<ReceiptFile, byte[]>>
    {
        ["zip as we make it"] = r => r.Write("<p>", "{}"u8, Sample.IssuedAt),
        ["zip in another order, stored"] = r => Zip(CompressionLevel.NoCompression, [.. Parts(r).Reverse()]),
        ["zip in a folder, with others"] = r => Zip(CompressionLevel.SmallestSize, [("notes/", []), ("notes/hello.txt", "hello"u8.ToArray()), .. Parts(r).Select(p => ("my receipt/" + p.Name, p.Bytes)), ("__MACOSX/my receipt/._statement.cose", [1, 2])]),
        ["zip by Windows"] = r => Zip(CompressionLevel.Fastest, [.. Parts(r).Select(p => ("my\\" + p.Name.ToUpperInvariant(), p.Bytes))]),
        ["zip of the zip"] = r => Zip(CompressionLevel.Fastest, [("letter.txt", "hello"u8.ToArray()), ("manzil-1.zip", r.Write("<p>", "{}"u8, Sample.IssuedAt))]),
        ["statement.cose"] = r => r.Statement,
        ["text file"] = r => Encoding.UTF8.GetBytes(Both(r)),
        ["text file with a byte-order mark"] = r => [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(First(r))],
        ["text file in UTF-16"] = r => [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Both(r))],
        ["letter in windows-1251"] = r => [0xD2, 0xEE, 0xEB, 0xFC, 0xEA, 0xEE, (byte)' ', .. Encoding.ASCII.GetBytes(First(r)), (byte)' ', 0xF1, 0xEF],
        ["web page"] = r => Encoding.UTF8.GetBytes($"<!doctype html><html lang=\"en\"><figure data-text=\"{First(r)}\"><svg/></figure><figure data-text=\"{Second(r)}\"></figure></html>"),
    };

    public static string First(ReceiptFile receipt) => QrText.FormatStatement(receipt.Statement);

    public static string Second(ReceiptFile receipt) => QrText.FormatRecord(receipt.Record, TlogProof.Parse(receipt.Proof!))!;

    public static string Both(ReceiptFile receipt) => First(receipt) + "\n" + Second(receipt);

    public static byte[] Zip(CompressionLevel level, params (string Name, byte[] Bytes)[] entries)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = archive.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    public static (string Name, byte[] Bytes)[] Parts(ReceiptFile receipt) =>
        [("statement.cose", receipt.Statement), ("record.cbor", receipt.Record!), ("proof.tlog-proof", Encoding.UTF8.GetBytes(receipt.Proof!))];

    /// <summary>Broken into lines, as mail programs do.</summary>
    public static string Wrapped(string text, int width, string lineEnd, bool isSpaceLost = false) => string.Join(lineEnd, text.Split('\n')
        .SelectMany(line => line.Chunk(width).Select(c => isSpaceLost ? new string(c).Trim(' ') : new string(c))));
}
