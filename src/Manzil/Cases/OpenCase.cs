using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>
/// The act by which a case about silence opens (kind 32). Standing becomes under review, every right stays, and the
/// worker is told what ends it. Nobody has decided anything: an officer is asked to look.
/// </summary>
/// <param name="reminded">When the first reminder of this period was delivered.</param>
/// <param name="rules">The rules with the outages known so far.</param>
/// <param name="telling">Words the message.</param>
public sealed class OpenCase(Instant reminded, Jurisdiction rules, Telling telling) : Act
{
    LocalDate _due, _until;
    LocalDate? _told;
    Instant? _first;

    public override bool WritesOwnRows => true;

    public override bool ReadsFirst => true;

    public override bool YieldsToWorker => true;

    public override async Task ReadAsync(DbConnection connection, DbTransaction transaction)
    {
        await PeriodReminders.LockAsync(connection, transaction, WorkerId!.Value);
        _first = await PeriodReminders.FirstDeliveredAsync(connection, transaction, WorkerId!.Value);
        _told = await ToldUntil.OfSilenceAsync(connection, transaction, WorkerId!.Value);
    }

    public override string RefusalOfConflict => "case-open";

    public override Decision Decide(Worker? worker)
    {
        if (worker is null) return Decision.Refuse("not-found");
        var today = rules.DateOf(ReceivedAt);
        // It came back in the meantime: there was no silence.
        if (_first != reminded) return Decision.Refuse("not-silent");
        // Asked again with the worker as they are now: one who confirmed in the meantime has no case.
        if (Silence.On(worker.Entry, rules.DateOf(reminded), today, rules.WorkersCalendar, rules.Intervals, _told) != SilenceOutcome.OpenCase)
            return Decision.Refuse("not-silent");

        _due = worker.Entry.Due(rules.WorkersCalendar, rules.Intervals)!.Value;
        // Counted from its delivery, which is today at the earliest.
        if (Rules.Deadlines.AnswerUntil(today, rules.WorkersCalendar, rules.Intervals) is not { } until) return Decision.Refuse("no-calendar");
        _until = until;
        return new Decision
        {
            Kind = StatementKind.CaseOpened,
            Office = worker.Entry.Office ?? worker.Office,
            EffectiveFrom = today,
            Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
                .Add("ground", "silence")
                .Add("due", IsoDate.Write(_due)!)
                .Add("reminded", IsoDate.Write(rules.DateOf(reminded))!),
            After = worker.Entry with { Standing = Standing.UnderReview },
            CaseGround = CaseGround.Silence,
            Messages = telling.AskAll(worker, "message.case-opened", ("name", worker.FirstName), ("number", Number.ToString()), ("date", until)),
        };
    }

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync(
            """
            insert into case_file (worker_id, ground, act_number, opened_at, due, reminded_at, step_left, stage)
            values (@WorkerId, 'silence', @number, @at, @due, @remindedAt, @today, 1)
            """,
            new
            {
                WorkerId,
                number = Number.ToString(),
                at = ReceivedAt.ToUnixTimeMilliseconds(),
                due = IsoDate.Write(_due),
                today = IsoDate.Write(rules.DateOf(ReceivedAt)),
                remindedAt = reminded.ToUnixTimeMilliseconds(),
            },
            transaction);
        await ToldUntil.SaveAsync(connection, transaction, WorkerId!.Value, Number.ToString(), rules.DateOf(ReceivedAt), _until);
        await connection.ExecuteAsync(
            "update register_entry set reminded = @settled where worker_id = @WorkerId", new { WorkerId, settled = Reminded.Settled }, transaction);
    }
}
