using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Manzil.Tests.Databases;

// A copy of the whole database, taken and put back past Manzil.
public sealed class Backup(TestDatabase database)
{
    string Copy => Path.Combine(database.DataFolder, "backup.db");

    string Name => new NpgsqlConnectionStringBuilder(database.ConnectionString).Database!;

    public async Task TakeAsync()
    {
        if (database.Kind == DatabaseKind.Sqlite)
        {
            await using var connection = await database.OpenAsync();
            await connection.ExecuteAsync("vacuum into @Copy", new { Copy });
            return;
        }

        await EndConnectionsAsync();
        await AdminAsync($"create database {Name}_backup template {Name}");
        await AdminAsync($"alter database {Name} allow_connections true");
    }

    public async Task RestoreAsync()
    {
        if (database.Kind == DatabaseKind.Sqlite)
        {
            SqliteConnection.ClearAllPools();
            foreach (var suffix in (string[])["", "-wal", "-shm"]) File.Delete(Path.Combine(database.DataFolder, "manzil.db" + suffix));
            File.Copy(Copy, Path.Combine(database.DataFolder, "manzil.db"));
            return;
        }

        await EndConnectionsAsync();
        await AdminAsync($"drop database {Name} with (force)");
        await (await PostgresServer.SharedAsync()).CopyAsync($"{Name}_backup", Name);
    }

    async Task EndConnectionsAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await AdminAsync($"alter database {Name} allow_connections false");
        await AdminAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{Name}'");
    }

    static async Task AdminAsync(string sql)
    {
        await using var connection = new NpgsqlConnection((await PostgresServer.SharedAsync()).AdminConnectionString);
        await connection.OpenAsync();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await connection.ExecuteAsync(sql);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && attempt < 100)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }
}
