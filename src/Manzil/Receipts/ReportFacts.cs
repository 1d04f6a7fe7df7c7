using Manzil.Layout;
using Manzil.Rules;

namespace Manzil.Receipts;

/// <summary>What a verification found, in the reader's words: facts, no verdict on what to do with them.</summary>
public static class ReportFacts
{
    public static IEnumerable<string> Problems(VerificationReport report, Texts t) =>
        report.Problems.Select(problem => t[$"verify.problem.{Name(problem)}"]);

    public static string Heading(ReceiptOutcome outcome, Texts t) => t[$"verify.outcome.{Name(outcome)}"];

    /// <summary>What stands under the heading of a genuine receipt.</summary>
    public static string Detail(VerificationReport report, Texts t) => report switch
    {
        { Outcome: ReceiptOutcome.Replaced } => t["verify.detail.replaced", ("number", report.ReplacedBy.ToString()!)],
        { Outcome: ReceiptOutcome.CheckWhose, Statement.HolderCheck: null } => t["verify.detail.nobody"],
        _ => t[$"verify.detail.{Name(report.Outcome)}"],
    };

    /// <summary>What could not be read, and what to do about it.</summary>
    public static string Unread(Unread why, Texts t) => t[$"verify.unread.{Name(why)}", ("count", FoundReceipts.MaxReceipts)];

    public static IEnumerable<(string Label, string Value)> OfStatement(VerificationReport report, Jurisdiction rules, Texts t)
    {
        if (report.Statement is not { } statement) yield break;
        yield return (t["receipt.kind"], t[$"kind.{statement.Kind.Name()}"]);
        yield return (t["receipt.number"], statement.Number.ToString());
        yield return (t["verify.issuer"], statement.Issuer);
        yield return (t["receipt.office"], rules.Offices.FirstOrDefault(o => o.Code.Value == statement.Office)?.Name.In(t.Lang) ?? statement.Office);
        yield return (t["receipt.given"], Dates.InWords(statement.IssuedAt, rules.Zone, t.Lang));
        yield return (t["verify.effective-from"], Dates.InWords(statement.EffectiveFrom, t.Lang));
        if (statement.NextDeadline is { } deadline) yield return (t["receipt.next-deadline"], Dates.InWords(deadline, t.Lang));
        if (statement.Replaces is { } replaced) yield return (t["receipt.replaces"], replaced.ToString());
        if (report.Record is null && IsIssuedAnew(statement)) yield return (t["receipt.first-given"], t["verify.issued-anew"]);
    }

    public static IEnumerable<(string Label, string Value)> OfProof(VerificationReport report, Jurisdiction rules, Texts t)
    {
        if (report.RecordFinding != RecordFinding.NotGiven) yield return (t["verify.record"], t[$"verify.record.{Name(report.RecordFinding)}"]);
        if (report.Proof != ProofFinding.NotGiven) yield return (t["verify.log"], Log(report, rules, t));
        if (report.Proof == ProofFinding.Holds)
        {
            yield return (t["verify.witnesses"], report.Witnesses.IsEmpty
                ? t["verify.witnesses.none"]
                : string.Join("; ", report.Witnesses.Select(w => t["verify.witnesses.one", ("name", w.Name), ("date", Dates.InWords(w.At, rules.Zone, t.Lang))])));
            yield return (t["verify.checkpoint-age"], report.CheckpointAge is { } age
                ? t["verify.days", ("count", (long)Math.Max(0, age.TotalDays))]
                : t["verify.checkpoint-age.unknown"]);
        }

        yield return (t["verify.keys"], t["verify.keys.own"]);
    }

    /// <summary>Corrections and withdrawals replace a notice; any other receipt that replaces one states the same anew. When that was, only the record says.</summary>
    public static bool IsIssuedAnew(StatementContent statement) =>
        statement.Replaces is not null && statement.Kind is not (StatementKind.Correction or StatementKind.Withdrawal);

    static string Log(VerificationReport report, Jurisdiction rules, Texts t)
    {
        if (report.Proof != ProofFinding.Holds) return t[$"verify.log.{Name(report.Proof)}"];
        // People count from one.
        var holds = t["verify.log.holds", ("log", report.Log!.Key.Name), ("index", report.Index!.Value + 1), ("size", report.Checkpoint!.Size)];
        return report.Log.Until is { } until ? holds + " " + t["verify.log.closed", ("date", Dates.InWords(until, rules.Zone, t.Lang))] : holds;
    }

    /// <summary>A finding's name in text keys: UnknownKey is "unknown-key".</summary>
    static string Name(Enum finding) =>
        string.Concat(finding.ToString().Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
