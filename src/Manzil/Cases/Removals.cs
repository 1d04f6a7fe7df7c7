using System.Data.Common;
using Dapper;
using Manzil.Rules;

namespace Manzil.Cases;

/// <summary>Whether removals are paused (rules.md, A case: circuit breaker): a pause stands, or the newest decided appeals call for one.</summary>
static class Removals
{
    public static async Task<bool> ArePausedAsync(DbConnection connection, DbTransaction? transaction, Jurisdiction rules) =>
        await IsPauseOpenAsync(connection, transaction) || CircuitBreaker.Trips(await ReversedAsync(connection, transaction, rules), rules.Intervals);

    public static async Task<bool> IsPauseOpenAsync(DbConnection connection, DbTransaction? transaction) =>
        await connection.ExecuteScalarAsync<long>("select count(*) from removal_pause where lifted_at is null", null, transaction) > 0;

    /// <summary>The appeals decided since the last pause was lifted, newest first: true where decided for the worker.</summary>
    public static async Task<IReadOnlyList<bool>> ReversedAsync(DbConnection connection, DbTransaction? transaction, Jurisdiction rules) =>
        [.. (await connection.QueryAsync<long>(
            """
            select reversed from appeal_decision where decided_at > coalesce((select max(lifted_at) from removal_pause), 0)
            order by decided_at desc, act_number desc limit @BreakerAppeals
            """,
            new { rules.Intervals.BreakerAppeals }, transaction)).Select(r => r == 1)];
}
