using Manzil.Receipts;
using NodaTime;

namespace Manzil.Register;

/// <summary>An act waiting to be written, with its statement signed early by its request's own thread.</summary>
sealed class Pending(Act act)
{
    public Act Act { get; } = act;

    /// <summary>Whom it was asked about: an act that makes its worker names them only once it has.</summary>
    public long? About { get; } = act.WorkerId;

    public required Prepared Prepared { get; set; }

    public TaskCompletionSource<Outcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether an act under the same key is what this one asks: the same content, about the same worker.</summary>
    public bool IsAsked(long? worker, byte[]? contentHash) => (About is null || About == worker) && Act.ContentHash.AsSpan().SequenceEqual(contentHash);

    /// <summary>Takes another receipt number, and signs anew, since the statement names it.</summary>
    public void TakeNumber(ReceiptNumber number, Installation installation)
    {
        Act.TakeNumber(number, Act.Salt);
        Prepared = Prepared.From(Act, Prepared.Basis, installation);
    }
}

/// <summary>What an act comes to for a worker as they were known: <paramref name="Basis"/> says how that was.</summary>
sealed record Prepared(Worker? Basis, Decision Decision, byte[] Statement, byte[] Record, byte[] Entry)
{
    /// <summary>Nothing yet, for an act that reads first: its statement is made in the transaction.</summary>
    public static readonly Prepared NotYet = new(null, Decision.Refuse(""), [], [], []);

    public static Prepared From(Act act, Worker? worker, Installation installation)
    {
        act.Installation = installation;
        var decision = act.Decide(worker);
        if (decision.Refusal is not null) return new Prepared(worker, decision, [], [], []);

        var holder = decision.Kind.ConcernsNobody() ? null : act.HolderOf(worker);
        // Statements carry whole seconds; the act keeps its milliseconds in the database.
        var issuedAt = Instant.FromUnixTimeSeconds(act.ReceivedAt.ToUnixTimeSeconds());
        var record = new Record
        {
            Number = act.Number,
            Kind = decision.Kind,
            IssuedAt = issuedAt,
            EffectiveFrom = decision.EffectiveFrom,
            NextDeadline = decision.NextDeadline,
            Replaces = decision.Replaces,
            Office = decision.Office,
            Channel = act.Channel,
            Holder = holder?.Holder,
            Address = decision.Address,
            Particulars = decision.Particulars,
            Reason = decision.Reason,
        }.Encode();
        var statement = installation.StatementSigner.Sign(new StatementContent
        {
            Issuer = installation.Issuer,
            Number = act.Number,
            IssuedAt = issuedAt,
            Salt = act.Salt,
            Kind = decision.Kind,
            RecordDigest = Receipts.Record.Digest(act.Salt, record),
            HolderCheck = holder is null ? null : IdentityDocument.Check(holder.Value.Stretched, act.Salt),
            Office = decision.Office,
            EffectiveFrom = decision.EffectiveFrom,
            NextDeadline = decision.NextDeadline,
            Replaces = decision.Replaces,
        });
        return new Prepared(worker, decision, statement, record, Sha256.Hash(statement));
    }
}

/// <summary>What the batch writer made of a waiting act.</summary>
abstract record Outcome
{
    public sealed record Written(ActRow Row, AppendedBatch Appended, int Place, string Checkpoint) : Outcome;

    /// <summary>It had been written before, under the same key.</summary>
    public sealed record Stored(StoredAct Act) : Outcome;

    /// <summary>The same key came twice in one batch.</summary>
    public sealed record Same(Pending First) : Outcome;

    public sealed record Refused(string Reason) : Outcome;

    public sealed record Failed(string Sentence) : Outcome;

    /// <summary>Whoever asked for it has been signed out since.</summary>
    public sealed record SessionEnded : Outcome;
}
