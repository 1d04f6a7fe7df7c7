using System.Data.Common;
using Dapper;
using NodaTime;
using Npgsql;

namespace Manzil.Register;

/// <summary>
/// On PostgreSQL two roles: the owner of the schema, as whom 'manzil database prepare' applies the scripts, and the service's, which may
/// do what <see cref="Grants"/> says and nothing else. So a service that was broken into cannot switch off the guards that stand in its
/// way (docs/decisions/0037). SQLite has no roles: there whoever can write the file owns it.
/// </summary>
public static class ServiceRole
{
    /// <summary>Applies the scripts as the owner, and lets the service's role do what it needs.</summary>
    public static async Task PrepareAsync(Database database, string role, Instant now)
    {
        await using (var connection = await database.OpenAsync())
        {
            var isKnown = await connection.ExecuteScalarAsync<bool>("select exists (select 1 from pg_roles where rolname = @role)", new { role });
            if (!isKnown) throw new CommandLineException($"There is no role {role}: make it with PostgreSQL's 'createuser {role}', and run this again.", 1);
            if (await connection.ExecuteScalarAsync<string>("select current_user") == role)
                throw new CommandLineException($"The service needs a role of its own: {role} is the one whose address --database gives, and would own the tables.", 1);
        }

        await database.MigrateAsync(now);
        await using var owner = await database.OpenAsync();
        await GrantAsync(owner, role);
        if (await OwnershipAsync(owner, role) is { } owns) throw new CommandLineException($"The service must not run as {role}: {owns}. Take that away, or name another role; then run this again.", 1);
        if (await TooMuchAsync(owner, role) is { } tooMuch) throw new CommandLineException($"The role {role} may {tooMuch}, and must not: whoever granted that takes it back; then run this again.", 1);
    }

    static async Task GrantAsync(DbConnection connection, string role)
    {
        var quoted = Quote(role);
        await using var transaction = await connection.BeginTransactionAsync();
        var (database, isOwner) = await connection.QuerySingleAsync<(string, bool)>(
            "select current_database()::text, pg_has_role(datdba, 'usage') from pg_database where datname = current_database()", transaction: transaction);
        // A temporary table of the same name would be found before the one that a guard asks.
        if (isOwner) await connection.ExecuteAsync($"revoke create, temporary on database {Quote(database)} from public, {quoted}; grant connect on database {Quote(database)} to {quoted}", transaction: transaction);
        await connection.ExecuteAsync(
            $"""
            revoke create on schema public from public, {quoted};
            grant usage on schema public to {quoted};
            """,
            transaction: transaction);
        foreach (var table in await connection.QueryAsync<string>("select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1", transaction: transaction))
        {
            if (!Database.TablesOfScripts.Contains(table)) continue;
            var writes = Grants.Of(table);
            await connection.ExecuteAsync(
                $"revoke all on table public.{Quote(table)} from public, {quoted}; grant select{(writes.Length > 0 ? ", " + writes : "")} on table public.{Quote(table)} to {quoted}",
                transaction: transaction);
        }

        // Guards look where the schema is, whatever search_path a session sets.
        foreach (var function in await connection.QueryAsync<string>(
            "select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.proconfig is null and pg_has_role(p.proowner, 'usage')", transaction: transaction))
            await connection.ExecuteAsync($"alter function {function} set search_path = pg_catalog, public, pg_temp", transaction: transaction);
        await transaction.CommitAsync();
    }

    /// <summary>Before a service starts: the schema is this version's, and its own role may do what it needs and no more.</summary>
    public static async Task CheckAsync(Database database)
    {
        await using var connection = await database.OpenAsync();
        var (role, name, host) = await connection.QuerySingleAsync<(string, string, string?)>("select current_user::text, current_database()::text, host(inet_server_addr())");
        var prepare = $"the owner of its tables runs 'manzil database prepare --database postgres://OWNER@{host ?? "localhost"}/{name} --role {role}'.";
        if (await OwnershipAsync(connection, role) is { } owns)
            throw new CommandLineException($"The service must not run as {role}: {owns}. Make a role for it that owns nothing, and let the owner of the tables run 'manzil database prepare' for that one (docs/operating.md, PostgreSQL).", 1);
        if (await database.IsNewAsync()) throw new CommandLineException($"The database has no tables yet: {prepare}", 1);
        if (await TooLittleAsync(connection, role) is { } tooLittle) throw new CommandLineException($"The role {role} may not {tooLittle}: {prepare}", 1);
        if (await TooMuchAsync(connection, role) is { } tooMuch) throw new CommandLineException($"The role {role} may {tooMuch}, and must not: {prepare}", 1);
        if (await database.MissingScriptsAsync() is { Count: > 0 } missing)
            throw new CommandLineException($"The database has not had {missing[0]}{(missing.Count > 1 ? $" and {missing.Count - 1} more scripts" : "")} of this version: {prepare}", 1);
    }

