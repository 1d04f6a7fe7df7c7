using System.Formats.Cbor;

namespace Manzil.Receipts;

/// <summary>Reads one deterministic CBOR item (RFC 8949 section 4.2), so that only <see cref="ReceiptFormatException"/> comes out.</summary>
static class CborDecoding
{
    internal static T Decode<T>(ReadOnlyMemory<byte> bytes, string what, Func<CborReader, T> read)
    {
        try
        {
            var reader = new CborReader(bytes, CborConformanceMode.Canonical);
            var value = read(reader);
            return reader.BytesRemaining == 0 ? value : throw new ReceiptFormatException($"There are bytes after the {what}.");
        }
        // What the reader throws for malformed content, for an item of another type, and for a number out of range.
        catch (Exception wrong) when (wrong is CborContentException or InvalidOperationException or OverflowException or ArgumentException)
        {
            throw new ReceiptFormatException($"The {what} is not the CBOR it must be.", wrong);
        }
    }

    internal static int ReadMap(CborReader reader, string what) => reader.ReadStartMap()
        ?? throw new ReceiptFormatException($"The {what} has an indefinite length.");

    internal static int ReadArray(CborReader reader, string what) => reader.ReadStartArray()
        ?? throw new ReceiptFormatException($"The {what} has an indefinite length.");

    internal static ReceiptNumber ReadNumber(CborReader reader) => ReceiptNumber.Parse(reader.ReadTextString());

    internal static T Required<T>(T? value, string what) where T : class =>
        value ?? throw new ReceiptFormatException($"The {what} is missing.");

    internal static T Required<T>(T? value, string what) where T : struct =>
        value ?? throw new ReceiptFormatException($"The {what} is missing.");

    internal static StatementKind ReadKind(CborReader reader)
    {
        var number = reader.ReadUInt64();
        return number <= int.MaxValue && StatementKinds.IsKnown((int)number)
            ? (StatementKind)number
            : throw new ReceiptFormatException("The kind of act is not a known one.");
    }
}
