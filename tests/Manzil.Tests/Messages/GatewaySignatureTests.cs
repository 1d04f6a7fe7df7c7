using System.Text;
using Manzil.Messages;
using NodaTime;

namespace Manzil.Tests.Messages;

public class GatewaySignatureTests
{
    static readonly byte[] Secret = "a secret of 32 characters or more"u8.ToArray();
    static readonly byte[] Body = """{"id":"m-1-1","to":"+70000000001","text":"Hello"}"""u8.ToArray();
    static readonly Instant Now = Instant.FromUnixTimeSeconds(1_790_000_000);

    // By another program: printf '%s' '1790000000.{"id":…}' | openssl dgst -sha256 -hmac 'a secret of 32 characters or more'
    [Fact]
    public void Sign_KnownText_IsWhatOpensslSays() =>
        Assert.Equal(("1790000000", "70713059b5d5a93c47b7904e608b74c66679143cb5d0e93e73c664f0b54da001"), GatewaySignature.Sign(Secret, Body, Now));

    [Theory]
    [InlineData(0, true)]
    [InlineData(300, true)]
    [InlineData(-300, true)]
    [InlineData(301, false)]
    [InlineData(-301, false)]
    [InlineData(86_400, false)]
    public void Verify_SomeTimeLater_FiveMinutesCount(int seconds, bool right)
    {
        var (timestamp, signature) = GatewaySignature.Sign(Secret, Body, Now);
        Assert.Equal(right, GatewaySignature.Verify(Secret, Body, timestamp, signature, Now + Duration.FromSeconds(seconds)));
    }

    [Fact]
    public void Verify_AnythingChanged_IsRefused()
    {
        var (timestamp, signature) = GatewaySignature.Sign(Secret, Body, Now);
        bool Right(byte[]? secret = null, byte[]? body = null, string? at = null, string? signed = null) => GatewaySignature.Verify(secret ?? Secret, body ?? Body, at ?? timestamp, signed ?? signature, Now);
        Assert.True(Right());
        Assert.True(Right(signed: signature.ToUpperInvariant()));
        Assert.False(Right(secret: "another secret of 32 characters.."u8.ToArray()));
        Assert.False(Right(at: "1790000001"));
        for (var i = 0; i < Body.Length; i++)
        {
            var other = (byte[])Body.Clone();
            other[i] ^= 1;
            Assert.False(Right(body: other));
        }

        Assert.False(Right(body: []));
        Assert.False(Right(body: [.. Body, (byte)' ']));
        for (var i = 0; i < signature.Length; i++) Assert.False(Right(signed: $"{signature[..i]}{(signature[i] == '0' ? '1' : '0')}{signature[(i + 1)..]}"));
    }

    // The time and the body are parted by a full stop, so that digits cannot wander from one to the other.
    [Fact]
    public void Verify_DigitsMovedFromTimeToBody_IsRefused()
    {
        var (timestamp, signature) = GatewaySignature.Sign(Secret, "1hello"u8, Now);
        Assert.False(GatewaySignature.Verify(Secret, "hello"u8, timestamp + "1", signature, Now));
    }

    [Theory]
    [InlineData(null, "ok")]
    [InlineData("", "ok")]
    [InlineData("-1790000000", "ok")]
    [InlineData("+1790000000", "ok")]
    [InlineData(" 1790000000", "ok")]
    [InlineData("1790000000.0", "ok")]
    [InlineData("99999999999999999999999", "ok")]
    [InlineData("１７９０００００００", "ok")]
    [InlineData("1790000000", null)]
    [InlineData("1790000000", "")]
    [InlineData("1790000000", "abcd")]
    [InlineData("1790000000", "zz")]
    public void Verify_MalformedHeader_IsRefused(string? timestamp, string? signature)
    {
        var right = GatewaySignature.Sign(Secret, Body, Now).Signature;
        Assert.False(GatewaySignature.Verify(Secret, Body, timestamp, signature switch { "ok" => right, "zz" => new string('z', 64), _ => signature }, Now));
    }

    [Theory]
    [InlineData("m-12-1790000000000", 12L)]
    [InlineData("m-12", null)]
    [InlineData("m-012-1790000000000", null)]
    [InlineData("m-12-1790000000000-1", null)]
    [InlineData("m--1-1", null)]
    [InlineData("M-12-1790000000000", null)]
    [InlineData("m-1234567890123456-1", null)]
    [InlineData("m-１-1", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Parse_MessageName_IsThatOfOneMessage(string? name, long? id)
    {
        var parsed = MessageName.Parse(name);
        Assert.Equal(id, parsed?.Id);
        if (parsed is { } p) Assert.Equal(name, MessageName.Of(p.Id, p.CreatedAt));
    }
}
