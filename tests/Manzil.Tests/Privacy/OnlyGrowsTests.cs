using System.Data.Common;
using Dapper;
using Manzil.Privacy;
using Manzil.Tests.Databases;
using Manzil.Tests.Register;
using Microsoft.Data.Sqlite;
using Npgsql;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Privacy;

/// <summary>
/// privacy.md 17, for every table and column that the catalogue has: what plain SQL may rewrite or take away is on one list, and everything
/// else is refused by both engines, row by row. A new table, a new column, or a trigger that became weaker is not as the list says.
/// </summary>
public class OnlyGrowsTests
{
    /// <summary>
    /// What may be rewritten: columns of each table, or "*". Rows of these tables change with what is told and decided; which change is
    /// allowed is another matter (CaseDatabaseTests, OfficerGuardTests). What has no line here is never rewritten.
    /// </summary>
    static readonly Dictionary<string, string> mayBeRewritten = new(StringComparer.Ordinal)
    {
        ["activation_code"] = "*",
        ["back_in_try"] = "*",
        ["case_file"] = "reminded_at",
        ["channel"] = "*",
        ["code_count"] = "*",
        ["document"] = "*",
        ["draft"] = "*",
        ["form_key"] = "*",
        ["heartbeat"] = "*",
        ["helper_grant"] = "*",
        ["helper_session"] = "*",
        ["incoming_sms"] = "*",
        ["installation"] = "*",
        ["key_erasure"] = "*",
        ["log"] = "*",
        ["log_head"] = "*",
        ["message"] = "*",
        ["message_code"] = "*",
        ["one_time_code"] = "*",
        ["outage_verdict"] = "*",
        ["passkey"] = "*",
        ["passkey_challenge"] = "*",
        ["recovery_code"] = "*",
        ["register_entry"] = "departure_number departure_on departure_told last_told next_deadline office registered_on reminded residence_from residence_number worker_id",
        ["reminder_part"] = "*",
        ["reminder_round"] = "*",
        ["schema_script"] = "*",
        ["session"] = "*",
        ["session_key"] = "*",
        ["signing_key"] = "*",
        ["sms_try"] = "*",
        ["staff"] = "invited_at language name office refused_at role",
        ["staff_invitation"] = "*",
        ["staff_passkey"] = "created_at credential_id data last_used_at",
        ["staff_search"] = "*",
        ["staff_session"] = "created_at last_used_at token_hash",
        ["told_until"] = "counted_from until_day",
        ["worker"] = "*",
    };

    /// <summary>What may be taken away or emptied with no more ado: nobody's history stands in it.</summary>
    static readonly string[] mayGo =
    [
        "activation_code", "back_in_try", "channel", "code_count", "draft", "form_key", "heartbeat", "helper_session", "incoming_sms", "installation",
        "key_erasure", "message", "message_code", "one_time_code", "outage_verdict", "passkey", "passkey_challenge", "recovery_code",
        "reminder_part", "reminder_round", "schema_script", "session", "session_key", "signing_key", "sms_try", "staff_invitation", "staff_passkey",
        "staff_search", "staff_session",
    ];

