using System.Globalization;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;

namespace Manzil.Cases.Mine;

/// <summary>
/// What the record of an act about a case or a helper says beyond the common facts (docs/receipts.md). A record can come from
/// anybody: what is not written there is left out.
/// </summary>
public static class CaseReceipt
{
    static readonly HashSet<string> Outcomes = ["kept", "authority-silent", "for-worker", "against-worker", .. Unfounded.Outcomes];

    public static bool IsOfCase(StatementKind kind) => kind is (>= StatementKind.CaseOpened and <= StatementKind.Disagreed) or StatementKind.StepsUndone or StatementKind.ProposalWithdrawn or StatementKind.HelperGiven or StatementKind.HelperWithdrawn;

    /// <summary>Without the officer's number and the acts that it rests on.</summary>
    public static IEnumerable<(string Label, string Value)> Facts(Record record, Jurisdiction rules, Texts t)
    {
        if (!IsOfCase(record.Kind)) yield break;
        var p = record.Particulars;
        if (p.GetValueOrDefault("ground") is { } ground)
        {
            var text = ground == CaseGround.Silence.Name() ? t["receipt.case-ground-silence"]
                : ground == CaseGround.Other.Name() ? t["receipt.case-ground-other"]
                : rules.Grounds.FirstOrDefault(g => g.Code == ground)?.Text.In(t.Lang) ?? ground;
            yield return (t["receipt.case-ground"], text);
        }

        if (record.Reason is { } reason) yield return (t[record.Kind is StatementKind.Answer or StatementKind.Appeal ? "receipt.case-text" : record.Kind == StatementKind.RemovalProposed ? "receipt.case-facts" : "receipt.case-reason"], reason);
        if (p.GetValueOrDefault("change") is { } change) yield return (t["receipt.case-change"], change);
        if (p.GetValueOrDefault("outcome") is { } outcome && Outcomes.Contains(outcome)) yield return (t["receipt.case-outcome"], t[$"receipt.case-outcome-{outcome}"]);
        if (Date("told") is { } told) yield return (t["receipt.case-told"], told);
        if (Date("registered-also-from") is { } from && Date("registered-also-to") is { } to) yield return (t["receipt.case-gap"], t["receipt.case-gap-between", ("from", from), ("to", to)]);
        if (p.GetValueOrDefault("departure-undone") is { } departure) yield return (t["receipt.case-departure-undone"], departure);
        for (var i = 1; p.TryGetValue($"file-{i.ToString(CultureInfo.InvariantCulture)}", out var name); i++)
        {
            if (p.GetValueOrDefault($"file-{i.ToString(CultureInfo.InvariantCulture)}-sha256") is { } digest)
                yield return (t["receipt.case-file", ("number", i)], t["receipt.case-file-digest", ("name", name), ("digest", digest)]);
        }

        if (p.GetValueOrDefault("helper") is { } helper) yield return (t["receipt.helper"], helper);
        if (p.GetValueOrDefault("scope") is ("see" or "act") and var scope) yield return (t["receipt.helper-scope"], t[$"helping.scope-{scope}"]);
        if (Date("until") is { } until) yield return (t[record.Kind == StatementKind.CaseClosed ? "receipt.case-until" : "receipt.helper-until"], until);

        string? Date(string particular) => p.TryGetValue(particular, out var text) && IsoDate.Read(text) is { } date ? Dates.InWords(date, t.Lang) : null;
    }

    /// <summary>The officer who did it, by role, centre and number; nothing where the record names none.</summary>
    public static IEnumerable<(string Label, string Value)> Officer(Record record, Jurisdiction rules, Texts t)
    {
        if (OfficersOwn.InWords(record, rules, t) is { } officer) yield return (t["receipt.case-officer"], officer);
    }

    /// <summary>The same with what ties the act to others and to whoever did it.</summary>
    public static IEnumerable<(string Label, string Value)> Whole(Record record, Jurisdiction rules, Texts t)
    {
        if (!IsOfCase(record.Kind)) yield break;
        var p = record.Particulars;
        if (p.GetValueOrDefault("case") is { } number) yield return (t["receipt.case-number"], number);
        if (p.GetValueOrDefault("by") == "helper") yield return (t["receipt.case-by"], t["case.by-helper"]);
        foreach (var fact in Officer(record, rules, t)) yield return fact;
        foreach (var fact in Facts(record, rules, t)) yield return fact;
        foreach (var of in (string[])["proposal", "decision", "appeal", "given"])
        {
            if (p.GetValueOrDefault(of) is { } other) yield return (t[$"receipt.case-{of}"], other);
        }
    }
}
