using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;
using NodaTime.Text;
using Record = Manzil.Receipts.Record;

namespace Manzil.Registrations;

/// <summary>
/// The act by which a receipt that shows an old document or name is issued anew, at its worker's wish (decision 23): the same kind,
/// dates and facts, bound to the newest document, in the old one's place. Nothing happens by it that had not happened before.
/// </summary>
public sealed class ReissueReceipt : Act
{
    /// <summary>When what it states was first stated; its presence says that the receipt was issued anew (docs/receipts.md).</summary>
    public const string FirstGiven = "first-given";

    /// <summary>The staff number of the clerk at whose desk it was wished for.</summary>
    public const string IssuedBy = "reissued-by";

    /// <summary>The code of that clerk's own centre, which need not be the worker's; absent in records from before 2026-12.</summary>
    public const string IssuedAt = "reissued-at";

    /// <summary>What the receipt says is bound to the newest document and name already.</summary>
    public const string UpToDate = "receipt-up-to-date";

    readonly StoredAct _old;
    readonly Record _record;
    readonly Actor? _officer;
    readonly Telling _telling;
    string _first = "";
    bool _isReplaced;
    LocalDate? _departureTold;

    /// <param name="old">The act whose receipt it is, the worker's own.</param>
    /// <param name="officer">The clerk; null where the worker does it alone.</param>
    /// <param name="telling">Words the messages.</param>
    public ReissueReceipt(StoredAct old, Actor? officer, Telling telling)
    {
        (_old, _record, _officer, _telling) = (old, Record.Decode(old.Record), officer, telling);
        ContentHash = SHA256.HashData("reissued"u8);
    }

    // A receipt is issued anew once: a form sent twice finds the first one's receipt.
    public override IdempotencyKey? IdempotencyKey => IdempotencyKey.OfService("reissue-receipt", WorkerId, _old.Number);

    /// <summary>
    /// What a worker shows to others to prove where they stand. Steps of a case, and who gets in by which way, are proved by the receipts
    /// that there are: nobody holds those against a document.
    /// </summary>
    public static bool IsOfThatKind(StatementKind kind) =>
        kind is (>= StatementKind.Registration and <= StatementKind.Withdrawal) or StatementKind.CaseClosed or StatementKind.Reinstated or StatementKind.Enrolled;

    /// <summary>Whether a receipt shows another document or name than the worker has now.</summary>
    public static bool IsOutOfDate(Record record, Worker worker) =>
        IsOfThatKind(record.Kind) && record.Holder is { } holder && (holder.Name != worker.Name || holder.Document != worker.Document);

    /// <summary>When what a receipt states was first stated, where it was issued anew; null where it was not, or does not say so in the one form.</summary>
    public static Instant? FirstGivenOf(Record record) =>
        record.Replaces is not null && record.Particulars.GetValueOrDefault(FirstGiven) is { } text && InstantPattern.General.Parse(text) is { Success: true, Value: var at } ? at : null;

    public override bool WritesOwnRows => true;

    public override bool ReadsFirst => true;

    public override string RefusalOfConflict => NoticeRefusal.AlreadyReplaced.Name();

    public override async Task ReadAsync(DbConnection connection, DbTransaction transaction)
    {
        await PeriodReminders.LockAsync(connection, transaction, WorkerId!.Value);
        _isReplaced = await connection.ExecuteScalarAsync<long>("select count(*) from act where replaces = @Number", new { _old.Number }, transaction) > 0;
        _first = await connection.ExecuteScalarAsync<string?>("select first_act from reissue where act_number = @Number", new { _old.Number }, transaction) ?? _old.Number;
        // That the channels of one who leaves were told is written without an act.
        _departureTold = IsoDate.Read(await connection.ExecuteScalarAsync<string?>("select departure_told from register_entry where worker_id = @WorkerId", new { WorkerId }, transaction));
    }

    public override Decision Decide(Worker? worker)
    {
        if (worker is null || _old.WorkerId != worker.Id) return Decision.Refuse("not-found");
        if (_isReplaced) return Decision.Refuse(NoticeRefusal.AlreadyReplaced.Name());
        if (!IsOutOfDate(_record, worker)) return Decision.Refuse(UpToDate);
        var particulars = _record.Particulars.SetItem(FirstGiven, InstantPattern.General.Format(FirstGivenOf(_record) ?? _record.IssuedAt)).Remove(IssuedBy).Remove(IssuedAt);
        if (_officer is { StaffNumber: { } clerk } officer)
        {
            particulars = particulars.SetItem(IssuedBy, clerk);
            if (officer.Centre is { } centre) particulars = particulars.SetItem(IssuedAt, centre);
        }

        var (entry, number) = (worker.Entry, Number.ToString());
        // What stands in the register stands by its newest receipt: that one is corrected or undone.
        var after = entry.ResidenceNumber == _old.Number ? entry with { ResidenceNumber = number }
            : entry.DepartureNumber == _old.Number ? entry with { DepartureNumber = number, DepartureTold = _departureTold }
            : null;
        return new Decision
        {
            Kind = _record.Kind,
            Office = _record.Office,
            EffectiveFrom = _record.EffectiveFrom,
            NextDeadline = _record.NextDeadline,
            Replaces = _record.Number,
            Address = _record.Address,
            Particulars = particulars,
            Reason = _record.Reason,
            After = after,
            Messages = _telling.ToAll(worker, "message.reissued", ("name", worker.FirstName), ("number", number)),
        };
    }

    public override Task WriteAsync(DbConnection connection, DbTransaction transaction) => connection.ExecuteAsync(
        "insert into reissue (act_number, worker_id, first_act) values (@number, @WorkerId, @_first)", new { number = Number.ToString(), WorkerId, _first }, transaction);
}

/// <summary>Issues receipts anew, for the worker alone or at the desk.</summary>
public sealed class Reissuing(BatchWriter writer, Telling telling, IClock clock)
{
    /// <param name="officer">The clerk; null where the worker does it alone.</param>
    public Task<ActResult> IssueAsync(Worker worker, StoredAct old, Actor? officer) => writer.SubmitAsync(
        new ReissueReceipt(old, officer, telling)
        {
            ReceivedAt = clock.GetCurrentInstant(),
            Channel = officer is null ? RecordChannel.Web : RecordChannel.Desk,
            WorkerId = worker.Id,
        },
        worker);
}

/// <summary>SQL about receipts that were issued anew.</summary>
static class Reissues
{
    /// <summary>Of acts under this alias, those that did something: a receipt issued anew only states it again.</summary>
    public static string None(string alias) => $"not exists (select 1 from reissue i where i.act_number = {alias}.number)";

    /// <summary>The act that did what the act of this number states.</summary>
    public static string First(string number) => $"coalesce((select i.first_act from reissue i where i.act_number = {number}), {number})";
}
