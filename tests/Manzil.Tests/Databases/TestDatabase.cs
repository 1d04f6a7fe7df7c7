using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Manzil.Tests.Databases;

public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

// A new database for one test, on PostgreSQL with its tables already, gone when the test disposes of it:
//   await using var database = await TestDatabase.CreateAsync(kind);
// Where the test's clock is not the machine's, a PostgreSQL has to be told: movableClock.
public sealed class TestDatabase : IAsyncDisposable
{
    readonly PostgresServer? server;

    TestDatabase(DatabaseKind kind, string dataFolder, PostgresServer? server, string connectionString)
    {
        Kind = kind;
        DataFolder = dataFolder;
        this.server = server;
        ConnectionString = connectionString;
    }

    public DatabaseKind Kind { get; }

    // A folder for --data: keys and, with SQLite, the database itself.
    public string DataFolder { get; }

    // To look into the tables and to tamper with them, past Manzil: as their owner.
    public string ConnectionString { get; }

    // What --database takes: on PostgreSQL as a role that owns nothing.
    public string Argument => server is null ? "sqlite" : PostgresServer.UrlOf(ConnectionString);

    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind, bool movableClock = false)
    {
        var server = kind == DatabaseKind.Postgres ? await PostgresServer.SharedAsync() : null;
        var folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        var connectionString = server is null
            ? new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "manzil.db") }.ConnectionString
            : await server.CreateDatabaseAsync(movableClock);
        return new TestDatabase(kind, folder, server, connectionString);
    }

    public async Task<DbConnection> OpenAsync()
    {
        DbConnection connection = server is null ? new SqliteConnection(ConnectionString) : new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Gates.StateReads.CheckAsync(this);
        }
        finally
        {
            await RemoveAsync();
        }
    }

    async Task RemoveAsync()
    {
        if (server is null)
        {
            await using var connection = new SqliteConnection(ConnectionString);
            SqliteConnection.ClearPool(connection);
        }
        else
        {
            await server.DropDatabaseAsync(ConnectionString);
        }

        Directory.Delete(DataFolder, recursive: true);
    }
}
