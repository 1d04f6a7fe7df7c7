using System.Data.Common;
using Manzil.Receipts;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace Manzil.Register;

/// <summary>Prepared statements run row by row in one immediate transaction, which is SQLite's fastest way.</summary>
sealed class SqliteBatchSql(Database database) : BatchSql
{
    SqliteConnection? _connection;
    SqliteCommand _readHead = null!, _moveHead = null!, _batch = null!, _node = null!, _act = null!, _entry = null!, _message = null!;

    public override DbConnection Connection => _connection!;

    public override bool LocksFirst => true;

    public override async Task ConnectAsync()
    {
        await DisposeAsync();
        _connection = (SqliteConnection)await database.OpenAsync();
        using (var settings = _connection.CreateCommand())
        {
            // 16 MiB of pages kept, and a WAL of up to 64 MiB before it is written back: the register's random updates
            // then meet in the WAL instead of being copied back one by one.
            settings.CommandText = "pragma cache_size = -65536; pragma wal_autocheckpoint = 16384;";
            settings.ExecuteNonQuery();
        }

        _readHead = Prepare("select log, frontier, checkpoint, newest_at from log_head where id = 1");
        _moveHead = Prepare("update log_head set size = $3, frontier = $4, checkpoint = $5, newest_at = $6 where id = 1 and log = $1 and size = $2", 6);
        _batch = Prepare("insert into log_batch (log, first, size, entries, checkpoint) values ($1, $2, $3, $4, $5)", 5);
        _node = Prepare("insert into log_node (log, level, node, hash) values ($1, $2, $3, $4)", 4);
        _act = Prepare(
            """
            insert into act (log, leaf, number, worker_id, kind, given_at, effective_from, next_deadline, replaces, channel,
                             idempotency_key, content_hash, statement, record)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """, 14);
        _entry = Prepare(
            """
            update register_entry
            set standing = $2, office = $3, registered_on = $4, residence_number = $5, residence_from = $6, last_told = $7,
                next_deadline = $8, departure_number = $9, departure_on = $10, departure_told = $11
            where worker_id = $1
            """, 11);
        _message = Prepare(
            """
            insert into message (worker_id, act_number, channel_kind, address, language, subject, body, created_at, sent_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, 9);
    }

    public override Task<DbTransaction> BeginLockedAsync() =>
        Task.FromResult<DbTransaction>(_connection!.BeginTransaction(deferred: false));

    public override Task<Head> ReadHeadAsync(DbTransaction? transaction)
    {
        _readHead.Transaction = (SqliteTransaction?)transaction;
        using var reader = _readHead.ExecuteReader();
        reader.Read();
        return Task.FromResult(new Head(
            reader.GetInt32(0), MerkleFrontier.Decode(reader.GetFieldValue<byte[]>(1)), reader.GetString(2),
            Instant.FromUnixTimeMilliseconds(reader.GetInt64(3))));
    }

    public override Task<bool> WriteAsync(Batch batch, DbTransaction? transaction)
    {
        var t = (SqliteTransaction?)transaction;
        var log = batch.Before.Log;
        if (Run(_moveHead, t, log, batch.Before.Size, batch.After.Size, batch.After.Frontier.Encode(), batch.After.Checkpoint,
                batch.After.NewestAt.ToUnixTimeMilliseconds()) == 0) return Task.FromResult(false);

        Run(_batch, t, log, batch.Before.Size, batch.After.Size, batch.Entries, batch.After.Checkpoint);
        foreach (var (level, node, hash) in batch.Nodes) Run(_node, t, log, level, node, hash);

        var position = batch.Before.Size;
        foreach (var (act, decision, statement, record) in batch.Acts)
        {
            Run(_act, t, log, position++, act.Number.ToString(), act.WorkerId, (int)decision.Kind, act.ReceivedAt.ToUnixTimeMilliseconds(),
                IsoDate.Write(decision.EffectiveFrom), IsoDate.Write(decision.NextDeadline), decision.Replaces?.ToString(), ChannelName(act.Channel),
                act.IdempotencyKey, act.ContentHash, statement, record);
        }

        foreach (var (worker, entry) in batch.RegisterEntries)
        {
            Run(_entry, t, worker, (int)entry.Standing, entry.Office, IsoDate.Write(entry.RegisteredOn), entry.ResidenceNumber,
                IsoDate.Write(entry.ResidenceFrom), IsoDate.Write(entry.LastTold), IsoDate.Write(entry.NextDeadline),
                entry.DepartureNumber, IsoDate.Write(entry.DepartureOn), IsoDate.Write(entry.DepartureTold));
        }

        foreach (var (worker, number, message, at) in batch.Messages)
        {
            Run(_message, t, worker, number, message.Channel.Kind, message.Channel.Address, message.Language, message.Subject, message.Body,
                at.ToUnixTimeMilliseconds(), message.SentNow ? at.ToUnixTimeMilliseconds() : null);
        }

        return Task.FromResult(true);
    }

    static int Run(SqliteCommand command, SqliteTransaction? transaction, params ReadOnlySpan<object?> values)
    {
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command.ExecuteNonQuery();
    }

    SqliteCommand Prepare(string sql, int parameters = 0)
    {
        var command = _connection!.CreateCommand();
        command.CommandText = sql;
        for (var i = 1; i <= parameters; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
        command.Prepare();
        return command;
    }

    public override ValueTask DisposeAsync()
    {
        _connection?.Dispose();
        _connection = null;
        return ValueTask.CompletedTask;
    }
}
