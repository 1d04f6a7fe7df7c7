using System.Globalization;
using System.Text;
using Manzil.Cases.Mine;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Typing;
using NodaTime;
using NodaTime.Text;

namespace Manzil;

/// <summary>A verification report in plain English, for the command line: facts, no verdict on what to do.</summary>
static class ReportText
{
    static readonly LocalDatePattern Day = LocalDatePattern.CreateWithInvariantCulture("d MMMM uuuu");
    static readonly InstantPattern Moment = InstantPattern.CreateWithInvariantCulture("d MMMM uuuu, HH:mm:ss 'UTC'");

    // The headings and what could not be read are the page's own words.
    static readonly Texts Words = Texts.For("en");

    internal static string Of(UnreadException unread) =>
        $"{ReportFacts.Heading(ReceiptOutcome.Unread, Words)}. {ReportFacts.Unread(unread.Why, Words)} {Words["verify.unread.no-verdict"]}";

    internal static IEnumerable<string> Lines(VerificationReport report)
    {
        yield return ReportFacts.Heading(report.Outcome, Words) + ".";
        if (report.IsValid)
        {
            yield return ReportFacts.Detail(report, Words);
            yield return $"It says what was told on {Day.Format(report.Statement!.IssuedAt.InUtc().Date)}; what was told since does not stand in it.";
        }
        foreach (var problem in report.Problems)
        {
            yield return "Problem: " + Sentence(problem);
        }
        if (report.Statement is not { } statement)
        {
            yield break;
        }
        if (!report.IsValid)
        {
            yield return "What follows is what it claims.";
        }
        yield return "Issued by: " + statement.Issuer;
        yield return "Centre: " + statement.Office;
        yield return "Receipt number: " + statement.Number;
        yield return "Kind of act: " + statement.Kind.Name();
        yield return "Issued at: " + Moment.Format(statement.IssuedAt);
        yield return "In effect from: " + Day.Format(statement.EffectiveFrom);
        if (statement.NextDeadline is { } deadline)
        {
            yield return "Next deadline: " + Day.Format(deadline);
        }
        if (statement.Replaces is { } replaced)
        {
            yield return "Replaces receipt: " + replaced;
            if (report.Record is null && ReportFacts.IsIssuedAnew(statement)) yield return "Issued anew: for a renewed document or a changed name; the record says when it was first stated.";
        }
        if (report.RecordFinding != RecordFinding.NotGiven)
            yield return "Record: " + (report.RecordFinding == RecordFinding.Matches ? "it is the one that the statement binds." : "it does not belong to this statement.");
        if (report.IsValid && report.Record is { } record)
        {
            if (ReceiptFacts.InTimeOf(record) is var (how, sentAt, met))
                yield return $"In time: {(how == SentBefore.Signed ? "the phone signed it" : "the service turned it away")} on {Moment.Format(sentAt)}, before the end of {Day.Format(met)}, the deadline; it arrived later.";
            foreach (var line in OfCase(record)) yield return line;
            foreach (var line in DetailsReceipt.Lines(record, OneLine)) yield return line;
            if (record.Particulars.ContainsKey(GiveNotice.Closes)) yield return "Case: it closed the case about silence, in the worker's favour.";
        }
        if (report.Proof != ProofFinding.NotGiven) yield return "Log: " + LogSentence(report);
        if (report.Proof == ProofFinding.Holds)
        {
            yield return "Witnesses: " + (report.Witnesses.IsEmpty
                ? "not yet witnessed; until then the log's contents are the operator's word."
                : string.Join("; ", report.Witnesses.Select(witness => $"{witness.Name} on {Moment.Format(witness.At)}")) + ".");
            yield return "Age of the checkpoint: " + (report.CheckpointAge is { } age
                ? Age(age) + " since it was last witnessed."
                : "unknown, since no witness has dated it; it is not older than the statement.");
            if (!report.UnknownSigners.IsEmpty)
            {
                yield return Invariant($"Signatures by keys that the key set does not have: {report.UnknownSigners.Length}.");
            }
        }
        yield return "Age of the key set: " + (report.KeySetAge is { } old ? Age(old) + "." : "unknown.");
    }

