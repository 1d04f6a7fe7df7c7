using System.Data.Common;
using Dapper;
using Manzil.Tests.Databases;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Manzil.Tests.Register;

/// <summary>
/// Puts any rows into any table, past what the database refuses: every guard is taken off first. For tests that ask what a page would be
/// if something about a person were another.
/// </summary>
sealed class TableRows : IAsyncDisposable
{
    readonly DbConnection _connection;
    readonly bool _isPostgres;

    TableRows(DbConnection connection, bool isPostgres) => (_connection, _isPostgres) = (connection, isPostgres);

    public static async Task<TableRows> OpenAsync(TestDatabase database)
    {
        if (database.Kind == DatabaseKind.Postgres)
        {
            var admin = new NpgsqlConnectionStringBuilder((await PostgresServer.SharedAsync()).AdminConnectionString) { Database = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database };
            var connection = new NpgsqlConnection(admin.ConnectionString);
            await connection.OpenAsync();
            await connection.ExecuteAsync("set session_replication_role = replica");
            foreach (var (table, name) in await connection.QueryAsync<(string, string)>("select conrelid::regclass::text, conname::text from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace and conrelid <> 0"))
                await connection.ExecuteAsync($"alter table {table} drop constraint {name}");
            return new TableRows(connection, isPostgres: true);
        }

        var sqlite = new SqliteConnection(database.ConnectionString);
        await sqlite.OpenAsync();
        await sqlite.ExecuteAsync("pragma foreign_keys = off; pragma ignore_check_constraints = on;");
        foreach (var trigger in await sqlite.QueryAsync<string>("select name from sqlite_master where type = 'trigger'")) await sqlite.ExecuteAsync($"drop trigger {trigger}");
        return new TableRows(sqlite, isPostgres: false);
    }

    public async Task<Table> ReadAsync(string table)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = $"select * from {table}";
        await using var reader = await command.ExecuteReaderAsync();
        List<string> columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
        List<Type> types = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetFieldType)];
        var rows = new List<object[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[columns.Count];
            reader.GetValues(row);
            rows.Add(row);
        }

        return new Table(table, columns, types, rows);
    }

    public Task ExecuteAsync(string sql, object? values = null) => _connection.ExecuteAsync(sql, values);

    /// <summary>These rows and no others.</summary>
    public async Task WriteAsync(Table table)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        await _connection.ExecuteAsync($"delete from {table.Name}", transaction: transaction);
        foreach (var row in table.Rows)
        {
            await using var command = _connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = $"insert into {table.Name} ({string.Join(", ", table.Columns)}) {(_isPostgres ? "overriding system value " : "")}values ({string.Join(", ", row.Select((_, i) => $"@p{i}"))})";
            for (var i = 0; i < row.Length; i++)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = ($"p{i}", row[i]);
                command.Parameters.Add(parameter);
            }

            await command.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    public sealed record Table(string Name, IReadOnlyList<string> Columns, IReadOnlyList<Type> Types, IReadOnlyList<object[]> Rows)
    {
        /// <summary>The same rows with other values in one column: what the next one had, where they differ; and every second one something new.</summary>
        public IEnumerable<Table> Swapped(string column)
        {
            var at = Columns.ToList().IndexOf(column);
            Assert.True(at >= 0, $"{Name} has no column {column}.");
            var values = Rows.Select(r => r[at]).ToList();
            var different = values.Select(v => v is byte[] bytes ? Convert.ToHexString(bytes) : v).Distinct().Count();
            if (different > 1) yield return With(at, (_, i) => values[(i + 1) % values.Count]);
            // Of what is another with everybody, a new one may be somebody's.
            if (different < values.Count || different == 1) yield return With(at, (value, i) => i % 2 == 0 ? value : Other(value, Types[at], i));
        }

        Table With(int at, Func<object, int, object> other) => this with { Rows = [.. Rows.Select((row, i) => (object[])[.. row[..at], other(row[at], i), .. row[(at + 1)..]])] };

        static object Other(object value, Type type, int row) => value switch
        {
            "" => "1",
            string text => $"{text[..^1]}{(text[^1] == '1' ? '2' : '1')}",
            byte[] bytes => bytes.Select(b => (byte)~b).ToArray(),
            long number => number + 1,
            int number => number + 1,
            short number => (short)(number + 1),
            DBNull when type == typeof(string) => $"{row}",
            DBNull when type == typeof(byte[]) => new[] { (byte)row },
            DBNull => (long)row,
            _ => throw new InvalidOperationException($"A value of a kind that no column has: {type}"),
        };
    }
}
