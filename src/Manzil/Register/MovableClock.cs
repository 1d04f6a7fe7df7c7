using Dapper;
using NodaTime;

namespace Manzil.Register;

/// <summary>
/// Whether a database is one whose clock is moved by hand: the demo's, a simulation's or a test's. The database holds the times in any other
/// to its own clock (script 046), and which kind it is it is told at its beginning or never; on PostgreSQL by the owner alone.
/// </summary>
public static class MovableClock
{
    const string Prepare = "let the owner of the tables prepare an empty one with 'manzil database prepare --movable-clock'";

    public static async Task NoteAsync(Database database, Instant now)
    {
        await using var connection = await database.OpenAsync();
        if (await IsAsync(connection)) return;
        if (await connection.ExecuteScalarAsync<long>("select count(*) from installation") > 0)
            throw new CommandLineException("This database has served already, by the machine's clock: only an empty one can have a clock that is moved.", 1);
        await connection.ExecuteAsync("insert into movable_clock (id, noted_at) values (1, @at)", new { at = now.ToUnixTimeMilliseconds() });
    }

    /// <summary>Before anything is served or simulated: where people are served the clock is nobody's to move, and elsewhere it has to be.</summary>
    public static async Task CheckAsync(Database database, bool isMoved)
    {
        await using var connection = await database.OpenAsync();
        switch (await IsAsync(connection), isMoved)
        {
            case (true, false): throw new CommandLineException("This database is a demo's or a simulation's, whose clock can be moved: its guards would wait for no time, so nobody real is served from it. Name another.", 1);
            case (false, true): throw new CommandLineException($"This database holds all times to the machine's clock, which the demo and the simulation move: {Prepare}.", 1);
        }
    }

    public static async Task<bool> IsAsync(System.Data.Common.DbConnection connection) => await connection.ExecuteScalarAsync<long>("select count(*) from movable_clock") > 0;
}
