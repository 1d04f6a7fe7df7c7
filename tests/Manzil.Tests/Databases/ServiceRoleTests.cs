using System.Text.RegularExpressions;
using Dapper;
using Manzil.Privacy;
using Manzil.Register;
using Manzil.Tests.Faults;
using Npgsql;

namespace Manzil.Tests.Databases;

/// <summary>On PostgreSQL the service runs as a role that owns nothing: what it may do is a list, and what would switch off a guard is refused.</summary>
public partial class ServiceRoleTests
{
    // Each takes away what the schema refuses to every program; as the owner of the tables it works.
    static readonly string[] Harm =
    [
        "drop trigger act_unchanged on act",
        "alter table act disable trigger act_unchanged",
        "alter table act disable trigger user",
        "drop function refuse_act_change() cascade",
        "create or replace function refuse_act_change() returns trigger language plpgsql as $$ begin return new; end $$",
        "create or replace function is_staff(wanted text, roles text[]) returns boolean language sql as 'select true'",
        "alter function is_staff(text, text[]) reset search_path",
        "alter table case_file drop constraint case_file_worker_id_fkey",
        "alter table staff add column note text",
        "drop table look cascade",
        "truncate staff_session",
        "create table anything (words text)",
        "create schema elsewhere",
        "create function f() returns integer language sql as 'select 1'",
        "create trigger t before insert on look for each row execute function refuse_change()",
        "delete from schema_script",
        "delete from outage_verdict",
        "update attachment set name = name",
        "update form_key set xml = ''",
    ];

    [Fact]
    public async Task Sql_ThatSwitchesOffAGuard_IsRefusedToTheServiceAndWorksAsTheOwner()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        foreach (var sql in Harm)
        {
            await using (var connection = await service.Core.Database.OpenAsync(TestContext.Current.CancellationToken))
            {
                Assert.Equal("manzil", await connection.ExecuteScalarAsync<string>("select current_user"));
                Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await StateAsync(connection, sql));
            }

