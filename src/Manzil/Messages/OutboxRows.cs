using System.Data.Common;
using Manzil.Register;
using Microsoft.Data.Sqlite;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Manzil.Messages;

public sealed record OutboxRow(long Worker, string? ActNumber, OutgoingMessage Message, Instant At)
{
    /// <summary>What the demo shows instead of sending is sent and delivered with the row.</summary>
    public long? SentAt => Message.SentNow ? At.ToUnixTimeMilliseconds() : null;
}

/// <summary>Puts many messages into the outbox at once: from arrays in one statement, or by one prepared statement on SQLite.</summary>
static class OutboxRows
{
    // One line a column, for both engines.
    static readonly Column[] Columns =
    [
        new("worker_id", r => r.Worker),
        new("act_number", r => r.ActNumber),
        new("channel_kind", r => r.Message.Channel.Kind),
        new("address", r => r.Message.Channel.Address),
        new("language", r => r.Message.Language),
        new("subject", r => r.Message.Subject),
        new("body", r => r.Message.Body),
        new("created_at", r => r.At.ToUnixTimeMilliseconds()),
        new("sent_at", r => r.SentAt),
        new("delivered_at", r => r.SentAt),
        new("reply_code", r => r.Message.ReplyCode),
        new("holds_code", r => r.Message.HoldsCode ? 1 : 0),
    ];

    static readonly string Names = string.Join(", ", Columns.Select(c => c.Name));
    static readonly string FromArrays = $"insert into message ({Names}) select * from unnest({string.Join(", ", Columns.Select((_, i) => $"${i + 1}"))})";
    static readonly string FromValues = $"insert into message ({Names}) values ({string.Join(", ", Columns.Select((_, i) => $"?{i + 1}"))})";

    public static async Task AddAsync(DbConnection connection, DbTransaction? transaction, IReadOnlyCollection<OutboxRow> rows)
    {
        if (rows.Count == 0) return;
        if (connection is SqliteConnection sqlite)
        {
            using var statement = new SqliteStatement(sqlite, FromValues);
            foreach (var row in rows)
            {
                foreach (var column in Columns) column.Bind(statement, row);
                statement.Run();
            }

            return;
        }

        await using var command = new NpgsqlCommand(FromArrays, (NpgsqlConnection)connection, (NpgsqlTransaction?)transaction);
        foreach (var column in Columns) command.Parameters.Add(column.ArrayOf(rows));
        await command.ExecuteNonQueryAsync();
    }

    sealed class Column
    {
        readonly Func<OutboxRow, string?>? _text;
        readonly Func<OutboxRow, long?>? _integer;

        public Column(string name, Func<OutboxRow, string?> text) => (Name, _text) = (name, text);

        public Column(string name, Func<OutboxRow, long?> integer) => (Name, _integer) = (name, integer);

        public string Name { get; }

        public void Bind(SqliteStatement statement, OutboxRow row) =>
            _ = _text is null ? statement.Integer(_integer!(row)) : statement.Text(_text(row));

        public NpgsqlParameter ArrayOf(IReadOnlyCollection<OutboxRow> rows) => _text is null
            ? new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint, Value = rows.Select(_integer!).ToArray() }
            : new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = rows.Select(_text).ToArray() };
    }
}
