using Dapper;
using Manzil.Register;
using Manzil.Tests.Faults;
using Npgsql;

namespace Manzil.Tests.Databases;

/// <summary>No service starts as a role that can pass by the guards: each sentence says what it may do, and its own command takes that away.</summary>
public sealed class PowerfulRoleTests
{
    const string Role = "manzil";

    static readonly (string Given, string Said)[] Powers =
    [
        ("alter role {0} superuser", "it is a superuser"),
        ("alter role {0} createrole", "it may make roles"),
        ("alter role {0} createdb", "it may make databases"),
        ("alter role {0} replication", "it may copy the whole server"),
        ("alter role {0} bypassrls", "it may read past rules for rows"),
        ("grant pg_read_server_files to {0}", "it is a member of pg_read_server_files"),
        ("grant pg_write_server_files to {0}", "it is a member of pg_write_server_files"),
        ("grant pg_execute_server_program to {0}", "it is a member of pg_execute_server_program"),
        ("grant pg_monitor to {0}", "it is a member of pg_"),
        ("grant pg_read_all_data to {0}", "it is a member of pg_read_all_data"),
        ("alter role {0} noinherit; grant pg_signal_backend to {0}", "it is a member of pg_signal_backend"),
        ("create role team_{1} replication; grant team_{1} to {0}", "it is a member of team_{1}, which may do what no service needs"),
        ("create role team_{1} noinherit; create role head_{1} createrole; grant head_{1} to team_{1}; alter role {0} noinherit; grant team_{1} to {0}", "it is a member of head_{1}, which may do what no service needs"),
        ("create role team_{1}; grant truncate on look to team_{1}; alter role {0} noinherit; grant team_{1} to {0}", "it is a member of team_{1}, which may truncate look"),
        ("grant execute on function pg_read_file(text) to {0}", "it may call pg_read_file"),
        ("grant execute on function pg_ls_dir(text) to {0}", "it may call pg_ls_dir"),
        ("grant set on parameter session_replication_role to {0}", "it may switch off triggers"),
        ("grant alter system on parameter session_preload_libraries to {0}", "it may set session_preload_libraries"),
        ("grant execute on function lo_from_bytea(oid, bytea) to {0}", "it may call lo_from_bytea"),
        ("grant execute on function lo_create(oid) to public", "may keep large objects, which no inventory has"),
    ];

    [Fact]
    public async Task Check_ARoleThatCanPassByTheGuards_IsRefusedWithTheCommandThatMends()
    {
        // Roles are the server's, so it is this test's alone.
        await using var server = await PostgresServer.StartPrivateAsync(durable: false);
        var owner = await server.CreateDatabaseAsync();
        await using var admin = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(owner) { Username = "postgres", Pooling = false }.ConnectionString);
        for (var i = 0; i < Powers.Length; i++)
        {
            string Named(string text) => text.Replace("{0}", Role, StringComparison.Ordinal).Replace("{1}", $"{i}", StringComparison.Ordinal);
            await RefusedAsync(admin, owner, isPrepared: i % 6 == 0, PostgresServer.UrlOf(owner), Named(Powers[i].Given), Named(Powers[i].Said));
        }
    }

    static async Task RefusedAsync(NpgsqlConnection admin, string owner, bool isPrepared, string url, string given, string said)
    {
        await using var service = Database.At(url, "");
        await ServiceRole.CheckAsync(service);

        await admin.ExecuteAsync(given);
        var refused = await Assert.ThrowsAsync<CommandLineException>(() => ServiceRole.CheckAsync(service));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, refused.ExitCode);
        Assert.DoesNotContain('\n', refused.Message);
        // Whoever prepares the database hears it too.
        if (isPrepared) Assert.Contains(said, (await ServerProcess.RunAsync("database", "prepare", "--database", PostgresServer.OwnerUrlOf(owner), "--role", Role)).Errors, StringComparison.Ordinal);

        // What the sentence says, until nothing is said: of several ways round, one is told at a time.
        for (var i = 0; i < 8; i++)
        {
            await admin.ExecuteAsync(refused.Message.Split('\'')[1]);
            var again = await Record.ExceptionAsync(() => ServiceRole.CheckAsync(service));
            if (again is null) return;
            refused = Assert.IsType<CommandLineException>(again);
        }

        Assert.Fail(refused.Message);
    }
}
