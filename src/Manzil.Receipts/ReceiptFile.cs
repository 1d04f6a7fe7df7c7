using System.IO.Compression;
using System.Text;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>A receipt as one zip file: <c>statement.cose</c>, <c>record.cbor</c>, <c>proof.tlog-proof</c>,
/// <c>receipt.html</c>, and <c>keys.json</c> for the archive. Read, but not verified; a verifier takes its keys from
/// elsewhere, so <see cref="ReadAll"/> leaves keys.json and receipt.html alone.</summary>
/// <param name="Statement">The statement's bytes.</param>
/// <param name="Record">The record's bytes, where there.</param>
/// <param name="Proof">The proof's text, where there.</param>
public sealed record ReceiptFile(byte[] Statement, byte[]? Record, string? Proof)
{
    /// <summary>The longest file that is read: 2 MiB.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;
    /// <summary>The most entries that are looked at: 256.</summary>
    public const int MaxEntries = 256;

    const string StatementName = "statement.cose";
    const string RecordName = "record.cbor";
    const string ProofName = "proof.tlog-proof";

    /// <summary>Whether bytes begin as a zip file does.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>True for a zip file's first four bytes, those of an empty one included.</returns>
    public static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Reads a receipt file that holds one receipt.</summary>
    /// <param name="zip">The file's bytes.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="ReceiptFormatException">As with <see cref="ReadAll"/>, or there are several receipts.</exception>
    public static ReceiptFile Read(byte[] zip) => ReadAll(zip) is [var one] ? one : throw new ReceiptFormatException("The receipt file has several receipts.");

    /// <summary>Reads a receipt file, also one that was packed anew: in any order, in folders, stored or deflated, with other files,
    /// several receipts in a folder each, or receipt files within it. Nothing is read beyond the limits, whatever the file claims.</summary>
    /// <param name="zip">The file's bytes.</param>
    /// <returns>What is in it: 1 to <see cref="FoundReceipts.MaxReceipts"/> receipts.</returns>
    /// <exception cref="ReceiptFormatException">The file is not a zip, breaks a limit, names a part twice, or has no statement.</exception>
    public static IReadOnlyList<ReceiptFile> ReadAll(byte[] zip) => Read(zip, isOutermost: true);

    static List<ReceiptFile> Read(byte[] zip, bool isOutermost)
    {
        if (zip.Length > MaxBytes)
        {
            throw new ReceiptFormatException($"The receipt file is longer than {MaxBytes} bytes.");
        }
        try
        {
            using var archive = new ZipArchive(new MemoryStream(zip, writable: false), ZipArchiveMode.Read);
            if (archive.Entries.Count > MaxEntries)
            {
                throw new ReceiptFormatException($"The receipt file has more than {MaxEntries} entries.");
            }
            var receipts = Receipts([.. archive.Entries]);
            if (receipts.Count == 0 && isOutermost)
            {
                receipts = Within(archive);
            }
            return receipts.Count switch
            {
                0 => throw new ReceiptFormatException("The receipt file has no statement."),
                > FoundReceipts.MaxReceipts => throw new ReceiptFormatException($"The receipt file has more than {FoundReceipts.MaxReceipts} receipts."),
                _ => receipts,
            };
        }
        // What ZipArchive and its streams throw for malformed files, and GetString for malformed UTF-8.
        catch (Exception wrong) when (wrong is InvalidDataException or IOException or ArgumentException or NotSupportedException
            or OverflowException or InvalidOperationException)
        {
            throw new ReceiptFormatException("The receipt file is not a zip that can be read.", wrong);
        }
    }

    // One statement takes its parts from wherever they lie; of several each from its own folder.
    static List<ReceiptFile> Receipts(List<ZipArchiveEntry> entries) => entries.Count(entry => IsNamed(entry, StatementName)) <= 1
        ? Receipt(entries) is { } one ? [one] : []
        : [.. entries.GroupBy(FolderOf, StringComparer.OrdinalIgnoreCase).Select(folder => Receipt([.. folder])).OfType<ReceiptFile>().Take(FoundReceipts.MaxReceipts + 1)];

    static ReceiptFile? Receipt(List<ZipArchiveEntry> entries)
    {
        if (Part(entries, StatementName, Limits.StatementBytes) is not { } statement)
        {
            return null;
        }
        var proof = Part(entries, ProofName, SignedNote.MaxLength);
        return new(statement, Part(entries, RecordName, Limits.RecordBytes), proof is null ? null : StrictText.Utf8.GetString(proof));
    }

    // Somebody packed the files as they had come. All of them together are no longer than one may be.
    static List<ReceiptFile> Within(ZipArchive archive)
    {
        var receipts = new List<ReceiptFile>();
        var left = MaxBytes;
        foreach (var entry in archive.Entries.Where(entry => NameOf(entry).EndsWith(".zip", StringComparison.OrdinalIgnoreCase)).Take(FoundReceipts.MaxReceipts + 1))
        {
            var bytes = Bytes(entry, left);
            left -= bytes.Length;
            receipts.AddRange(Read(bytes, isOutermost: false));
        }
        return receipts;
    }

    /// <summary>Writes a receipt file.</summary>
    /// <param name="html">The print-ready page.</param>
    /// <param name="keysJson">The key set's bytes, for the archive.</param>
    /// <param name="time">The time given to the entries: when the act was done, so that the same receipt gives the same file.</param>
    /// <returns>The file's bytes.</returns>
    public byte[] Write(string html, ReadOnlySpan<byte> keysJson, Instant time)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(archive, StatementName, Statement, time);
            if (Record is not null)
            {
                Add(archive, RecordName, Record, time);
            }
            if (Proof is not null)
            {
                Add(archive, ProofName, Encoding.UTF8.GetBytes(Proof), time);
            }
            Add(archive, "receipt.html", Encoding.UTF8.GetBytes(html), time);
            Add(archive, "keys.json", keysJson, time);
        }
        return stream.ToArray();
    }

    static void Add(ZipArchive archive, string name, ReadOnlySpan<byte> bytes, Instant time)
    {
        var entry = archive.CreateEntry(name, CompressionLevel.Fastest);
        entry.LastWriteTime = time.ToDateTimeOffset();
        using var stream = entry.Open();
        stream.Write(bytes);
    }

    static byte[]? Part(List<ZipArchiveEntry> entries, string name, int limit) => entries.Where(entry => IsNamed(entry, name)).ToList() switch
    {
        [] => null,
        [var one] => Bytes(one, limit),
        _ => throw new ReceiptFormatException($"The receipt file has two entries of the name {name}."),
    };

    static byte[] Bytes(ZipArchiveEntry entry, int limit)
    {
        using var stream = entry.Open();
        var bytes = new byte[limit + 1];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= limit ? bytes[..length] : throw new ReceiptFormatException($"The receipt file's {NameOf(entry)} is longer than {limit} bytes.");
    }

    static bool IsNamed(ZipArchiveEntry entry, string name) => NameOf(entry).Equals(name, StringComparison.OrdinalIgnoreCase);

    // Some programs write Windows' separator.
    static string NameOf(ZipArchiveEntry entry) => entry.FullName[(entry.FullName.LastIndexOfAny(['/', '\\']) + 1)..];

    static string FolderOf(ZipArchiveEntry entry) => entry.FullName[..^NameOf(entry).Length];
}
