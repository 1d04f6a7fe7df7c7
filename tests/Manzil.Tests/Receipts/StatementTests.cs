using System.Formats.Cbor;
using System.Globalization;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Tests.Receipts;

public class StatementTests
{
    // Worked out by hand from RFC 8949, but for the digest and the holder check, which other tests recompute.
    const string Header = "a4" + "0126" + "0448" + KeyId
        + "0fa3" + "0176" + "68747470733a2f2f6d616e7a696c2e6578616d706c65" + "0270" + "3034574b2d48373741422d4344454658" + "061a69a40727"
        + "107825" + "6170706c69636174696f6e2f766e642e6d616e7a696c2e73746174656d656e742b63626f72";
    const string KeyId = "KEYID";
    const string Payload = "a7" + "0150" + "000102030405060708090a0b0c0d0e0f" + "0202" + "035820" + "DIGEST" + "0450" + "CHECK"
        + "0564" + "4e2d3031" + "06195021" + "0719507b";

    static readonly StatementContent Content = Sample.Content(Sample.Act);

    [Fact]
    public void Sign_SampleContent_IsExactlyTheDeterministicEncoding()
    {
        using var signer = Sample.Signer();
        var (header, payload, signature) = Parts(signer.Sign(Content));
        Assert.Equal(Header.Replace(KeyId, Hex(signer.KeyId)), Hex(header));
        Assert.Equal(Payload.Replace("DIGEST", Hex(Content.RecordDigest)).Replace("CHECK", Hex(Content.HolderCheck!)), Hex(payload));
        Assert.Equal(64, signature.Length);
    }

    [Fact]
    public void Decode_SignedContent_SaysTheSameAndVerifies()
    {
        using var signer = Sample.Signer();
        using var other = Sample.Signer("manzil-test-key-2");
        var bytes = signer.Sign(Content);
        var statement = Statement.Decode(bytes);
        Assert.Equal(Content, statement.Content);
        Assert.Equal(bytes, statement.Encoded);
        Assert.True(statement.VerifySignature(signer.PublicKey));
        Assert.False(statement.VerifySignature(other.PublicKey));
    }

    [Fact]
    public void Decode_EveryStatement_RoundTrips()
    {
        using var signer = Sample.Signer();
        var contents =
            from kind in Gen.Elements(StatementKinds.All.ToArray())
            from bytes in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(64)
            from seconds in Gen.Choose(0, (1 << 30) - 1)
            from days in Gen.Choose(0, 100_000)
            from deadline in Gen.Choose(-50_000, 100_000)
            from replaces in Gen.Elements(true, false)
            from office in Gen.Choose('!', '~').Select(code => (char)code).ArrayOf().Select(symbols => new string([.. symbols.Take(31), 'x']))
            let time = Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromSeconds(seconds)
            select new StatementContent
            {
                Issuer = "https://manzil.example",
                Number = ReceiptNumber.New(time),
                IssuedAt = time,
                Salt = bytes[..16],
                Kind = kind,
                RecordDigest = bytes[16..48],
                HolderCheck = kind.ConcernsNobody() ? null : bytes[48..],
                Office = office,
                EffectiveFrom = Limits.FirstDate.PlusDays(days),
                NextDeadline = deadline >= 0 ? Limits.FirstDate.PlusDays(deadline) : null,
                Replaces = replaces ? Sample.Number : null,
            };
        Check.QuickThrowOnFailure(Prop.ForAll(contents.ToArbitrary(), content =>
        {
            var statement = Statement.Decode(signer.Sign(content));
            return statement.Content == content && statement.VerifySignature(signer.PublicKey);
        }));
    }

    [Fact]
    public void Sign_KindThatConcernsNobody_HasNoHolderCheck()
    {
        using var signer = Sample.Signer();
        foreach (var kind in StatementKinds.All)
        {
            var content = Content with { Kind = kind, HolderCheck = kind.ConcernsNobody() ? null : Content.HolderCheck };
            Assert.Equal(content, Statement.Decode(signer.Sign(content)).Content);
            var wrong = content with { HolderCheck = kind.ConcernsNobody() ? Content.HolderCheck : null };
            Assert.Throws<ReceiptFormatException>(() => signer.Sign(wrong));
        }
    }

