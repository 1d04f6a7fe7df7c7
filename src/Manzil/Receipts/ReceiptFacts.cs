using Manzil.Layout;
using Manzil.Notices;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>A receipt's facts in words, in the order a reader in a hurry wants them: the same on pages, on paper and in the file.</summary>
public static class ReceiptFacts
{
    public static IReadOnlyList<(string Label, string Value)> Of(Record record, Jurisdiction rules, Texts t)
    {
        var facts = new List<(string, string)>
        {
            (t["receipt.kind"], t[$"kind.{record.Kind.Name()}"]),
            (t["receipt.number"], record.Number.ToString()),
            (t["receipt.given"], Dates.InWords(record.IssuedAt, rules.Zone, t.Lang)),
        };
        if (record.Holder is { } holder)
        {
            facts.Add((t["receipt.name"], holder.Name));
            facts.Add((t["receipt.document"], $"{holder.Document.State} {holder.Document.Number}"));
        }

        if (record.Address is { } address)
        {
            facts.Add((t["receipt.address"], AddressText.Of(address)));
            facts.Add((t["receipt.from"], Dates.InWords(record.EffectiveFrom, t.Lang)));
        }

        if (record.Particulars.TryGetValue(GiveNotice.DepartureOn, out var on) && IsoDate.Read(on) is { } date)
        {
            facts.Add((t["receipt.departure-on"], Dates.InWords(date, t.Lang)));
            facts.Add((t["receipt.departure-effective"], Dates.InWords(record.EffectiveFrom, t.Lang)));
        }

        if (record.NextDeadline is { } deadline) facts.Add((t["receipt.next-deadline"], Dates.InWords(deadline, t.Lang)));
        if (record.Replaces is { } replaces) facts.Add((t["receipt.replaces"], replaces.ToString()));
        facts.Add((t["receipt.office"], rules.Offices.FirstOrDefault(o => o.Code.Value == record.Office)?.Name.In(t.Lang) ?? record.Office));
        return facts;
    }
}

/// <summary>An address on one line, in the order people write it here.</summary>
public static class AddressText
{
    public static string Of(RecordAddress a) => string.Join(", ", ((string?[])[a.Postcode, a.Locality, a.Street, a.Building, a.Unit, a.Note]).Where(p => p is not null));
}
