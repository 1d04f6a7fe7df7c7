using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Deadlines;

/// <summary>
/// Tells workers of deadlines that an outage or a new calendar moved. The date itself moved already, for whoever asks
/// (<see cref="RegisterEntry.Due"/>): here it is written down and told, page by page. Several nodes share the work.
/// </summary>
public sealed class MoveDeadlines(Database database, CurrentRules current, Telling telling)
{
    const int Page = 500;

    /// <returns>How many were moved.</returns>
    public async Task<int> RunAsync(Instant now)
    {
        var rules = current.Now;
        var today = rules.DateOf(now);
        // Older ones are settled: whatever was due then has been moved or has passed.
        var days = current.Outages.Where(d => d > today.PlusDays(-rules.Intervals.ConfirmEveryDays * 2)).Select(d => IsoDate.Write(d)!).ToList();
        var moved = days.Count == 0 ? 0 : await RunAsync(now, rules, days);
        return moved + await RunAsync(now, rules, null);
    }

    /// <param name="days">Deadlines on these days; null for those that waited for a calendar.</param>
    async Task<int> RunAsync(Instant now, Jurisdiction rules, List<string>? days)
    {
        var moved = 0;
        for (long after = 0; ;)
        {
            await using var connection = await database.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var which = days is null ? "next_deadline is null and last_told is not null" : Database.In(connection, "next_deadline");
            var found = (await connection.QueryAsync<long>(
                $"select worker_id from register_entry where {which} and worker_id > @after order by worker_id limit {Page}"
                + (database.Kind == DatabaseKind.Postgres ? " for update skip locked" : ""),
                new { keys = days, after }, transaction)).ToList();
            if (found.Count == 0) return moved;
            foreach (var worker in (await Worker.LoadAsync(connection, transaction, found)).Values)
            {
                if (worker.Entry.Due(rules.WorkersCalendar, rules.Intervals) is not { } due || due == worker.Entry.NextDeadline) continue;
                await MoveAsync(connection, transaction, worker, due, now);
                moved++;
            }

            await transaction.CommitAsync();
            after = found[^1];
        }
    }

    async Task MoveAsync(DbConnection connection, DbTransaction transaction, Worker worker, LocalDate due, Instant now)
    {
        await connection.ExecuteAsync(
            "update register_entry set next_deadline = @due where worker_id = @Id", new { worker.Id, due = IsoDate.Write(due) }, transaction);
        // Who leaves, or is not registered, has nothing to confirm.
        if (worker.Entry.DepartureNumber is not null || worker.Entry.Standing is not (Standing.Registered or Standing.UnderReview)) return;
        foreach (var message in telling.ToAll(worker, worker.Entry.NextDeadline is null ? "message.deadline-known" : "message.deadline-moved", ("name", worker.FirstName), ("date", due)))
            await Outbox.AddAsync(connection, transaction, worker.Id, null, message, now);
    }
}
