using System.Collections.Immutable;
using System.Data.Common;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Notices;

/// <summary>A notice that a correction replaces, as it stands: read before the act is handed in.</summary>
public sealed record Replaced(StoredAct Act, Record Record, bool IsReplaced)
{
    /// <summary>What kind of notice it was at first: a correction remembers what it corrects.</summary>
    public StatementKind Origin => Record.Kind == StatementKind.Correction
        && Record.Particulars.TryGetValue(GiveNotice.Corrects, out var name) && StatementKinds.TryParse(name, out var kind) ? kind : Record.Kind;
}

/// <summary>The act by which a worker gives a notice; the same from the web, the API, a desk or an SMS.</summary>
public sealed class GiveNotice(Notice notice, Replaced? replaced, Jurisdiction rules, Telling telling) : Act
{
    public const string DepartureOn = "on", Corrects = "corrects", InTimeBy = "in-time", SentAt = "sent-at", MetDeadline = "deadline", Closes = "closes", Confirms = "residence", NothingCorrected = "nothing-corrected";

    /// <summary>When it was signed or turned away, where that is known; the first that met a deadline counts.</summary>
    public IReadOnlyList<SentEarlier> Sent { get; init; } = [];

    /// <summary>When the first reminder of this period was delivered; asked for only where something was sent earlier.</summary>
    public Instant? Reminded { get; init; }

    /// <summary>The end of this silence period as the worker was told it; asked for only there, too.</summary>
    public LocalDate? SilenceTold { get; init; }

    static readonly ImmutableSortedDictionary<string, string> None = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public override string RefusalOfConflict => NoticeRefusal.AlreadyReplaced.Name();

    /// <summary>The SMS by which it was given; it is answered by SMS.</summary>
    public ReceivedSms? Sms { get; init; }

    public override bool WritesOwnRows => Sms is not null;

    public override Task WriteAsync(DbConnection connection, DbTransaction transaction) =>
        Sms is { } sms ? IncomingSms.KeepAsync(connection, transaction, sms.GatewayId, WorkerId, Number.ToString(), ReceivedAt) : Task.CompletedTask;

    public override Decision Decide(Worker? worker)
    {
        if (worker is null) return Decision.Refuse("not-found");
        if (replaced is { IsReplaced: true }) return Decision.Refuse(NoticeRefusal.AlreadyReplaced.Name());
        if (Facts() is not { } facts) return Decision.Refuse(NoticeRefusal.NotCorrectable.Name());
        if (notice is Notice.Correction correction && IsSame(correction)) return Decision.Refuse(NothingCorrected);

        var today = rules.DateOf(ReceivedAt);
        var outcome = NoticeRules.Consider(
            worker.Entry, facts, today, worker.Office, worker.Document?.BirthDate.Earliest, telling.CountsAtOnce(worker, ReceivedAt), rules,
            worker.CaseGround ?? CaseGround.Silence);
        if (outcome.Refusal is { } refusal) return Decision.Refuse(refusal.Name());

        var inTime = notice is Notice.Confirmation or Notice.Residence ? DeadlineMet(worker.Entry) : null;
        var closes = worker.Entry.Standing != Standing.Registered && outcome.After.Standing == Standing.Registered && notice is (Notice.Confirmation or Notice.Residence);
        return new Decision
        {
            Kind = StatedKind,
            Office = outcome.After.Office ?? worker.Office,
            EffectiveFrom = outcome.EffectiveFrom,
            NextDeadline = outcome.NextDeadline,
            Replaces = notice switch { Notice.Correction c => c.Replaces, Notice.Withdrawal w => w.Replaces, _ => null },
            Address = Address,
            Particulars = Particulars(worker.Entry, inTime, closes),
            After = outcome.After,
            Messages =
            [
                .. notice is not Notice.Confirmation ? telling.OfNotice(worker, StatedKind, Number, outcome.EffectiveFrom, (notice as Notice.Departure)?.On, ReceivedAt)
                    : Sms is { } sms ? [telling.Confirmed(sms.From, worker, Number.ToString(), outcome.NextDeadline)] : [],
                .. closes ? telling.ToAll(worker, inTime is null ? "message.case-closed" : "message.case-closed-in-time", ("name", worker.FirstName), ("number", Number.ToString())) : [],
            ],
        };
    }

    (SentEarlier Sent, LocalDate Deadline)? DeadlineMet(RegisterEntry entry)
    {
        var reminded = Reminded is { } at ? rules.DateOf(at) : (LocalDate?)null;
        foreach (var sent in Sent)
        {
            if (InTime.DeadlineMet(entry, reminded, sent.At, ReceivedAt, rules, SilenceTold) is { } deadline) return (sent, deadline);
        }

        return null;
    }

