using NodaTime;

namespace Manzil.Receipts;

/// <summary>What a statement says, before it is signed or after its bytes were read.</summary>
/// <remarks>Equality compares the arrays' bytes. The limits are those of <see cref="Limits"/>.</remarks>
public sealed record StatementContent
{
    /// <summary>Who issues the statement: the service's public URL (CWT claim 1).</summary>
    public required string Issuer { get; init; }
    /// <summary>The receipt number (CWT claim 2).</summary>
    public required ReceiptNumber Number { get; init; }
    /// <summary>When the act was done, in whole seconds (CWT claim 6).</summary>
    public required Instant IssuedAt { get; init; }
    /// <summary>Field 1: 16 random bytes, fresh for each statement.</summary>
    public required byte[] Salt { get; init; }
    /// <summary>Field 2: the kind of act.</summary>
    public required StatementKind Kind { get; init; }
    /// <summary>Field 3: 32 bytes, <see cref="Record.Digest"/> of the salt and the record's bytes.</summary>
    public required byte[] RecordDigest { get; init; }
    /// <summary>Field 4: 16 bytes, <see cref="IdentityDocument.Check"/>; null exactly for the kinds that concern nobody.</summary>
    public byte[]? HolderCheck { get; init; }
    /// <summary>Field 5: the code of the office to which the act belongs.</summary>
    public required string Office { get; init; }
    /// <summary>Field 6: the date from which the act has effect.</summary>
    public required LocalDate EffectiveFrom { get; init; }
    /// <summary>Field 7: the next date by which something is due, where there is one.</summary>
    public LocalDate? NextDeadline { get; init; }
    /// <summary>Field 8: the number of the receipt that this one replaces, where it replaces one.</summary>
    public ReceiptNumber? Replaces { get; init; }

    /// <summary>Compares everything, arrays by their bytes.</summary>
    /// <param name="other">The other content.</param>
    /// <returns>True where they say the same.</returns>
    public bool Equals(StatementContent? other) => other is not null && Issuer == other.Issuer && Number == other.Number
        && IssuedAt == other.IssuedAt && Salt.AsSpan().SequenceEqual(other.Salt) && Kind == other.Kind
        && RecordDigest.AsSpan().SequenceEqual(other.RecordDigest) && HolderCheck is null == other.HolderCheck is null
        && HolderCheck.AsSpan().SequenceEqual(other.HolderCheck) && Office == other.Office
        && EffectiveFrom == other.EffectiveFrom && NextDeadline == other.NextDeadline && Replaces == other.Replaces;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Number, Kind, IssuedAt);

    internal void Validate()
    {
        Limits.Code(Issuer, Limits.IssuerLength, "issuer");
        Limits.Seconds(IssuedAt);
        Limits.Exactly(Salt, 16, "salt");
        Limits.Exactly(RecordDigest, 32, "record digest");
        Limits.Code(Office, Limits.OfficeLength, "office code");
        Limits.Days(EffectiveFrom, "effective-from date");
        if (NextDeadline is { } deadline)
        {
            Limits.Days(deadline, "next deadline");
        }
        if (!StatementKinds.IsKnown((int)Kind))
        {
            throw new ReceiptFormatException("The kind of act is not a known one.");
        }
        if (HolderCheck is null != Kind.ConcernsNobody())
        {
            throw new ReceiptFormatException(HolderCheck is null
                ? "The holder check is missing."
                : "An act that concerns nobody in particular has a holder check.");
        }
        if (HolderCheck is not null)
        {
            Limits.Exactly(HolderCheck, 16, "holder check");
        }
    }
}