    [Theory, EachDatabase]
    public async Task Sql_EachRowAndColumnOfEachTable_IsRewrittenAndDeletedOnlyWhereTheListSaysSo(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var sentinel = await Sentinel.LiveAsync(service);
        await sentinel.AddRowsAsync();
        await using var connection = await service.Database.OpenAsync();
        await FillAsync(connection, service);
        var columns = await TableDump.ColumnsAsync(service.Core.Database);
        var (rewritten, gone, empty) = (new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal), new List<string>());
        foreach (var table in columns.GroupBy(c => c.Table))
        {
            var row = kind == DatabaseKind.Postgres ? "ctid" : "rowid";
            var rows = (await connection.QueryAsync<string>($"select cast({row} as text) from {table.Key} limit 40")).ToList();
            if (rows.Count == 0) empty.Add(table.Key);
            foreach (var one in rows)
            {
                var where = kind == DatabaseKind.Postgres ? $"ctid = '{one}'" : $"rowid = {one}";
                foreach (var column in table)
                {
                    var name = $"{table.Key}.{column.Column}";
                    if (!rewritten.Contains(name) && !await IsRefusedAsync(connection, $"update {table.Key} set {column.Column} = {column.Column} where {where}")
                        && !await IsRefusedAsync(connection, $"update {table.Key} set {column.Column} = {Another(column.Column, column.Type, kind)} where {where}")) rewritten.Add(name);
                }

                if (!await IsRefusedAsync(connection, $"delete from {table.Key} where {where}")) gone.Add(table.Key);
            }

            if (kind == DatabaseKind.Postgres && rows.Count > 0 && !await IsRefusedAsync(connection, $"truncate {table.Key} cascade")) gone.Add(table.Key);
            if (kind == DatabaseKind.Sqlite && rows.Count > 0 && !await IsRefusedAsync(connection, $"insert or replace into {table.Key} select * from {table.Key} limit 1")) gone.Add(table.Key);
        }

