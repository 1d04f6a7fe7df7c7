using System.Collections.Immutable;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

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
    public const string DepartureOn = "on", Corrects = "corrects";

    static readonly ImmutableSortedDictionary<string, string> None = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public override string RefusalOfConflict => NoticeRefusal.AlreadyReplaced.Name();

    public override Decision Decide(Worker? worker)
    {
        if (worker is null) return Decision.Refuse("not-found");
        if (replaced is { IsReplaced: true }) return Decision.Refuse(NoticeRefusal.AlreadyReplaced.Name());
        if (Facts() is not { } facts) return Decision.Refuse(NoticeRefusal.NotCorrectable.Name());

        var today = rules.DateOf(ReceivedAt);
        var outcome = NoticeRules.Consider(
            worker.Entry, facts, today, worker.Office, worker.Document?.BirthDate, telling.CountsAtOnce(worker), rules, worker.CaseGround ?? CaseGround.Silence);
        if (outcome.Refusal is { } refusal) return Decision.Refuse(refusal.Name());

        return new Decision
        {
            Kind = StatedKind,
            Office = outcome.After.Office ?? worker.Office,
            EffectiveFrom = outcome.EffectiveFrom,
            NextDeadline = outcome.NextDeadline,
            Replaces = notice switch { Notice.Correction c => c.Replaces, Notice.Withdrawal w => w.Replaces, _ => null },
            Address = Address,
            Particulars = Particulars(),
            After = outcome.After,
            Messages = notice is Notice.Confirmation ? [] : telling.OfNotice(worker, StatedKind, Number, outcome.EffectiveFrom, ReceivedAt),
        };
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

    LocalDate? ReplacedDepartureOn =>
        replaced is not null && replaced.Record.Particulars.TryGetValue(DepartureOn, out var on) ? IsoDate.Read(on) : null;

    RecordAddress? Address => notice switch
    {
        Notice.Residence r => r.Address,
        Notice.Correction c => c.Address ?? replaced?.Record.Address,
        _ => null,
    };

    ImmutableSortedDictionary<string, string> Particulars()
    {
        var on = notice switch
        {
            Notice.Departure d => d.On,
            Notice.Correction c when replaced!.Origin == StatementKind.Departure => c.On ?? ReplacedDepartureOn,
            _ => null,
        };
        var particulars = None;
        if (on is { } date) particulars = particulars.Add(DepartureOn, IsoDate.Write(date)!);
        return notice is Notice.Correction ? particulars.Add(Corrects, replaced!.Origin.Name()) : particulars;
    }
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
