using System.Security.Cryptography;
using Manzil.Typing;

namespace Manzil.SignIn;

/// <summary>
/// A code that people copy by hand: Crockford's base32 symbols, no I, L, O or U. Kept only as PBKDF2-HMAC-SHA-256,
/// so that a stolen database does not give codes away.
/// </summary>
public static class SecretCode
{
    const string Symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const int Rounds = 100_000;

    public const int SaltLength = 16;

    /// <summary>Of <see cref="NewShort()"/>, in digits.</summary>
    public const int ShortLength = 6;

    /// <summary>Ten symbols, 50 random bits, shown XXXXX-XXXXX.</summary>
    public static string NewActivation()
    {
        var symbols = RandomNumberGenerator.GetString(Symbols, 10);
        return $"{symbols[..5]}-{symbols[5..]}";
    }

    /// <summary>Six digits, for a code that lives ten minutes and three attempts.</summary>
    public static string NewShort() => RandomNumberGenerator.GetString("0123456789", ShortLength);

    /// <summary>Many short codes in ASCII, one after the other.</summary>
    public static byte[] NewShort(int count) => RandomNumberGenerator.GetItems("0123456789"u8, count * ShortLength);

    /// <summary>Eight digits, for a code that a stranger can have sent: it is guessed at from outside, day after day.</summary>
    public static string NewLong() => RandomNumberGenerator.GetString("0123456789", 8);

    /// <summary>Twelve symbols, 60 random bits, shown XXXX-XXXX-XXXX: it lies in a drawer for years, and ten share a salt.</summary>
    public static string NewRecovery()
    {
        var symbols = RandomNumberGenerator.GetString(Symbols, 12);
        return $"{symbols[..4]}-{symbols[4..8]}-{symbols[8..]}";
    }

    /// <summary>What was meant: digits of every script and look-alikes read as such, case, spaces and dashes dropped, O read as 0, I and L as 1.</summary>
    public static string Normalize(string typed) =>
        new([.. TypedText.Of(TextKind.Number, typed).Text.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit).Select(c => c switch { 'O' => '0', 'I' or 'L' => '1', _ => c })]);

    public static (byte[] Salt, byte[] Hash) Keep(string code)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return (salt, Hash(code, salt));
    }

    public static byte[] Hash(string code, byte[] salt) =>
        Rfc2898DeriveBytes.Pbkdf2(Normalize(code), salt, Rounds, HashAlgorithmName.SHA256, 32);
}