    StatementKind StatedKind => notice switch
    {
        Notice.Registration => StatementKind.Registration,
        Notice.Residence => StatementKind.Residence,
        Notice.Confirmation => StatementKind.Confirmation,
        Notice.Departure => StatementKind.Departure,
        Notice.Correction => StatementKind.Correction,
        _ => StatementKind.Withdrawal,
    };

    NoticeFacts? Facts()
    {
        var number = Number.ToString();
        return notice switch
        {
            Notice.Registration => new NoticeFacts(NoticeKind.Registration, number),
            Notice.Residence r => new NoticeFacts(NoticeKind.Residence, number, r.From),
            Notice.Confirmation => new NoticeFacts(NoticeKind.Confirmation, number),
            Notice.Departure d => new NoticeFacts(NoticeKind.Departure, number, d.On),
            Notice.Withdrawal w => new NoticeFacts(NoticeKind.Withdrawal, number, null, w.Replaces.ToString()),
            // What does not belong to the notice that is corrected is refused, so that nothing said is silently dropped.
            Notice.Correction { On: null } c when replaced!.Origin == StatementKind.Residence =>
                new NoticeFacts(NoticeKind.CorrectedResidence, number, c.From ?? replaced.Record.EffectiveFrom, c.Replaces.ToString()),
            Notice.Correction { From: null, Address: null } c when replaced!.Origin == StatementKind.Departure =>
                new NoticeFacts(NoticeKind.CorrectedDeparture, number, c.On ?? ReplacedDepartureOn, c.Replaces.ToString()),
            _ => null,
        };
    }

    // A receipt that says what the one before says would be filed for nothing, whichever door it came by.
    bool IsSame(Notice.Correction c) =>
        (c.From is null || c.From == replaced!.Record.EffectiveFrom) && (c.Address is null || AddressRules.AreSame(c.Address, replaced!.Record.Address)) && (c.On is null || c.On == ReplacedDepartureOn);

    LocalDate? ReplacedDepartureOn =>
        replaced is not null && replaced.Record.Particulars.TryGetValue(DepartureOn, out var on) ? IsoDate.Read(on) : null;

    RecordAddress? Address => notice switch
    {
        Notice.Residence r => r.Address,
        Notice.Correction c => c.Address ?? replaced?.Record.Address,
        _ => null,
    };

    ImmutableSortedDictionary<string, string> Particulars(RegisterEntry before, (SentEarlier Sent, LocalDate Deadline)? inTime, bool closes)
    {
        var on = notice switch
        {
            Notice.Departure d => d.On,
            Notice.Correction c when replaced!.Origin == StatementKind.Departure => c.On ?? ReplacedDepartureOn,
            _ => null,
        };
        var particulars = None;
        if (notice is Notice.Confirmation && before.ResidenceNumber is { } residence) particulars = particulars.Add(Confirms, residence);
        if (closes) particulars = particulars.Add(Closes, "silence");
        if (inTime is var (sent, deadline)) particulars = MarkInTime(particulars, sent, deadline);
        if (on is { } date) particulars = particulars.Add(DepartureOn, IsoDate.Write(date)!);
        return notice is Notice.Correction ? particulars.Add(Corrects, replaced!.Origin.Name()) : particulars;
    }

    /// <summary>What a record says of what arrived late and counts as in time: a notice, an answer or an appeal.</summary>
    public static ImmutableSortedDictionary<string, string> MarkInTime(ImmutableSortedDictionary<string, string> particulars, SentEarlier sent, LocalDate deadline) =>
        particulars.Add(InTimeBy, sent.How == SentBefore.Signed ? "signed" : "turned-away")
            .Add(SentAt, InstantPattern.General.Format(sent.At))
            .Add(MetDeadline, IsoDate.Write(deadline)!);
}

public static class NoticeRefusals
{
    /// <summary>The stable name in problem types and text keys: AlreadyRegistered is "already-registered".</summary>
    public static string Name(this NoticeRefusal refusal) => refusal switch
    {
        NoticeRefusal.AlreadyRegistered => "already-registered",
        NoticeRefusal.NotRegistered => "not-registered",
        NoticeRefusal.NoResidence => "no-residence",
        NoticeRefusal.ResidenceTooEarly => "residence-too-early",
        NoticeRefusal.ResidenceTooLate => "residence-too-late",
        NoticeRefusal.DepartureTooEarly => "departure-too-early",
        NoticeRefusal.DepartureTooLate => "departure-too-late",
        NoticeRefusal.DepartureTold => "departure-told",
        NoticeRefusal.Ended => "ended",
        NoticeRefusal.Removed => "removed",
        NoticeRefusal.RemovalPending => "removal-pending",
        NoticeRefusal.NotCorrectable => "not-correctable",
        NoticeRefusal.AlreadyReplaced => "already-replaced",
        _ => "nothing-to-undo",
    };
}
