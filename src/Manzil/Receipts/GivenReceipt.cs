using System.Text;
using Manzil.Receipts;

namespace Manzil;

/// <summary>What the command line was given cannot be used at all: exit code 2.</summary>
sealed class UsageException(string message) : Exception(message);

/// <summary>Why what was handed over could not be read; its name stands in the texts' keys.</summary>
public enum Unread
{
    /// <summary>Something else: a letter without a receipt, a program.</summary>
    Other,
    Pdf,
    Picture,
    WebPage,
    Keys,
    Zip,
    TextDamaged,
    FileDamaged,
    SecondOnly,
    SecondDamaged,
    TooLarge,
    TooMany,
}

/// <summary>What was handed over could not be read: no verdict, and an exit code of its own.</summary>
/// <param name="why">Which sentence helps.</param>
/// <param name="first">The first text, where that alone can be read: it can be checked by itself.</param>
sealed class UnreadException(Unread why, string? first = null) : Exception(why.ToString())
{
    public Unread Why { get; } = why;

    public string? First { get; } = first;
}

/// <summary>The parts of a receipt, put together from what the command line or the page was given.</summary>
sealed record GivenReceipt(byte[] Statement, byte[]? Record, string? Proof)
{
    const byte CoseSign1 = 0xD2;

    /// <exception cref="UnreadException">It could not be read.</exception>
    /// <exception cref="UsageException">There is no such file.</exception>
    internal static IReadOnlyList<GivenReceipt> Read(string input, string? recordFile, string? proofFile, KeySet keys)
    {
        var all = All(TextOrFile(input), keys);
        if (recordFile is null && proofFile is null) return all;
        if (all is not [var one]) throw new UsageException("There are several receipts: --record and --proof go with one.");
        try
        {
            if (recordFile is not null)
            {
                var bytes = TextOrFile(recordFile);
                one = one with { Record = AsSecond(bytes) is { } text ? QrText.ParseRecord(text).Record : bytes };
            }

            if (proofFile is not null)
            {
                var bytes = TextOrFile(proofFile);
                one = one with { Proof = AsSecond(bytes) is { } text ? QrText.ParseRecord(text).Proof.Format() : AsText(bytes) ?? throw new UnreadException(Unread.SecondDamaged) };
            }
        }
        catch (ReceiptFormatException)
        {
            throw new UnreadException(Unread.SecondDamaged);
        }

        return [one];
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

    /// <summary>The receipts in a zip, in a text of whatever kind, or a statement's own bytes.</summary>
    /// <exception cref="UnreadException">None could be read.</exception>
    internal static IReadOnlyList<GivenReceipt> All(byte[] bytes, KeySet keys)
    {
        if (ReceiptFile.IsZip(bytes)) return OfZip(bytes);
        if (bytes is [CoseSign1, 0x84, ..]) return [new(bytes, null, null)];
        // A letter may be in any encoding; a code's text has the same bytes in all of them.
        var text = AsText(bytes) ?? Encoding.Latin1.GetString(bytes);
        return OfText(text, keys, KindOf(bytes, text));
    }

    /// <exception cref="UnreadException">None could be read.</exception>
    internal static IReadOnlyList<GivenReceipt> OfText(string text, KeySet keys, Unread otherwise = Unread.Other)
    {
        var found = FoundReceipts.In(text, keys);
        if (found.HasTooMany) throw new UnreadException(Unread.TooMany);
        if (found.Receipts.Count == 0) throw new UnreadException(found.HasUnreadStatement ? Unread.TextDamaged : found.HasSecondOnly ? Unread.SecondOnly : otherwise);
        // All of what was given is read, or the reader is told: none of it passes unseen.
        if (found.HasUnreadStatement) throw new UnreadException(Unread.TextDamaged);
        if (found.HasUnreadSecond) throw new UnreadException(Unread.SecondDamaged, found.Receipts.Count == 1 ? QrText.FormatStatement(found.Receipts[0].Statement) : null);
        return [.. found.Receipts.Select(r => new GivenReceipt(r.Statement, r.Second?.Record, r.Second?.Proof.Format()))];
    }

    static IReadOnlyList<GivenReceipt> OfZip(byte[] bytes)
    {
        try
        {
            return [.. ReceiptFile.ReadAll(bytes).Select(file => new GivenReceipt(file.Statement, file.Record, file.Proof))];
        }
        catch (ReceiptFormatException wrong)
        {
            throw new UnreadException(wrong.InnerException is null ? Unread.Zip : Unread.FileDamaged);
        }
    }

    /// <summary>What a report says could not be read of a receipt, as the reader of it says it.</summary>
    internal static UnreadException UnreadOf(VerificationReport report, GivenReceipt given) => report.Problems.Contains(ReceiptProblem.StatementMalformed)
        ? new(Unread.FileDamaged)
        : new(Unread.SecondDamaged, QrText.FormatStatement(given.Statement));

    static Unread KindOf(byte[] bytes, string text)
    {
        var head = text.AsSpan(0, Math.Min(text.Length, 200)).TrimStart();
        return bytes switch
        {
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => Unread.Pdf,
            [0xFF, 0xD8, 0xFF, ..] or [0x89, (byte)'P', (byte)'N', (byte)'G', ..] or [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => Unread.Picture,
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] or [(byte)'R', (byte)'I', (byte)'F', (byte)'F', ..] => Unread.Picture,
            _ when head.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || head.StartsWith("<html", StringComparison.OrdinalIgnoreCase) => Unread.WebPage,
            _ when head.StartsWith("{", StringComparison.Ordinal) && text.Contains("\"vkey\"", StringComparison.Ordinal) => Unread.Keys,
            _ => Unread.Other,
        };
    }

    static byte[] TextOrFile(string input) => !File.Exists(input) && IsText(input) ? Encoding.UTF8.GetBytes(input) : ReadFile(input, ReceiptFile.MaxBytes);

    static bool IsText(string input) => input.Contains(QrText.StatementPrefix, StringComparison.OrdinalIgnoreCase) || input.Contains(QrText.RecordPrefix, StringComparison.OrdinalIgnoreCase);

    static string? AsSecond(byte[] bytes) => AsText(bytes) is { } text && text.StartsWith(QrText.RecordPrefix, StringComparison.Ordinal) ? text : null;

    /// <summary>The text; null where the bytes are none. Editors and shells write a byte-order mark, and some write UTF-16.</summary>
    static string? AsText(byte[] bytes)
    {
        Encoding encoding = bytes switch
        {
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true),
        };
        try
        {
            var mark = bytes.AsSpan().StartsWith(encoding.Preamble) ? encoding.Preamble.Length : 0;
            return encoding.GetString(bytes.AsSpan(mark));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
