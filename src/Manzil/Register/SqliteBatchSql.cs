using System.Data.Common;
using Manzil.Receipts;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace Manzil.Register;

/// <summary>
/// Prepared statements run row by row in one immediate transaction, which is SQLite's fastest way. The rows are bound by
/// SQLite's own functions: a <see cref="SqliteCommand"/> looks each parameter's name up again for each row.
/// </summary>
sealed class SqliteBatchSql(Database database) : BatchSql
{
    SqliteConnection? _connection;
    SqliteCommand _readHead = null!;
    SqliteStatement _moveHead = null!, _batch = null!, _node = null!, _act = null!, _entry = null!, _message = null!;

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

        _readHead = _connection.CreateCommand();
        _readHead.CommandText = "select log, frontier, checkpoint, newest_at from log_head where id = 1";
        _moveHead = Prepare("update log_head set size = ?3, frontier = ?4, checkpoint = ?5, newest_at = ?6 where id = 1 and log = ?1 and size = ?2");
        _batch = Prepare("insert into log_batch (log, first, size, entries, checkpoint) values (?1, ?2, ?3, ?4, ?5)");
        _node = Prepare("insert into log_node (log, level, node, hash) values (?1, ?2, ?3, ?4)");
        _act = Prepare(
            """
            insert into act (log, leaf, number, worker_id, kind, given_at, effective_from, next_deadline, replaces, channel,
                             idempotency_key, content_hash, statement, record)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """);
        _entry = Prepare(
            """
            update register_entry
            set standing = ?2, office = ?3, registered_on = ?4, residence_number = ?5, residence_from = ?6, last_told = ?7,
                reminded = case when (next_deadline is ?8 or ?8 < next_deadline) and not (departure_number is not null and ?9 is null) then reminded
                                -- Too late for the rounds of that date.
                                when ?8 <= (select max(due) from reminder_round) then -1 else 0 end,
                -- A node may remember a worker as they were before their date was moved: what they were told stands.
                next_deadline = case when ?8 < next_deadline then next_deadline else ?8 end, departure_on = ?10,
                departure_told = case when departure_number is not ?9 then ?11 else departure_told end,
                departure_number = ?9
            where worker_id = ?1
            """);
        _message = Prepare(
            """
            insert into message (worker_id, act_number, channel_kind, address, language, subject, body, created_at, sent_at, delivered_at, reply_code)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)
            """);
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
        var log = batch.Before.Log;
        _moveHead.Integer(log).Integer(batch.Before.Size).Integer(batch.After.Size).Blob(batch.After.Frontier.Encode())
            .Text(batch.After.Checkpoint).Integer(batch.After.NewestAt.ToUnixTimeMilliseconds());
        if (_moveHead.Run() == 0) return Task.FromResult(false);

        _batch.Integer(log).Integer(batch.Before.Size).Integer(batch.After.Size).Blob(batch.Entries).Text(batch.After.Checkpoint).Run();
        foreach (var (level, node, hash) in batch.Nodes) _node.Integer(log).Integer(level).Integer(node).Blob(hash).Run();

        var position = batch.Before.Size;
        foreach (var (act, decision, statement, record) in batch.Acts)
        {
            _act.Integer(log).Integer(position++).Text(act.Number.ToString()).Integer(act.WorkerId).Integer((int)decision.Kind)
                .Integer(act.ReceivedAt.ToUnixTimeMilliseconds()).Text(IsoDate.Write(decision.EffectiveFrom)).Text(IsoDate.Write(decision.NextDeadline))
                .Text(decision.Replaces?.ToString()).Text(ChannelName(act.Channel)).Text(act.IdempotencyKey?.Stored).Blob(act.ContentHash)
                .Blob(statement).Blob(record).Run();
        }

        foreach (var (worker, entry) in batch.RegisterEntries)
        {
            _entry.Integer(worker).Integer((int)entry.Standing).Text(entry.Office).Text(IsoDate.Write(entry.RegisteredOn)).Text(entry.ResidenceNumber)
                .Text(IsoDate.Write(entry.ResidenceFrom)).Text(IsoDate.Write(entry.LastTold)).Text(IsoDate.Write(entry.NextDeadline))
                .Text(entry.DepartureNumber).Text(IsoDate.Write(entry.DepartureOn)).Text(IsoDate.Write(entry.DepartureTold)).Run();
        }

        foreach (var (worker, number, message, at) in batch.Messages)
        {
            _message.Integer(worker).Text(number).Text(message.Channel.Kind).Text(message.Channel.Address).Text(message.Language)
                .Text(message.Subject).Text(message.Body).Integer(at.ToUnixTimeMilliseconds())
                .Integer(message.SentNow ? at.ToUnixTimeMilliseconds() : null).Text(message.ReplyCode).Run();
        }

        return Task.FromResult(true);
    }

    SqliteStatement Prepare(string sql) => new(_connection!, sql);

    public override ValueTask DisposeAsync()
    {
        foreach (var statement in (SqliteStatement?[])[_moveHead, _batch, _node, _act, _entry, _message]) statement?.Dispose();
        _connection?.Dispose();
        _connection = null;
        return ValueTask.CompletedTask;
    }
}
