using System.Buffers.Text;
using System.Security.Cryptography;

namespace Manzil.Receipts;

/// <summary>A public key on P-256 with which statements are verified. Safe for use by many threads at once.</summary>
public sealed class StatementKey
{
    readonly EcdsaPool pool;
    readonly byte[] keyId;
    readonly byte[] publicKeyInfo;
    readonly ECPoint point;

    StatementKey(ECDsa ecdsa)
    {
        var parameters = ecdsa.ExportParameters(includePrivateParameters: false);
        point = parameters.Q;
        publicKeyInfo = ecdsa.ExportSubjectPublicKeyInfo();
        keyId = SHA256.HashData(publicKeyInfo)[..StatementEncoding.KeyIdLength];
        pool = new EcdsaPool(parameters);
    }

    /// <summary>The first 8 bytes of SHA-256 of <see cref="PublicKeyInfo"/>, which name the key in a statement.</summary>
    public byte[] KeyId => [.. keyId];

    /// <summary>The key as DER SubjectPublicKeyInfo (RFC 5480), with the curve by name and the point uncompressed: 91 bytes.</summary>
    public byte[] PublicKeyInfo => [.. publicKeyInfo];

    /// <summary>The JWK member <c>kid</c>: the key id in base64url without padding.</summary>
    public string Kid => Base64Url.EncodeToString(keyId);

    /// <summary>The JWK member <c>x</c> (RFC 7518 section 6.2.1.2).</summary>
    public string X => Base64Url.EncodeToString(point.X);

    /// <summary>The JWK member <c>y</c> (RFC 7518 section 6.2.1.3).</summary>
    public string Y => Base64Url.EncodeToString(point.Y);

    /// <summary>Takes the public half of a key.</summary>
    /// <param name="ecdsa">A key on P-256, public or private.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ReceiptFormatException">The key is on another curve.</exception>
    public static StatementKey FromPublicKey(ECDsa ecdsa) => IsP256(ecdsa)
        ? new(ecdsa)
        : throw new ReceiptFormatException("The key is not on the curve P-256.");

    /// <summary>Reads a key from its coordinates, as a JWK gives them.</summary>
    /// <param name="x">The 32 bytes of x.</param>
    /// <param name="y">The 32 bytes of y.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ReceiptFormatException">There is no such point on P-256.</exception>
    public static StatementKey FromPoint(byte[] x, byte[] y)
    {
        Limits.Exactly(x, 32, "key's x");
        Limits.Exactly(y, 32, "key's y");
        try
        {
            using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
            return new(ecdsa);
        }
        catch (CryptographicException wrong)
        {
            throw new ReceiptFormatException("The key is not a point on the curve P-256.", wrong);
        }
    }

    internal bool HasId(ReadOnlySpan<byte> id) => id.SequenceEqual(keyId);

    internal bool Verify(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature) => pool.Verify(digest, signature);

    internal static bool IsP256(ECDsa ecdsa) =>
        ecdsa.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value == ECCurve.NamedCurves.nistP256.Oid.Value;
}