    /// <summary>True where this role could change the schema: outside the demo no service runs so.</summary>
    public static async Task<bool> MayOwnAsync(Database database)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<bool>("select has_schema_privilege(current_user, 'public', 'create')");
    }

    /// <returns>Why this role could switch off every guard, in words; null where it could not.</returns>
    static Task<string?> OwnershipAsync(DbConnection connection, string role) => connection.QueryFirstOrDefaultAsync<string>(
        """
        select said from (
          select 1 as place, 'it is a superuser' as said from pg_roles where rolname = @role and rolsuper
          union all select 2, 'it may make roles' from pg_roles where rolname = @role and rolcreaterole
          union all select 3, 'it owns the table ' || relname from pg_class where relnamespace = 'public'::regnamespace and pg_has_role(@role, relowner, 'member')
          union all select 4, 'it owns the function ' || proname from pg_proc where pronamespace = 'public'::regnamespace and pg_has_role(@role, proowner, 'member')
          union all select 5, 'it owns the database' from pg_database where datname = current_database() and pg_has_role(@role, datdba, 'member')
          union all select 6, 'it owns the schema' from pg_namespace where nspname = 'public' and pg_has_role(@role, nspowner, 'member')
          union all select 7, 'it may switch off triggers' where has_parameter_privilege(@role, 'session_replication_role', 'set')
          union all select 8, 'it may run programs on the server' where pg_has_role(@role, 'pg_execute_server_program', 'member')
          union all select 9, 'it may write files of the server' where pg_has_role(@role, 'pg_write_server_files', 'member')
        ) a order by place, said limit 1
        """,
        new { role });

    /// <returns>One thing that this role may do and the service does not need; null where there is none.</returns>
    static async Task<string?> TooMuchAsync(DbConnection connection, string role)
    {
        var makes = await connection.QueryFirstOrDefaultAsync<string>(
            """
            select 'make tables and functions' where has_schema_privilege(@role, 'public', 'create')
            union all select 'make schemas' where has_database_privilege(@role, current_database(), 'create')
            union all select 'make temporary tables' where has_database_privilege(@role, current_database(), 'temporary')
            """,
            new { role });
        return makes ?? (await PrivilegesAsync(connection, role)).Where(p => p.Has && IsTooMuch(p.Table, p.Privilege)).Select(p => $"{p.Privilege} {p.Table}").FirstOrDefault();
    }

    static async Task<string?> TooLittleAsync(DbConnection connection, string role) =>
        !await connection.ExecuteScalarAsync<bool>("select has_schema_privilege(@role, 'public', 'usage')", new { role })
            ? "use the schema"
            : (await PrivilegesAsync(connection, role)).Where(p => !p.Has && IsNeeded(p.Table, p.Privilege)).Select(p => $"{p.Privilege} {p.Table}").FirstOrDefault();

    /// <summary>What a role may do to each table; to a part of its columns counts as well.</summary>
    public static async Task<IReadOnlyList<(string Table, string Privilege, bool Has)>> PrivilegesAsync(DbConnection connection, string role) =>
        [.. await connection.QueryAsync<(string, string, bool)>(
            """
            select c.relname::text, p.privilege,
              has_table_privilege(@role, c.oid, p.privilege) or (p.privilege in ('select', 'insert', 'update', 'references') and has_any_column_privilege(@role, c.oid, p.privilege))
            from pg_class c, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p (privilege)
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
            order by 1, 2
            """,
            new { role })];

    static bool IsNeeded(string table, string privilege) =>
        Database.TablesOfScripts.Contains(table) && (privilege == "select" || Grants.Of(table).Split(", ").Contains(privilege));

    // A table that this version does not know may be a newer version's, whose nodes run already.
    static bool IsTooMuch(string table, string privilege) =>
        privilege is "truncate" or "references" or "trigger" || (Database.TablesOfScripts.Contains(table) && !IsNeeded(table, privilege));

    static string Quote(string name) => new NpgsqlCommandBuilder().QuoteIdentifier(name);
}
