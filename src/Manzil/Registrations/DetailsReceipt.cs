using Manzil.Cases;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Registrations;

/// <summary>
/// What the records of changed details, of somebody reached, and of receipts issued anew say beyond the common facts
/// (docs/receipts.md). A record can come from anybody: what is not written there is left out.
/// </summary>
public static class DetailsReceipt
{
    static readonly InstantPattern Moment = InstantPattern.CreateWithInvariantCulture("d MMMM uuuu, HH:mm:ss 'UTC'");
    static readonly LocalDatePattern Day = LocalDatePattern.CreateWithInvariantCulture("d MMMM uuuu");

    public static IEnumerable<(string Label, string Value)> Facts(Record record, Rules.Jurisdiction rules, Texts t)
    {
        var p = record.Particulars;
        if (ReissueReceipt.FirstGivenOf(record) is { } first) yield return (t["receipt.first-given"], t["receipt.first-given-what", ("date", Dates.InWords(first, rules.Zone, t.Lang))]);
        if (p.GetValueOrDefault(ReissueReceipt.IssuedBy) is { } clerk) yield return (t["receipt.reissued-by"], OfficersOwn.InWords("clerk", p.GetValueOrDefault(ReissueReceipt.IssuedAt), clerk, rules, t));
        if (record.Kind == StatementKind.DetailsChanged)
        {
            if (ChangedOf(record) is { } changed) yield return (t["receipt.changed"], t[$"receipt.changed-{changed}"]);
            if (DocumentBeforeOf(record) is { } document) yield return (t["receipt.document-before"], $"{document.State} {document.Number}");
            if (p.GetValueOrDefault(ChangeDetails.NameBefore) is { } name) yield return (t["receipt.name-before"], name);
        }

        if (record.Kind == StatementKind.Reached)
        {
            if (WayOf(record) is { } way) yield return (t["receipt.reached-by"], t[$"reach.how-{way}"]);
            if (DueOf(record) is { } due) yield return (t["receipt.reached-due"], Dates.InWords(due, t.Lang));
            if (record.Reason is { } words) yield return (t["receipt.reached-words"], words);
            foreach (var fact in Delivery(record, t)) yield return fact;
        }

        if (record.Kind is StatementKind.DetailsChanged or StatementKind.Reached && OfficersOwn.InWords(record, rules, t) is { } officer) yield return (t["receipt.case-officer"], officer);
    }

    /// <summary>Of a letter or a hand-over that an officer recorded: which act it brought, how and when, since the worker's time runs from it.</summary>
    public static IEnumerable<(string Label, string Value)> Delivery(Record record, Texts t)
    {
        if (record.Kind != StatementKind.Reached || record.Particulars.GetValueOrDefault("delivered") is not { } act) yield break;
        yield return (t["desk.fact.delivered"], act);
        if (HowOf(record) is { } how) yield return (t["desk.fact.how"], t[$"desk.delivery.{how}"]);
        if (DeliveredOf(record) is { } on) yield return (t["desk.fact.on"], Dates.InWords(on, t.Lang));
    }

    /// <summary>The same in plain English, for the command line.</summary>
    /// <param name="oneLine">Makes of what somebody wrote one line without control characters.</param>
    internal static IEnumerable<string> Lines(Record record, Func<string, string> oneLine)
    {
        var p = record.Particulars;
        if (ReissueReceipt.FirstGivenOf(record) is { } first)
            yield return $"Issued anew: for a renewed document or a changed name, in place of receipt {record.Replaces}. What it states was first stated on {Moment.Format(first)}.";
        if (p.GetValueOrDefault(ReissueReceipt.IssuedBy) is { } clerk) yield return "Issued anew by: " + oneLine(clerk);
        if (record.Kind == StatementKind.DetailsChanged)
        {
            if (ChangedOf(record) is { } changed) yield return "Changed: " + changed.Replace('-', ' ');
            if (DocumentBeforeOf(record) is { } document) yield return "Document before: " + document;
            if (p.GetValueOrDefault(ChangeDetails.NameBefore) is { } name) yield return "Name before: " + oneLine(name);
        }

        if (record.Kind == StatementKind.Reached)
        {
            if (WayOf(record) is { } way) yield return "Reached by: " + way;
            if (DueOf(record) is { } due) yield return "Confirmation that was due: " + Day.Format(due);
            if (record.Reason is { } words) yield return "In words: " + oneLine(words);
            if (p.GetValueOrDefault("delivered") is { } act) yield return "Act delivered: " + oneLine(act);
            if (HowOf(record) is { } how) yield return "How: " + (how == RecordDelivery.Post ? "by post" : "handed over at the desk");
            if (DeliveredOf(record) is { } on) yield return "Delivered on: " + Day.Format(on);
        }

        if (record.Kind is not (StatementKind.DetailsChanged or StatementKind.Reached)) yield break;
        if (p.GetValueOrDefault("officer") is { } officer) yield return "Officer, by staff number: " + oneLine(officer);
        if (p.GetValueOrDefault("role") is { } role) yield return "Role of the officer: " + oneLine(role);
        if (p.GetValueOrDefault(OfficersOwn.Centre) is { } centre) yield return "Centre of the officer: " + oneLine(centre);
    }

    static string? ChangedOf(Record record) =>
        record.Particulars.GetValueOrDefault(ChangeDetails.Changed) is ChangeDetails.OfDocument or ChangeDetails.OfName or ChangeDetails.OfBoth ? record.Particulars[ChangeDetails.Changed] : null;

    static IdentityDocument? DocumentBeforeOf(Record record) =>
        record.Particulars.GetValueOrDefault(ChangeDetails.DocumentBefore) is { } text && IdentityDocument.TryParse(text, out var document) ? document : null;

    static string? WayOf(Record record) => record.Particulars.GetValueOrDefault(RecordReached.By) is { } way && RecordReached.Ways.Contains(way) ? way : null;

    static string? HowOf(Record record) => record.Particulars.GetValueOrDefault("how") is RecordDelivery.Post or RecordDelivery.Desk ? record.Particulars["how"] : null;

    static LocalDate? DeliveredOf(Record record) => record.Particulars.GetValueOrDefault("delivered-on") is { } on ? IsoDate.Read(on) : null;

    static LocalDate? DueOf(Record record) => record.Particulars.GetValueOrDefault(RecordReached.Due) is { } due ? IsoDate.Read(due) : null;
}
