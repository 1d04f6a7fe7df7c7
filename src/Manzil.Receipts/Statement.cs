using System.Formats.Cbor;
using System.Security.Cryptography;

namespace Manzil.Receipts;

/// <summary>A statement that was read from its bytes: well formed, but not yet verified.</summary>
public sealed class Statement
{
    readonly byte[] encoded;
    readonly byte[] keyId;
    readonly byte[] protectedHeader;
    readonly byte[] payload;
    readonly byte[] signature;

    Statement(byte[] encoded, byte[] protectedHeader, byte[] payload, byte[] signature, byte[] keyId, StatementContent content)
    {
        this.encoded = encoded;
        this.protectedHeader = protectedHeader;
        this.payload = payload;
        this.signature = signature;
        this.keyId = keyId;
        Content = content;
    }

    /// <summary>What the statement says.</summary>
    public StatementContent Content { get; }

    /// <summary>The 8 bytes that name the key.</summary>
    public byte[] KeyId => [.. keyId];

    /// <summary>The statement's bytes, exactly as read.</summary>
    public byte[] Encoded => [.. encoded];

    /// <summary>The 64 bytes of the signature, r then s, with low s.</summary>
    public byte[] Signature => [.. signature];

    /// <summary>The bytes that the signature is over: the Sig_structure of RFC 9052 section 4.4.</summary>
    public byte[] ToBeSigned => StatementEncoding.ToBeSigned(protectedHeader, payload);