            await using var owner = await service.Database.OpenAsync();
            await using var transaction = await owner.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await owner.ExecuteAsync(sql, transaction: transaction);
        }
    }

    // What goes past triggers without touching them; a superuser could.
    [Fact]
    public async Task Sql_PastTheTriggersOrAsTheOwner_IsRefusedToTheService()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        await using var connection = await service.Core.Database.OpenAsync(TestContext.Current.CancellationToken);
        foreach (var sql in (string[])
        [
            "set session_replication_role = replica", "set role manzil_owner", "set session authorization manzil_owner", "create temporary table erasure (worker_id bigint)",
            "copy act to program 'cat'", "select lo_from_bytea(0, 'x')", "select lo_create(0)", "select lo_creat(-1)", "select pg_read_file('/etc/hostname')", "copy act to '/tmp/act'", "grant manzil_owner to manzil", "create role another superuser",
        ])
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await StateAsync(connection, sql));
    }

    // What an attacker had who might make temporary tables: a table of that name is found before the one that the guard asks.
    [Fact]
    public async Task Guard_ATemporaryTableOfTheNameItAsks_IsNotFooled()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        var worker = await service.EnrolAsync();
        await using var owner = await service.Database.OpenAsync();
        await owner.ExecuteAsync("create temporary table erasure (worker_id bigint); insert into pg_temp.erasure select id from worker");
        const string Blank = "update act set worker_id = null, effective_from = '0000-00-00', next_deadline = null, replaces = null, idempotency_key = null, content_hash = null, statement = '', record = '' where worker_id = @Id";
        Assert.Contains("only grows", (await Assert.ThrowsAsync<PostgresException>(() => owner.ExecuteAsync(Blank, new { worker.Id }))).MessageText);
        // Without what 'database prepare' sets, the same goes through.
        await owner.ExecuteAsync("alter function refuse_act_change() reset search_path; alter function is_being_erased(bigint) reset search_path; alter function refuse_early_key_change() reset search_path");
        Assert.True(await owner.ExecuteAsync(Blank, new { worker.Id }) > 0);
    }

    [Fact]
    public async Task Role_OfTheService_OwnsNothingAndMayDoWhatTheListSays()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        await using var connection = await service.Core.Database.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await connection.QueryAsync<string>(
            """
            select relname::text from pg_class where relowner = current_user::regrole union all select proname::text from pg_proc where proowner = current_user::regrole
            union all select nspname::text from pg_namespace where nspowner = current_user::regrole union all select datname::text from pg_database where datdba = current_user::regrole
            union all select roleid::regrole::text from pg_auth_members where member = current_user::regrole
            """));
        Assert.Equal((false, false, false, false), await connection.QuerySingleAsync<(bool, bool, bool, bool)>("select rolsuper, rolcreaterole, rolcreatedb, rolreplication from pg_roles where rolname = current_user"));
        Assert.Equal(
            Inventory.Tables.SelectMany(t => Grants.Of(t.Name).Split(", ", StringSplitOptions.RemoveEmptyEntries).Append("select").Select(p => $"{p} {t.Name}")).Order(StringComparer.Ordinal),
            (await ServiceRole.PrivilegesAsync(connection, "manzil")).Where(p => p.Has).Select(p => $"{p.Privilege} {p.Table}").Order(StringComparer.Ordinal));
        // No guard of the schema looks for its tables where a session says.
        Assert.Empty(await connection.QueryAsync<string>("select proname::text from pg_proc where pronamespace = 'public'::regnamespace and proconfig is null"));
    }

    // The list is what the source's statements need, neither less nor more.
    [Fact]
    public void Grants_EveryTable_AreWhatTheSourceNeeds()
    {
        var tables = Inventory.Tables.Select(t => t.Name).ToHashSet();
        Assert.True(tables.SetEquals(Database.TablesOfScripts), "The inventory and the scripts have the same tables.");
        var needed = tables.ToDictionary(t => t, _ => new SortedSet<string>());
        foreach (var text in Repository.Files("src", "*.cs").Concat(Repository.Files("src/Manzil/Register/Schema/postgres", "*.sql")).Select(Repository.Read))
        {
            foreach (Match m in Written().Matches(text))
            {
                var table = m.Groups["table"].Value;
                if (needed.TryGetValue(table, out var writes)) writes.Add(m.Groups["verb"].Value.Split(' ')[0].ToLowerInvariant());
            }

            foreach (Match m in Upserted().Matches(text))
            {
                if (needed.TryGetValue(m.Groups["table"].Value, out var writes)) writes.Add("update");
            }
        }

        // What stands in the source without the table's name: erasing by the inventory, passkeys of two kinds of people, and an officer's own rows.
        foreach (var table in Inventory.Tables.Where(t => t.Old is not null || (t.Owned is not null && t.Keeping != Keeping.WithParent && t.Name != "act"))) needed[table.Name].Add("delete");
        foreach (var table in (string[])["passkey", "staff_passkey"]) needed[table].UnionWith(["insert", "update", "delete"]);
        foreach (var table in (string[])["staff_change", "staff_invitation", "staff_passkey", "staff_session"]) needed[table].Add("delete");
        // Scripts run as the owner.
        needed["schema_script"].Clear();
        needed["movable_clock"].Clear();
        needed["key_erasure"].Remove("insert");
        foreach (var table in tables.Order(StringComparer.Ordinal))
        {
            Assert.True(Grants.Writes.TryGetValue(table, out var said), $"The table {table} is not in Register/Grants.cs: say there that the service may '{string.Join(", ", needed[table])}' it.");
            Assert.True(
                needed[table].SetEquals(said.Split(", ", StringSplitOptions.RemoveEmptyEntries)),
                $"Register/Grants.cs lets the service '{said}' the table {table}, and its statements need '{string.Join(", ", needed[table])}'.");
        }
    }

    [Fact]
    public async Task Serve_OnPostgresWithoutThePreparation_SaysWhatIsMissing()
    {
        var server = await PostgresServer.SharedAsync();
        var owner = await server.CreateEmptyDatabaseAsync();
        var folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        async Task<string> RefusedAsync(string url)
        {
            var (code, output, errors) = await ServerProcess.RunAsync(["serve", .. ServerProcess.Where(folder, url), "--urls", $"http://127.0.0.1:{ServerProcess.FreePort()}"]);
            Assert.Equal((1, ""), (code, output));
            return Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        Task<(int Code, string Output, string Errors)> PrepareAsync(string url, string role) => ServerProcess.RunAsync("database", "prepare", "--database", url, "--role", role);

        try
        {
            var service = PostgresServer.UrlOf(owner);
            var say = $"manzil database prepare --database postgres://OWNER@127.0.0.1/{new NpgsqlConnectionStringBuilder(owner).Database} --role manzil'";
            Assert.Contains("has no tables yet", await RefusedAsync(service));
            Assert.StartsWith("The service must not run as manzil_owner: it owns the database.", await RefusedAsync(PostgresServer.OwnerUrlOf(owner)));
            var (code, _, errors) = await PrepareAsync(PostgresServer.OwnerUrlOf(owner), "nobody_at_all");
            Assert.Equal((1, "There is no role nobody_at_all: make it with PostgreSQL's 'createuser nobody_at_all', and run this again."), (code, errors.Trim()));
            Assert.Equal(1, (await PrepareAsync(PostgresServer.OwnerUrlOf(owner), "manzil_owner")).Code);
            Assert.Equal(1, (await PrepareAsync(service, "manzil_owner")).Code);
            Assert.Equal(2, (await PrepareAsync("sqlite", "manzil")).Code);

            var prepared = await PrepareAsync(PostgresServer.OwnerUrlOf(owner), "manzil");
            Assert.Equal((0, "The tables are those of this version, and manzil may use them."), (prepared.Code, prepared.Output.Trim()));
            Assert.StartsWith("The service must not run as manzil_owner: it owns the table ", await RefusedAsync(PostgresServer.OwnerUrlOf(owner)));
            await using (var connection = new NpgsqlConnection(owner + ";Pooling=false"))
            {
                // A version that was upgraded, a restored database whose own rights were not in the backup, a grant too many.
                await connection.ExecuteAsync("delete from schema_script where name like '033%'");
                Assert.Contains("has not had 033-time-is-over.sql of this version", await RefusedAsync(service));
                await connection.ExecuteAsync("insert into schema_script (name, applied_at) values ('033-time-is-over.sql', 1); revoke insert on look from manzil");
                Assert.Contains("may not insert look", await RefusedAsync(service));
                await connection.ExecuteAsync($"grant temporary on database {connection.Database} to public; grant insert on look to manzil");
                Assert.Contains("may make temporary tables, and must not", await RefusedAsync(service));
                await connection.ExecuteAsync($"revoke temporary on database {connection.Database} from public; grant update on look to manzil");
                Assert.Contains($"may update look, and must not: the owner of its tables runs '{say}", await RefusedAsync(service));
            }

            Assert.Equal(0, (await PrepareAsync(PostgresServer.OwnerUrlOf(owner), "manzil")).Code);
            await using (var running = await ServerProcess.StartAsync(folder, service)) Assert.Equal(200, (await running.ReadyAsync()).Status);
            // Again, beside a service that has written.
            Assert.Equal(0, (await PrepareAsync(PostgresServer.OwnerUrlOf(owner), "manzil")).Code);
        }
        finally
        {
            await server.DropDatabaseAsync(owner);
            Directory.Delete(folder, recursive: true);
        }
    }

    // Invented people only, and a visitor has one role.
    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "The service must not run as manzil_owner: it owns the database.")]
    public async Task Open_AsTheOwner_IsTheDemoAlone(bool demo, string? refused)
    {
        var server = await PostgresServer.SharedAsync();
        var owner = await server.CreateEmptyDatabaseAsync();
        var folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        var settings = new ServiceSettings { DataFolder = folder, Database = PostgresServer.OwnerUrlOf(owner), RulesFile = ServiceOptions.DemoRules, PublicUrl = new Uri(ServerProcess.PublicUrl), Demo = demo };
        if (refused is null) await (await Core.OpenAsync(settings)).DisposeAsync();
        else Assert.StartsWith(refused, (await Assert.ThrowsAsync<CommandLineException>(() => Core.OpenAsync(settings))).Message, StringComparison.Ordinal);
        await server.DropDatabaseAsync(owner);
        Directory.Delete(folder, recursive: true);
    }

    static async Task<string?> StateAsync(System.Data.Common.DbConnection connection, string sql)
    {
        try
        {
            await connection.ExecuteAsync(sql);
            return null;
        }
        catch (PostgresException e)
        {
            return e.SqlState;
        }
    }

    [GeneratedRegex(@"\b(?<verb>insert into|delete from) (?<table>[a-z_]+)\b|\b(?<verb>update) (?<table>[a-z_]+)\s+(?:[a-z]+\s+)?set\b", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Written();

    [GeneratedRegex(@"insert into (?<table>[a-z_]+)(?:(?!insert into)[^;""])*?on conflict[^;""]*?do update", RegexOptions.None, 5000)]
    private static partial Regex Upserted();
}
