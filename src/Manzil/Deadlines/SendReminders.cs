using System.Data.Common;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Deadlines;

/// <summary>
/// Reminds workers of a confirmation that is coming due (rules.md, Confirming an address, 2): nearly all in rounds
/// (<see cref="ReminderRounds"/>), a few by themselves (<see cref="Reminded"/>). That a reminder was dealt with is written in
/// the transaction that leaves its messages, so that a node that is killed loses and repeats none; several nodes share the
/// work. Where a reminder was missed, only the newest is sent.
/// </summary>
public sealed class SendReminders(Database database, CurrentRules current, Telling telling)
{
    const int Page = 1000;

    readonly ReminderRounds _rounds = new(database);
    readonly ManyAsked _asked = new(telling);

    /// <returns>How many workers were reminded.</returns>
    public async Task<int> RunAsync(Instant now)
    {
        var rules = current.Now;
        var local = now.InZone(rules.Zone);
        if (local.Hour < rules.Intervals.ReminderFromHour || local.Hour >= rules.Intervals.ReminderUntilHour) return 0;

        var reminded = 0;
        foreach (var round in await _rounds.OnAsync(local.Date, rules.Intervals))
            reminded += await RemindAllAsync((connection, transaction) => _rounds.TakeAsync(connection, transaction, round), round.Step, rules, now);

        var daysBefore = rules.Intervals.ReminderDaysBefore;
        for (var step = daysBefore.Count; step > 0; step--)
        {
            for (var done = 0; done < step; done++)
            {
                var values = new { done = Reminded.Alone(done), step = Reminded.Alone(step), until = IsoDate.Write(local.Date.PlusDays(daysBefore[step - 1])) };
                reminded += await RemindAllAsync((connection, transaction) => TakeAloneAsync(connection, transaction, values), step, rules, now);
            }
        }

        return reminded;
    }

    // Two pages at a time. SQLite has one writer only.
    async Task<int> RemindAllAsync(Func<DbConnection, DbTransaction, Task<List<Cohort>?>> takeAsync, int step, Jurisdiction rules, Instant now) =>
        (await Task.WhenAll(Enumerable.Range(0, database.Kind == DatabaseKind.Postgres ? 2 : 1).Select(async _ =>
        {
            var reminded = 0;
            while (await RemindPageAsync(takeAsync, step, rules, now) is { } count) reminded += count;
            return reminded;
        }))).Sum();

    /// <returns>Null where nobody was left.</returns>
    async Task<int?> RemindPageAsync(Func<DbConnection, DbTransaction, Task<List<Cohort>?>> takeAsync, int step, Jurisdiction rules, Instant now)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        if (await takeAsync(connection, transaction) is not { } cohorts) return null;

        var (today, of) = (rules.DateOf(now), rules.Intervals.ReminderDaysBefore.Count);
        var count = 0;
        foreach (var cohort in cohorts.Where(c => c.IsToBeReminded))
        {
            var entry = new RegisterEntry { LastTold = IsoDate.Read(cohort.LastTold), NextDeadline = IsoDate.Read(cohort.NextDeadline) };
            if (entry.Due(rules.WorkersCalendar, rules.Intervals) is not { } last) continue;
            await _asked.AskAsync(connection, transaction, cohort.Workers, KeyOf(last < today, step, of), last, now, ("n", step), ("of", of));
            count += cohort.Workers.Length;
        }

        await transaction.CommitAsync();
        return count;
    }

    /// <summary>No two reminders of one date say the same: each says which of them it is.</summary>
    static string KeyOf(bool isLate, int step, int of) => isLate ? "message.reminder-late" : step == of ? "message.reminder-last" : "message.reminder";

    /// <summary>Takes a page of those who are due and are reminded by themselves.</summary>
    async Task<List<Cohort>?> TakeAloneAsync(DbConnection connection, DbTransaction transaction, object values)
    {
        var skip = database.Kind == DatabaseKind.Postgres ? "for update skip locked" : "";
        var cohorts = await Cohort.ReadAsync(
            connection, transaction,
            $"""
            with due as materialized (
              select worker_id from register_entry where reminded = @done and next_deadline <= @until order by next_deadline limit {Page} {skip}
            )
            update register_entry set reminded = @step where worker_id in (select worker_id from due) returning {Cohort.Columns}
            """,
            values);
        return cohorts.Count == 0 ? null : cohorts;
    }
}
