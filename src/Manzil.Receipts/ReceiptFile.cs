using System.IO.Compression;
using System.Text;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>A receipt as one zip file: <c>statement.cose</c>, <c>record.cbor</c>, <c>proof.tlog-proof</c>,
/// <c>receipt.html</c>, and <c>keys.json</c> for the archive. Read, but not verified; a verifier takes its keys from
/// elsewhere, so <see cref="Read"/> leaves keys.json and receipt.html alone.</summary>
/// <param name="Statement">The statement's bytes.</param>
/// <param name="Record">The record's bytes, where there.</param>
/// <param name="Proof">The proof's text, where there.</param>
public sealed record ReceiptFile(byte[] Statement, byte[]? Record, string? Proof)
{
    /// <summary>The longest file that is read: 2 MiB.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;
    /// <summary>The most entries that are looked at: 16.</summary>
    public const int MaxEntries = 16;

    const string StatementName = "statement.cose";
    const string RecordName = "record.cbor";
    const string ProofName = "proof.tlog-proof";

    /// <summary>Whether bytes begin as a zip file does.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>True for a zip file's first four bytes.</returns>
    public static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\u0003\u0004"u8);

    /// <summary>Reads a receipt file. Entries of other names are ignored; nothing is read beyond the limits, whatever the
    /// file claims.</summary>
    /// <param name="zip">The file's bytes.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="ReceiptFormatException">The file is not a zip, breaks a limit, names a part twice, or has no statement.</exception>
    public static ReceiptFile Read(byte[] zip)
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
            if (archive.Entries.DistinctBy(entry => entry.FullName, StringComparer.OrdinalIgnoreCase).Count() != archive.Entries.Count)
            {
                throw new ReceiptFormatException("The receipt file has two entries of the same name.");
            }
            var proof = Entry(archive, ProofName, SignedNote.MaxLength);
            return new(
                Entry(archive, StatementName, Limits.StatementBytes) ?? throw new ReceiptFormatException("The receipt file has no statement."),
                Entry(archive, RecordName, Limits.RecordBytes),
                proof is null ? null : StrictText.Utf8.GetString(proof));
        }
        // What ZipArchive and its streams throw for malformed files, and GetString for malformed UTF-8.
        catch (Exception wrong) when (wrong is InvalidDataException or IOException or ArgumentException or NotSupportedException
            or OverflowException or InvalidOperationException)
        {
            throw new ReceiptFormatException("The receipt file is not a zip that can be read.", wrong);
        }
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

    static byte[]? Entry(ZipArchive archive, string name, int limit)
    {
        if (archive.GetEntry(name) is not { } entry)
        {
            return null;
        }
        using var stream = entry.Open();
        var bytes = new byte[limit + 1];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= limit ? bytes[..length] : throw new ReceiptFormatException($"The receipt file's {name} is longer than {limit} bytes.");
    }
}