    /// <summary>Reads a statement. It must be exactly the deterministic encoding: tag 18, ES256, an empty unprotected header,
    /// known fields only, low s, nothing after it.</summary>
    /// <param name="bytes">The bytes of COSE_Sign1.</param>
    /// <returns>The statement.</returns>
    /// <exception cref="ReceiptFormatException">The bytes are anything else.</exception>
    public static Statement Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > Limits.StatementBytes)
        {
            throw new ReceiptFormatException($"The statement is longer than {Limits.StatementBytes} bytes.");
        }
        var encoded = bytes.ToArray();
        var (header, payload, signature) = CborDecoding.Decode(encoded, "statement", ReadMessage);
        var claims = CborDecoding.Decode(header, "statement's protected header", ReadProtected);
        var content = CborDecoding.Decode(payload, "statement's payload", reader => ReadPayload(reader, claims));
        content.Validate();
        if (!StatementEncoding.Message(StatementEncoding.Protected(content, claims.KeyId), StatementEncoding.Payload(content), signature)
            .AsSpan().SequenceEqual(encoded))
        {
            throw new ReceiptFormatException("The statement is not in its deterministic encoding.");
        }
        return new(encoded, header, payload, signature, claims.KeyId, content);
    }

    /// <summary>Whether the statement was signed by this key.</summary>
    /// <param name="key">The public key.</param>
    /// <returns>True where the signature holds and the key id is that of the key.</returns>
    public bool VerifySignature(StatementKey key) => key.HasId(keyId)
        && key.Verify(StatementEncoding.DigestToSign(protectedHeader, payload), signature);

    /// <summary>Whether the statement was signed by this key.</summary>
    /// <param name="key">A key on P-256.</param>
    /// <returns>True where the signature holds; the key id is not looked at.</returns>
    public bool VerifySignature(ECDsa key) => key.VerifyHash(
        StatementEncoding.DigestToSign(protectedHeader, payload), signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    internal ReadOnlySpan<byte> KeyIdSpan => keyId;

    internal ReadOnlySpan<byte> EncodedSpan => encoded;

    static (byte[] Header, byte[] Payload, byte[] Signature) ReadMessage(CborReader reader)
    {
        if (reader.ReadTag() != (CborTag)18 || CborDecoding.ReadArray(reader, "statement") != 4)
        {
            throw new ReceiptFormatException("The statement is not a COSE_Sign1 message with its tag.");
        }
        var header = reader.ReadByteString();
        if (CborDecoding.ReadMap(reader, "unprotected header") != 0)
        {
            throw new ReceiptFormatException("The statement's unprotected header is not empty.");
        }
        reader.ReadEndMap();
        var payload = reader.ReadByteString();
        var signature = Limits.Exactly(reader.ReadByteString(), StatementEncoding.SignatureLength, "signature");
        reader.ReadEndArray();
        return Es256Key.IsLow(signature.AsSpan(32))
            ? (header, payload, signature)
            : throw new ReceiptFormatException("The signature's s is not the low one.");
    }

    static ProtectedHeader ReadProtected(CborReader reader)
    {
        var header = new ProtectedHeader();
        var algorithm = 0;
        string? type = null;
        for (var left = CborDecoding.ReadMap(reader, "protected header"); left > 0; left--)
        {
            switch (reader.ReadInt32())
            {
                case 1:
                    algorithm = reader.ReadInt32();
                    break;
                case 4:
                    header.KeyId = Limits.Exactly(reader.ReadByteString(), StatementEncoding.KeyIdLength, "key id");
                    break;
                case 15:
                    ReadClaims(reader, header);
                    break;
                case 16:
                    type = reader.ReadTextString();
                    break;
                default:
                    throw new ReceiptFormatException("The statement's protected header has an unknown field.");
            }
        }
        reader.ReadEndMap();
        if (algorithm != -7)
        {
            throw new ReceiptFormatException("The statement's algorithm is not ES256.");
        }
        return type == StatementEncoding.ContentType ? header : throw new ReceiptFormatException("The statement's type is another one.");
    }

    static void ReadClaims(CborReader reader, ProtectedHeader header)
    {
        for (var left = CborDecoding.ReadMap(reader, "claims"); left > 0; left--)
        {
            switch (reader.ReadInt32())
            {
                case 1:
                    header.Issuer = reader.ReadTextString();
                    break;
                case 2:
                    header.Number = CborDecoding.ReadNumber(reader);
                    break;
                case 6:
                    header.IssuedAt = Limits.Time(reader.ReadUInt64());
                    break;
                default:
                    throw new ReceiptFormatException("The statement has an unknown claim.");
            }
        }
        reader.ReadEndMap();
    }

    static StatementContent ReadPayload(CborReader reader, ProtectedHeader header)
    {
        byte[]? salt = null, digest = null, check = null;
        StatementKind? kind = null;
        string? office = null;
        long? effective = null, deadline = null;
        ReceiptNumber? replaces = null;
        for (var left = CborDecoding.ReadMap(reader, "payload"); left > 0; left--)
        {
            switch (reader.ReadInt32())
            {
                case 1:
                    salt = reader.ReadByteString();
                    break;
                case 2:
                    kind = CborDecoding.ReadKind(reader);
                    break;
                case 3:
                    digest = reader.ReadByteString();
                    break;
                case 4:
                    check = reader.ReadByteString();
                    break;
                case 5:
                    office = reader.ReadTextString();
                    break;
                case 6:
                    effective = reader.ReadInt64();
                    break;
                case 7:
                    deadline = reader.ReadInt64();
                    break;
                case 8:
                    replaces = CborDecoding.ReadNumber(reader);
                    break;
                default:
                    throw new ReceiptFormatException("The statement's payload has an unknown field.");
            }
        }
        reader.ReadEndMap();
        return new()
        {
            Issuer = CborDecoding.Required(header.Issuer, "issuer"),
            Number = CborDecoding.Required(header.Number, "receipt number"),
            IssuedAt = CborDecoding.Required(header.IssuedAt, "issued-at time"),
            Salt = CborDecoding.Required(salt, "salt"),
            Kind = CborDecoding.Required(kind, "kind"),
            RecordDigest = CborDecoding.Required(digest, "record digest"),
            HolderCheck = check,
            Office = CborDecoding.Required(office, "office code"),
            EffectiveFrom = Limits.Date(CborDecoding.Required(effective, "effective-from date"), "effective-from date"),
            NextDeadline = deadline is { } days ? Limits.Date(days, "next deadline") : null,
            Replaces = replaces,
        };
    }

    sealed class ProtectedHeader
    {
        internal byte[] KeyId { get; set; } = [];
        internal string? Issuer { get; set; }
        internal ReceiptNumber? Number { get; set; }
        internal NodaTime.Instant? IssuedAt { get; set; }
    }
}
