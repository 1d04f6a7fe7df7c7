using System.Data.Common;
using Dapper;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;
using Npgsql;

namespace Manzil.Deadlines;

/// <summary>
/// A due date and which of its reminders are being sent: a round. It begins one day before it is sent, so that whoever is given
/// that date meanwhile knows that they come too late for it (<see cref="Reminded.Alone"/>). It is cut into parts of workers, by
/// their numbers; how far each part is, is written in the transaction that leaves the messages. So a node that is killed loses
/// and repeats none, several nodes share the parts, and the register is only read (docs/decisions/0025).
/// </summary>
sealed class ReminderRounds(Database database)
{
    const int Page = 1000, Parts = 8;

    /// <summary>
    /// SQL for how a register entry is reminded once its due date is moved to <c>@due</c>, of whose <c>@count</c> reminders the days of
    /// <c>@passed</c> are over: of the others again, whatever was sent for the date before; of those, only where none was.
    /// </summary>
    public static readonly string RemindedOnceMoved =
        $"""
        case when reminded = {Reminded.Settled} then reminded
          when reminded = {Reminded.ToBeReached} then case when @passed < @count then -1 - @passed else reminded end
          when reminded < 0 then case when reminded < -1 - @passed then -1 - @passed else reminded end
          when coalesce(next_deadline, @due) > coalesce((select max(due) from reminder_round), '') then reminded
          else -1 - coalesce((
            select case when max(r.step) > @passed then @passed else max(r.step) end from reminder_round r where r.due = register_entry.next_deadline and not exists (
              select 1 from reminder_part p
              where p.due = r.due and p.step = r.step and p.after_worker < register_entry.worker_id and p.through_worker >= register_entry.worker_id)), 0) end
        """;

    /// <summary>SQL for whether the last of <c>@Count</c> rounds of a register entry's due date has been sent.</summary>
    public const string AreOver =
        "exists (select 1 from reminder_round r where r.due = next_deadline and r.step >= @Count and not exists (select 1 from reminder_part p where p.due = r.due and p.step = r.step))";

    // As the index has it: by the number itself PostgreSQL would take the primary key, where those due lie among all others.
    const string Number = "worker_id + 0";

    static readonly string Due = $"from register_entry where reminded = {Reminded.InRounds} and next_deadline = @Due";

    /// <summary>The rounds to send on a day; of each due date only the newest one, where others were missed.</summary>
    public async Task<IReadOnlyList<ReminderRound>> OnAsync(LocalDate today, Intervals intervals)
    {
        var days = intervals.ReminderDaysBefore;
        await using var connection = await database.OpenAsync();
        var rounds = new List<ReminderRound>();
        foreach (var date in await DatesAsync(connection, today.PlusDays(days[0] + 1)))
        {
            var due = IsoDate.Write(date)!;
            int StepOn(LocalDate day) => days.Count(before => date <= day.PlusDays(before));
            var (now, tomorrow) = (StepOn(today), StepOn(today.PlusDays(1)));
            var begun = await connection.ExecuteScalarAsync<int?>("select max(step) from reminder_round where due = @due", new { due }) ?? 0;
            if (now > begun) await BeginAsync(connection, new ReminderRound(due, now));
            if (tomorrow > Math.Max(now, begun)) await BeginAsync(connection, new ReminderRound(due, tomorrow));
            if (now == 0) continue;
            // Until then they say whom an earlier round did not reach.
            await connection.ExecuteAsync(
                "delete from reminder_part where due = @due and step < @now and not exists (select 1 from reminder_part p where p.due = @due and p.step = @now)", new { due, now });
            rounds.Add(new ReminderRound(due, now));
        }

        // Of a date that has passed and on which nobody is due any more, since all had confirmed before its round was sent.
        await connection.ExecuteAsync(
            $"delete from reminder_part where due < @today and not exists (select 1 from register_entry where reminded = {Reminded.InRounds} and next_deadline = due)",
            new { today = IsoDate.Write(today) });
        return rounds;
    }

