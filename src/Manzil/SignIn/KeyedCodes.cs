using System.Security.Cryptography;
using System.Text;
using Manzil.Register;

namespace Manzil.SignIn;

/// <summary>
/// Digests of codes under a key that lies in the key file and not in the database (docs/decisions/0039-guessing.md). A code that is
/// sent lives ten minutes and a few tries, and is kept as such a digest alone. A code on paper is kept as a slow hash; two bytes of
/// such a digest, its mark, stand beside it, so that a wrong guess costs no slow hash and a right one never waits behind wrong ones.
/// </summary>
public sealed class KeyedCodes(Installation installation)
{
    const int MarkLength = 2;
    static readonly byte[] Purpose = "manzil codes 1"u8.ToArray();

    readonly byte[] _key = installation.StatementSigner.DeriveSecret(Purpose);

    public (byte[] Salt, byte[] Hash) Keep(string code)
    {
        var salt = RandomNumberGenerator.GetBytes(SecretCode.SaltLength);
        return (salt, Digest(code, salt));
    }

    public bool Matches(string typed, byte[] salt, byte[] hash) => CryptographicOperations.FixedTimeEquals(Digest(typed, salt), hash);

    public byte[] Mark(string code, byte[] salt) => Digest(code, salt)[..MarkLength];

    /// <summary>Whether it is worth a slow hash. A code without a mark was made by an older version, and is.</summary>
    public bool MayBe(string typed, byte[] salt, byte[]? mark) => CryptographicOperations.FixedTimeEquals(Mark(typed, salt), mark ?? []) | mark is null;

    // The salt has a fixed length, so that no two things are the same bytes.
    byte[] Digest(string code, byte[] salt) => HMACSHA256.HashData(_key, (byte[])[.. salt, .. Encoding.UTF8.GetBytes(SecretCode.Normalize(code))]);
}
