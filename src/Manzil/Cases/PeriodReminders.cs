using System.Data.Common;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using NodaTime;
using Npgsql;

namespace Manzil.Cases;

/// <summary>
/// The reminders of a worker's present period: those written since the act that began it, or since a departure was undone. That a clerk
/// reached the worker counts like the delivery of one.
/// </summary>
static class PeriodReminders
{
    static readonly string Beginnings = string.Join(
        ", ", ((StatementKind[])[StatementKind.Residence, StatementKind.Confirmation, StatementKind.CaseClosed, StatementKind.Reinstated]).Select(k => (int)k));

    /// <summary>
    /// SQL for whether act a began a period. Closing a case begins one (rules.md, A case), by whichever act: an appeal decided for the
    /// worker closes theirs, and one decided against them closes none.
    /// </summary>
    static readonly string Begins =
        $"""
        (a.kind in ({Beginnings}) or (a.kind = {(int)StatementKind.AppealDecided}
          and exists (select 1 from case_file closed where closed.worker_id = a.worker_id and closed.closed_act = a.number))) and {Reissues.None("a")}
        """;

    /// <summary>
    /// SQL for whether reminders from before act a count no more. An undone departure begins no period, but while it stood nothing was
    /// asked of the worker: they are asked anew before their silence counts. The database holds to the same (schema 035).
    /// </summary>
    static readonly string AsksAnew = $"({Begins} or (a.kind = {(int)StatementKind.Withdrawal} and {Reissues.None("a")}))";

    /// <summary>SQL for the moment since which reminders to the worker of message m count, in milliseconds.</summary>
    public static readonly string Since = $"coalesce((select max(a.given_at) from act a where a.worker_id = m.worker_id and {AsksAnew}), 0)";

    /// <summary>SQL for the number of the act that began the present period of a worker; null where none did.</summary>
    /// <param name="worker">SQL for the worker's id.</param>
    public static string BegunBy(string worker) =>
        $"(select a.number from act a where a.worker_id = {worker} and {Begins} order by a.given_at desc, a.number desc limit 1)";

    public static Task<string?> BegunByAsync(DbConnection connection, long worker) =>
        connection.ExecuteScalarAsync<string?>($"select {BegunBy("@worker")}", new { worker });

    static readonly string Delivered = $"m.reminds_of is not null and m.delivered_at is not null and m.created_at > {Since}";

    /// <summary>
    /// Holds a worker's register entry until the transaction ends. Whoever writes what a case rests on, or opens or closes one, holds
    /// it first: so neither sees half of what the other does.
    /// </summary>
    public static Task LockAsync(DbConnection connection, DbTransaction transaction, long worker) =>
        // On SQLite there is one writer at a time.
        connection is NpgsqlConnection
            ? connection.ExecuteAsync("select 1 from register_entry where worker_id = @worker for update", new { worker }, transaction)
            : Task.CompletedTask;

    static string Deliveries(string condition) =>
        $"""
        select m.worker_id, m.delivered_at as told from message m where {condition} and {Delivered}
        union all
        select m.worker_id, m.recorded_at as told from reached m where {condition} and m.recorded_at > {Since}
        """;

    /// <summary>When the first of them was delivered, or the worker reached; null where neither was.</summary>
    public static async Task<Instant?> FirstDeliveredAsync(DbConnection connection, DbTransaction? transaction, long worker) =>
        await connection.ExecuteScalarAsync<long?>($"select min(d.told) from ({Deliveries("m.worker_id = @worker")}) d", new { worker }, transaction) is { } at
            ? Instant.FromUnixTimeMilliseconds(at)
            : null;

    public static async Task<Dictionary<long, Instant>> FirstDeliveredAsync(DbConnection connection, List<long> workers) =>
        (await connection.QueryAsync<(long Worker, long At)>(
            $"select d.worker_id, min(d.told) from ({Deliveries(Database.In(connection, "m.worker_id"))}) d group by d.worker_id",
            new { keys = workers })).ToDictionary(r => r.Worker, r => Instant.FromUnixTimeMilliseconds(r.At));

    /// <summary>
    /// When the first reminder that a case can rest on was delivered, had one message come back: of the period before the case, so
    /// written before it was opened and since reminders of that period count. That the worker opened the service, or was reached, stands.
    /// </summary>
    public static async Task<Instant?> FirstBeforeCaseAsync(DbConnection connection, DbTransaction transaction, long worker, long openedAt, long bounced)
    {
        var began = $"coalesce((select max(a.given_at) from act a where a.worker_id = @worker and a.given_at < @openedAt and {AsksAnew}), 0)";
        return await connection.ExecuteScalarAsync<long?>(
            $"""
            select min(d.told) from (
              select case when m.id = @bounced then m.opened_at else m.delivered_at end as told from message m
              where m.worker_id = @worker and m.reminds_of is not null and m.created_at <= @openedAt and m.created_at > {began}
              union all
              select r.recorded_at as told from reached r where r.worker_id = @worker and r.recorded_at <= @openedAt and r.recorded_at > {began}) d
            """,
            new { worker, openedAt, bounced }, transaction) is { } at
            ? Instant.FromUnixTimeMilliseconds(at)
            : null;
    }
}
