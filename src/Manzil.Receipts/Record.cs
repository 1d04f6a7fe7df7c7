using System.Collections.Immutable;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>The full text of an act, which the statement's digest binds. The worker holds it; the server can erase it.</summary>
/// <remarks>Encoded as deterministic CBOR (RFC 8949 section 4.2): a map with the integer keys named below. The limits are
/// those of <see cref="Limits"/>. Two records are equal where their bytes are.</remarks>
public sealed record Record
{
    /// <summary>Key 1: the receipt number.</summary>
    public required ReceiptNumber Number { get; init; }
    /// <summary>Key 2: the kind of act.</summary>
    public required StatementKind Kind { get; init; }
    /// <summary>Key 3: when the act was done, in whole seconds.</summary>
    public required Instant IssuedAt { get; init; }
    /// <summary>Key 4: the date from which the act has effect.</summary>
    public required LocalDate EffectiveFrom { get; init; }
    /// <summary>Key 5: the next date by which something is due, where there is one.</summary>
    public LocalDate? NextDeadline { get; init; }
    /// <summary>Key 6: the number of the receipt that this one replaces, where it replaces one.</summary>
    public ReceiptNumber? Replaces { get; init; }
    /// <summary>Key 7: the code of the office to which the act belongs.</summary>
    public required string Office { get; init; }
    /// <summary>Key 8: the channel by which the act came.</summary>
    public required RecordChannel Channel { get; init; }
    /// <summary>Key 9: whom the act concerns; null for the kinds that concern nobody.</summary>
    public RecordHolder? Holder { get; init; }
    /// <summary>Key 10: the address, for the acts that state one.</summary>
    public RecordAddress? Address { get; init; }
    /// <summary>Key 11: what other kinds of act need, by name; not encoded where empty.</summary>
    public ImmutableSortedDictionary<string, string> Particulars { get; init; } = RecordEncoding.NoParticulars;
    /// <summary>Key 12: the reason, or other free text of the act.</summary>
    public string? Reason { get; init; }

    /// <summary>Writes the record.</summary>
    /// <returns>Its bytes, at most <see cref="Limits.RecordBytes"/>.</returns>
    /// <exception cref="ReceiptFormatException">The record breaks a limit.</exception>
    public byte[] Encode() => RecordEncoding.Encode(this);

    /// <summary>Reads a record. It must be exactly the deterministic encoding, with known fields only and nothing after it.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The record.</returns>
    /// <exception cref="ReceiptFormatException">The bytes are anything else.</exception>
    public static Record Decode(ReadOnlyMemory<byte> bytes) => RecordDecoding.Decode(bytes);

    /// <summary>What a statement's field 3 holds: SHA-256 over the statement's salt followed by the record's bytes.</summary>
    /// <param name="salt">The statement's salt, 16 bytes.</param>
    /// <param name="recordBytes">The record's bytes.</param>
    /// <returns>32 bytes.</returns>
    public static byte[] Digest(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> recordBytes)
    {
        Span<byte> small = stackalloc byte[1024];
        var length = salt.Length + recordBytes.Length;
        var joined = length <= small.Length ? small[..length] : new byte[length];
        salt.CopyTo(joined);
        recordBytes.CopyTo(joined[salt.Length..]);
        return Sha256.Hash(joined);
    }

    /// <summary>Compares the encoded bytes.</summary>
    /// <param name="other">The other record.</param>
    /// <returns>True where the bytes are the same.</returns>
    /// <exception cref="ReceiptFormatException">One of the two breaks a limit.</exception>
    public bool Equals(Record? other) => other is not null && Encode().AsSpan().SequenceEqual(other.Encode());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Number, Kind, IssuedAt);
}

/// <summary>The channel by which an act came. Every channel has the same effect.</summary>
public enum RecordChannel
{
    /// <summary><c>web</c>: the service's pages.</summary>
    Web,
    /// <summary><c>api</c>: the service's HTTP API.</summary>
    Api,
    /// <summary><c>desk</c>: an officer at a desk, or a paper form.</summary>
    Desk,
    /// <summary><c>sms</c>: a text message.</summary>
    Sms,
    /// <summary><c>operator</c>: whoever runs the service, from the command line.</summary>
    Operator,
}

/// <summary>Whom an act concerns, at the time of the act.</summary>
/// <param name="Name">Key 1: the name, as in the document.</param>
/// <param name="Document">Keys 2 to 4: the identity document's state, number and birth date.</param>
public sealed record RecordHolder(string Name, IdentityDocument Document);

/// <summary>An address. Where there is no street, the note says how the place is found.</summary>
/// <param name="Locality">Key 1: the town or village.</param>
/// <param name="Street">Key 2.</param>
/// <param name="Building">Key 3.</param>
/// <param name="Unit">Key 4: flat or room.</param>
/// <param name="Postcode">Key 5.</param>
/// <param name="Note">Key 6: whatever else finds the place.</param>
public sealed record RecordAddress(
    string Locality, string? Street = null, string? Building = null, string? Unit = null, string? Postcode = null, string? Note = null);
