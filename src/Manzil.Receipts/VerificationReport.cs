using System.Collections.Immutable;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>Why a receipt is not valid. The names are stable: programs may rely on them.</summary>
public enum ReceiptProblem
{
    /// <summary>The statement's bytes are not a statement.</summary>
    StatementMalformed,
    /// <summary>The key set has no key with the statement's key id.</summary>
    UnknownKey,
    /// <summary>The signature does not hold: the statement was altered or not issued with this key.</summary>
    SignatureWrong,
    /// <summary>The statement says it was issued before its key came into use.</summary>
    KeyNotYetValid,
    /// <summary>The statement says it was issued after its key went out of use.</summary>
    KeyExpired,
    /// <summary>The key was revoked, and no witness's cosignature shows that the statement was in the log before.</summary>
    KeyRevoked,
    /// <summary>The record's bytes are not a record.</summary>
    RecordMalformed,
    /// <summary>The record is not the one that the statement's digest binds.</summary>
    RecordOfAnotherStatement,
    /// <summary>The digest binds the record, but kind, number, dates, time, office or replaced number differ.</summary>
    RecordDiffers,
    /// <summary>The proof's text is not a proof.</summary>
    ProofMalformed,
    /// <summary>The proof is of a log that the key set does not have.</summary>
    UnknownLog,
    /// <summary>The checkpoint is not signed by the log it names.</summary>
    CheckpointSignatureWrong,
    /// <summary>The inclusion hashes do not lead from the statement to the checkpoint's root.</summary>
    NotInLog,
    /// <summary>The log is closed, and its last checkpoint contradicts the proof's.</summary>
    BeyondClosedLog,
    /// <summary>A signature line names a known witness, and is not its signature.</summary>
    WitnessSignatureWrong,
}

/// <summary>Whether the record belongs to the statement.</summary>
public enum RecordFinding
{
    /// <summary>No record was given.</summary>
    NotGiven,
    /// <summary>The record is the one the statement binds, and says the same.</summary>
    Matches,
    /// <summary>It is not, or it does not.</summary>
    Wrong,
}

/// <summary>Whether the statement was issued for the document that was shown.</summary>
public enum DocumentFinding
{
    /// <summary>No document was given.</summary>
    NotAsked,
    /// <summary>It was issued for this document.</summary>
    Matches,
    /// <summary>It was issued for another document, possibly since renewed.</summary>
    AnotherDocument,
    /// <summary>It concerns nobody in particular.</summary>
    ConcernsNobody,
}

/// <summary>Whether the log proof holds.</summary>
public enum ProofFinding
{
    /// <summary>No proof was given.</summary>
    NotGiven,
    /// <summary>The statement is in the log that the checkpoint speaks of.</summary>
    Holds,
    /// <summary>The proof does not hold.</summary>
    Wrong,
}

/// <summary>What a verification comes to, in one word. What could not be read is no verdict.</summary>
public enum ReceiptOutcome
{
    /// <summary>Genuine, and issued for the document that was shown.</summary>
    ForThisDocument,
    /// <summary>Genuine, but issued for another document, possibly since renewed.</summary>
    ForAnotherDocument,
    /// <summary>Genuine; no document was asked about, or the act concerns nobody.</summary>
    CheckWhose,
    /// <summary>Genuine, but a later receipt that was handed over with it replaced it.</summary>
    Replaced,
    /// <summary>Something does not fit: it was changed, or the issuer did not sign it.</summary>
    NotGenuine,
    /// <summary>A part that was given cannot be read, and nothing else is wrong: it is damaged, cut, or something else.</summary>
    Unread,
}

/// <summary>A witness that cosigned the proof's checkpoint.</summary>
/// <param name="Name">The witness's name.</param>
/// <param name="At">When it did so, by its own clock.</param>
public sealed record WitnessCosignature(string Name, Instant At);

