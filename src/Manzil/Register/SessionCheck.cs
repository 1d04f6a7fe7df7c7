using System.Data.Common;
using Dapper;
using Npgsql;

namespace Manzil.Register;

/// <summary>
/// Whether a connection stays the one it is. Prepared statements and locks belong to a session of PostgreSQL; a pooler that gives each
/// transaction another one (PgBouncer's pool_mode=transaction) loses them, and every other request would fail.
/// </summary>
public static class SessionCheck
{
    public const string Sentence =
        "The database is reached through a pooler that gives each transaction another connection (PgBouncer's pool_mode=transaction or statement): "
        + "prepared statements and locks would get lost. Name PostgreSQL itself with --database, or set pool_mode=session.";

    const string Mark = "manzil.session";

    // More than a pooler has idle when a service starts.
    const int Others = 4;

    public static async Task CheckAsync(Database database)
    {
        try
        {
            await using var one = await database.OpenAsync();
            await one.ExecuteAsync($"select set_config('{Mark}', 'one', false)");
            // A pooler gives a connection that was used before to whoever begins next: the last one, or each in turn. Held by others, it is not given back.
            var found = await HoldAsync(database, one, Others);
            await one.ExecuteAsync($"select set_config('{Mark}', '', false)");
            if (!found) throw new CommandLineException(Sentence, 1);
        }
        // A statement that was prepared on another connection, one that is there already, or a transaction that has gone.
        catch (PostgresException e) when (e.SqlState is "26000" or "42P05" or "25P01" or "08P01")
        {
            throw new CommandLineException(Sentence, 1);
        }
    }

    /// <returns>Whether the first connection stays the one it is while so many more have a transaction open.</returns>
    static async Task<bool> HoldAsync(Database database, DbConnection one, int more)
    {
        if (await one.ExecuteScalarAsync<string?>($"select current_setting('{Mark}', true)") != "one") return false;
        if (more == 0) return true;
        await using var other = await database.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await other.ExecuteAsync($"select set_config('{Mark}', 'other', true)", transaction: transaction);
        return await HoldAsync(database, one, more - 1);
    }
}
