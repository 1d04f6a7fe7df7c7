using System.Data.Common;
using Manzil.Receipts;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Manzil.Register;

/// <summary>
/// One prepared statement a batch: it moves the head from the size it knows and feeds every insert from arrays. Outside a transaction a
/// second goes with it, in one message and one transaction, that takes it back where a session has ended meanwhile.
/// </summary>
sealed class PostgresBatchSql(Database database) : BatchSql
{
    const string Sql =
        """
        with head as (
          update log_head set size = $3, frontier = $4, checkpoint = $5, newest_at = $6
          where id = 1 and log = $1 and size = $2 and newest_at = $44 returning log
        ), batch as (
          insert into log_batch (log, first, size, entries, checkpoint) select log, $2, $3, $7, $5 from head
        ), nodes as (
          insert into log_node (log, level, node, hash)
          select head.log, n.level, n.node, n.hash from head, unnest($8, $9, $10) as n (level, node, hash)
        ), acts as (
          insert into act (log, leaf, number, worker_id, kind, given_at, effective_from, next_deadline, replaces, channel,
                           idempotency_key, content_hash, statement, record)
          select head.log, $2 + a.ordinal - 1, a.number, a.worker_id, a.kind, a.given_at, a.effective_from, a.next_deadline, a.replaces,
                 a.channel, a.idempotency_key, a.content_hash, a.statement, a.record
          from head, unnest($11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) with ordinality
            as a (number, worker_id, kind, given_at, effective_from, next_deadline, replaces, channel, idempotency_key, content_hash, statement, record, ordinal)
        ), entries as (
          update register_entry r
          set standing = u.standing, office = u.office, registered_on = u.registered_on, residence_number = u.residence_number,
              residence_from = u.residence_from, last_told = u.last_told,
              -- A node may remember a worker as they were before their date was moved: what they were told stands.
              next_deadline = case when u.next_deadline < r.next_deadline then r.next_deadline else u.next_deadline end,
              departure_number = u.departure_number, departure_on = u.departure_on,
              departure_told = case when r.departure_number is distinct from u.departure_number then u.departure_told else r.departure_told end,
              reminded = case when (r.next_deadline is not distinct from u.next_deadline or u.next_deadline < r.next_deadline)
                                and not (r.departure_number is not null and u.departure_number is null) then r.reminded
                              -- Too late for the rounds of that date.
                              when u.next_deadline <= (select max(due) from reminder_round) then -1 else 0 end
          from head, unnest($23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33)
            as u (worker_id, standing, office, registered_on, residence_number, residence_from, last_told, next_deadline,
                  departure_number, departure_on, departure_told)
          where r.worker_id = u.worker_id
        ), messages as (
          insert into message (worker_id, act_number, channel_kind, address, language, subject, body, created_at, sent_at, delivered_at, reply_code)
          select m.worker_id, m.act_number, m.channel_kind, m.address, m.language, m.subject, m.body, m.created_at, m.sent_at, m.sent_at, m.reply_code
          from head, unnest($34, $35, $36, $37, $38, $39, $40, $41, $42, $43)
            as m (worker_id, act_number, channel_kind, address, language, subject, body, created_at, sent_at, reply_code)
        )
        select count(*) from head
        """;

    NpgsqlConnection? _connection;
    NpgsqlCommand? _write;
    NpgsqlBatch? _writeIfStanding;
    NpgsqlCommand? _readHead;

    public override DbConnection Connection => _connection!;

    public override bool LocksFirst => false;

    public override async Task ConnectAsync()
    {
        await DisposeAsync();
        _connection = (NpgsqlConnection)await database.OpenAsync();
        _readHead = new NpgsqlCommand("select log, frontier, checkpoint, newest_at from log_head where id = 1 for update", _connection);
        _write = new NpgsqlCommand(Sql, _connection);
        AddParameters(_write.Parameters);
        _writeIfStanding = new NpgsqlBatch(_connection);
        var (write, standing) = (new NpgsqlBatchCommand(Sql), new NpgsqlBatchCommand(StandingSessions.AllOrNothing));
        AddParameters(write.Parameters);
        Add(standing.Parameters, NpgsqlDbType.Array | NpgsqlDbType.Bytea, NpgsqlDbType.Bigint);
        _writeIfStanding.BatchCommands.Add(write);
        _writeIfStanding.BatchCommands.Add(standing);
        await _write.PrepareAsync();
        await _writeIfStanding.PrepareAsync();
        await _readHead.PrepareAsync();
    }

    static void AddParameters(NpgsqlParameterCollection all)
    {
        Add(all, NpgsqlDbType.Integer, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Bytea, NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.Bytea);
        AddArrays(all, NpgsqlDbType.Smallint, NpgsqlDbType.Bigint, NpgsqlDbType.Bytea);
        AddArrays(
            all, NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.Smallint, NpgsqlDbType.Bigint, NpgsqlDbType.Text, NpgsqlDbType.Text,
            NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Bytea, NpgsqlDbType.Bytea, NpgsqlDbType.Bytea);
        AddArrays(
            all, NpgsqlDbType.Bigint, NpgsqlDbType.Smallint, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text,
            NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text);
        AddArrays(
            all, NpgsqlDbType.Bigint, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text,
            NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Text);
        Add(all, NpgsqlDbType.Bigint);
    }

    public override async Task<DbTransaction> BeginLockedAsync() => await _connection!.BeginTransactionAsync();

