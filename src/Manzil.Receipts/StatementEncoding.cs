using System.Formats.Cbor;

namespace Manzil.Receipts;

/// <summary>The bytes of COSE_Sign1 (RFC 9052 section 4.2) as design fixes them, written in deterministic order.</summary>
static class StatementEncoding
{
    internal const string ContentType = "application/vnd.manzil.statement+cbor";
    internal const int SignatureLength = 64;
    internal const int KeyIdLength = 8;

    internal static byte[] Protected(StatementContent content, byte[] keyId)
    {
        var writer = new CborWriter(CborConformanceMode.Lax, initialCapacity: 192);
        writer.WriteStartMap(4);
        writer.WriteInt32(1);
        writer.WriteInt32(-7);
        writer.WriteInt32(4);
        writer.WriteByteString(keyId);
        writer.WriteInt32(15);
        writer.WriteStartMap(3);
        writer.WriteInt32(1);
        writer.WriteTextString(content.Issuer);
        writer.WriteInt32(2);
        writer.WriteTextString(content.Number.ToString());
        writer.WriteInt32(6);
        writer.WriteInt64(Limits.Seconds(content.IssuedAt));
        writer.WriteEndMap();
        writer.WriteInt32(16);
        writer.WriteTextString(ContentType);
        writer.WriteEndMap();
        return writer.Encode();
    }

    internal static byte[] Payload(StatementContent content)
    {
        var fields = 5 + (content.HolderCheck is null ? 0 : 1) + (content.NextDeadline is null ? 0 : 1) + (content.Replaces is null ? 0 : 1);
        var writer = new CborWriter(CborConformanceMode.Lax, initialCapacity: 160);
        writer.WriteStartMap(fields);
        writer.WriteInt32(1);
        writer.WriteByteString(content.Salt);
        writer.WriteInt32(2);
        writer.WriteInt32((int)content.Kind);
        writer.WriteInt32(3);
        writer.WriteByteString(content.RecordDigest);
        if (content.HolderCheck is { } check)
        {
            writer.WriteInt32(4);
            writer.WriteByteString(check);
        }
        writer.WriteInt32(5);
        writer.WriteTextString(content.Office);
        writer.WriteInt32(6);
        writer.WriteInt32(Limits.Days(content.EffectiveFrom, "effective-from date"));
        if (content.NextDeadline is { } deadline)
        {
            writer.WriteInt32(7);
            writer.WriteInt32(Limits.Days(deadline, "next deadline"));
        }
        if (content.Replaces is { } replaces)
        {
            writer.WriteInt32(8);
            writer.WriteTextString(replaces.ToString());
        }
        writer.WriteEndMap();
        return writer.Encode();
    }

    /// <summary>Tag 18 and the array of four; the unprotected header is the empty map.</summary>
    internal static byte[] Message(byte[] protectedHeader, byte[] payload, ReadOnlySpan<byte> signature)
    {
        var writer = new CborWriter(CborConformanceMode.Lax, initialCapacity: protectedHeader.Length + payload.Length + 80);
        writer.WriteTag((CborTag)18);
        writer.WriteStartArray(4);
        writer.WriteByteString(protectedHeader);
        writer.WriteStartMap(0);
        writer.WriteEndMap();
        writer.WriteByteString(payload);
        writer.WriteByteString(signature);
        writer.WriteEndArray();
        return writer.Encode();
    }

    /// <summary>The Sig_structure of RFC 9052 section 4.4, with no external data.</summary>
    internal static byte[] ToBeSigned(byte[] protectedHeader, byte[] payload)
    {
        var writer = new CborWriter(CborConformanceMode.Lax, initialCapacity: protectedHeader.Length + payload.Length + 24);
        writer.WriteStartArray(4);
        writer.WriteTextString("Signature1");
        writer.WriteByteString(protectedHeader);
        writer.WriteByteString([]);
        writer.WriteByteString(payload);
        writer.WriteEndArray();
        return writer.Encode();
    }

    internal static byte[] DigestToSign(byte[] protectedHeader, byte[] payload) => Sha256.Hash(ToBeSigned(protectedHeader, payload));
}
