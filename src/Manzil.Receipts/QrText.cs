using System.Formats.Cbor;

namespace Manzil.Receipts;

/// <summary>What an <c>MNZ2:</c> code carries: the record and the proof, so that with the statement's code one printed sheet
/// is a whole receipt. Read, but not verified.</summary>
/// <param name="Record">The record's bytes.</param>
/// <param name="Proof">The proof, without extra data.</param>
public sealed record QrRecord(byte[] Record, TlogProof Proof);

/// <summary>The texts of a receipt's two QR codes.</summary>
public static class QrText
{
    /// <summary>What the text of a statement begins with.</summary>
    public const string StatementPrefix = "MNZ1:";
    /// <summary>What the text of record and proof begins with.</summary>
    public const string RecordPrefix = "MNZ2:";

    /// <summary>The text of a statement's code: <c>MNZ1:</c> and base45 of its bytes.</summary>
    /// <param name="statement">The statement's bytes.</param>
    /// <returns>The text, about 350 to 400 characters.</returns>
    public static string FormatStatement(ReadOnlySpan<byte> statement) => Base45.Encode(StatementPrefix, statement);

    /// <summary>Reads the text of a statement's code.</summary>
    /// <param name="text">The text; line ends around it are ignored, spaces are not, since base45 uses them.</param>
    /// <returns>The statement's bytes, not yet decoded.</returns>
    /// <exception cref="ReceiptFormatException">The text is not such a text.</exception>
    public static byte[] ParseStatement(ReadOnlySpan<char> text) => Read(text, StatementPrefix, Limits.StatementBytes);

    /// <summary>The text of the second code: <c>MNZ2:</c> and base45 of the CBOR array
    /// <c>[record, index, [hashes], checkpoint text]</c>.</summary>
    /// <param name="record">The record's bytes.</param>
    /// <param name="proof">The proof; extra data is left out.</param>
    /// <returns>The text; null where the CBOR would be longer than <see cref="Limits.QrRecordBytes"/>, so that no such code is
    /// printed.</returns>
    public static string? FormatRecord(ReadOnlySpan<byte> record, TlogProof proof)
    {
        var cbor = Encode(record, proof);
        return cbor.Length <= Limits.QrRecordBytes ? Base45.Encode(RecordPrefix, cbor) : null;
    }

    /// <summary>Reads the text of the second code.</summary>
    /// <param name="text">The text; line ends around it are ignored, spaces are not, since base45 uses them.</param>
    /// <returns>What it carries, not yet verified.</returns>
    /// <exception cref="ReceiptFormatException">The text is not such a text.</exception>
    public static QrRecord ParseRecord(ReadOnlySpan<char> text) => ReadRecord(Read(text, RecordPrefix, Limits.QrRecordBytes));

    internal static QrRecord ReadRecord(byte[] cbor)
    {
        var content = CborDecoding.Decode(cbor, "MNZ2 text", reader =>
        {
            var fields = CborDecoding.ReadArray(reader, "MNZ2 text");
            var record = reader.ReadByteString();
            var index = reader.ReadInt64();
            var count = CborDecoding.ReadArray(reader, "list of hashes");
            if (fields != 4 || index < 0 || count > TlogProof.MaxHashes)
            {
                throw new ReceiptFormatException("The MNZ2 text does not hold a record and a proof.");
            }
            var hashes = new byte[count][];
            for (var i = 0; i < count; i++)
            {
                hashes[i] = Limits.Exactly(reader.ReadByteString(), 32, "inclusion hash");
            }
            reader.ReadEndArray();
            var checkpoint = reader.ReadTextString();
            reader.ReadEndArray();
            return new QrRecord(record, new TlogProof { Index = index, Hashes = hashes, CheckpointText = checkpoint });
        });
        content.Proof.ReadCheckpoint();
        return Encode(content.Record, content.Proof).AsSpan().SequenceEqual(cbor)
            ? content
            : throw new ReceiptFormatException("The MNZ2 text is not in its deterministic encoding.");
    }

    static byte[] Encode(ReadOnlySpan<byte> record, TlogProof proof)
    {
        var writer = new CborWriter(CborConformanceMode.Strict, initialCapacity: 1024);
        writer.WriteStartArray(4);
        writer.WriteByteString(record);
        writer.WriteInt64(proof.Index);
        writer.WriteStartArray(proof.Hashes.Length);
        foreach (var hash in proof.Hashes)
        {
            writer.WriteByteString(hash);
        }
        writer.WriteEndArray();
        writer.WriteTextString(proof.CheckpointText);
        writer.WriteEndArray();
        return writer.Encode();
    }

    static byte[] Read(ReadOnlySpan<char> text, string prefix, int limit)
    {
        text = text.Trim("\r\n");
        if (!text.StartsWith(prefix, StringComparison.Ordinal))
        {
            throw new ReceiptFormatException($"The text does not begin with {prefix}");
        }
        var encoded = text[prefix.Length..];
        return encoded.Length <= (limit + 1) / 2 * 3
            ? Base45.Decode(encoded) is { } bytes && bytes.Length <= limit ? bytes : throw TooLong(limit)
            : throw TooLong(limit);
    }

    static ReceiptFormatException TooLong(int limit) => new($"The text holds more than {limit} bytes.");
}
