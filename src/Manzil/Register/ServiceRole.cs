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
    public static async Task PrepareAsync(Database database, string role, Instant now, bool movableClock = false)
    {
        await using (var connection = await database.OpenAsync())
        {
            var isKnown = await connection.ExecuteScalarAsync<bool>("select exists (select 1 from pg_roles where rolname = @role)", new { role });
            if (!isKnown) throw new CommandLineException($"There is no role {role}: make it with PostgreSQL's 'createuser {role}', and run this again.", 1);
            if (await connection.ExecuteScalarAsync<string>("select current_user") == role)
                throw new CommandLineException($"The service needs a role of its own: {role} is the one whose address --database gives, and would own the tables.", 1);
        }

        await database.MigrateAsync(now);
        if (movableClock) await MovableClock.NoteAsync(database, now);
        await using var owner = await database.OpenAsync();
        await GrantAsync(owner, role);
        if (await OwnershipAsync(owner, role) is { } owns) throw new CommandLineException($"The service must not run as {role}: {owns}. Take that away, or name another role; then run this again.", 1);
        if (await LargeObjectsAsync(owner, role) is { } largeObjects) throw new CommandLineException($"{largeObjects} Then run this again.", 1);
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
        if (await LargeObjectsAsync(connection, role) is { } largeObjects) throw new CommandLineException(largeObjects, 1);
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

    /// <returns>Why this role could switch off every guard or pass by it, in words, and what takes that away; null where it could not.</returns>
    static async Task<string?> OwnershipAsync(DbConnection connection, string role)
    {
        var found = await connection.QueryFirstOrDefaultAsync<(string Said, string? Mend)>(
            """
            select said, mend from (
              select 1 as place, 'it is a superuser' as said, format('alter role %I nosuperuser', @role) as mend from pg_roles where rolname = @role and rolsuper
              union all
              select 2, 'it may ' || a.may, format('alter role %I %s', @role, a.mend) from pg_roles r, lateral (values
                (r.rolcreaterole, 'make roles', 'nocreaterole'), (r.rolcreatedb, 'make databases', 'nocreatedb'),
                (r.rolreplication, 'copy the whole server', 'noreplication'), (r.rolbypassrls, 'read past rules for rows', 'nobypassrls')) a (has, may, mend)
              where r.rolname = @role and a.has
              union all
              -- What a role does not inherit it takes up with SET ROLE.
              select 3, format('it is a member of %s, which may do what no service needs', r.rolname), format('revoke %I from %I', m.by, @role)
              from pg_roles r, lateral (select d.rolname as by from pg_auth_members a join pg_roles d on d.oid = a.roleid where a.member = (select oid from pg_roles where rolname = @role) and pg_has_role(d.oid, r.oid, 'member') order by 1 limit 1) m
              where r.rolname <> @role and r.rolname <> 'pg_database_owner' and pg_has_role(@role, r.oid, 'member')
                and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls or starts_with(r.rolname, 'pg_'))
              union all select 4, 'it owns the table ' || relname, null from pg_class where relnamespace = 'public'::regnamespace and pg_has_role(@role, relowner, 'member')
              union all select 5, 'it owns the function ' || proname, null from pg_proc where pronamespace = 'public'::regnamespace and pg_has_role(@role, proowner, 'member')
              union all select 6, 'it owns the database', null from pg_database where datname = current_database() and pg_has_role(@role, datdba, 'member')
              union all select 7, 'it owns the schema', null from pg_namespace where nspname = 'public' and pg_has_role(@role, nspowner, 'member')
              union all
              select 8, case p.parname when 'session_replication_role' then 'it may switch off triggers' else 'it may set ' || p.parname end, format('revoke set, alter system on parameter %I from public, %I', p.parname, @role)
              from pg_parameter_acl p where has_parameter_privilege(@role, p.parname, 'set') or has_parameter_privilege(@role, p.parname, 'alter system')
              union all
              -- What PostgreSQL keeps from everybody, such as reading the server's files, and somebody granted.
              select 9, 'it may call ' || p.proname, format('revoke execute on function %s from %I', p.oid::regprocedure, @role) from pg_proc p
              where p.pronamespace = 'pg_catalog'::regnamespace and p.proacl is not null and not has_function_privilege('public', p.oid, 'execute') and has_function_privilege(@role, p.oid, 'execute')
            ) a order by place, said limit 1
            """,
            new { role });
        return found.Said is null ? await MembershipAsync(connection, role) : found.Mend is null ? found.Said : $"{found.Said}: a superuser takes that away with '{found.Mend}'";
    }

    /// <summary>
    /// Who may make large objects keeps what stands in no table, so no inventory has it and nothing erases it. PostgreSQL offers them to
    /// everybody, and only a superuser takes that back, once in each database.
    /// </summary>
    static async Task<string?> LargeObjectsAsync(DbConnection connection, string role) => await connection.ExecuteScalarAsync<bool>(
        """
        select exists (
          select 1 from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and p.proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import') and has_function_privilege(@role, p.oid, 'execute'))
        """,
        new { role })
        ? $"The role {role} may keep large objects, which no inventory has: a superuser takes that away with '{NoLargeObjects}, {Quote(role)}', in this database."
        : null;

    /// <summary>What a superuser runs in a new database, before it is prepared.</summary>
    public const string NoLargeObjects = "revoke execute on function lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) from public";

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

    /// <summary>What a role of which it is a member may do, it does after SET ROLE, also where it inherits nothing.</summary>
    static async Task<string?> MembershipAsync(DbConnection connection, string role)
    {
        var others = await connection.QueryAsync<(string Other, string By)>(
            """
            select r.rolname::text, min(d.rolname::text) from pg_auth_members a join pg_roles d on d.oid = a.roleid join pg_roles r on pg_has_role(d.oid, r.oid, 'member')
            where a.member = (select oid from pg_roles where rolname = @role) and r.rolname <> 'pg_database_owner' group by 1 order by 1
            """,
            new { role });
        foreach (var (other, by) in others)
        {
            if (await TooMuchAsync(connection, other) is { } tooMuch) return $"it is a member of {other}, which may {tooMuch}: a superuser takes that away with 'revoke {Quote(by)} from {Quote(role)}'";
        }

        return null;
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
