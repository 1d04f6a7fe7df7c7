using System.Data.Common;
using Dapper;
using Manzil.Register;

namespace Manzil.Privacy;

/// <summary>
/// SQLite overwrites what is deleted where it stands (secure_delete), but not the copies that splitting a page left behind, nor the file's
/// log (manzil.db-wal). After people were erased the file is written anew, and after anything was erased its log is emptied, which waits
/// where another program reads. A mark in the file's head remembers what is left to do until it is done, also over a restart.
/// </summary>
public sealed class TidyFile(Database database, ILogger logger)
{
    /// <summary>People were erased: the file is to be written anew, and then its log emptied.</summary>
    public const int FileLeft = 1;

    /// <summary>Only the file's log is left to be emptied.</summary>
    public const int LogLeft = 2;

    /// <summary>For operators, in /health/ready.</summary>
    public const string Warning =
        "What was erased may still stand in the database's files, since another program reads them: end it (a backup, a shell). It is tried again twice a minute.";

    // Emptying the log holds up acts while it waits for whoever reads: better tried often than waited for.
    const string AMoment = "pragma busy_timeout = 250";

    bool _told;

    /// <summary>Does what is left; once a round of the timers.</summary>
    /// <param name="wasErased">True where something was just erased, or where nobody knows.</param>
    public async Task RunAsync(bool wasErased)
    {
        if (database.Kind != DatabaseKind.Sqlite) return;
        try
        {
            await using var connection = await database.OpenAsync();
            var left = await connection.ExecuteScalarAsync<long>("pragma user_version");
            if (left == 0 && !wasErased) return;
            if (left == FileLeft) await connection.ExecuteAsync("vacuum");
            if (left != LogLeft) await connection.ExecuteAsync($"pragma user_version = {LogLeft}");
            await connection.ExecuteAsync(AMoment);
            // It does not fail where somebody reads: its row says so.
            if (await connection.ExecuteScalarAsync<long>("pragma wal_checkpoint(truncate)") != 0)
            {
                if (!_told) LogEvents.FileLogNotEmptied(logger);
                _told = true;
                return;
            }

            await connection.ExecuteAsync("pragma user_version = 0");
            _told = false;
        }
        catch (DbException e)
        {
            if (!_told) LogEvents.FileNotTidied(logger, LogCause.Of(e));
            _told = true;
        }
    }

    public static async Task<string?> WarningAsync(Database database, DbConnection connection) =>
        database.Kind == DatabaseKind.Sqlite && await connection.ExecuteScalarAsync<long>("pragma user_version") != 0 ? Warning : null;
}
