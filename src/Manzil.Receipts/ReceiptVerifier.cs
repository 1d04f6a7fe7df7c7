using System.Collections.Immutable;
using System.Security.Cryptography;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>Verifies receipts offline: from bytes and public keys alone. Nothing is fetched, nothing kept.</summary>
public static class ReceiptVerifier
{
    /// <summary>Verifies a statement and what comes with it. Never throws for bad input: what is malformed is a problem in
    /// the report.</summary>
    /// <param name="statement">The statement's bytes.</param>
    /// <param name="record">The record's bytes, where at hand.</param>
    /// <param name="proof">The proof's text, where at hand.</param>
    /// <param name="document">The document that is shown, where one is asked about. Takes about a tenth of a second.</param>
    /// <param name="keys">The key set, from elsewhere than the receipt.</param>
    /// <param name="now">The present time, from which ages are counted.</param>
    /// <returns>The facts.</returns>
    /// <exception cref="PlatformNotSupportedException">A proof is given and OpenSSL 3 is not installed.</exception>
    public static VerificationReport Verify(
        byte[] statement, byte[]? record, string? proof, IdentityDocument? document, KeySet keys, Instant now)
    {
        var problems = new List<ReceiptProblem>();
        var report = new VerificationReport
        {
            CheckedAt = now,
            Problems = [],
            RecordFinding = record is null ? RecordFinding.NotGiven : RecordFinding.Wrong,
            Document = DocumentFinding.NotAsked,
            Proof = proof is null ? ProofFinding.NotGiven : ProofFinding.Wrong,
            Witnesses = [],
            UnknownSigners = [],
            KeySetAsOf = keys.AsOf,
        };
        Statement decoded;
        try
        {
            decoded = Statement.Decode(statement);
        }
        catch (ReceiptFormatException)
        {
            return report with { Problems = [ReceiptProblem.StatementMalformed] };
        }
        report = report with { Statement = decoded.Content, Key = keys.Find(decoded.KeyIdSpan) };
        if (record is { } bytes)
        {
            report = CheckRecord(report, bytes, problems);
        }
        if (proof is not null)
        {
            report = CheckProof(report, Sha256.Hash(decoded.EncodedSpan), proof, keys, problems);
        }
        CheckKey(report, decoded, problems);
        if (document is not null)
        {
            report = report with { Document = CheckDocument(decoded.Content, document) };
        }
        return report with { Problems = [.. problems] };
    }

    static void CheckKey(VerificationReport report, Statement statement, List<ReceiptProblem> problems)
    {
        if (report.Key is not { } key)
        {
            problems.Add(ReceiptProblem.UnknownKey);
            return;
        }
        if (!statement.VerifySignature(key.Key))
        {
            problems.Add(ReceiptProblem.SignatureWrong);
        }
        if (statement.Content.IssuedAt < key.From)
        {
            problems.Add(ReceiptProblem.KeyNotYetValid);
        }
        if (statement.Content.IssuedAt >= key.Until)
        {
            problems.Add(ReceiptProblem.KeyExpired);
        }
        if (key.Revoked is { } revoked && !report.Witnesses.Any(witness => witness.At < revoked))
        {
            problems.Add(ReceiptProblem.KeyRevoked);
        }
    }

    static VerificationReport CheckRecord(VerificationReport report, byte[] bytes, List<ReceiptProblem> problems)
    {
        var content = report.Statement!;
        Record record;
        try
        {
            record = Record.Decode(bytes);
        }
        catch (ReceiptFormatException)
        {
            problems.Add(ReceiptProblem.RecordMalformed);
            return report;
        }
        if (!Record.Digest(content.Salt, bytes).AsSpan().SequenceEqual(content.RecordDigest))
        {
            problems.Add(ReceiptProblem.RecordOfAnotherStatement);
            return report;
        }
        if (record.Number != content.Number || record.Kind != content.Kind || record.IssuedAt != content.IssuedAt
            || record.EffectiveFrom != content.EffectiveFrom || record.NextDeadline != content.NextDeadline
            || record.Replaces != content.Replaces || record.Office != content.Office)
        {
            problems.Add(ReceiptProblem.RecordDiffers);
            return report;
        }
        return report with { Record = record, RecordFinding = RecordFinding.Matches };
    }

    static VerificationReport CheckProof(VerificationReport report, byte[] entry, string text, KeySet keys, List<ReceiptProblem> problems)
    {
        TlogProof proof;
        SignedNote note;
        Checkpoint checkpoint;
        try
        {
            proof = TlogProof.Parse(text);
            note = proof.ReadNote();
            checkpoint = Checkpoint.Read(note);
        }
        catch (ReceiptFormatException)
        {
            problems.Add(ReceiptProblem.ProofMalformed);
            return report;
        }
        var named = keys.Logs.Where(log => log.Key.Name == checkpoint.Origin).ToList();
        if (named.Find(log => log.Key.Verify(note)) is not { } log)
        {
            problems.Add(named.Count == 0 ? ReceiptProblem.UnknownLog : ReceiptProblem.CheckpointSignatureWrong);
            return report;
        }
        if (!MerkleTree.VerifyInclusion(proof.Index, checkpoint.Size, MerkleTree.HashLeaf(entry), proof.Hashes, checkpoint.RootHash))
        {
            problems.Add(ReceiptProblem.NotInLog);
            return report;
        }
        if (keys.LastCheckpoints.TryGetValue(log, out var last) && (checkpoint.Size > last.Size
            || checkpoint.Size == last.Size && !checkpoint.RootHash.AsSpan().SequenceEqual(last.RootHash)))
        {
            problems.Add(ReceiptProblem.BeyondClosedLog);
            return report;
        }
        var witnesses = new List<WitnessCosignature>();
        foreach (var witness in keys.Witnesses.Where(witness => note.Signatures.Any(line => IsBy(line, witness))))
        {
            if (!witness.Verify(note, out var at) || at is null)
            {
                problems.Add(ReceiptProblem.WitnessSignatureWrong);
                return report;
            }
            witnesses.Add(new(witness.Name, at.Value));
        }
        return report with
        {
            Proof = ProofFinding.Holds,
            Log = log,
            Index = proof.Index,
            Checkpoint = checkpoint,
            Witnesses = [.. witnesses.OrderBy(witness => witness.At)],
            UnknownSigners = [.. note.Signatures
                .Where(line => !IsBy(line, log.Key) && !keys.Witnesses.Any(witness => IsBy(line, witness))).Select(line => line.Name)],
        };
    }

    static DocumentFinding CheckDocument(StatementContent content, IdentityDocument document)
    {
        if (content.HolderCheck is not { } check)
        {
            return DocumentFinding.ConcernsNobody;
        }
        return CryptographicOperations.FixedTimeEquals(IdentityDocument.Check(document.Stretch(), content.Salt), check)
            ? DocumentFinding.Matches
            : DocumentFinding.AnotherDocument;
    }

    static bool IsBy(NoteSignature line, NoteVerifier key) => line.KeyHash == key.KeyHash && line.Name == key.Name;
}
