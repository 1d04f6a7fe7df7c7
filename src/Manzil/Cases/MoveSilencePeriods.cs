using System.Data.Common;
using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>
/// Writes down until when nothing follows from the silence of those whose due date has passed, as they read it, and tells those for
/// whom an outage or a new calendar made it longer. Several nodes share the work.
/// </summary>
public sealed class MoveSilencePeriods(Database database, CurrentRules current, Telling telling)
{
    const int Page = 500;

    // Whoever is silent for longer has a case, or waits to be reached.
    const int SettledDays = 60;

    readonly HourlyOrNewDaysOff _turn = new();

    /// <returns>How many were told that they have longer.</returns>
    public async Task<int> RunAsync(Instant now)
    {
        var rules = current.Now;
        if (!_turn.IsNow(rules, now)) return 0;
        var today = rules.DateOf(now);
        var told = 0;
        await using var connection = await database.OpenAsync();
        for (var (afterDue, afterWorker) = ("", 0L); ;)
        {
            var page = (await connection.QueryAsync<(long Worker, string Due)>(
                $"""
                select worker_id, next_deadline from register_entry
                where reminded in ({Reminded.Open}) and next_deadline < @today and next_deadline >= @recent
                  and (next_deadline > @afterDue or (next_deadline = @afterDue and worker_id > @afterWorker))
                order by next_deadline, worker_id limit {Page}
                """,
                new { today = IsoDate.Write(today), recent = IsoDate.Write(today.PlusDays(-SettledDays)), afterDue, afterWorker })).ToList();
            if (page.Count == 0) break;
            told += await PageAsync(connection, page.ConvertAll(p => p.Worker), today, now, rules);
            (afterDue, afterWorker) = (page[^1].Due, page[^1].Worker);
        }

        _turn.IsDone(rules, now);
        return told;
    }

    async Task<int> PageAsync(DbConnection connection, List<long> ids, LocalDate today, Instant now, Jurisdiction rules)
    {
        var delivered = await PeriodReminders.FirstDeliveredAsync(connection, ids);
        if (delivered.Count == 0) return 0;
        var keys = delivered.Keys.ToList();
        var told = 0;
        await using var transaction = await connection.BeginTransactionAsync();
        var workers = await Worker.LoadAsync(connection, transaction, keys);
        var rows = await connection.QueryAsync<(long Worker, string Act, string? From, string? Until)>(
            $"""
            select b.worker_id, b.act, t.counted_from, t.until_day
            from (select worker_id, {PeriodReminders.BegunBy("r.worker_id")} as act from register_entry r where {Database.In(connection, "worker_id")}) b
            left join told_until t on t.act_number = b.act where b.act is not null order by b.act
            """,
            new { keys }, transaction);
        foreach (var (id, act, from, was) in rows)
        {
            var entry = workers[id].Entry;
            if (entry.Standing != Standing.Registered || entry.DepartureNumber is not null) continue;
            if (entry.Due(rules.WorkersCalendar, rules.Intervals) is not { } due || today <= due) continue;
            if (Silence.PeriodAfter(due, rules.DateOf(delivered[id]), rules) is not { } period) continue;
            if (was is null || IsoDate.Read(from) != period.From)
            {
                // Not longer by days off, but counted from another delivery.
                await ToldUntil.SaveAsync(connection, transaction, id, act, period.From, period.Ends);
            }
            else if (period.Ends > IsoDate.Read(was) && await ToldUntil.MoveAsync(connection, transaction, act, was, period.Ends))
            {
                await Outbox.AddAsync(connection, transaction, [.. telling
                    .ToAll(workers[id], "message.silence-moved", ("name", workers[id].FirstName), ("date", period.Ends))
                    .Select(message => new OutboxRow(id, null, message, now))]);
                told++;
            }
        }

        await transaction.CommitAsync();
        return told;
    }
}