    // What docs/receipts.md says of acts about a case and of helpers.
    static IEnumerable<string> OfCase(Record record)
    {
        if (!CaseReceipt.IsOfCase(record.Kind)) yield break;
        foreach (var (name, label) in CaseParticulars)
        {
            if (record.Particulars.GetValueOrDefault(name) is { } value) yield return $"{label}: {OneLine(value)}";
        }

        if (record.Reason is { } reason) yield return (record.Kind is StatementKind.Answer or StatementKind.Appeal ? "Text: " : record.Kind == StatementKind.RemovalProposed ? "Facts: " : "Reason: ") + OneLine(reason);
        for (var i = 1; record.Particulars.TryGetValue(Invariant($"file-{i}"), out var file); i++)
            yield return Invariant($"File {i}: {OneLine(file)}, SHA-256 {OneLine(record.Particulars.GetValueOrDefault(Invariant($"file-{i}-sha256")) ?? "not given")}");
    }

    static readonly (string Name, string Label)[] CaseParticulars =
    [
        ("case", "Case"), ("by", "Sent by"), ("officer", "Officer, by staff number"), ("role", "Role of the officer"), ("centre", "Centre of the officer"), ("ground", "Ground"), ("change", "What would change this"),
        ("outcome", "Outcome"), ("told", "Decision delivered on"), ("registered-also-from", "Registered also from"), ("registered-also-to", "Registered also to"),
        ("departure-undone", "Departure undone with it"), ("helper", "Helper"), ("scope", "The helper may"), ("until", "Until"), ("proposal", "Receipt of the proposal"), ("decision", "Receipt of the decision"),
        ("appeal", "Receipt of the appeal"), ("given", "Receipt of the naming"),
    ];

    // Somebody wrote it: it must not look like lines of this report, nor steer the terminal, nor turn around what stands beside it.
    static string OneLine(string text) => string.Concat(text.EnumerateRunes().Where(r => !Unseen.TurnsAround(r) && !Unseen.TurnsBack(r)).Select(r => Rune.IsControl(r) ? " " : r.ToString()));

    static string LogSentence(VerificationReport report) => report.Proof switch
    {
        ProofFinding.Holds => Invariant($"entry {report.Index} of the log {report.Log!.Key.Name}, in a tree of {report.Checkpoint!.Size}.")
            + (report.Log.Until is { } until ? $" That log was closed on {Moment.Format(until)}." : ""),
        _ => "the proof does not hold.",
    };

    static string Sentence(ReceiptProblem problem) => problem switch
    {
        ReceiptProblem.StatementMalformed => "this is not a statement, or it was altered.",
        ReceiptProblem.UnknownKey => "it names a key that the key set does not have. Where the key set is older than the receipt, fetch it again from the issuer.",
        ReceiptProblem.SignatureWrong => "the signature does not hold.",
        ReceiptProblem.KeyNotYetValid => "it says it was issued before its key came into use.",
        ReceiptProblem.KeyExpired => "it says it was issued after its key went out of use.",
        ReceiptProblem.KeyRevoked => "its key was revoked, and no witness shows that it was in the log before.",
        ReceiptProblem.RecordMalformed => "the record is not a record, or it was altered.",
        ReceiptProblem.RecordOfAnotherStatement => "the record is not the one that the statement binds.",
        ReceiptProblem.RecordDiffers => "the record says something else than the statement.",
        ReceiptProblem.ProofMalformed => "the proof is not a proof, or it was altered.",
        ReceiptProblem.UnknownLog => "the proof is of a log that the key set does not have.",
        ReceiptProblem.CheckpointSignatureWrong => "the checkpoint is not signed by its log.",
        ReceiptProblem.NotInLog => "the proof does not lead from this statement to the log's checkpoint.",
        ReceiptProblem.BeyondClosedLog => "the proof contradicts the last checkpoint of its log, which is closed.",
        ReceiptProblem.WitnessSignatureWrong => "a witness's signature under the checkpoint does not hold.",
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, "Not a known problem."),
    };

    static string Age(Duration age) => age switch
    {
        _ when age < Duration.Zero => "0 minutes",
        _ when age < Duration.FromHours(1) => Count((long)age.TotalMinutes, "minute"),
        _ when age < Duration.FromDays(1) => Count((long)age.TotalHours, "hour"),
        _ => Count((long)age.TotalDays, "day"),
    };

    static string Count(long number, string unit) => Invariant($"{number} {unit}") + (number == 1 ? "" : "s");

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
