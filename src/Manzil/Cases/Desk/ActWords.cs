using Manzil.Layout;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;

namespace Manzil.Cases.Desk;

/// <summary>What an act says, in the reader's language: who did it, and its facts beside the free text.</summary>
public static class ActWords
{
    public static string Who(Record record, Texts t)
    {
        if (record.Particulars.TryGetValue("officer", out var officer))
            return t["desk.by.officer", ("role", record.Particulars.TryGetValue("role", out var role) ? t[$"desk.role.{role}"] : ""), ("number", officer)];
        if (record.Particulars.TryGetValue("by", out var by) && by == "helper") return t["desk.by.helper"];
        return record.Kind switch
        {
            <= StatementKind.Withdrawal or StatementKind.Answer or StatementKind.Appeal or StatementKind.ChannelChanged
                or StatementKind.HelperGiven or StatementKind.HelperWithdrawn => t["desk.by.worker", ("channel", t[$"desk.channel.{record.Channel.ToString().ToLowerInvariant()}"])],
            _ when Unfounded.IsOfMessage(record) => t["desk.by.service-message"],
            StatementKind.CaseOpened or StatementKind.CaseClosed or StatementKind.Reinstated or StatementKind.StepsUndone => t["desk.by.service"],
            _ => t["desk.by.centre"],
        };
    }

    public static IReadOnlyList<(string Label, string Value)> Facts(Record record, Jurisdiction rules, Texts t)
    {
        var facts = new List<(string, string)>();
        void AddDate(string name, string label)
        {
            if (record.Particulars.TryGetValue(name, out var text) && IsoDate.Read(text) is { } date) facts.Add((label, Dates.InWords(date, t.Lang)));
        }

        if (record.Address is { } address)
        {
            facts.Add((t["receipt.address"], AddressText.Of(address)));
            facts.Add((t["receipt.from"], Dates.InWords(record.EffectiveFrom, t.Lang)));
        }

        AddDate(GiveNotice.DepartureOn, t["receipt.departure-on"]);
        facts.AddRange(ReceiptFacts.OfNotice(record, rules, t));
        AddDate("due", t["desk.fact.due"]);
        AddDate("reminded", t["desk.fact.reminded"]);
        if (record.Kind == StatementKind.RemovalProposed && record.Particulars.TryGetValue("ground", out var ground)) facts.Add((t["desk.fact.ground"], Ground(ground, rules, t)));
        if (record.Particulars.TryGetValue("change", out var change) && record.Kind == StatementKind.RemovalProposed) facts.Add((t["desk.fact.change"], change));
        if (record.Particulars.TryGetValue("outcome", out var outcome) && t.Has($"desk.outcome.{outcome}")) facts.Add((t["desk.fact.outcome"], t[$"desk.outcome.{outcome}"]));
        AddDate("told", t["desk.fact.told"]);
        AddDate("registered-also-from", t["desk.fact.also-from"]);
        AddDate("registered-also-to", t["desk.fact.also-to"]);
        if (record.Particulars.TryGetValue("departure-undone", out var departure)) facts.Add((t["receipt.case-departure-undone"], departure));
        // Reasons stand by themselves in the file, and so does who acted.
        facts.AddRange(DetailsReceipt.Facts(record, rules, t).Where(f => f.Label != t["receipt.reached-words"] && f.Label != t["receipt.case-officer"]));
        if (record.Replaces is { } replaces) facts.Add((t["receipt.replaces"], replaces.ToString()));
        return facts;
    }

    /// <summary>Of a receipt that was issued anew: when what it states was stated first, and in whose place it stands.</summary>
    public static IReadOnlyList<(string Label, string Value)> Again(Record record, Jurisdiction rules, Texts t) =>
        [.. DetailsReceipt.Facts(record, rules, t).Take(1), (t["receipt.replaces"], record.Replaces.ToString()!)];

    public static string Ground(string code, Jurisdiction rules, Texts t) => rules.Grounds.FirstOrDefault(g => g.Code == code)?.Text.In(t.Lang) ?? code;
}
