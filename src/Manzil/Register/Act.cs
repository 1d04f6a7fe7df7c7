using System.Collections.Immutable;
using System.Data.Common;
using Manzil.Receipts;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Register;

/// <summary>
/// One use case that writes: one transaction, one logged statement. A subclass says what it decides from the worker's
/// state (pure, and may be asked twice), and where it needs rows of its own, which.
/// </summary>
public abstract class Act
{
    /// <summary>When its request had been received whole.</summary>
    public required Instant ReceivedAt { get; init; }

    public required RecordChannel Channel { get; init; }

    /// <summary>Whom it concerns; null where it concerns nobody, or where <see cref="WriteAsync"/> makes the worker.</summary>
    public long? WorkerId { get; set; }

    /// <summary>By which a repeated request is known again; null where the act cannot be repeated.</summary>
    public virtual IdempotencyKey? IdempotencyKey { get; init; }

    /// <summary>
    /// SHA-256 of the token of the session in which it is asked for, which <see cref="BatchWriter.AskedIn"/> says; null where nobody's
    /// stands behind it: a clock, an operator, an SMS. Nothing is done for a session that has ended by then.
    /// </summary>
    public byte[]? AskedIn { get; set; }

    /// <summary>SHA-256 of what was asked, so that a repeated key with other content is told apart.</summary>
    public byte[]? ContentHash { get; init; }

    public ReceiptNumber Number { get; private set; }

    public byte[] Salt { get; private set; } = [];

    public abstract Decision Decide(Worker? worker);

    /// <summary>
    /// Reads what the decision rests on beside the worker, in the act's own transaction and under the head row's lock, so that
    /// no other act comes between. Asked only where <see cref="WritesOwnRows"/>; <see cref="Decide"/> is asked anew after it.
    /// </summary>
    public virtual Task ReadAsync(DbConnection connection, DbTransaction transaction) => Task.CompletedTask;

    /// <summary>True where <see cref="ReadAsync"/> reads something: before it <see cref="Decide"/> knows too little to be asked.</summary>
    public virtual bool ReadsFirst => false;

    /// <summary>
    /// True for what the authority or the service does about a worker: of acts that wait at the same moment the worker's own go first
    /// (rules.md, A case), so that nobody decides over somebody who has just spoken.
    /// </summary>
    public virtual bool YieldsToWorker => false;

    /// <summary>True where <see cref="WriteAsync"/> has rows to write in the act's own transaction.</summary>
    public virtual bool WritesOwnRows => false;

    public virtual Task WriteAsync(DbConnection connection, DbTransaction transaction) => Task.CompletedTask;

    /// <summary>True for the one act that may be the first entry of a reopened log.</summary>
    public virtual bool OpensLog => false;

    /// <summary>What a unique index's objection to this act's rows means.</summary>
    public virtual string RefusalOfConflict => "conflict";

    /// <summary>Who the statement is about, with the key of their holder check; null where no document is kept.</summary>
    public virtual (RecordHolder Holder, byte[] Stretched)? HolderOf(Worker? worker) =>
        worker is { Document: { } document, StretchedDocument: { } stretched } ? (new RecordHolder(worker.Name, document), stretched) : null;

    /// <summary>Whose act it is; there when <see cref="WriteAsync"/> is called.</summary>
    public Installation? Installation { get; internal set; }

    internal void TakeNumber(ReceiptNumber number, byte[] salt)
    {
        Number = number;
        Salt = salt;
    }
}

/// <summary>What an act decided: a refusal by its stable name, or what is to be stated and stored.</summary>
public sealed record Decision
{
    public string? Refusal { get; private init; }

    public required StatementKind Kind { get; init; }

    public required string Office { get; init; }

    public required LocalDate EffectiveFrom { get; init; }

    public LocalDate? NextDeadline { get; init; }

    public ReceiptNumber? Replaces { get; init; }

    public RecordAddress? Address { get; init; }

    public ImmutableSortedDictionary<string, string> Particulars { get; init; } = NoParticulars;

    /// <summary>The reason, or other free text of the act, which only the record holds.</summary>
    public string? Reason { get; init; }

    /// <summary>The ground of the case that the act opens; null where it opens none.</summary>
    public CaseGround? CaseGround { get; init; }

    static readonly ImmutableSortedDictionary<string, string> NoParticulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The register entry it leads to; null where it moves none.</summary>
    public RegisterEntry? After { get; init; }

    public IReadOnlyList<OutgoingMessage> Messages { get; init; } = [];

    /// <summary>The worker as they are after the act.</summary>
    public Worker AppliedTo(Worker worker) => worker with { Entry = After ?? worker.Entry, CaseGround = CaseGround ?? worker.CaseGround };

    public static Decision Refuse(string refusal) => new() { Refusal = refusal, Kind = default, Office = "", EffectiveFrom = default };
}

/// <summary>What is to be told, by one channel. <paramref name="SentNow"/>: shown at once instead of sent (the demo).</summary>
public sealed record OutgoingMessage(Channel Channel, string Language, string Subject, string Body, bool SentNow)
{
    /// <summary>The code with which an SMS can be answered; null where it cannot.</summary>
    public string? ReplyCode { get; init; }

    /// <summary>True where it holds a code that signs in or proves a channel: then no page shows it.</summary>
    public bool HoldsCode { get; init; }
}

/// <summary>What an act came to.</summary>
public abstract record ActResult
{
    /// <summary>Done, logged, durable. <paramref name="Repeated"/>: it had been done before under the same key.</summary>
    public sealed record Accepted(
        ReceiptNumber Number, StatementKind Kind, byte[] Statement, byte[] Record, string Proof, LocalDate? NextDeadline, bool Repeated) : ActResult;

    /// <summary>Refused by the rules: nothing was written.</summary>
    public sealed record Refused(string Reason) : ActResult;

    /// <summary>The same key came earlier with other content; that act's number is given.</summary>
    public sealed record KeyUsed(ReceiptNumber Number) : ActResult;

    /// <summary>Not done, or not known to be done: ask again with the same key.</summary>
    public sealed record Unavailable(string Sentence) : ActResult;
}