    [Fact]
    public async Task Sign_OnManyThreads_AlwaysVerifiesWithLowS()
    {
        using var signer = Sample.Signer();
        await Parallel.ForAsync(0, 400, (i, _) =>
        {
            var content = Content with { EffectiveFrom = Content.EffectiveFrom.PlusDays(i) };
            var statement = Statement.Decode(signer.Sign(content));
            Assert.True(statement.VerifySignature(signer.PublicKey));
            return ValueTask.CompletedTask;
        });
    }

    public static TheoryData<string, string> Malformed => new()
    {
        { "missing tag", "not the CBOR" },
        { "another tag", "tag" },
        { "trailing byte", "after" },
        { "cut off", "not the CBOR" },
        { "unprotected header", "unprotected header" },
        { "high s", "low one" },
        { "short signature", "64 bytes" },
        { "detached payload", "not the CBOR" },
        { "another algorithm", "algorithm" },
        { "no algorithm", "algorithm" },
        { "another type", "type" },
        { "unknown header", "unknown field" },
        { "unknown claim", "unknown claim" },
        { "no claims", "missing" },
        { "number in lower case", "deterministic" },
        { "number with wrong check", "receipt number" },
        { "unknown kind", "kind" },
        { "unknown field", "unknown field" },
        { "no digest", "missing" },
        { "no holder check", "missing" },
        { "short salt", "16 bytes" },
        { "fields out of order", "not the CBOR" },
        { "field twice", "not the CBOR" },
        { "indefinite map", "not the CBOR" },
        { "indefinite text", "not the CBOR" },
        { "long integer", "not the CBOR" },
        { "date as float", "not the CBOR" },
        { "date far away", "1900" },
        { "byte after the payload", "after" },
        { "space in office", "office" },
        { "too long", "1024" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Decode_Malformed_IsRefused(string what, string because)
    {
        using var signer = Sample.Signer();
        var bytes = signer.Sign(Content);
        var error = Assert.Throws<ReceiptFormatException>(() => Statement.Decode(Break(bytes, what)));
        Assert.Contains(because, error.Message);
    }

    [Fact]
    public void Decode_HighS_WouldHaveVerifiedElsewhere()
    {
        // ECDSA itself takes both: that is why the verifier must refuse one.
        using var signer = Sample.Signer();
        var statement = Statement.Decode(signer.Sign(Content));
        using var ecdsa = System.Security.Cryptography.ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(signer.PublicKeyInfo, out _);
        Assert.True(statement.VerifySignature(ecdsa));
        Assert.True(ecdsa.VerifyData(statement.ToBeSigned, HighS(statement.Signature), System.Security.Cryptography.HashAlgorithmName.SHA256));
    }

    [Fact]
    public void Sign_BeyondLimits_Throws()
    {
        using var signer = Sample.Signer();
        StatementContent[] wrong =
        [
            Content with { Issuer = "" },
            Content with { Issuer = new string('x', Limits.IssuerLength + 1) },
            Content with { Office = "two words" },
            Content with { Salt = new byte[15] },
            Content with { IssuedAt = Content.IssuedAt + Duration.FromMilliseconds(1) },
            Content with { EffectiveFrom = new LocalDate(2200, 1, 1) },
            Content with { Kind = (StatementKind)9 },
        ];
        Assert.All(wrong, content => Assert.Throws<ReceiptFormatException>(() => signer.Sign(content)));
    }

    static byte[] Break(byte[] bytes, string what)
    {
        var (header, payload, signature) = Parts(bytes);
        string Digest() => "035820" + Hex(Content.RecordDigest);
        string HolderCheck() => "0450" + Hex(Content.HolderCheck!);
        return what switch
        {
            "missing tag" => bytes[1..],
            "another tag" => [0xD1, .. bytes[1..]],
            "trailing byte" => [.. bytes, 0],
            "cut off" => bytes[..^1],
            "unprotected header" => Message(header, payload, signature, "a10126"),
            "high s" => Message(header, payload, HighS(signature)),
            "short signature" => Message(header, payload, signature[..63]),
            "detached payload" => [0xD2, 0x84, 0x58, (byte)header.Length, .. header, 0xA0, 0xF6, 0x58, 0x40, .. signature],
            "another algorithm" => Message(Swap(header, "a40126", "a4013822"), payload, signature),
            "no algorithm" => Message(Swap(header, "a40126", "a3"), payload, signature),
            "another type" => Message(Swap(header, "63626f72", "63626f73"), payload, signature),
            "unknown header" => Message([.. Swap(header, "a40126", "a50126"), 0x18, 0x20, 0x00], payload, signature),
            "unknown claim" => Message(Swap(header, "0fa3", "0fa4", "061a69a40727", "041a69a40727061a69a40727"), payload, signature),
            "no claims" => Message(Swap(header, "a40126", "a30126", Hex(header[(header.AsSpan().IndexOf((byte)0x0F))..^40]), ""), payload, signature),
            "number in lower case" => Message(Swap(header, "574b2d", "776b2d"), payload, signature),
            "number with wrong check" => Message(Swap(header, "454658", "454659"), payload, signature),
            "unknown kind" => Message(header, Swap(payload, "0202", "0209"), signature),
            "unknown field" => Message(header, [.. Swap(payload, "a70150", "a80150"), 0x09, 0x00], signature),
            "no digest" => Message(header, Swap(payload, "a70150", "a60150", Digest(), ""), signature),
            "no holder check" => Message(header, Swap(payload, "a70150", "a60150", HolderCheck(), ""), signature),
            "short salt" => Message(header, Swap(payload, "015000", "014f"), signature),
            "fields out of order" => Message(header, Swap(payload, "061950210719507b", "0719507b06195021"), signature),
            "field twice" => Message(header, Swap(payload, "061950210719507b", "0619502106195021"), signature),
            "indefinite map" => Message(header, [.. Swap(payload, "a70150", "bf0150"), 0xFF], signature),
            "indefinite text" => Message(header, Swap(payload, "05644e2d3031", "057f644e2d3031ff"), signature),
            "long integer" => Message(header, Swap(payload, "0202", "021802"), signature),
            "date as float" => Message(header, Swap(payload, "06195021", "06f95021"), signature),
            "date far away" => Message(header, Swap(payload, "06195021", "061a7fffffff"), signature),
            "byte after the payload" => Message(header, [.. payload, 0], signature),
            "space in office" => Message(header, Swap(payload, "05644e2d3031", "05644e203031"), signature),
            "too long" => Message(header, Swap(payload, "05644e2d3031", "05790400" + new string('4', 2048)), signature),
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "No such case."),
        };
    }

    static byte[] Swap(byte[] bytes, params string[] pairs)
    {
        var hex = Hex(bytes);
        for (var i = 0; i < pairs.Length; i += 2)
        {
            Assert.Contains(pairs[i], hex);
            hex = hex.Replace(pairs[i], pairs[i + 1]);
        }
        return Convert.FromHexString(hex);
    }

    static byte[] HighS(byte[] signature)
    {
        var order = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber);
        var s = order - new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
        var bytes = s.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. signature[..32], .. new byte[32 - bytes.Length], .. bytes];
    }

    static (byte[] Header, byte[] Payload, byte[] Signature) Parts(byte[] statement)
    {
        var reader = new CborReader(statement);
        Assert.Equal((CborTag)18, reader.ReadTag());
        Assert.Equal(4, reader.ReadStartArray());
        var header = reader.ReadByteString();
        Assert.Equal(0, reader.ReadStartMap());
        reader.ReadEndMap();
        return (header, reader.ReadByteString(), reader.ReadByteString());
    }

    static byte[] Message(byte[] header, byte[] payload, byte[] signature, string unprotected = "a0")
    {
        var writer = new CborWriter();
        writer.WriteTag((CborTag)18);
        writer.WriteStartArray(4);
        writer.WriteByteString(header);
        writer.WriteEncodedValue(Convert.FromHexString(unprotected));
        writer.WriteByteString(payload);
        writer.WriteByteString(signature);
        writer.WriteEndArray();
        return writer.Encode();
    }

    static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
