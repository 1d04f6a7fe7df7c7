using System.Text;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>The limits that statements and records keep, the same when written and when read. Lengths of texts are in
/// bytes of UTF-8; no text is empty.</summary>
public static class Limits
{
    /// <summary>A statement has at most this many bytes.</summary>
    public const int StatementBytes = 1024;
    /// <summary>A record has at most this many bytes.</summary>
    public const int RecordBytes = 64 * 1024;
    /// <summary>The CBOR inside an <c>MNZ2:</c> text has at most this many bytes.</summary>
    public const int QrRecordBytes = 1800;
    /// <summary>An issuer is 1 to 200 printable ASCII characters, no spaces.</summary>
    public const int IssuerLength = 200;
    /// <summary>An office code is 1 to 32 printable ASCII characters, no spaces.</summary>
    public const int OfficeLength = 32;
    /// <summary>A holder's name.</summary>
    public const int NameBytes = 400;
    /// <summary>A locality, street, building, unit or postcode.</summary>
    public const int AddressPartBytes = 400;
    /// <summary>An address's note.</summary>
    public const int NoteBytes = 2000;
    /// <summary>How many particulars a record may have.</summary>
    public const int Particulars = 64;
    /// <summary>A particular's name: 1 to 64 of a–z, 0–9 and the hyphen.</summary>
    public const int ParticularNameLength = 64;
    /// <summary>A particular's text.</summary>
    public const int ParticularBytes = 8000;
    /// <summary>A record's reason.</summary>
    public const int ReasonBytes = 16000;

    /// <summary>The first date a statement or record may name: 1900-01-01.</summary>
    public static LocalDate FirstDate { get; } = new(1900, 1, 1);
    /// <summary>The last date a statement or record may name: 2199-12-31.</summary>
    public static LocalDate LastDate { get; } = new(2199, 12, 31);
    /// <summary>Times are whole seconds from 1970-01-01T00:00Z, and before this one: 2100-01-01T00:00Z.</summary>
    public static Instant EndOfTime { get; } = Instant.FromUtc(2100, 1, 1, 0, 0);

    static readonly LocalDate Epoch = new(1970, 1, 1);
    static readonly int FirstDay = Period.DaysBetween(Epoch, FirstDate);
    static readonly int LastDay = Period.DaysBetween(Epoch, LastDate);
    static readonly Encoding StrictUtf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static int Days(LocalDate date, string what)
    {
        if (date < FirstDate || date > LastDate)
        {
            throw new ReceiptFormatException($"The {what} is not between 1900 and 2199.");
        }
        return Period.DaysBetween(Epoch, date);
    }

    internal static LocalDate Date(long days, string what) => days >= FirstDay && days <= LastDay
        ? Epoch.PlusDays((int)days)
        : throw new ReceiptFormatException($"The {what} is not between 1900 and 2199.");

    internal static long Seconds(Instant time)
    {
        var seconds = time.ToUnixTimeSeconds();
        if (seconds < 0 || time >= EndOfTime || Instant.FromUnixTimeSeconds(seconds) != time)
        {
            throw new ReceiptFormatException("The time is not a whole second between 1970 and 2100.");
        }
        return seconds;
    }

    internal static Instant Time(ulong seconds) => seconds < (ulong)EndOfTime.ToUnixTimeSeconds()
        ? Instant.FromUnixTimeSeconds((long)seconds)
        : throw new ReceiptFormatException("The time is not a whole second between 1970 and 2100.");

    internal static string Code(string text, int length, string what)
    {
        if (text.Length == 0 || text.Length > length || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new ReceiptFormatException($"The {what} is not 1 to {length} printable ASCII characters without spaces.");
        }
        return text;
    }

    internal static string Text(string text, int bytes, string what)
    {
        if (text.Length == 0 || text.Length > bytes)
        {
            throw new ReceiptFormatException($"The {what} is empty or longer than {bytes} bytes.");
        }
        try
        {
            if (StrictUtf8.GetByteCount(text) > bytes)
            {
                throw new ReceiptFormatException($"The {what} is longer than {bytes} bytes.");
            }
        }
        catch (EncoderFallbackException wrong)
        {
            throw new ReceiptFormatException($"The {what} is not well-formed Unicode.", wrong);
        }
        return text;
    }

    internal static byte[] Exactly(byte[] bytes, int length, string what) => bytes.Length == length
        ? bytes
        : throw new ReceiptFormatException($"The {what} is not {length} bytes long.");
}
