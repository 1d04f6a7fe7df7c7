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
    const int Page = 1000, Lanes = 2;

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
                // While the database works on one page, this process words another. SQLite has one writer only.
                var lanes = Enumerable.Range(0, database.Kind == DatabaseKind.Postgres ? Lanes : 1);
                reminded += (await Task.WhenAll(lanes.Select(_ => RemindAllAsync(from, to, until, rules, now)))).Sum();
            }
        }

        return reminded;
    }

    async Task<int> RemindAllAsync(int done, int step, LocalDate until, Jurisdiction rules, Instant now)
    {
        var reminded = 0;
        while (await RemindPageAsync(done, step, until, rules, now) is { } count) reminded += count;
        return reminded;
    }

    /// <returns>Null where nobody was left.</returns>
    async Task<int?> RemindPageAsync(int done, int step, LocalDate until, Jurisdiction rules, Instant now)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var taken = (await connection.QueryAsync<Taken>(
            $"""
            update register_entry set reminded = @step
            where worker_id in (
              select worker_id from register_entry where reminded = @done and next_deadline <= @until order by next_deadline limit {Page}
              {(database.Kind == DatabaseKind.Postgres ? "for update skip locked" : "")})
            returning worker_id as Id, standing, last_told as LastTold, next_deadline as NextDeadline, departure_number as DepartureNumber
            """,
            new { step, done, until = IsoDate.Write(until) }, transaction)).OrderBy(t => t.Id).ToList();
        if (taken.Count == 0) return null;

        var today = rules.DateOf(now);
        var messages = new List<OutboxRow>(taken.Count);
        var reached = await Worker.LoadToTellAsync(connection, transaction, taken.ToDictionary(t => t.Id, t => t.Entry));
        var count = 0;
        foreach (var worker in taken.Select(t => reached[t.Id]))
        {
            if (!IsToBeReminded(worker.Entry) || worker.Entry.Due(rules.WorkersCalendar, rules.Intervals) is not { } due) continue;
            messages.AddRange(telling.AskAll(worker, due < today ? "message.reminder-late" : "message.reminder", ("name", worker.FirstName), ("date", due))
                .Select(message => new OutboxRow(worker.Id, null, message, now, due)));
            count++;
        }

        await Outbox.AddAsync(connection, transaction, messages);
        await transaction.CommitAsync();
        return count;
    }

    // Who leaves, or is not registered, has nothing to confirm; who is under review was told what ends it.
    static bool IsToBeReminded(RegisterEntry entry) => entry.Standing == Standing.Registered && entry.DepartureNumber is null;

    sealed record Taken
    {
        public long Id { get; init; }
        public int Standing { get; init; }
        public string? LastTold { get; init; }
        public string? NextDeadline { get; init; }
        public string? DepartureNumber { get; init; }

        // What decides whether, and of which date, they are reminded.
        public RegisterEntry Entry => new()
        {
            Standing = (Standing)Standing,
            LastTold = IsoDate.Read(LastTold),
            NextDeadline = IsoDate.Read(NextDeadline),
            DepartureNumber = DepartureNumber,
        };
    }
}
