using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>
/// Looks at whoever was reminded and has not answered once their silence period can be over: a case opens, or, where no
/// reminder was delivered, they wait on the centre's list to be reached. Run on every node; the act itself decides once.
/// </summary>
public sealed class OpenSilentCases(Database database, BatchWriter writer, CurrentRules current, Telling telling)
{
    /// <summary>In register_entry.reminded, beyond any number of reminders: on the centre's list; nothing more to look at.</summary>
    public const int ToBeReached = 100, Settled = 101;

    const int Page = 200;

    /// <returns>How many cases opened.</returns>
    public async Task<int> RunAsync(Instant now)
    {
        var rules = current.Now;
        var today = rules.DateOf(now);
        if (LatestDue(today, rules) is not { } latest) return 0;
        var opened = 0;
        for (var (afterDue, afterWorker) = ("", 0L); ;)
        {
            await using var connection = await database.OpenAsync();
            var found = (await connection.QueryAsync<(long Worker, string Due)>(
                $"""
                select worker_id, next_deadline from register_entry
                where reminded = @all and next_deadline <= @latest
                  and (next_deadline > @afterDue or (next_deadline = @afterDue and worker_id > @afterWorker))
                order by next_deadline, worker_id limit {Page}
                """,
                new { all = rules.Intervals.ReminderDaysBefore.Count, latest = IsoDate.Write(latest), afterDue, afterWorker })).ToList();
            if (found.Count == 0) return opened;
            var ids = found.ConvertAll(f => f.Worker);
            var workers = await Worker.LoadAsync(connection, null, ids);
            var delivered = await FirstDeliveredAsync(connection, ids);
            foreach (var worker in ids.Select(id => workers[id]))
            {
                var first = delivered.TryGetValue(worker.Id, out var at) ? at : (Instant?)null;
                switch (Silence.On(worker.Entry, first is { } f ? rules.DateOf(f) : null, today, rules.WorkersCalendar, rules.Intervals))
                {
                    case SilenceOutcome.OpenCase:
                        var act = new OpenCase(first!.Value, rules, telling) { ReceivedAt = now, Channel = RecordChannel.Operator, WorkerId = worker.Id };
                        switch (await writer.SubmitAsync(act, worker))
                        {
                            case ActResult.Accepted: opened++; break;
                            case ActResult.Unavailable u: throw new IOException(u.Sentence);
                        }

                        break;
                    case SilenceOutcome.ToBeReached:
                        await SetAsync(connection, worker, ToBeReached, rules);
                        break;
                    case SilenceOutcome.Nothing:
                        await SetAsync(connection, worker, Settled, rules);
                        break;
                }
            }

            (afterDue, afterWorker) = (found[^1].Due, found[^1].Worker);
        }
    }

    // Only while the entry is what it was: a notice in between begins a new period.
    static Task SetAsync(System.Data.Common.DbConnection connection, Worker worker, int reminded, Jurisdiction rules) => connection.ExecuteAsync(
        "update register_entry set reminded = @reminded where worker_id = @Id and reminded = @all and next_deadline = @due",
        new { worker.Id, reminded, all = rules.Intervals.ReminderDaysBefore.Count, due = IsoDate.Write(worker.Entry.NextDeadline) });

    /// <summary>The newest due date whose silence period can have ended before today; null where no calendar covers it.</summary>
    static LocalDate? LatestDue(LocalDate today, Jurisdiction rules)
    {
        for (var due = today.PlusDays(-rules.Intervals.SilenceWorkingDays - 1); due > today.PlusDays(-366); due = due.PlusDays(-1))
        {
            if (Rules.Deadlines.SilenceEnds(due, due, rules.WorkersCalendar, rules.Intervals) is { } ends && ends < today) return due;
        }

        return null;
    }

    /// <summary>Of each worker the first delivery of a reminder of this period: one written since the act that began it.</summary>
    public static async Task<Dictionary<long, Instant>> FirstDeliveredAsync(System.Data.Common.DbConnection connection, List<long> workers) =>
        (await connection.QueryAsync<(long Worker, long At)>(
            $"""
            select m.worker_id, min(m.delivered_at) from message m
            where {Database.In(connection, "m.worker_id")} and m.reminds_of is not null and m.delivered_at is not null
              and m.created_at > coalesce((select max(a.given_at) from act a where a.worker_id = m.worker_id and a.kind in ({Beginnings})), 0)
            group by m.worker_id
            """,
            new { keys = workers })).ToDictionary(r => r.Worker, r => Instant.FromUnixTimeMilliseconds(r.At));

    static readonly string Beginnings = string.Join(
        ", ", ((StatementKind[])[StatementKind.Residence, StatementKind.Confirmation, StatementKind.Withdrawal, StatementKind.CaseClosed, StatementKind.Reinstated]).Select(k => (int)k));
}
