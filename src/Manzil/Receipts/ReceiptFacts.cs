using Manzil.Cases.Mine;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Receipts;

/// <summary>A receipt's facts in words, in the order a reader in a hurry wants them: the same on pages, on paper and in the file.</summary>
public static class ReceiptFacts
{
    /// <param name="confirmed">The address that a confirmation is about, where somebody could look it up; its record names the receipt in which it stands.</param>
    public static IReadOnlyList<(string Label, string Value)> Of(Record record, Jurisdiction rules, Texts t, RecordAddress? confirmed = null)
    {
        var facts = new List<(string, string)>
        {
            (t["receipt.kind"], t[$"kind.{record.Kind.Name()}"]),
            (t["receipt.number"], record.Number.ToString()),
            (t["receipt.given"], Dates.InWords(record.IssuedAt, rules.Zone, t.Lang)),
        };
        if (record is { Channel: RecordChannel.Desk, Kind: < StatementKind.CaseOpened or StatementKind.Answer or StatementKind.Appeal }) facts.Add((t["receipt.filed"], t["receipt.filed-desk"]));
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

        if (ConfirmedBy(record) is { } residence)
        {
            if (confirmed is not null) facts.Add((t["receipt.address"], AddressText.Of(confirmed)));
            facts.Add((t["receipt.confirms"], residence.ToString()));
        }

        if (record.Particulars.TryGetValue(GiveNotice.DepartureOn, out var on) && IsoDate.Read(on) is { } date)
        {
            facts.Add((t["receipt.departure-on"], Dates.InWords(date, t.Lang)));
            facts.Add((t["receipt.departure-effective"], Dates.InWords(record.EffectiveFrom, t.Lang)));
        }

        facts.AddRange(OfNotice(record, rules, t));
        if (record.Kind == StatementKind.AccessRestored) facts.AddRange(OfAccess(record, t));
        if (record.Kind is StatementKind.Enrolled or StatementKind.AccessRestored or StatementKind.ChannelChanged) facts.AddRange(CaseReceipt.Officer(record, rules, t));
        if (record.Kind == StatementKind.ChannelChanged && record.Particulars.GetValueOrDefault("change") == SignIn.ChannelIsNotMine.Change)
            facts.Add((t["receipt.changed"], t["receipt.channel-not-mine", ("ending", record.Particulars.GetValueOrDefault("ending") ?? "")]));
        facts.AddRange(CaseReceipt.Whole(record, rules, t));
        facts.AddRange(DetailsReceipt.Facts(record, rules, t));
        if (record.NextDeadline is { } deadline) facts.Add((t["receipt.next-deadline"], Dates.InWords(deadline, t.Lang)));
        if (record.Replaces is { } replaces) facts.Add((t["receipt.replaces"], replaces.ToString()));
        facts.Add((t["receipt.office"], rules.Offices.FirstOrDefault(o => o.Code.Value == record.Office)?.Name.In(t.Lang) ?? record.Office));
        return facts;
    }

    /// <summary>The receipt with the address that a confirmation is about; null for everything else, and where the record does not say it (before 2026-12) or names none.</summary>
    public static ReceiptNumber? ConfirmedBy(Record record) =>
        record.Kind == StatementKind.Confirmation && record.Particulars.TryGetValue(GiveNotice.Confirms, out var number) && ReceiptNumber.TryParse(number, out var parsed) ? parsed : null;

    /// <summary>Of a notice: that it arrived late and counts as in time, and that it closed a case.</summary>
    public static IEnumerable<(string Label, string Value)> OfNotice(Record record, Jurisdiction rules, Texts t)
    {
        if (InTimeOf(record) is var (how, sentAt, met))
        {
            yield return (t["receipt.in-time"], t[
                how == SentBefore.Signed ? "receipt.in-time-signed" : "receipt.in-time-turned-away",
                ("date", Dates.InWords(sentAt, rules.Zone, t.Lang)), ("deadline", Dates.InWords(met, t.Lang))]);
        }

        if (record.Particulars.ContainsKey(GiveNotice.Closes)) yield return (t["receipt.closes"], t["receipt.closes-silence"]);
    }

    /// <summary>What a record says of a notice that arrived late and counts as in time (docs/receipts.md); null where it says nothing, or nothing that can be read.</summary>
    public static (SentBefore How, Instant SentAt, LocalDate Deadline)? InTimeOf(Record record) =>
        record.Particulars.TryGetValue(GiveNotice.InTimeBy, out var how) && how is "signed" or "turned-away"
        && record.Particulars.TryGetValue(GiveNotice.SentAt, out var sentAt) && InstantPattern.General.Parse(sentAt) is { Success: true, Value: var at }
        && record.Particulars.TryGetValue(GiveNotice.MetDeadline, out var met) && IsoDate.Read(met) is { } deadline
            ? (how == "signed" ? SentBefore.Signed : SentBefore.TurnedAway, at, deadline)
            : null;

    // The record is another's word: what it says beyond docs/receipts.md is left out.
    static IEnumerable<(string Label, string Value)> OfAccess(Record record, Texts t)
    {
        if (record.Particulars.GetValueOrDefault(RestoreAccess.How) is RestoreAccess.ByDocument or RestoreAccess.ByRecoveryCode or RestoreAccess.AtCentre)
            yield return (t["receipt.access-how"], t[$"receipt.access-{record.Particulars[RestoreAccess.How]}"]);
        if (record.Particulars.GetValueOrDefault(RestoreAccess.Card) is { } card)
        {
            yield return (t["receipt.access-card"],
                record.Particulars.ContainsKey(RestoreAccess.CardLost) ? t["receipt.access-card-lost", ("card", card)]
                : record.Particulars.GetValueOrDefault(RestoreAccess.CardBefore) is { } before ? t["receipt.access-card-new", ("card", card), ("before", before)]
                : card);
        }

        if (record.Particulars.GetValueOrDefault(RestoreAccess.SessionsAfter) is RestoreAccess.Ended or RestoreAccess.Kept)
            yield return (t["receipt.access-sessions"], t[$"receipt.access-sessions-{record.Particulars[RestoreAccess.SessionsAfter]}"]);
    }
}

/// <summary>An address on one line, in the order people write it here.</summary>
public static class AddressText
{
    public static string Of(RecordAddress a) => string.Join(", ", ((string?[])[a.Postcode, a.Locality, a.Street, a.Building, a.Unit, a.Note]).OfType<string>().Select(Typing.Isolated.Of));
}
