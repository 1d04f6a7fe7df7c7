using System.Data.Common;
using Dapper;
using Npgsql;

namespace Manzil.Register;

/// <summary>Who asks for an act has been signed out, dismissed or withdrawn since: nothing was done for them.</summary>
public sealed class SessionEndedException() : Exception("The session in which this was asked for has ended.");

/// <summary>
/// Which sessions stand while an act is written: a worker's, an officer's, a helper's. Each ends by its row's going; that a session is
/// over by the clock was seen when the request had come whole (docs/decisions/0046-ended-sessions.md).
/// </summary>
static class StandingSessions
{
    public static readonly IEqualityComparer<byte[]> ByContent = EqualityComparer<byte[]>.Create((a, b) => a.AsSpan().SequenceEqual(b), h => BitConverter.ToInt32(h));

    /// <summary>One row where all of $2 sessions of $1 stand; an error, which takes the whole batch back, where they do not.</summary>
    public const string AllOrNothing =
        """
        select 1 / case when (select count(*) from session where token_hash = any($1)) = $2 then 1
          when (select count(*) from session where token_hash = any($1)) + (select count(*) from staff_session where token_hash = any($1))
            + (select count(*) from helper_session where token_hash = any($1)) = $2 then 1 else 0 end
        """;

    /// <summary>Whether it is that error.</summary>
    public static bool IsEnded(PostgresException e) => e.SqlState == PostgresErrorCodes.DivisionByZero;

    /// <summary>Those that stand, and on PostgreSQL go on standing until the transaction is over; SQLite has one writer.</summary>
    public static async Task<HashSet<byte[]>> FindAsync(DbConnection connection, DbTransaction? transaction, IReadOnlyList<byte[]> keys)
    {
        var condition = Database.In(connection, "token_hash");
        // One that is being ended at this moment has ended. A helper's is ended by an act, and so never beside one.
        var keep = connection is NpgsqlConnection ? " for key share skip locked" : "";
        var standing = new HashSet<byte[]>(ByContent);
        foreach (var sql in (string[])[
            $"select token_hash from session where {condition}{keep}",
            $"select token_hash from staff_session where {condition}{keep}",
            $"select token_hash from helper_session where {condition}"])
        {
            if (standing.Count < keys.Count) standing.UnionWith(await connection.QueryAsync<byte[]>(sql, new { keys }, transaction));
        }

        return standing;
    }
}