    /// <summary>Takes a page of a round: the next workers of a part, by what decides how they are reminded. Null where no part is left.</summary>
    public async Task<List<Cohort>?> TakeAsync(DbConnection connection, DbTransaction transaction, ReminderRound round)
    {
        var part = await connection.QuerySingleOrDefaultAsync<(int Part, long After, long Through)?>(
            $"""
            select part, after_worker, through_worker from reminder_part where due = @Due and step = @Step
            order by part limit 1 {(database.Kind == DatabaseKind.Postgres ? "for update skip locked" : "")}
            """,
            round, transaction);
        if (part is not { } taken) return null;
        var page = await Cohort.ReadAsync(
            connection, transaction,
            $"select {Cohort.Columns} {Due} and {Number} > @After and {Number} <= @Through order by {Number} limit {Page}",
            new { round.Due, taken.After, taken.Through });
        var last = page.Sum(c => c.Workers.Length) < Page ? taken.Through : page.Max(c => c.Workers[^1]);
        await connection.ExecuteAsync(
            $"{(last == taken.Through ? "delete from reminder_part" : "update reminder_part set after_worker = @last")} where due = @Due and step = @Step and part = @Part",
            new { round.Due, round.Step, taken.Part, last }, transaction);
        return page;
    }

    /// <summary>
    /// Waits for parts of these dates that are being sent, and keeps the others from it until the transaction ends: so that for
    /// each of their workers it is known which rounds they were in. On SQLite there is one writer at a time.
    /// </summary>
    public static async Task HoldAsync(DbConnection connection, DbTransaction transaction, IEnumerable<LocalDate?> dates)
    {
        if (connection is not NpgsqlConnection) return;
        await connection.ExecuteAsync(
            "select 1 from reminder_part where due = any(@dates) order by due, step, part for update", new { dates = dates.Select(IsoDate.Write).ToArray() }, transaction);
    }

    /// <summary>Which dates somebody is due on, one look at the index for each.</summary>
    static async Task<IReadOnlyList<LocalDate>> DatesAsync(DbConnection connection, LocalDate until)
    {
        var next = $"select min(next_deadline) from register_entry where reminded = {Reminded.InRounds} and next_deadline >";
        return [.. (await connection.QueryAsync<string>(
            $"""
            with recursive date (due) as (
              values (({next} ''))
              union all
              select ({next} date.due) from date where date.due <= @until
            )
            select due from date where due <= @until
            """,
            new { until = IsoDate.Write(until) })).Select(due => IsoDate.Read(due)!.Value)];
    }

    static async Task BeginAsync(DbConnection connection, ReminderRound round)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        // Another node's round is waited for here, and stands.
        if (await connection.ExecuteAsync("insert into reminder_round (due, step) values (@Due, @Step) on conflict do nothing", round, transaction) == 0) return;
        async Task<long> EndAsync(string order) =>
            await connection.ExecuteScalarAsync<long?>($"select worker_id {Due} order by {Number} {order} limit 1", round, transaction) ?? 0;
        var (first, last) = (await EndAsync("asc"), await EndAsync("desc"));
        var width = Math.Max(Page, ((last - first) / Parts) + 1);
        var parts = (int)((last - first) / width) + 1;
        // Each number belongs to some part, whoever is committed a moment later.
        await connection.ExecuteAsync(
            "insert into reminder_part (due, step, part, after_worker, through_worker) values (@Due, @Step, @part, @after, @through)",
            Enumerable.Range(0, parts).Select(part => new
            {
                round.Due,
                round.Step,
                part,
                after = part == 0 ? 0 : first + (part * width),
                through = part == parts - 1 ? long.MaxValue : first + ((part + 1) * width),
            }),
            transaction);
        await transaction.CommitAsync();
    }
}

/// <param name="Step">Which of the reminders of the due date, in the order of the rules file, from 1 on.</param>
sealed record ReminderRound(string Due, int Step);
