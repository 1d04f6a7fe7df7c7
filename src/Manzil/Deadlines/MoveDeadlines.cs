using System.Data.Common;
using Dapper;
using Manzil.Cases;
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

    // The longest period between confirmations, and a long run of days off.
    const int FarthestDays = 400;

    /// <returns>How many were moved.</returns>
    public async Task<int> RunAsync(Instant now)
    {
        var rules = current.Now;
        var today = rules.DateOf(now);
        var moved = 0;
        foreach (var day in await DaysOffWithDeadlinesAsync(today, rules)) moved += await RunAsync(now, rules, day);
        return moved + await RunAsync(now, rules, null);
    }

    /// <summary>
    /// No deadline is told on a day off, so one that stands there was moved: by an outage, or by a calendar or rules that
    /// were changed since. Mostly there is none, and that costs a walk along the index.
    /// </summary>
    async Task<IReadOnlyList<string>> DaysOffWithDeadlinesAsync(LocalDate today, Jurisdiction rules)
    {
        // Older ones are settled: whatever was due then has been moved or has passed.
        var off = Enumerable.Range(-2 * rules.Intervals.ConfirmEveryDays, (2 * rules.Intervals.ConfirmEveryDays) + FarthestDays).Select(today.PlusDays)
            .Where(d => rules.WorkersCalendar.Covers(d.Year) && !rules.WorkersCalendar.IsWorkingDay(d)).Select(d => IsoDate.Write(d)!).ToList();
        if (off.Count == 0) return [];
        await using var connection = await database.OpenAsync();
        return [.. await connection.QueryAsync<string>(
            $"select distinct next_deadline from register_entry where reminded in ({Steps(rules)}) and {Database.In(connection, "next_deadline")} order by next_deadline", new { keys = off })];
    }

    // Every value that the column has is named, so that the index on it and the date is of use.
    static string Steps(Jurisdiction rules) =>
        string.Join(", ", Enumerable.Range(0, rules.Intervals.ReminderDaysBefore.Count + 1).Append(OpenSilentCases.ToBeReached).Append(OpenSilentCases.Settled));

    /// <param name="day">Deadlines on this day; null for those that waited for a calendar.</param>
    async Task<int> RunAsync(Instant now, Jurisdiction rules, string? day)
    {
        var moved = 0;
        for (long after = 0; ;)
        {
            await using var connection = await database.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var which = day is null ? "next_deadline is null and last_told is not null" : $"reminded in ({Steps(rules)}) and next_deadline = @day";
            var found = (await connection.QueryAsync<long>(
                $"select worker_id from register_entry where {which} and worker_id > @after order by worker_id limit {Page}"
                + (database.Kind == DatabaseKind.Postgres ? " for update skip locked" : ""),
                new { day, after }, transaction)).ToList();
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
        var key = worker.Entry.NextDeadline is not { } was ? "message.deadline-known"
            : current.Outages.Contains(was) ? "message.deadline-moved"
            : "message.deadline-moved-day-off";
        foreach (var message in telling.ToAll(worker, key, ("name", worker.FirstName), ("date", due)))
            await Outbox.AddAsync(connection, transaction, worker.Id, null, message, now);
    }
}
