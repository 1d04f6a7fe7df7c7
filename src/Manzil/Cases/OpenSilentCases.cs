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
/// Looks at whoever was reminded and has not answered once their silence period can be over: a case opens, or, where no
/// reminder was delivered, they wait on the centre's list to be reached. Run on every node; the act itself decides once.
/// </summary>
public sealed class OpenSilentCases(Database database, BatchWriter writer, CurrentRules current, Telling telling)
{
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
                where reminded in ({HadAll(rules)}) and next_deadline <= @latest
                  and (reminded <> {Reminded.InRounds} or {ReminderRounds.AreOver})
                  and (next_deadline > @afterDue or (next_deadline = @afterDue and worker_id > @afterWorker))
                order by next_deadline, worker_id limit {Page}
                """,
                new { rules.Intervals.ReminderDaysBefore.Count, latest = IsoDate.Write(latest), afterDue, afterWorker })).ToList();
            if (found.Count == 0) return opened;
            var ids = found.ConvertAll(f => f.Worker);
            var workers = await Worker.LoadAsync(connection, null, ids);
            var delivered = await PeriodReminders.FirstDeliveredAsync(connection, ids);
            var told = (await connection.QueryAsync<(long Worker, string? Until)>(
                $"select r.worker_id, {ToldUntil.OfSilence("r.worker_id")} from register_entry r where {Database.In(connection, "r.worker_id")}", new { keys = ids })).ToDictionary(r => r.Worker, r => IsoDate.Read(r.Until));
            var acts = new List<(Act, Worker?)>();
            foreach (var worker in ids.Select(id => workers[id]))
            {
                var first = delivered.TryGetValue(worker.Id, out var at) ? at : (Instant?)null;
                switch (Silence.On(worker.Entry, first is { } f ? rules.DateOf(f) : null, today, rules.WorkersCalendar, rules.Intervals, told[worker.Id]))
                {
                    case SilenceOutcome.OpenCase:
                        acts.Add((new OpenCase(first!.Value, rules, telling) { ReceivedAt = now, Channel = RecordChannel.Operator, WorkerId = worker.Id }, worker));
                        break;
                    case SilenceOutcome.ToBeReached:
                        await SetAsync(connection, worker, Reminded.ToBeReached, rules);
                        break;
                    case SilenceOutcome.Nothing:
                        await SetAsync(connection, worker, Reminded.Settled, rules);
                        break;
                }
            }

            opened += await writer.SubmitByTheClockAsync(acts);
            (afterDue, afterWorker) = (found[^1].Due, found[^1].Worker);
        }
    }

    static string HadAll(Jurisdiction rules) => $"{Reminded.InRounds}, {Reminded.AloneWithAll(rules.Intervals)}";

    // Only while the entry is what it was: a notice in between begins a new period.
    static async Task SetAsync(DbConnection connection, Worker worker, int reminded, Jurisdiction rules)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await PeriodReminders.LockAsync(connection, transaction, worker.Id);
        // A report may have come in since it was looked.
        if (reminded == Reminded.ToBeReached && await PeriodReminders.FirstDeliveredAsync(connection, transaction, worker.Id) is not null) return;
        await connection.ExecuteAsync(
            $"update register_entry set reminded = @reminded where worker_id = @Id and reminded in ({HadAll(rules)}) and next_deadline = @due",
            new { worker.Id, reminded, due = IsoDate.Write(worker.Entry.NextDeadline) }, transaction);
        await transaction.CommitAsync();
    }

    /// <summary>The newest due date whose silence period can have ended before today; null where no calendar covers it.</summary>
    static LocalDate? LatestDue(LocalDate today, Jurisdiction rules)
    {
        for (var due = today.PlusDays(-rules.Intervals.SilenceWorkingDays - 1); due > today.PlusDays(-366); due = due.PlusDays(-1))
        {
            if (Rules.Deadlines.SilenceEnds(due, due, rules.WorkersCalendar, rules.Intervals) is { } ends && ends < today) return due;
        }

        return null;
    }
}
