using Dapper;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Deadlines;

/// <summary>
/// Tells workers of deadlines that an outage, a new calendar or a longer interval moved. The date itself moved already, for whoever asks
/// (<see cref="RegisterEntry.Due"/>): here it is written down and told, page by page. Several nodes share the work.
/// </summary>
public sealed class MoveDeadlines(Database database, CurrentRules current, Telling telling)
{
    const int Page = 500;

    // The longest period between confirmations, and a long run of days off.
    const int FarthestDays = 400;

    // On which date it was last looked for intervals that became longer.
    LocalDate? _looked;

    /// <returns>How many were moved.</returns>
    public async Task<int> RunAsync(Instant now)
    {
        var rules = current.Now;
        var today = rules.DateOf(now);
        var days = await DaysOffWithDeadlinesAsync(today, rules);
        var moved = 0;
        foreach (var page in (await FindAsync(days)).Chunk(Page)) moved += await MovePageAsync(page, now, rules);
        if (_looked == today) return moved;
        foreach (var page in (await WithLongerPeriodAsync(today, rules)).Chunk(Page)) moved += await MovePageAsync(page, now, rules);
        _looked = today;
        return moved;
    }

    /// <summary>Before a page or the API shows a worker their date: what they are shown is written down first, and stands from then on.</summary>
    public Task ShowAsync(Worker worker, Instant now)
    {
        var rules = current.Now;
        return worker.Entry.Due(rules.WorkersCalendar, rules.Intervals) is { } due && due != worker.Entry.NextDeadline ? MovePageAsync([worker.Id], now, rules) : Task.CompletedTask;
    }

    /// <summary>
    /// Whose period is longer than the one by which they were told their date, since the rules file was edited. It walks through everybody,
    /// so once at the start and once a day: another node may run with the older file for a while.
    /// </summary>
    async Task<List<long>> WithLongerPeriodAsync(LocalDate today, Jurisdiction rules)
    {
        await using var connection = await database.OpenAsync();
        var ends = database.Kind == DatabaseKind.Sqlite ? "date(last_told, '+' || @days || ' days')" : "to_char(last_told::date + @days, 'YYYY-MM-DD')";
        // Whose new date has passed too is asked for nothing else by it.
        return [.. (await connection.QueryAsync<long>(
            $"select worker_id from register_entry where next_deadline is not null and last_told >= @since and next_deadline < {ends}",
            new { days = rules.Intervals.ConfirmEveryDays, since = IsoDate.Write(today.PlusDays(-rules.Intervals.ConfirmEveryDays)) })).Order()];
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
        var (today, daysBefore) = (rules.DateOf(now), rules.Intervals.ReminderDaysBefore);
        foreach (var date in moves.GroupBy(m => m.Due))
        {
            await connection.ExecuteAsync(
                $"update register_entry set next_deadline = @due, reminded = {ReminderRounds.RemindedOnceMoved} where {Database.InMany(connection, "worker_id")}",
                new
                {
                    due = IsoDate.Write(date.Key),
                    count = daysBefore.Count,
                    passed = daysBefore.Count(days => date.Key.PlusDays(-days) < today),
                    keys = Database.Many(connection, date.Select(m => m.Worker.Id)),
                },
                transaction);
        }

        await Outbox.AddAsync(connection, transaction, [.. moves.SelectMany(m => Told(m.Worker, m.Due, today, rules).Select(message => new OutboxRow(m.Worker.Id, null, message, now)))]);
        await transaction.CommitAsync();
        return moves.Count;
    }

    // Who leaves, or is not registered, has nothing to confirm. Where the calendar came after the date itself, the reminder that goes out today says so.
    IReadOnlyList<OutgoingMessage> Told(Worker worker, LocalDate due, LocalDate today, Jurisdiction rules) =>
        worker.Entry.DepartureNumber is not null || worker.Entry.Standing is not (Standing.Registered or Standing.UnderReview) || (worker.Entry.NextDeadline is null && due < today)
            ? []
            : telling.ToAll(
                worker,
                worker.Entry.NextDeadline is not { } was ? "message.deadline-known"
                : due > Rules.Deadlines.OnOrAfter(was, rules.WorkersCalendar) ? "message.deadline-moved-longer"
                : current.Outages.Contains(was) ? "message.deadline-moved"
                : "message.deadline-moved-day-off",
                ("name", worker.FirstName), ("date", due));
}
