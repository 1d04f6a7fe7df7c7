using System.Data.Common;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;
using Npgsql;

namespace Manzil.Cases;

/// <summary>The reminders of a worker's present period: those written since the act that began it.</summary>
static class PeriodReminders
{
    static readonly string Beginnings = string.Join(
        ", ", ((StatementKind[])[StatementKind.Residence, StatementKind.Confirmation, StatementKind.Withdrawal, StatementKind.CaseClosed, StatementKind.Reinstated]).Select(k => (int)k));

    /// <summary>SQL for when the present period of the worker of message m began, in milliseconds.</summary>
    public static readonly string Since = $"coalesce((select max(a.given_at) from act a where a.worker_id = m.worker_id and a.kind in ({Beginnings})), 0)";

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

    /// <summary>When the first of them was delivered; null where none was.</summary>
    public static async Task<Instant?> FirstDeliveredAsync(DbConnection connection, DbTransaction? transaction, long worker) =>
        await connection.ExecuteScalarAsync<long?>($"select min(m.delivered_at) from message m where m.worker_id = @worker and {Delivered}", new { worker }, transaction) is { } at
            ? Instant.FromUnixTimeMilliseconds(at)
            : null;

    public static async Task<Dictionary<long, Instant>> FirstDeliveredAsync(DbConnection connection, List<long> workers) =>
        (await connection.QueryAsync<(long Worker, long At)>(
            $"select m.worker_id, min(m.delivered_at) from message m where {Database.In(connection, "m.worker_id")} and {Delivered} group by m.worker_id",
            new { keys = workers })).ToDictionary(r => r.Worker, r => Instant.FromUnixTimeMilliseconds(r.At));

    /// <summary>
    /// When the first reminder that a case can rest on was delivered, had one message come back: of the period before the case, so
    /// written before it was opened and after the act that began that period. That the worker opened the service stands.
    /// </summary>
    public static async Task<Instant?> FirstBeforeCaseAsync(DbConnection connection, DbTransaction transaction, long worker, long openedAt, long bounced) =>
        await connection.ExecuteScalarAsync<long?>(
            $"""
            select min(case when m.id = @bounced then m.opened_at else m.delivered_at end) from message m
            where m.worker_id = @worker and m.reminds_of is not null and m.created_at <= @openedAt
              and m.created_at > coalesce((select max(a.given_at) from act a where a.worker_id = @worker and a.given_at < @openedAt and a.kind in ({Beginnings})), 0)
            """,
            new { worker, openedAt, bounced }, transaction) is { } at
            ? Instant.FromUnixTimeMilliseconds(at)
            : null;
}
