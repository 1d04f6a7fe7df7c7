using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Deadlines;

/// <summary>
/// Reminds workers of a confirmation that is coming due (rules.md, Confirming an address, 2). That a reminder was dealt
/// with is written in the transaction that leaves its messages, so that a node that is killed loses and repeats none;
/// several nodes share the work. Where a reminder was missed, only the newest is sent.
/// </summary>
public sealed class SendReminders(Database database, CurrentRules current, Telling telling)
{
    const int Page = 1000;

    readonly ManyAsked _asked = new(telling);

    /// <returns>How many workers were reminded.</returns>
    public async Task<int> RunAsync(Instant now)
    {
        var rules = current.Now;
        var local = now.InZone(rules.Zone);
        if (local.Hour < rules.Intervals.ReminderFromHour || local.Hour >= rules.Intervals.ReminderUntilHour) return 0;

        var reminded = 0;
        var daysBefore = rules.Intervals.ReminderDaysBefore;
        for (var step = daysBefore.Count; step > 0; step--)
        {
            for (var done = 0; done < step; done++)
            {
                var (from, to, until) = (done, step, local.Date.PlusDays(daysBefore[step - 1]));
                // Two at a time, one from each end, so that neither walks over what the other has locked. SQLite has one writer only.
                bool[] latestFirst = database.Kind == DatabaseKind.Postgres ? [false, true] : [false];
                reminded += (await Task.WhenAll(latestFirst.Select(last => RemindAllAsync(from, to, until, rules, now, last)))).Sum();
            }
        }

        return reminded;
    }

    async Task<int> RemindAllAsync(int done, int step, LocalDate until, Jurisdiction rules, Instant now, bool latestFirst)
    {
        var reminded = 0;
        while (await RemindPageAsync(done, step, until, rules, now, latestFirst) is { } count) reminded += count;
        return reminded;
    }

    /// <returns>Null where nobody was left.</returns>
    async Task<int?> RemindPageAsync(int done, int step, LocalDate until, Jurisdiction rules, Instant now, bool latestFirst)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var cohorts = await TakeAsync(connection, transaction, step, done, until, latestFirst);
        if (cohorts.Count == 0) return null;

        var today = rules.DateOf(now);
        var count = 0;
        foreach (var cohort in cohorts.Where(c => c.IsToBeReminded))
        {
            var entry = new RegisterEntry { LastTold = IsoDate.Read(cohort.LastTold), NextDeadline = IsoDate.Read(cohort.NextDeadline) };
            if (entry.Due(rules.WorkersCalendar, rules.Intervals) is not { } last) continue;
            await _asked.AskAsync(connection, transaction, cohort.Workers, last < today ? "message.reminder-late" : "message.reminder", last, now);
            count += cohort.Workers.Length;
        }

        await transaction.CommitAsync();
        return count;
    }

    /// <summary>Takes a page of those who are due, and gives them by what decides whether, and of which date, they are reminded.</summary>
    async Task<List<Cohort>> TakeAsync(DbConnection connection, DbTransaction transaction, int step, int done, LocalDate until, bool latestFirst)
    {
        var due = $"from register_entry where reminded = @done and next_deadline <= @until order by next_deadline {(latestFirst ? "desc" : "")} limit {Page}";
        var values = new { step, done, until = IsoDate.Write(until) };
        // Who leaves, or is not registered, has nothing to confirm; who is under review was told what ends it.
        var isToBeReminded = $"standing = {(int)Standing.Registered} and departure_number is null";
        if (database.Kind == DatabaseKind.Postgres)
        {
            return (await connection.QueryAsync<(string? LastTold, string? NextDeadline, bool IsToBeReminded, long[] Workers)>(
                $"""
                with taken as (
                  -- Found again where it was locked, without a walk through the primary key.
                  update register_entry set reminded = @step
                  from (select ctid {due} for update skip locked) as due where register_entry.ctid = due.ctid
                  returning last_told, next_deadline, {isToBeReminded} as is_to_be_reminded, worker_id
                )
                select last_told, next_deadline, is_to_be_reminded, array_agg(worker_id order by worker_id) from taken group by 1, 2, 3
                """,
                values, transaction)).Select(c => new Cohort(c.LastTold, c.NextDeadline, c.IsToBeReminded, c.Workers)).ToList();
        }

        var taken = await connection.QueryAsync<(string? LastTold, string? NextDeadline, bool IsToBeReminded, long Worker)>(
            $"update register_entry set reminded = @step where worker_id in (select worker_id {due}) returning last_told, next_deadline, {isToBeReminded}, worker_id",
            values, transaction);
        return [.. taken.GroupBy(t => (t.LastTold, t.NextDeadline, t.IsToBeReminded)).Select(g => new Cohort(g.Key.LastTold, g.Key.NextDeadline, g.Key.IsToBeReminded, [.. g.Select(t => t.Worker).Order()]))];
    }

    /// <param name="Workers">Their numbers, in order.</param>
    sealed record Cohort(string? LastTold, string? NextDeadline, bool IsToBeReminded, long[] Workers);
}
