using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Manzil.Messages;

/// <summary>
/// What shows, in both directions, that a request is the SMS gateway's or ours: HMAC-SHA-256 over the time, a full stop
/// and the body. The time is signed so that what was overheard is worth nothing a little later.
/// </summary>
public static class GatewaySignature
{
    /// <summary>Unix seconds.</summary>
    public const string TimestampHeader = "Manzil-Timestamp";

    /// <summary>64 hexadecimal digits.</summary>
    public const string SignatureHeader = "Manzil-Signature";

    static readonly Duration Skew = Duration.FromMinutes(5);

    public static (string Timestamp, string Signature) Sign(byte[] secret, ReadOnlySpan<byte> body, Instant now)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return (timestamp, Convert.ToHexStringLower(Compute(secret, timestamp, body)));
    }

    public static bool Verify(byte[] secret, ReadOnlySpan<byte> body, string? timestamp, string? signature, Instant now)
    {
        if (timestamp is not { Length: >= 1 and <= 11 } || !timestamp.All(char.IsAsciiDigit) || signature is not { Length: 2 * HMACSHA256.HashSizeInBytes }) return false;
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (Convert.FromHexString(signature, given, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        // Before the time is looked at, so that an answer's timing tells nothing.
        var right = CryptographicOperations.FixedTimeEquals(given, Compute(secret, timestamp, body));
        var age = now - Instant.FromUnixTimeSeconds(long.Parse(timestamp, CultureInfo.InvariantCulture));
        return right && age <= Skew && age >= -Skew;
    }

    static byte[] Compute(byte[] secret, string timestamp, ReadOnlySpan<byte> body) => HMACSHA256.HashData((ReadOnlySpan<byte>)secret, [.. Encoding.ASCII.GetBytes(timestamp), (byte)'.', .. body]);
}
