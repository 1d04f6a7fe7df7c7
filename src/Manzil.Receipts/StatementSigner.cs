using System.Security.Cryptography;

namespace Manzil.Receipts;

/// <summary>Signs statements with one ES256 key (ECDSA on P-256 with SHA-256, RFC 9053 section 2.1), always with low s.
/// Safe for use by many threads at once.</summary>
public sealed class StatementSigner : IDisposable
{
    readonly ECParameters key;
    readonly Es256Key signing;
    readonly byte[] keyId;
    readonly byte[] publicKeyInfo;

    StatementSigner(ECDsa ecdsa)
    {
        key = ecdsa.ExportParameters(includePrivateParameters: true);
        PublicKey = StatementKey.FromPublicKey(ecdsa);
        keyId = PublicKey.KeyId;
        publicKeyInfo = PublicKey.PublicKeyInfo;
        signing = new Es256Key(ecdsa);
    }

    /// <summary>The first 8 bytes of SHA-256 of <see cref="PublicKeyInfo"/>, which name the key in a statement.</summary>
    public byte[] KeyId => [.. keyId];

    /// <summary>The public key as DER SubjectPublicKeyInfo (RFC 5480).</summary>
    public byte[] PublicKeyInfo => [.. publicKeyInfo];

    /// <summary>The public half, with which statements are verified.</summary>
    public StatementKey PublicKey { get; }

    /// <summary>Makes a new key.</summary>
    /// <returns>The signer.</returns>
    public static StatementSigner Generate()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(ecdsa);
    }

    /// <summary>Reads a private key from PEM text: PKCS #8 or SEC 1.</summary>
    /// <param name="pem">The text, with one unencrypted private key.</param>
    /// <returns>The signer.</returns>
    /// <exception cref="ReceiptFormatException">The text holds no private key on P-256.</exception>
    public static StatementSigner FromPem(string pem)
    {
        using var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(pem);
            return StatementKey.IsP256(ecdsa) ? new(ecdsa) : throw new ReceiptFormatException("The key is not on the curve P-256.");
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            throw new ReceiptFormatException("The text holds no private key on P-256.", wrong);
        }
    }

    /// <summary>The private key as PKCS #8 PEM, unencrypted: for a file that only its owner can read.</summary>
    /// <returns>The text.</returns>
    public string ExportPem()
    {
        using var ecdsa = ECDsa.Create(key);
        return ecdsa.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>A secret that whoever holds this key can derive, and nobody else: HKDF with SHA-256 (RFC 5869) over the private number, without salt. It tells nothing of the key.</summary>
    /// <param name="purpose">What the secret is for: another purpose gives another secret.</param>
    /// <returns>32 bytes.</returns>
    public byte[] DeriveSecret(ReadOnlySpan<byte> purpose)
    {
        var secret = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.D, secret, salt: [], info: purpose);
        return secret;
    }

    /// <summary>Signs a statement.</summary>
    /// <param name="content">What it says.</param>
    /// <returns>The bytes of COSE_Sign1, at most <see cref="Limits.StatementBytes"/>.</returns>
    /// <exception cref="ReceiptFormatException">The content breaks a limit.</exception>
    public byte[] Sign(StatementContent content)
    {
        content.Validate();
        var header = StatementEncoding.Protected(content, keyId);
        var payload = StatementEncoding.Payload(content);
        var signature = signing.SignLow(StatementEncoding.DigestToSign(header, payload));
        return StatementEncoding.Message(header, payload, signature);
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose()
    {
        signing.Dispose();
        CryptographicOperations.ZeroMemory(key.D);
    }
}
