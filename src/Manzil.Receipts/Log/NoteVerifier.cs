using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>
/// A public key that notes are checked with (C2SP signed-note, "vkey"): a log's Ed25519 key (type 1), or a witness's
/// key for timestamped cosignatures of checkpoints (type 4, C2SP tlog-cosignature). Safe to use from several threads.
/// </summary>
public sealed class NoteVerifier
{
    internal const byte Ed25519Type = 1;
    internal const byte CosignatureType = 4;

    const int HashDigits = 8;
    const int TimestampLength = sizeof(ulong);

    // The last second that NodaTime's Instant can hold, 9999-12-31T23:59:59Z.
    static readonly ulong LastSecond = (ulong)Instant.MaxValue.ToUnixTimeSeconds();

    readonly byte[] _publicKey;

    NoteVerifier(string name, uint keyHash, byte type, byte[] publicKey)
    {
        Name = name;
        KeyHash = keyHash;
        IsWitness = type == CosignatureType;
        _publicKey = publicKey;
    }

    /// <summary>The key's name; of a log's key, the checkpoint's origin.</summary>
    public string Name { get; }

    /// <summary>
    /// The key's identifier in signature lines: the first four bytes, big-endian, of SHA-256 over name, newline, type
    /// and public key.
    /// </summary>
    public uint KeyHash { get; }

    /// <summary>Whether this is a witness's key (type 4), whose signatures carry the time at which they were made.</summary>
    public bool IsWitness { get; }

    /// <summary>The Ed25519 public key, 32 bytes.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>Reads a vkey, <c>name+hash+base64</c>.</summary>
    /// <param name="vkey">The key of type 1 or 4.</param>
    /// <returns>The verifier.</returns>
    /// <exception cref="ReceiptFormatException">It is not a vkey, of another type, or its hash does not fit.</exception>
    public static NoteVerifier Parse(string vkey)
    {
        if (!TryDecode(vkey, out var name, out var hash, out var type, out var key))
        {
            throw new ReceiptFormatException("The log's or witness's public key is not of the form name+hash+key.");
        }

        if (!IsKnown(type) || key.Length != Ed25519.PublicKeyLength)
        {
            throw new ReceiptFormatException("The log's or witness's public key is of a type that is not supported.");
        }

        return HashKey(name, type, key) == hash
            ? new NoteVerifier(name, hash, type, key)
            : throw new ReceiptFormatException("The log's or witness's public key does not fit its name and hash.");
    }

    /// <summary>Whether a vkey is of a type that <see cref="Parse"/> reads. Types are added over the years (C2SP signed-note); a list of keys
    /// is read without those that are not known.</summary>
    /// <param name="vkey">The key of any type.</param>
    /// <returns>False only for a well-formed vkey of another type than 1 and 4.</returns>
    public static bool IsOfKnownType(string vkey) => !TryDecode(vkey, out _, out _, out var type, out _) || IsKnown(type);

    static bool IsKnown(byte type) => type is Ed25519Type or CosignatureType;

    /// <summary>Checks this key's signature under a note.</summary>
    /// <param name="note">The note.</param>
    /// <returns>True only if the note has a signature line of this key, and every such line is good.</returns>
    /// <exception cref="PlatformNotSupportedException">OpenSSL 3 is not installed.</exception>
    public bool Verify(SignedNote note) => Verify(note, out _);

    /// <summary>Checks this key's signature under a note, and tells when a witness made it.</summary>
    /// <param name="note">The note.</param>
    /// <param name="cosignedAt">When a witness saw the checkpoint (the earliest, where it signed more than once); null for a log's key and for what does not verify.</param>
    /// <returns>True only if the note has a signature line of this key, and every such line is good.</returns>
    /// <exception cref="PlatformNotSupportedException">OpenSSL 3 is not installed.</exception>
    public bool Verify(SignedNote note, out Instant? cosignedAt)
    {
        cosignedAt = null;
        var found = false;
        foreach (var line in note.Signatures)
        {
            if (line.KeyHash != KeyHash || !string.Equals(line.Name, Name, StringComparison.Ordinal))
            {
                continue;
            }

            if (!Verify(note.Text, line.Bytes.Span, out var signedAt))
            {
                cosignedAt = null;
                return false;
            }

            cosignedAt = found ? Instant.Min(cosignedAt ?? Instant.MaxValue, signedAt) : signedAt;
            found = true;
        }

        if (!IsWitness)
        {
            cosignedAt = null;
        }

        return found;
    }

    /// <summary>The vkey, what <see cref="Parse"/> reads.</summary>
    /// <returns><c>name+hash+base64</c>.</returns>
    public override string ToString() => Encode(Name, KeyHash, IsWitness ? CosignatureType : Ed25519Type, _publicKey);

    internal static uint HashKey(string name, byte type, ReadOnlySpan<byte> key) =>
        BinaryPrimitives.ReadUInt32BigEndian(
            SHA256.HashData([.. StrictText.Utf8.GetBytes(name), (byte)'\n', type, .. key]));

    internal static string Encode(string name, uint hash, byte type, ReadOnlySpan<byte> key) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}+{hash:x8}+{Convert.ToBase64String([type, .. key])}");

    internal static bool TryDecode(
        ReadOnlySpan<char> encoded, out string name, out uint hash, out byte type, out byte[] key)
    {
        (name, hash, type, key) = ("", 0, 0, []);
        var afterName = encoded.IndexOf('+');
        var rest = encoded[(afterName + 1)..];
        if (afterName < 0 || !StrictText.IsKeyName(encoded[..afterName])
            || rest.Length <= HashDigits || rest[HashDigits] != '+'
            || rest[..HashDigits].ContainsAnyExcept("0123456789abcdef")
            || !StrictText.TryBase64(rest[(HashDigits + 1)..], out var bytes) || bytes.Length < 1)
        {
            return false;
        }

        name = encoded[..afterName].ToString();
        hash = uint.Parse(rest[..HashDigits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        (type, key) = (bytes[0], bytes[1..]);
        return true;
    }

    bool Verify(string text, ReadOnlySpan<byte> signature, out Instant signedAt)
    {
        signedAt = default;
        if (!IsWitness)
        {
            return Ed25519.Verify(_publicKey, StrictText.Utf8.GetBytes(text), signature);
        }

        if (signature.Length != TimestampLength + Ed25519.SignatureLength)
        {
            return false;
        }

        var seconds = BinaryPrimitives.ReadUInt64BigEndian(signature);
        if (seconds > LastSecond)
        {
            return false;
        }

        signedAt = Instant.FromUnixTimeSeconds((long)seconds);
        return Ed25519.Verify(_publicKey, CosignedMessage(text, seconds), signature[TimestampLength..]);
    }

    static byte[] CosignedMessage(string text, ulong seconds) =>
        StrictText.Utf8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n{text}"));
}
