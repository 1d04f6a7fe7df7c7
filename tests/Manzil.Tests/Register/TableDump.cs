using System.Data.Common;
using System.Text;
using Dapper;
using Manzil.Register;

namespace Manzil.Tests.Register;

/// <summary>Looks into a database past Manzil: its catalogue, and every value of every row.</summary>
static class TableDump
{
    public static async Task<IReadOnlyList<(string Table, string Column, string Type)>> ColumnsAsync(Database database)
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QueryAsync<(string, string, string)>(database.Kind == Manzil.Register.DatabaseKind.Postgres
            ? """
              select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
              where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not a.attisdropped order by c.relname, a.attnum
              """
            : "select m.name, c.name, c.type from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%' order by m.name, c.cid")).ToList();
    }

    /// <summary>Each index with the column it begins with.</summary>
    public static async Task<IReadOnlyList<(string Table, string Index, string FirstColumn)>> IndexesAsync(Database database)
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QueryAsync<(string, string, string)>(database.Kind == Manzil.Register.DatabaseKind.Postgres
            ? """
              select t.relname::text, i.relname::text, a.attname::text from pg_index x
              join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
              join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
              where t.relnamespace = 'public'::regnamespace
              """
            : """
              select m.name, l.name, i.name from sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i
              where m.type = 'table' and i.seqno = 0
              """)).ToList();
    }

    /// <summary>Every row of every table; bytes both in hex and as the text that they might be, on one line.</summary>
    public static async Task<string> ReadAsync(Database database)
    {
        var dump = new StringBuilder();
        var columns = await ColumnsAsync(database);
        await using var connection = await database.OpenAsync();
        foreach (var table in columns.Select(c => c.Table).Distinct())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"select * from \"{table}\"";
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                dump.Append(table).Append(':');
                for (var i = 0; i < reader.FieldCount; i++)
                {
                    dump.Append(' ').Append(reader.GetName(i)).Append('=');
                    if (reader.GetValue(i) is byte[] bytes) dump.Append(Convert.ToHexString(bytes)).Append('/').Append(Encoding.UTF8.GetString(bytes).Replace('\n', ' '));
                    else dump.Append(reader.GetValue(i));
                }

                dump.Append('\n');
            }
        }

        return dump.ToString();
    }
}
