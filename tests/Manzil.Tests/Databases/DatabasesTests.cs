using System.Diagnostics;
using Dapper;
using Npgsql;

namespace Manzil.Tests.Databases;

public class DatabasesTests
{
    [Theory, EachDatabase]
    public async Task Create_TwoAtOnce_DoNotSeeEachOther(DatabaseKind kind)
    {
        var databases = await Task.WhenAll(TestDatabase.CreateAsync(kind), TestDatabase.CreateAsync(kind));
        foreach (var database in databases)
        {
            await using var connection = await database.OpenAsync();
            await connection.ExecuteAsync("CREATE TABLE place (name text NOT NULL)");
            await connection.ExecuteAsync("INSERT INTO place (name) VALUES (@Name)", new { Name = "Алматы, Қазақстан" });
            Assert.Equal(["Алматы, Қазақстан"], await connection.QueryAsync<string>("SELECT name FROM place"));
        }

        foreach (var database in databases)
        {
            await database.DisposeAsync();
            Assert.False(Directory.Exists(database.DataFolder));
        }
    }

    [Theory]
    [EachDatabase("sqlite", "postgres://manzil@127.0.0.1:")]
    public async Task Argument_EitherKind_IsWhatTheCommandLineTakes(DatabaseKind kind, string sqlite, string postgres)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        Assert.StartsWith(kind == DatabaseKind.Sqlite ? sqlite : postgres, database.Argument, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachDatabase_NoArguments_GivesBothKinds()
    {
        var rows = await new EachDatabaseAttribute().GetData(null!, null!);
        Assert.Equal([DatabaseKind.Sqlite, DatabaseKind.Postgres], rows.Select(row => (DatabaseKind)row.GetData()[0]!));
    }

    [Fact]
    public async Task Dispose_OnPostgres_DropsTheDatabaseThoughAConnectionIsOpen()
    {
        var server = await PostgresServer.SharedAsync();
        var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var open = await database.OpenAsync();
        await database.DisposeAsync();

        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;
        await using var admin = new NpgsqlConnection(server.AdminConnectionString);
        Assert.Equal(0, await admin.ExecuteScalarAsync<int>("SELECT count(*) FROM pg_database WHERE datname = @name", new { name }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_AfterTheServerWasStoppedOrKilled_HasWhatWasCommitted(bool killed)
    {
        await using var server = await PostgresServer.StartPrivateAsync();
        // A pool would hand out a connection that died with the server.
        var database = await server.CreateDatabaseAsync() + ";Pooling=false";
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.ExecuteAsync("CREATE TABLE place (name text NOT NULL)");
            await connection.ExecuteAsync("INSERT INTO place (name) VALUES ('here')");
        }

        await (killed ? server.KillAsync() : server.StopAsync());
        await using (var connection = new NpgsqlConnection(database))
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.OpenAsync(TestContext.Current.CancellationToken));
        }

        await server.StartAsync();
        Assert.Contains("INSERT INTO public.place VALUES ('here')", await server.DumpAsync(database), StringComparison.Ordinal);
        var recovered = (await File.ReadAllTextAsync(server.LogFile, TestContext.Current.CancellationToken))
            .Contains("was not properly shut down", StringComparison.Ordinal);
        Assert.Equal(killed, recovered);
    }
}