/// <summary>What a verification found: facts, no verdict on what to do with them.</summary>
public sealed record VerificationReport
{
    /// <summary>When the verification took place.</summary>
    public required Instant CheckedAt { get; init; }
    /// <summary>Whether everything that was given is what it says it is: no problem was found. The document is not part of
    /// it: see <see cref="Document"/>.</summary>
    public bool IsValid => Problems.IsEmpty;
    /// <summary>What is wrong; empty for a valid receipt. Each problem at most once.</summary>
    public required ImmutableArray<ReceiptProblem> Problems { get; init; }
    /// <summary>The later receipt, handed over with this one, that replaced it; null where there is none. What was not handed
    /// over is not known here.</summary>
    public ReceiptNumber? ReplacedBy { get; init; }
    /// <summary>What all of it comes to. That it is for another document comes before that it was replaced.</summary>
    public ReceiptOutcome Outcome => Problems switch
    {
        [] when Document == DocumentFinding.AnotherDocument => ReceiptOutcome.ForAnotherDocument,
        [] when ReplacedBy is not null => ReceiptOutcome.Replaced,
        [] when Document == DocumentFinding.Matches => ReceiptOutcome.ForThisDocument,
        [] => ReceiptOutcome.CheckWhose,
        _ when Problems.All(IsUnread) => ReceiptOutcome.Unread,
        _ => ReceiptOutcome.NotGenuine,
    };

    /// <summary>Marks what a later one among the same receipts replaced (<see cref="ReplacedBy"/>).</summary>
    /// <param name="reports">What was found about receipts that were handed over together.</param>
    /// <returns>The same, in the same order.</returns>
    public static IReadOnlyList<VerificationReport> Together(IReadOnlyList<VerificationReport> reports) =>
        [.. reports.Select(report => report.IsValid && reports.FirstOrDefault(later => later.IsValid
            && later.Statement!.Replaces == report.Statement!.Number && later.Statement.Issuer == report.Statement.Issuer) is { } replacing
                ? report with { ReplacedBy = replacing.Statement!.Number }
                : report)];

    static bool IsUnread(ReceiptProblem problem) =>
        problem is ReceiptProblem.StatementMalformed or ReceiptProblem.RecordMalformed or ReceiptProblem.ProofMalformed;

    /// <summary>What the statement says; null where it could not be read. Not to be relied on unless valid.</summary>
    public StatementContent? Statement { get; init; }
    /// <summary>The key that the statement names, where the key set has it.</summary>
    public PublishedKey? Key { get; init; }
    /// <summary>Whether the record belongs to the statement.</summary>
    public required RecordFinding RecordFinding { get; init; }
    /// <summary>The record, where it belongs to the statement.</summary>
    public Record? Record { get; init; }
    /// <summary>Whether the statement was issued for the document that was shown. Meaningful only where the signature holds.</summary>
    public required DocumentFinding Document { get; init; }
    /// <summary>Whether the log proof holds.</summary>
    public required ProofFinding Proof { get; init; }
    /// <summary>The log, where the proof holds.</summary>
    public PublishedLog? Log { get; init; }
    /// <summary>The statement's index in the log, where the proof holds.</summary>
    public long? Index { get; init; }
    /// <summary>The checkpoint, where the proof holds.</summary>
    public Checkpoint? Checkpoint { get; init; }
    /// <summary>The known witnesses that cosigned the checkpoint, earliest first. Empty: not yet witnessed, and the proof is
    /// the operator's word.</summary>
    public required ImmutableArray<WitnessCosignature> Witnesses { get; init; }
    /// <summary>The names in signature lines of keys that the key set does not have. Nothing is known about them.</summary>
    public required ImmutableArray<string> UnknownSigners { get; init; }
    /// <summary>How long ago the checkpoint was last cosigned by a known witness; null where none did, since a checkpoint
    /// carries no time of its own.</summary>
    public Duration? CheckpointAge => Witnesses is [.., var last] ? CheckedAt - last.At : null;
    /// <summary>When the key set was fetched or written; null where unknown.</summary>
    public Instant? KeySetAsOf { get; init; }
    /// <summary>How old the key set is; null where unknown. A revocation since then is not known.</summary>
    public Duration? KeySetAge => KeySetAsOf is { } time ? CheckedAt - time : null;
}
