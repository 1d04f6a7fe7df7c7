using System.Text;
using Manzil.Receipts;

namespace Manzil;

/// <summary>What the command line was given cannot be used at all: exit code 2.</summary>
sealed class UsageException(string message) : Exception(message);

/// <summary>The parts of a receipt, put together from what the command line or the page was given.</summary>
sealed record GivenReceipt(byte[] Statement, byte[]? Record, string? Proof)
{
    internal static GivenReceipt Read(string input, string? recordFile, string? proofFile)
    {
        var (statement, record, proof) = Of(TextOrFile(input));
        if (recordFile is not null)
        {
            var bytes = TextOrFile(recordFile);
            record = AsQrText(bytes) is { } text ? QrText.ParseRecord(text).Record : bytes;
        }
        if (proofFile is not null)
        {
            var bytes = TextOrFile(proofFile);
            proof = AsQrText(bytes) is { } text ? QrText.ParseRecord(text).Proof.Format() : AsText(bytes, "The proof is not a text.");
        }
        return new(statement, record, proof);
    }

    internal static byte[] ReadFile(string path, int limit)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > limit)
            {
                throw new UsageException($"The file {path} is longer than {limit} bytes.");
            }
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"The file {path} cannot be read.");
        }
    }

    /// <summary>The parts in a receipt's zip, in the texts of its QR codes, or in a statement's own bytes.</summary>
    internal static GivenReceipt Of(byte[] bytes)
    {
        if (ReceiptFile.IsZip(bytes))
        {
            var file = ReceiptFile.Read(bytes);
            return new(file.Statement, file.Record, file.Proof);
        }
        if (AsQrText(bytes) is not { } text)
        {
            return new(bytes, null, null);
        }
        // Base45 uses spaces: only line ends may be cut away.
        var lines = text.Split('\n').Select(line => line.Trim('\r')).Where(line => line.Length > 0).ToList();
        var first = lines.Find(line => line.StartsWith(QrText.StatementPrefix, StringComparison.Ordinal));
        var second = lines.Find(line => line.StartsWith(QrText.RecordPrefix, StringComparison.Ordinal));
        if (first is null)
        {
            throw new UsageException("An MNZ2 text holds only record and proof: give the MNZ1 text, and this one with --record and --proof.");
        }
        var record = second is null ? null : QrText.ParseRecord(second);
        return new(QrText.ParseStatement(first), record?.Record, record?.Proof.Format());
    }

    static byte[] TextOrFile(string input) => IsQrText(input) ? Encoding.UTF8.GetBytes(input) : ReadFile(input, ReceiptFile.MaxBytes);

    static string? AsQrText(byte[] bytes)
    {
        var text = bytes.AsSpan().StartsWith("MNZ"u8) || bytes.AsSpan().StartsWith("\uFEFFMNZ"u8)
            ? AsText(bytes, "The text of the QR code is not well-formed UTF-8.").TrimStart('\uFEFF')
            : "";
        return IsQrText(text) ? text : null;
    }

    static bool IsQrText(string text) => text.StartsWith(QrText.StatementPrefix, StringComparison.Ordinal)
        || text.StartsWith(QrText.RecordPrefix, StringComparison.Ordinal);

    static string AsText(byte[] bytes, string complaint)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException wrong)
        {
            throw new ReceiptFormatException(complaint, wrong);
        }
    }
}