        // Nobody's row is there at rest.
        Assert.Equal(["erasure"], empty);
        var listed = columns.Where(c => mayBeRewritten.GetValueOrDefault(c.Table) is { } may && (may == "*" || may.Split(' ').Contains(c.Column))).Select(c => $"{c.Table}.{c.Column}").ToList();
        if (kind == DatabaseKind.Postgres) listed.RemoveAll(c => c.EndsWith(".id", StringComparison.Ordinal) && !rewritten.Contains(c));
        Same("may be rewritten", listed, rewritten);
        Same("may be taken away", mayGo, gone);
    }

    // On SQLite a row that is put in takes away whichever stands in its way by any unique value, past the triggers on DELETE.
    [Fact]
    public async Task Replace_ByAnyUniqueValueOfEachTable_TakesNoRowAway()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var sentinel = await Sentinel.LiveAsync(service);
        await sentinel.AddRowsAsync();
        await using var connection = await service.Database.OpenAsync();
        await FillAsync(connection, service);
        // As in any other program that opens the file.
        await connection.ExecuteAsync("pragma foreign_keys = off");
        var tables = (await TableDump.ColumnsAsync(service.Core.Database)).Where(c => !mayGo.Contains(c.Table)).GroupBy(c => c.Table).ToList();
        var (replaced, tried) = (new SortedSet<string>(StringComparer.Ordinal), 0);
        foreach (var table in tables)
        {
            var unique = (await connection.QueryAsync<(string Index, string Column)>(
                "select l.name, i.name from pragma_index_list(@Key) l, pragma_index_info(l.name) i where l.[unique] = 1 and i.name is not null", new { table.Key })).ToLookup(i => i.Index, i => i.Column);
            var own = (await connection.QueryAsync<string>("select name from pragma_table_info(@Key) where pk > 0", new { table.Key })).ToList();
            var keys = unique.SelectMany(i => i).Concat(own).ToHashSet();
            foreach (var (name, same) in unique.Select(i => (i.Key, Same: i.ToHashSet())).Append(("its key", own.ToHashSet())))
            {
                foreach (var row in (await connection.QueryAsync<long>($"select rowid from {table.Key} limit 40")).ToList())
                {
                    var values = table.Select(c => keys.Contains(c.Column) && !same.Contains(c.Column) ? Unlike(c.Column, c.Type) : c.Column);
                    await using var transaction = await connection.BeginTransactionAsync();
                    var count = await connection.ExecuteScalarAsync<long>($"select count(*) from {table.Key}", transaction: transaction);
                    tried++;
                    try
                    {
                        await connection.ExecuteAsync($"insert or replace into {table.Key} ({string.Join(", ", table.Select(c => c.Column))}) select {string.Join(", ", values)} from {table.Key} where rowid = {row}", transaction: transaction);
                        if (await connection.ExecuteScalarAsync<long>($"select count(*) from {table.Key}", transaction: transaction) <= count) replaced.Add($"{table.Key} by {name}");
                    }
                    catch (SqliteException)
                    {
                        // Refused.
                    }
                }
            }
        }

        Assert.Empty(replaced);
        Assert.True(tried > 100, $"{tried} rows");
    }

    static string Unlike(string column, string type) => type.ToLowerInvariant() switch
    {
        "blob" => $"randomblob(length({column}))",
        "text" => $"'X' || substr({column}, 2)",
        _ => $"{column} + 1000000",
    };

    static void Same(string what, IEnumerable<string> listed, IEnumerable<string> found)
    {
        var (a, b) = (listed.ToHashSet(), found.ToHashSet());
        Assert.True(a.SetEquals(b), $"What {what}, though OnlyGrowsTests does not say so: {string.Join(", ", b.Except(a))}\nWhat is refused, though it says that it {what}: {string.Join(", ", a.Except(b))}");
    }

    // Tables in which a life with a case leaves no row.
    static async Task FillAsync(DbConnection connection, TestService service)
    {
        var at = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        var values = new { at, b32 = new byte[32], day = "2026-11-20" };
        foreach (var sql in (string[])
        [
            "insert into log_node (log, level, node, hash) values (1, 0, 0, @b32)",
            "insert into staff_search (staff_number, searched_at) values ('reaches', @at)",
            "insert into issuer_move (number, issuer, moved_at) values (1, 'https://elsewhere.example', @at)",
            "insert into sms_try (address, day, tries) values ('+77', @day, 1)",
            "insert into code_count (address_hash, purpose, first_at, sent) values (@b32, 'signed-in', @at, 1)",
            "insert into passkey_challenge (id_hash, state, expires_at) values (@b32, '', @at)",
            "insert into staff_invitation (token_hash, staff_id, expires_at) select @b32, id, @at from staff where number = 'reaches'",
            "insert into staff_passkey (credential_id, staff_id, data, created_at) select @b32, id, 'x', @at from staff where number = 'reaches'",
            "insert into staff_session (token_hash, staff_id, created_at, last_used_at) select @b32, id, @at, @at from staff where number = 'reaches'",
            "insert into removal_pause (act_number, started_at) select number, @at from act limit 1",
            "insert into reminder_round (due, step) values (@day, 1)",
            "insert into reminder_part (due, step, part, after_worker, through_worker) values (@day, 1, 1, 0, 9)",
            "insert into outage_day (day, act_number, reason, computed, moved) select @day, number, 'out', 0, 0 from act limit 1",
            "insert into outage_verdict (id, judged_through) values (1, @day) on conflict do nothing",
            "insert into heartbeat (minute) values (1) on conflict do nothing",
            "insert into form_key (id, xml) values ('x', 'x')",
            "insert into draft (owner, path, content, saved_at) values ('w 1', '/residence', @b32, @at)",
        ])
        {
            await connection.ExecuteAsync(sql, values);
        }
    }

    // Only what the database itself is told to refuse counts: a value of the wrong kind is refused for its own sake.
    static async Task<bool> IsRefusedAsync(DbConnection connection, string sql)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            await connection.ExecuteAsync(sql, transaction: transaction);
            return false;
        }
        catch (SqliteException e)
        {
            return e.SqliteExtendedErrorCode == 1811;
        }
        catch (PostgresException e)
        {
            // A number that the database gives itself is never another.
            return e.SqlState is PostgresErrorCodes.RaiseException or "428C9";
        }
    }

    static string Another(string column, string type, DatabaseKind kind) => type.ToLowerInvariant() switch
    {
        "blob" => $"coalesce({column}, x'') || x'01'",
        "bytea" => $"coalesce({column}, ''::bytea) || '\\x01'::bytea",
        "boolean" => $"not {column}",
        "text" => $"coalesce({column}, '') || '1'",
        _ when kind == DatabaseKind.Sqlite && type.Length == 0 => $"coalesce({column}, '') || '1'",
        _ => $"coalesce({column}, 0) + 1",
    };
}
