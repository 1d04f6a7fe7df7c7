using System.Data.Common;
using Dapper;
using Manzil.Register;
using NodaTime;

namespace Manzil.Cases;

/// <summary>Until when a worker was told that they have time, by the act that began it: what is computed later never comes before it (rules.md, Days).</summary>
static class ToldUntil
{
    public static async Task<LocalDate?> FindAsync(DbConnection connection, DbTransaction? transaction, string act) =>
        IsoDate.Read(await connection.ExecuteScalarAsync<string?>("select until_day from told_until where act_number = @act", new { act }, transaction));

    /// <summary>Keeps the later date where one stands there.</summary>
    /// <param name="from">The date of delivery from which it counts, or is taken to count.</param>
    public static Task SaveAsync(DbConnection connection, DbTransaction? transaction, long worker, string act, LocalDate from, LocalDate until) =>
        connection.ExecuteAsync(
            """
            insert into told_until (act_number, worker_id, counted_from, until_day) values (@act, @worker, @from, @until)
            on conflict (act_number) do update
            set counted_from = excluded.counted_from,
                until_day = case when excluded.until_day > told_until.until_day then excluded.until_day else told_until.until_day end
            """,
            new { act, worker, from = IsoDate.Write(from), until = IsoDate.Write(until) },
            transaction);
}