    public override async Task<Head> ReadHeadAsync(DbTransaction? transaction)
    {
        await using var reader = await _readHead!.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new Head(
            reader.GetInt32(0), MerkleFrontier.Decode(reader.GetFieldValue<byte[]>(1)), reader.GetString(2),
            Instant.FromUnixTimeMilliseconds(reader.GetInt64(3)));
    }

    public override async Task<bool> WriteAsync(Batch batch, DbTransaction? transaction)
    {
        var isChecked = transaction is null && batch.AskedIn.Count > 0;
        var (p, parameters) = (0, isChecked ? _writeIfStanding!.BatchCommands[0].Parameters : _write!.Parameters);
        void Set(object value) => parameters[p++].Value = value;

        Set(batch.Before.Log);
        Set(batch.Before.Size);
        Set(batch.After.Size);
        Set(batch.After.Frontier.Encode());
        Set(batch.After.Checkpoint);
        Set(batch.After.NewestAt.ToUnixTimeMilliseconds());
        Set(batch.Entries);

        var nodes = batch.Nodes;
        Set(Column(nodes, n => (short)n.Level));
        Set(Column(nodes, n => n.Index));
        Set(Column(nodes, n => n.Hash));

        var acts = batch.Acts;
        Set(Column(acts, a => a.Act.Number.ToString()));
        Set(Column(acts, a => a.Act.WorkerId));
        Set(Column(acts, a => (short)a.Decision.Kind));
        Set(Column(acts, a => a.Act.ReceivedAt.ToUnixTimeMilliseconds()));
        Set(Column(acts, a => IsoDate.Write(a.Decision.EffectiveFrom)));
        Set(Column(acts, a => IsoDate.Write(a.Decision.NextDeadline)));
        Set(Column(acts, a => a.Decision.Replaces?.ToString()));
        Set(Column(acts, a => ChannelName(a.Act.Channel)));
        Set(Column(acts, a => a.Act.IdempotencyKey?.Stored));
        Set(Column(acts, a => a.Act.ContentHash));
        Set(Column(acts, a => a.Statement));
        Set(Column(acts, a => a.Record));

        var entries = batch.RegisterEntries;
        Set(Column(entries, e => e.WorkerId));
        Set(Column(entries, e => (short)e.Entry.Standing));
        Set(Column(entries, e => e.Entry.Office));
        Set(Column(entries, e => IsoDate.Write(e.Entry.RegisteredOn)));
        Set(Column(entries, e => e.Entry.ResidenceNumber));
        Set(Column(entries, e => IsoDate.Write(e.Entry.ResidenceFrom)));
        Set(Column(entries, e => IsoDate.Write(e.Entry.LastTold)));
        Set(Column(entries, e => IsoDate.Write(e.Entry.NextDeadline)));
        Set(Column(entries, e => e.Entry.DepartureNumber));
        Set(Column(entries, e => IsoDate.Write(e.Entry.DepartureOn)));
        Set(Column(entries, e => IsoDate.Write(e.Entry.DepartureTold)));

        var messages = batch.Messages;
        Set(Column(messages, m => m.WorkerId));
        Set(Column(messages, m => m.ActNumber));
        Set(Column(messages, m => m.Message.Channel.Kind));
        Set(Column(messages, m => m.Message.Channel.Address));
        Set(Column(messages, m => m.Message.Language));
        Set(Column(messages, m => m.Message.Subject));
        Set(Column(messages, m => m.Message.Body));
        Set(Column(messages, m => m.At.ToUnixTimeMilliseconds()));
        Set(Column(messages, m => m.Message.SentNow ? m.At.ToUnixTimeMilliseconds() : (long?)null));
        Set(Column(messages, m => m.Message.ReplyCode));

        // Erasing somebody moves the time alone: whoever knows an earlier one looks anew who is still there.
        Set(batch.Before.NewestAt.ToUnixTimeMilliseconds());

        return isChecked ? await WriteIfStandingAsync(batch.AskedIn) : (long)(await _write!.ExecuteScalarAsync())! == 1;
    }

    async Task<bool> WriteIfStandingAsync(IReadOnlyList<byte[]> sessions)
    {
        var standing = _writeIfStanding!.BatchCommands[1].Parameters;
        (standing[0].Value, standing[1].Value) = (sessions as byte[][] ?? [.. sessions], (long)sessions.Count);
        try
        {
            await using var reader = await _writeIfStanding.ExecuteReaderAsync();
            await reader.ReadAsync();
            var written = reader.GetInt64(0) == 1;
            // What the second statement says arrives with it.
            await reader.NextResultAsync();
            await reader.ReadAsync();
            return written;
        }
        catch (PostgresException e) when (StandingSessions.IsEnded(e))
        {
            return false;
        }
    }

    static TColumn[] Column<TRow, TColumn>(IReadOnlyList<TRow> rows, Func<TRow, TColumn> value)
    {
        var column = new TColumn[rows.Count];
        for (var i = 0; i < column.Length; i++) column[i] = value(rows[i]);
        return column;
    }

    static void Add(NpgsqlParameterCollection all, params ReadOnlySpan<NpgsqlDbType> types)
    {
        foreach (var type in types) all.Add(new NpgsqlParameter { NpgsqlDbType = type });
    }

    static void AddArrays(NpgsqlParameterCollection all, params ReadOnlySpan<NpgsqlDbType> types)
    {
        foreach (var type in types) all.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    public override async ValueTask DisposeAsync()
    {
        if (_connection is null) return;
        if (_write is not null) await _write.DisposeAsync();
        if (_writeIfStanding is not null) await _writeIfStanding.DisposeAsync();
        if (_readHead is not null) await _readHead.DisposeAsync();
        await _connection.DisposeAsync();
        _connection = null;
    }
}
