using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Manzil.Register;

/// <summary>One prepared statement of a connection, bound by position: each call binds the next parameter, <see cref="Run"/> runs it.</summary>
sealed class SqliteStatement : IDisposable
{
    readonly sqlite3 _connection;
    readonly sqlite3_stmt _statement;
    int _bound;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _connection = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public SqliteStatement Integer(long? value)
    {
        Check(value is { } v ? raw.sqlite3_bind_int64(_statement, ++_bound, v) : raw.sqlite3_bind_null(_statement, ++_bound));
        return this;
    }

    public SqliteStatement Text(string? value)
    {
        if (value is null)
        {
            Check(raw.sqlite3_bind_null(_statement, ++_bound));
            return this;
        }

        Span<byte> buffer = stackalloc byte[256];
        var utf8 = Encoding.UTF8.TryGetBytes(value, buffer, out var length) ? buffer[..length] : Encoding.UTF8.GetBytes(value);
        Check(raw.sqlite3_bind_text(_statement, ++_bound, utf8));
        return this;
    }

    public SqliteStatement Blob(byte[]? value)
    {
        Check(value is null ? raw.sqlite3_bind_null(_statement, ++_bound) : raw.sqlite3_bind_blob(_statement, ++_bound, value));
        return this;
    }

    /// <returns>How many rows it changed.</returns>
    public int Run()
    {
        var step = raw.sqlite3_step(_statement);
        _bound = 0;
        if (step != raw.SQLITE_DONE) SqliteException.ThrowExceptionForRC(step, _connection);
        raw.sqlite3_reset(_statement);
        return raw.sqlite3_changes(_connection);
    }

    void Check(int code) => SqliteException.ThrowExceptionForRC(code, _connection);

    public void Dispose() => _statement.Dispose();
}
