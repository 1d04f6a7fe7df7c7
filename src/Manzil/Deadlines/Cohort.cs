using System.Data.Common;
using Dapper;
using Manzil.Rules;
using Npgsql;

namespace Manzil.Deadlines;

/// <summary>Workers of a page who are reminded alike, or not at all.</summary>
/// <param name="IsToBeReminded">Whoever leaves, or is not registered, has nothing to confirm; whoever is under review was told what ends it.</param>
/// <param name="Workers">Their numbers, in order.</param>
sealed record Cohort(string? LastTold, string? NextDeadline, bool IsToBeReminded, long[] Workers)
{
    /// <summary>What is read of each.</summary>
    public static readonly string Columns = $"last_told, next_deadline, standing = {(int)Standing.Registered} and departure_number is null as is_to_be_reminded, worker_id";

    /// <param name="sql">Gives <see cref="Columns"/>: a SELECT, or on PostgreSQL a statement that returns them too.</param>
    public static async Task<List<Cohort>> ReadAsync(DbConnection connection, DbTransaction transaction, string sql, object values)
    {
        if (connection is NpgsqlConnection)
        {
            // Numbers come as arrays: a row for each would take as long as finding it.
            return [.. (await connection.QueryAsync<(string? LastTold, string? NextDeadline, bool IsToBeReminded, long[] Workers)>(
                $"with page as ({sql}) select last_told, next_deadline, is_to_be_reminded, array_agg(worker_id order by worker_id) from page group by 1, 2, 3",
                values, transaction)).Select(c => new Cohort(c.LastTold, c.NextDeadline, c.IsToBeReminded, c.Workers))];
        }

        var page = await connection.QueryAsync<(string? LastTold, string? NextDeadline, bool IsToBeReminded, long Worker)>(sql, values, transaction);
        return [.. page.GroupBy(p => (p.LastTold, p.NextDeadline, p.IsToBeReminded)).Select(g => new Cohort(g.Key.LastTold, g.Key.NextDeadline, g.Key.IsToBeReminded, [.. g.Select(p => p.Worker).Order()]))];
    }
}
