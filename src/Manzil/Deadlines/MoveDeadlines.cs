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
        var days = await DaysOffWithDeadlinesAsync(today, rules);
        var moved = 0;
        foreach (var page in (await FindAsync(days)).Chunk(Page)) moved += await MovePageAsync(page, now, rules);
        return moved;
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
            $"select distinct next_deadline from register_entry where reminded in ({Reminded.Any}) and {Database.In(connection, "next_deadline")} order by next_deadline", new { keys = off })];
    }

    /// <summary>Who is due on one of these days, or waits for a calendar.</summary>
    async Task<List<long>> FindAsync(IReadOnlyList<string> days)
    {
        await using var connection = await database.OpenAsync();
        var waiting = await connection.QueryAsync<long>("select worker_id from register_entry where next_deadline is null and last_told is not null");
        if (days.Count == 0) return [.. waiting.Order()];
        // Asked without an order or a limit, for which a planner would walk through everybody.
        var due = await connection.QueryAsync<long>(
            $"select worker_id from register_entry where reminded in ({Reminded.Any}) and {Database.In(connection, "next_deadline")}", new { keys = days });
        return [.. waiting.Concat(due).Order()];
    }

    async Task<int> MovePageAsync(IReadOnlyList<long> page, Instant now, Jurisdiction rules)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var held = database.Kind == DatabaseKind.Sqlite
            ? page
            : (await connection.QueryAsync<long>(
                $"select worker_id from register_entry where {Database.InMany(connection, "worker_id")} order by worker_id for update skip locked",
                new { keys = Database.Many(connection, page) }, transaction)).ToList();

        // Loaded once they are held: whoever was moved meanwhile is due on the date that stands there.
        var moves = new List<(Worker Worker, LocalDate Due)>();
        foreach (var worker in (await Worker.LoadAsync(connection, transaction, held)).Values.OrderBy(w => w.Id))
        {
            if (worker.Entry.Due(rules.WorkersCalendar, rules.Intervals) is { } due && due != worker.Entry.NextDeadline) moves.Add((worker, due));
        }

        await ReminderRounds.HoldAsync(connection, transaction, moves.Select(m => m.Worker.Entry.NextDeadline).Distinct());
        // Most of a page moves to the same date.
        foreach (var date in moves.GroupBy(m => m.Due))
        {
            await connection.ExecuteAsync(
                $"update register_entry set next_deadline = @due, reminded = {ReminderRounds.RemindedOnceMoved} where {Database.InMany(connection, "worker_id")}",
                new { due = IsoDate.Write(date.Key), keys = Database.Many(connection, date.Select(m => m.Worker.Id)) }, transaction);
        }

        await Outbox.AddAsync(connection, transaction, [.. moves.SelectMany(m => Told(m.Worker, m.Due, rules.DateOf(now)).Select(message => new OutboxRow(m.Worker.Id, null, message, now)))]);
        await transaction.CommitAsync();
        return moves.Count;
    }

    // Who leaves, or is not registered, has nothing to confirm. Where the calendar came after the date itself, the reminder that goes out today says so.
    IReadOnlyList<OutgoingMessage> Told(Worker worker, LocalDate due, LocalDate today) =>
        worker.Entry.DepartureNumber is not null || worker.Entry.Standing is not (Standing.Registered or Standing.UnderReview) || (worker.Entry.NextDeadline is null && due < today)
            ? []
            : telling.ToAll(
                worker,
                worker.Entry.NextDeadline is not { } was ? "message.deadline-known"
                : current.Outages.Contains(was) ? "message.deadline-moved"
                : "message.deadline-moved-day-off",
                ("name", worker.FirstName), ("date", due));
}
