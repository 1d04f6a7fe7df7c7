using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Manzil.Tests.SignIn;

/// <summary>A phone's passkey, in software (WebAuthn level 3): one ES256 key with its count, and the lies that tests tell.</summary>
sealed class SoftAuthenticator : IDisposable
{
    const byte Present = 0x01, Verified = 0x04, Attested = 0x40;

    readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly byte[] _id = RandomNumberGenerator.GetBytes(32);
    string? _user;

    public string Origin { get; set; } = "http://localhost:8080";

    public string Domain { get; set; } = "localhost";

    public bool UserIsVerified { get; set; } = true;

    public uint Count { get; set; } = 1;

    public string Create(JsonElement options)
    {
        _user = options.GetProperty("user").GetProperty("id").GetString();
        var attestation = new CborWriter(CborConformanceMode.Ctap2Canonical);
        attestation.WriteStartMap(3);
        attestation.WriteTextString("fmt");
        attestation.WriteTextString("none");
        attestation.WriteTextString("attStmt");
        attestation.WriteStartMap(0);
        attestation.WriteEndMap();
        attestation.WriteTextString("authData");
        attestation.WriteByteString([.. Data(Attested), .. new byte[16], 0, (byte)_id.Length, .. _id, .. PublicKey()]);
        attestation.WriteEndMap();
        return Credential(new
        {
            clientDataJSON = Text(Client("webauthn.create", options)),
            attestationObject = Text(attestation.Encode()),
            transports = new[] { "internal" },
        });
    }

    public string Get(JsonElement options)
    {
        var data = Data(0);
        var client = Client("webauthn.get", options);
        return Credential(new
        {
            clientDataJSON = Text(client),
            authenticatorData = Text(data),
            signature = Text(_key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            userHandle = _user,
        });
    }

    public void Dispose() => _key.Dispose();

    byte[] Data(byte flags)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Count);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(Domain)), (byte)(flags | Present | (UserIsVerified ? Verified : 0)), .. count];
    }

    byte[] Client(string type, JsonElement options) =>
        JsonSerializer.SerializeToUtf8Bytes(new { type, challenge = options.GetProperty("challenge").GetString(), origin = Origin, crossOrigin = false });

    byte[] PublicKey()
    {
        var point = _key.ExportParameters(false).Q;
        var key = new CborWriter(CborConformanceMode.Ctap2Canonical);
        key.WriteStartMap(5);
        foreach (var (label, value) in new[] { (1, 2), (3, -7), (-1, 1) })
        {
            key.WriteInt32(label);
            key.WriteInt32(value);
        }

        key.WriteInt32(-2);
        key.WriteByteString(point.X!);
        key.WriteInt32(-3);
        key.WriteByteString(point.Y!);
        key.WriteEndMap();
        return key.Encode();
    }

    string Credential(object response) => JsonSerializer.Serialize(new
    {
        id = Text(_id),
        rawId = Text(_id),
        type = "public-key",
        response,
        clientExtensionResults = new { },
        authenticatorAttachment = "platform",
    });

    static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
