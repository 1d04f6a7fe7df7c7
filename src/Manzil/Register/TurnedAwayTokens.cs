using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Manzil.Register;

/// <summary>
/// Tokens by which the service states when it turned a notice away, so that it can count as in time (rules.md, Days). Needs
/// no database, since that may be what is missing: every node derives the same secret from the key file that they share. Each
/// holds for one session, one Idempotency-Key and one content only (docs/decisions/0014-in-time.md).
/// </summary>
public sealed class TurnedAwayTokens(Installation installation)
{
    public const string Header = "Manzil-Turned-Away";

    const int InstantBytes = 8, MacBytes = 16;
    static readonly byte[] Purpose = "manzil turned away 1"u8.ToArray();

    readonly byte[] _secret = installation.StatementSigner.DeriveSecret(Purpose);

    /// <summary>
    /// A token for now. Where the request carried some already, the oldest stays in front: the oldest tells of the deadlines
    /// that passed since, the newest still follows soon enough after a long time.
    /// </summary>
    /// <param name="session">SHA-256 of the session's token, also where nobody can look the session up now.</param>
    /// <param name="key">The Idempotency-Key.</param>
    /// <param name="content">SHA-256 of what was sent.</param>
    public string Give(Instant now, string? carried, byte[] session, string key, byte[] content)
    {
        var bytes = new byte[InstantBytes + MacBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, now.ToUnixTimeMilliseconds());
        Mac(bytes.AsSpan(0, InstantBytes), session, key, content).CopyTo(bytes, InstantBytes);
        var fresh = Base64Url.EncodeToString(bytes);
        var oldest = Split(carried).Select(t => (Text: t, At: Find(t, session, key, content))).Where(t => t.At is not null).OrderBy(t => t.At).FirstOrDefault().Text;
        return oldest is null ? fresh : $"{oldest},{fresh}";
    }

    /// <summary>When the carried tokens say that it was turned away, oldest first; what does not hold says nothing.</summary>
    public IReadOnlyList<Instant> Read(string? carried, byte[] session, string key, byte[] content) =>
        [.. Split(carried).Select(t => Find(t, session, key, content)).OfType<Instant>().Order()];

    static IEnumerable<string> Split(string? carried) =>
        carried is { Length: > 0 and <= 200 } ? carried.Split(',', StringSplitOptions.TrimEntries) : [];

    Instant? Find(string token, byte[] session, string key, byte[] content)
    {
        if (!Base64Url.IsValid(token, out var length) || length != InstantBytes + MacBytes) return null;
        var bytes = Base64Url.DecodeFromChars(token);
        var instant = bytes.AsSpan(0, InstantBytes);
        return CryptographicOperations.FixedTimeEquals(bytes.AsSpan(InstantBytes), Mac(instant, session, key, content))
            ? Instant.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(instant))
            : null;
    }

    // Each part has a fixed length, so that no two things said are the same bytes.
    byte[] Mac(ReadOnlySpan<byte> instant, byte[] session, string key, byte[] content) =>
        HMACSHA256.HashData(_secret, (byte[])[.. instant, .. SHA256.HashData(session), .. SHA256.HashData(Encoding.UTF8.GetBytes(key)), .. SHA256.HashData(content)])[..MacBytes];
}
