using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>
/// The act by which a case about silence closes in the worker's favour (kind 38), since the reminder it rested on came back after all.
/// That it came back is written in the same transaction: either both are so, or neither, and the report is handed over again.
/// </summary>
public sealed class CloseUnfoundedCase(Bounce bounce, Jurisdiction rules, Telling telling) : Act
{
    SilenceCase? _case;
    bool _rests;

    public override bool WritesOwnRows => true;

    public override bool ReadsFirst => true;

    public override async Task ReadAsync(DbConnection connection, DbTransaction transaction)
    {
        await PeriodReminders.LockAsync(connection, transaction, bounce.Worker);
        _case = await SilenceCase.NewestAsync(connection, transaction, bounce.Worker);
        _rests = await bounce.StandsAsync(connection, transaction) && _case is not null && await _case.RestsOnlyOnAsync(connection, transaction, bounce.Message, rules);
    }

    public override Decision Decide(Worker? worker)
    {
        if (worker is null || !_rests || worker.Entry.Standing is not (Standing.UnderReview or Standing.RemovalPending)) return Decision.Refuse("not-unfounded");
        var today = rules.DateOf(ReceivedAt);
        var after = NoticeRules.CaseClosed(worker.Entry, today, rules);
        return new Decision
        {
            Kind = StatementKind.CaseClosed,
            Office = worker.Entry.Office ?? worker.Office,
            EffectiveFrom = today,
            NextDeadline = after.NextDeadline,
            Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
                .Add("case", _case!.Number)
                .Add("outcome", "reminder-not-delivered"),
            After = after,
            Messages = telling.ToAll(worker, "message.case-unfounded", ("name", worker.FirstName), ("number", Number.ToString())),
        };
    }

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await bounce.WriteAsync(connection, transaction, ReceivedAt);
        await connection.ExecuteAsync(
            "update case_file set stage = 0, closed_act = @number, closed_at = @at where id = @Id",
            new { _case!.Id, number = Number.ToString(), at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
    }
}

/// <summary>A worker's newest case, which is about silence; whether it is open stands in the worker's standing.</summary>
sealed record SilenceCase(long Id, long Worker, string Number, LocalDate Due, Instant OpenedAt)
{
    /// <returns>Null where the newest is about something else, or there is none.</returns>
    public static async Task<SilenceCase?> NewestAsync(DbConnection connection, DbTransaction transaction, long worker)
    {
        var row = await connection.QuerySingleOrDefaultAsync<(long Id, string Ground, string Number, string? Due, long OpenedAt)?>(
            "select id, ground, act_number, due, opened_at from case_file where worker_id = @worker order by id desc limit 1", new { worker }, transaction);
        return row is { Ground: "silence" } r ? new SilenceCase(r.Id, worker, r.Number, IsoDate.Read(r.Due)!.Value, Instant.FromUnixTimeMilliseconds(r.OpenedAt)) : null;
    }

    /// <summary>Whether the case falls with this message's arrival: nothing else delivered a reminder of the same period early enough.</summary>
    public async Task<bool> RestsOnlyOnAsync(DbConnection connection, DbTransaction transaction, long message, Jurisdiction rules)
    {
        var first = await PeriodReminders.FirstBeforeCaseAsync(connection, transaction, Worker, OpenedAt.ToUnixTimeMilliseconds(), message);
        return !Silence.MayRestOn(Due, first is { } f ? rules.DateOf(f) : null, rules.DateOf(OpenedAt), rules.WorkersCalendar, rules.Intervals);
    }

    /// <summary>Writes down on which delivery the case rests once a message came back.</summary>
    public async Task RestOnAnotherAsync(DbConnection connection, DbTransaction transaction, long bounced)
    {
        if (await PeriodReminders.FirstBeforeCaseAsync(connection, transaction, Worker, OpenedAt.ToUnixTimeMilliseconds(), bounced) is { } first)
            await connection.ExecuteAsync("update case_file set reminded_at = @at where id = @Id", new { Id, at = first.ToUnixTimeMilliseconds() }, transaction);
    }
}
