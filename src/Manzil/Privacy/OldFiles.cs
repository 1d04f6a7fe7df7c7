using System.Data.Common;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Privacy;

/// <summary>
/// Files, records and names of those who left: erased some years after the departure took effect, or after a decided case's last act,
/// whichever is later. The database reckons for itself whether somebody may go (script 029), and refuses who may not.
/// </summary>
sealed class OldFiles(Database database, Jurisdiction rules, Retention kept, Instant moment)
{
    // The head row is held meanwhile, and all acts wait.
    const int Page = 10;
    const int Candidates = 500;

    static readonly string Select =
        $"""
        select r.worker_id as Worker, r.departure_on as DepartureOn, r.departure_told as DepartureTold,
          (select max(coalesce(c.closed_at, c.opened_at)) from case_file c where c.worker_id = r.worker_id) as CaseAt,
          (select max(a.given_at) from act a where a.worker_id = r.worker_id and a.kind between {(int)StatementKind.CaseOpened} and {(int)StatementKind.Disagreed}) as ActAt
        from register_entry r
        where r.departure_told is not null and r.departure_told <= @until and r.departure_on <= @until and r.standing = {(int)Standing.Registered}
          and not exists (select 1 from case_file c where c.worker_id = r.worker_id and c.stage <> 0)
        """;

    sealed class Row
    {
        public long Worker { get; set; }
        public string DepartureOn { get; set; } = "";
        public string DepartureTold { get; set; } = "";
        public long? CaseAt { get; set; }
        public long? ActAt { get; set; }
    }

    sealed record Due(long Worker, LocalDate EndedOn, Instant KeepUntil);

    string Until => IsoDate.Write(rules.DateOf(moment).PlusYears(-kept.FileYears))!;

    public async Task<bool> AreDueAsync()
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QueryAsync<Row>(Select, new { until = Until })).Any(r => DueOf(r) is not null);
    }

    public async Task EraseAsync(Pages pages)
    {
        await using var connection = await database.OpenAsync();
        for (var (afterOn, afterWorker) = ("", 0L); ;)
        {
            var found = (await connection.QueryAsync<Row>(
                $"""
                {Select} and (r.departure_on > @afterOn or (r.departure_on = @afterOn and r.worker_id > @afterWorker))
                order by r.departure_on, r.worker_id limit {Candidates}
                """,
                new { until = Until, afterOn, afterWorker })).ToList();
            if (found.Count == 0) return;
            foreach (var page in found.Where(r => DueOf(r) is not null).Select(r => r.Worker).Chunk(Page))
            {
                if (!pages.Take()) return;
                pages.People += await ErasePageAsync(connection, page);
            }

            (afterOn, afterWorker) = (found[^1].DepartureOn, found[^1].Worker);
        }
    }

    async Task<int> ErasePageAsync(DbConnection connection, long[] workers)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        // It also takes the head row's lock: what is read next, no act changes any more.
        await ErasingClock.MoveAsync(connection, transaction, moment);
        var rows = await connection.QueryAsync<Row>($"{Select} and {Database.In(connection, "r.worker_id")}", new { until = Until, keys = workers }, transaction);
        var erased = 0;
        foreach (var due in rows.Select(DueOf).OfType<Due>())
        {
            await EraseAsync(connection, transaction, due);
            erased++;
        }

        if (erased > 0 && database.Kind == DatabaseKind.Sqlite) await connection.ExecuteAsync($"pragma user_version = {TidyFile.FileLeft}", transaction: transaction);
        await transaction.CommitAsync();
        return erased;
    }

    static async Task EraseAsync(DbConnection connection, DbTransaction transaction, Due due)
    {
        var worker = due.Worker;
        await connection.ExecuteAsync(
            "insert into erasure (worker_id, ended_on, keep_until) values (@worker, @endedOn, @until)",
            new { worker, endedOn = IsoDate.Write(due.EndedOn), until = due.KeepUntil.ToUnixTimeMilliseconds() }, transaction);
        foreach (var table in Inventory.Tables.Reverse())
        {
            if (table.Owned is not { } owned || table.Keeping == Keeping.WithParent || table.Name is "worker" or "act" or "look") continue;
            await connection.ExecuteAsync($"delete from {table.Name} where {owned}", new { worker }, transaction);
        }

        await connection.ExecuteAsync(
            """
            update act set worker_id = null, effective_from = '0000-00-00', next_deadline = null, replaces = null, idempotency_key = null,
              content_hash = null, statement = @nothing, record = @nothing
            where worker_id = @worker
            """,
            new { worker, nothing = Array.Empty<byte>() }, transaction);
        await connection.ExecuteAsync(
            "delete from look where worker_id = @worker and keep_until < (select newest_at from log_head where id = 1)", new { worker }, transaction);
        await connection.ExecuteAsync("delete from erasure where worker_id = @worker", new { worker }, transaction);
        // Looks of the last years stay as long as each look stays. They need somebody to have been looked at, who has no name any more.
        if (await connection.ExecuteAsync("delete from worker where id = @worker and not exists (select 1 from look where worker_id = @worker)", new { worker }, transaction) == 0)
        {
            await connection.ExecuteAsync(
                "update worker set card_number = 'erased-' || id, name = '–', language = '', office = '', enrolled_at = 0, card_lost_at = null where id = @worker",
                new { worker }, transaction);
        }
    }

    /// <returns>Null where the row is of somebody whose retention has not ended.</returns>
    Due? DueOf(Row row)
    {
        var (on, told) = (IsoDate.Read(row.DepartureOn)!.Value, IsoDate.Read(row.DepartureTold)!.Value);
        // Where the calendar of those days has left the rules file, some working days still lie within a year.
        var ended = Rules.Deadlines.DepartureTakesEffect(on, told, rules.WorkersCalendar, rules.Intervals) ?? LocalDate.Max(on, told).PlusYears(1);
        var last = Math.Max(row.CaseAt ?? 0, row.ActAt ?? 0);
        var from = last == 0 ? ended : LocalDate.Max(ended, rules.DateOf(Instant.FromUnixTimeMilliseconds(last)));
        var until = rules.EndOfDay(from.PlusYears(kept.FileYears));
        return moment > until ? new Due(row.Worker, ended, until) : null;
    }
}
