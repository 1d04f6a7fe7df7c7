using Dapper;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Privacy;

/// <summary>What goes by its age, whoever it is about: messages, looks, codes, sessions, names of dismissed officers, keys of requests.</summary>
sealed class OldRows(Database database, Jurisdiction rules, Retention kept, Instant moment)
{
    const int Page = 500;

    // Named by the inventory's conditions.
    object Times => new
    {
        now = At(Duration.Zero),
        hour = At(Duration.FromHours(1)),
        day = At(Duration.FromDays(1)),
        month = At(Duration.FromDays(30)),
        messages = At(Duration.FromDays(kept.MessageDays)),
        yesterday = IsoDate.Write(rules.DateOf(moment).PlusDays(-1)),
    };

    long At(Duration before) => (moment - before).ToUnixTimeMilliseconds();

    public async Task BeginAsync()
    {
        await using var connection = await database.OpenAsync();
        await ErasingClock.ReachAsync(connection, moment);
    }

    /// <summary>
    /// Old messages, in the order in which they were written: up to the first page on which none is old. An open case holds those that
    /// tell of it, and a departure waits until every channel was told.
    /// </summary>
    public async Task EraseMessagesAsync(Pages pages)
    {
        await using var connection = await database.OpenAsync();
        var before = At(Duration.FromDays(kept.MessageDays));
        for (var after = 0L; ;)
        {
            var page = (await connection.QueryAsync<(long Id, long At)>($"select id, created_at from message where id > @after order by id limit {Page}", new { after })).ToList();
            var old = page.Where(m => m.At < before).Select(m => m.Id).ToList();
            if (old.Count == 0 || !pages.Take()) return;
            pages.Rows += await connection.ExecuteAsync(
                $"""
                delete from message where {Database.InMany(connection, "id")}
                  and (holds_code = 1 or (
                    not exists (select 1 from case_file c where c.worker_id = message.worker_id and c.stage <> 0)
                    and not exists (
                      select 1 from register_entry r
                      where r.worker_id = message.worker_id and r.departure_number = message.act_number and r.departure_told is null)))
                """,
                new { keys = Database.Many(connection, old) });
            after = page[^1].Id;
        }
    }

    /// <summary>Old looks, and after the last look at somebody who was erased, the row without a name that it stood for.</summary>
    public async Task EraseLooksAsync(Pages pages)
    {
        await using var connection = await database.OpenAsync();
        for (var after = 0L; ;)
        {
            var page = (await connection.QueryAsync<(long Id, long Worker, long Until)>(
                $"select id, worker_id, keep_until from look where id > @after order by id limit {Page}", new { after })).ToList();
            var old = page.Where(l => l.Until < At(Duration.Zero)).ToList();
            if (old.Count == 0 || !pages.Take()) return;
            await using var transaction = await connection.BeginTransactionAsync();
            pages.Rows += await connection.ExecuteAsync(
                $"delete from look where {Database.InMany(connection, "id")}", new { keys = Database.Many(connection, old.Select(l => l.Id)) }, transaction);
            await connection.ExecuteAsync(
                $"""
                delete from worker where {Database.InMany(connection, "id")}
                  and not exists (select 1 from register_entry r where r.worker_id = worker.id) and not exists (select 1 from look l where l.worker_id = worker.id)
                """,
                new { keys = Database.Many(connection, old.Select(l => l.Worker).Distinct()) }, transaction);
            await transaction.CommitAsync();
            after = page[^1].Id;
        }
    }

    /// <summary>Whatever the inventory says goes by its age.</summary>
    public async Task EraseByAgeAsync(Pages pages)
    {
        await using var connection = await database.OpenAsync();
        foreach (var table in Inventory.Tables.Where(t => t.Old is not null))
        {
            for (var erased = Page; erased == Page;)
            {
                if (!pages.Take()) return;
                erased = await connection.ExecuteAsync(
                    database.Kind == DatabaseKind.Postgres
                        ? $"delete from {table.Name} where ctid = any(array(select ctid from {table.Name} where {table.Old} limit {Page}))"
                        : $"delete from {table.Name} where rowid in (select rowid from {table.Name} where {table.Old} limit {Page})",
                    Times);
                pages.Rows += erased;
            }
        }
    }

    /// <summary>Names of officers who were dismissed long ago. Their numbers stay in the acts, and nobody else is given them.</summary>
    public async Task EraseOfficersAsync(Pages pages)
    {
        await using var connection = await database.OpenAsync();
        var dismissed = (await connection.QueryAsync<(long Id, long At)>(
            """
            select s.id, s.dismissed_at from staff s where s.dismissed_at is not null and s.name <> '–'
              and not exists (select 1 from case_file c where c.stage <> 0 and (c.opened_by = s.number or c.proposed_by = s.number or c.agreed_by = s.number))
            """)).Where(s => moment > rules.EndOfDay(rules.DateOf(Instant.FromUnixTimeMilliseconds(s.At)).PlusYears(kept.FileYears))).ToList();
        foreach (var (id, _) in dismissed)
        {
            if (!pages.Take()) return;
            await using var transaction = await connection.BeginTransactionAsync();
            foreach (var table in (string[])["staff_change", "staff_invitation", "staff_passkey", "staff_session"])
                await connection.ExecuteAsync($"delete from {table} where staff_id = @id", new { id }, transaction);
            pages.Rows += await connection.ExecuteAsync("update staff set name = '–', language = '', agreed_by = null, agreed_at = null where id = @id and dismissed_at is not null", new { id }, transaction);
            await transaction.CommitAsync();
        }
    }

    /// <summary>Keys of repeated requests. Acts stand in the order in which they were given, so how far it came is one place in the log.</summary>
    public async Task EraseKeysAsync(Pages pages)
    {
        await using var connection = await database.OpenAsync();
        var before = At(Duration.FromDays(kept.IdempotencyKeyDays));
        while (true)
        {
            var (log, leaf) = await connection.QuerySingleAsync<(int, long)>("select log, leaf from key_erasure where id = 1");
            var page = (await connection.QueryAsync<(int Log, long Leaf, long At)>(
                $"select log, leaf, given_at from act where log = @log and leaf > @leaf order by leaf limit {Page}", new { log, leaf })).ToList();
            if (page.Count == 0)
            {
                // A log that is written no more is done with; the one after it may not have begun.
                if (await connection.ExecuteScalarAsync<int?>("select min(number) from log where number > @log", new { log }) is not { } next) return;
                await connection.ExecuteAsync("update key_erasure set log = @next, leaf = -1 where id = 1 and log = @log", new { next, log });
                continue;
            }

            var old = page.TakeWhile(a => a.At < before).ToList();
            if (old.Count == 0 || !pages.Take()) return;
            await using var transaction = await connection.BeginTransactionAsync();
            pages.Rows += await connection.ExecuteAsync(
                "update act set idempotency_key = null where log = @log and leaf > @leaf and leaf <= @last and idempotency_key is not null",
                new { log, leaf, last = old[^1].Leaf }, transaction);
            await connection.ExecuteAsync(
                "update key_erasure set leaf = @last where id = 1 and log = @log and leaf = @leaf", new { log, leaf, last = old[^1].Leaf }, transaction);
            await transaction.CommitAsync();
            if (old.Count < page.Count) return;
        }
    }
}
