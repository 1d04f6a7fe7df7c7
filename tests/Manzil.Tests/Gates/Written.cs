using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Privacy;
using Manzil.Tests.Databases;
using Manzil.Tests.Register;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Gates;

/// <summary>One thing that was written, as timed-writes.txt lists it.</summary>
/// <param name="What">
/// "+table" for a new row, "-table" for one that is gone, "table.column" with "set", "cleared", "up" or "down" for a value that is another
/// than before; of an act its kind, of a standing and a stage from where to where.
/// </param>
/// <param name="Worker">Whose row it is; 0 for nobody's.</param>
sealed record Wrote(string What, long Worker);

/// <summary>
/// Triggers on every table and column that the catalogue has, new ones too: they note whatever is written, by whichever statement, and
/// what one statement writes and another writes back. So it is known of each step of the clock what it wrote, and not only what it left.
/// On PostgreSQL the owner of the tables makes them, since the service may not.
/// </summary>
sealed partial class Written : IAsyncDisposable
{
    readonly DbConnection _connection;
    readonly IReadOnlyList<(string Table, string Column, string Type)> _columns;

    Written(DbConnection connection, IReadOnlyList<(string Table, string Column, string Type)> columns) => (_connection, _columns) = (connection, columns);

    public static async Task<Written> WatchAsync(TestService service)
    {
        var columns = await TableDump.ColumnsAsync(service.Core.Database);
        var written = new Written(await service.Database.OpenAsync(), columns);
        await written._connection.ExecuteAsync("create table zz_written (what text, worker bigint)");
        var isPostgres = service.Database.Kind == DatabaseKind.Postgres;
        if (isPostgres) await written._connection.ExecuteAsync("grant insert on zz_written to public");
        foreach (var table in columns.Select(c => c.Table).Distinct()) await written._connection.ExecuteAsync(isPostgres ? written.OnPostgres(table) : written.OnSqlite(table));
        return written;
    }

    /// <summary>Whose row it is, as SQL: by its own column, or by the row that the inventory says it hangs on.</summary>
    string OwnerOf(string table, string row)
    {
        if (table == "worker") return $"{row}.id";
        if (_columns.Any(c => c.Table == table && c.Column == "worker_id")) return $"coalesce({row}.worker_id, 0)";
        var hangs = Hangs().Match(Inventory.Tables.SingleOrDefault(t => t.Name == table)?.Owned ?? "");
        return hangs.Success ? $"coalesce((select worker_id from {hangs.Groups["parent"].Value} where {hangs.Groups["key"].Value} = {row}.{hangs.Groups["by"].Value}), 0)" : "0";
    }

    string OnSqlite(string table)
    {
        static string Kind(string table, string row) => table == "act" ? $" || ' ' || {row}.kind" : "";
        var sql = $"""
            create trigger zz_{table}_i after insert on {table} begin insert into zz_written values ('+{table}'{Kind(table, "new")}, {OwnerOf(table, "new")}); end;
            create trigger zz_{table}_d after delete on {table} begin insert into zz_written values ('-{table}'{Kind(table, "old")}, {OwnerOf(table, "old")}); end;

            """;
        foreach (var column in _columns.Where(c => c.Table == table).Select(c => c.Column))
        {
            var how = column is "standing" or "stage"
                ? $"' ' || old.{column} || '>' || new.{column}"
                : $"""
                  case when old.{column} is null then ' set' when new.{column} is null then ' cleared'
                  when typeof(old.{column}) = 'integer' or old.{column} glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' then case when new.{column} > old.{column} then ' up' else ' down' end else '' end
                  """;
            sql += $"create trigger zz_{table}_{column} after update on {table} when old.{column} is not new.{column} begin insert into zz_written values ('{table}.{column}' || {how}, {OwnerOf(table, "old")}); end;\n";
        }

        return sql;
    }

    string OnPostgres(string table) =>
        $"""
        create function zz_{table}() returns trigger language plpgsql as $$
        declare o jsonb; n jsonb; k text; how text;
        begin
          if tg_op = 'INSERT' then
            insert into public.zz_written values ('+{table}'{(table == "act" ? " || ' ' || new.kind" : "")}, {OwnerOf(table, "new")});
          elsif tg_op = 'DELETE' then
            insert into public.zz_written values ('-{table}'{(table == "act" ? " || ' ' || old.kind" : "")}, {OwnerOf(table, "old")});
          else
            o := to_jsonb(old);
            n := to_jsonb(new);
            for k in select jsonb_object_keys(n) loop
              if o -> k is distinct from n -> k then
                how := case
                  when k in ('standing', 'stage') then ' ' || (o ->> k) || '>' || (n ->> k)
                  when o ->> k is null then ' set'
                  when n ->> k is null then ' cleared'
                  when jsonb_typeof(o -> k) = 'number' then case when (n ->> k)::numeric > (o ->> k)::numeric then ' up' else ' down' end
                  when o ->> k ~ '^\d\d\d\d-\d\d-\d\d$' then case when n ->> k > o ->> k then ' up' else ' down' end
                  else '' end;
                insert into public.zz_written values ('{table}.' || k || how, {OwnerOf(table, "old")});
              end if;
            end loop;
          end if;
          return null;
        end $$;
        create trigger zz_{table} after insert or update or delete on {table} for each row execute function zz_{table}()
        """;

    /// <summary>What was written since it was asked last.</summary>
    public async Task<IReadOnlyCollection<Wrote>> TakeAsync()
    {
        var found = (await _connection.QueryAsync<(string What, long Worker)>("select distinct what, worker from zz_written")).Select(w => new Wrote(w.What, w.Worker)).ToList();
        if (found.Count > 0) await _connection.ExecuteAsync("delete from zz_written");
        return found;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [GeneratedRegex("^(?<by>\\w+) in \\(select (?<key>\\w+) from (?<parent>\\w+) where worker_id = @worker\\)$", RegexOptions.None, 5000)]
    private static partial Regex Hangs();
}
