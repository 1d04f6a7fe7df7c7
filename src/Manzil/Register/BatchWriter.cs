using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using Dapper;
using Manzil.Log;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Register;

/// <summary>
/// The one writer of this node (design §3, "From tap to receipt"). Requests prepare and sign on their own threads; one
/// loop takes what waits, writes it in one transaction, moves the log head, and answers everybody once the commit is
/// known. Every act moves the head row, so while the head is where this node left it, the workers it remembers are current.
/// </summary>
public sealed partial class BatchWriter : IAsyncDisposable
{
    public const int MaxWaiting = 512;
    /// <summary>The most acts of one transaction, so the most entries of one row of the log.</summary>
    public const int MaxBatch = 256;
    const int MaxRemembered = 200_000;
    // With several nodes, trying without the lock starves one of them: after a miss the lock is taken first for a while.
    const int LockedBatchesAfterMiss = 64;

    readonly WorkerReader _reader;
    readonly Installation _installation;
    readonly LogTiles _tiles;
    readonly ILogger<BatchWriter> _logger;
    readonly BatchSql _sql;
    readonly PublishedCheckpoint _published;
    readonly Channel<Pending> _queue = System.Threading.Channels.Channel.CreateUnbounded<Pending>();
    readonly CancellationTokenSource _stop = new();
    readonly Task _loop;

    readonly ConcurrentDictionary<long, Worker> _workers = new();
    Head? _known;
    bool _connected;
    int _lockedBatches;
    int _waiting;

    public BatchWriter(Database database, WorkerReader reader, Installation installation, LogTiles tiles, PublishedCheckpoint published, ILogger<BatchWriter> logger)
    {
        _reader = reader;
        _installation = installation;
        _tiles = tiles;
        _logger = logger;
        _sql = database.Kind == DatabaseKind.Postgres ? new PostgresBatchSql(database) : new SqliteBatchSql(database);
        _published = published;
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Where receipt numbers come from. Two of the same second may be equal: the unique index finds it, and another is taken.</summary>
    public Func<Instant, ReceiptNumber> NewNumber { get; set; } = ReceiptNumber.New;

    /// <summary>Why nothing can be written now, in one sentence; null when the last batch went through.</summary>
    public string? Trouble { get; private set; }

    /// <summary>In whose session whoever hands in an act at this moment asks for it (<see cref="Act.AskedIn"/>); the web host knows.</summary>
    public Func<byte[]?>? AskedIn { get; set; }

    /// <summary>Reserves a place in the queue; false where it is full or the database is known to be down, and then nothing more is done for the request.</summary>
    public bool TryReserve()
    {
        if (_down is not null) return false;
        if (Interlocked.Increment(ref _waiting) <= MaxWaiting) return true;
        Interlocked.Decrement(ref _waiting);
        return false;
    }

    public void Release() => Interlocked.Decrement(ref _waiting);

    /// <summary>The worker as this node remembers them, or as the database has them; null where there is none.</summary>
    public async ValueTask<Worker?> FindWorkerAsync(long id) =>
        _workers.TryGetValue(id, out var remembered) ? remembered : await _reader.FindAsync(id);

    /// <summary>Does an act: for a caller that has no place reserved yet.</summary>
    /// <exception cref="SessionEndedException">The session in which it is asked for has ended: nothing was done.</exception>
    public async Task<ActResult> SubmitAsync(Act act, Worker? worker = null)
    {
        if (!TryReserve()) return new ActResult.Unavailable(_down ?? "Too many people are sending at this moment.");
        try
        {
            return await SubmitReservedAsync(act, worker);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Does an act, on a place reserved with <see cref="TryReserve"/>; the caller releases it.</summary>
    /// <exception cref="SessionEndedException">The session in which it is asked for has ended: nothing was done.</exception>
    public async Task<ActResult> SubmitReservedAsync(Act act, Worker? worker)
    {
        act.TakeNumber(NewNumber(act.ReceivedAt), RandomNumberGenerator.GetBytes(16));
        act.AskedIn ??= AskedIn?.Invoke();
        var pending = new Pending(act) { Prepared = act.ReadsFirst ? Prepared.NotYet : Prepared.From(act, worker, _installation) };
        await _queue.Writer.WriteAsync(pending);
        var outcome = await pending.Done.Task;
        return outcome switch
        {
            Outcome.Written w => Accept(w, repeated: false),
            Outcome.Stored s when !pending.IsAsked(s.Act.WorkerId, s.Act.ContentHash) => Used(act, ReceiptNumber.Parse(s.Act.Number, null)),
            Outcome.Stored s => await _tiles.ReceiptOfAsync(s.Act),
            Outcome.Same s when !pending.IsAsked(s.First.About, s.First.Act.ContentHash) => Used(act, s.First.Act.Number),
            Outcome.Same s => await s.First.Done.Task is Outcome.Written w ? Accept(w, repeated: true) : new ActResult.Unavailable("The first of two equal requests was not done."),
            Outcome.Refused r => new ActResult.Refused(r.Reason),
            Outcome.Failed f => new ActResult.Unavailable(f.Sentence),
            Outcome.SessionEnded => throw new SessionEndedException(),
            _ => throw new InvalidOperationException(),
        };
    }

    // Nobody but the program makes its own keys: what stands under one can only be that same act.
    static ActResult.KeyUsed Used(Act act, ReceiptNumber number) => act.IdempotencyKey is { IsServices: true }
        ? throw new InvalidOperationException($"A key of the service's own, for {act.GetType().Name}, was used for another act.")
        : new ActResult.KeyUsed(number);

    static ActResult.Accepted Accept(Outcome.Written w, bool repeated)
    {
        var proof = new TlogProof { Index = w.Appended.FirstIndex + w.Place, Hashes = w.Appended.Proof(w.Place), CheckpointText = w.Checkpoint };
        return new ActResult.Accepted(
            w.Row.Act.Number, w.Row.Decision.Kind, w.Row.Statement, w.Row.Record, proof.Format(), w.Row.Decision.NextDeadline, repeated);
    }

    async Task LoopAsync()
    {
        var batch = new List<Pending>(MaxBatch);
        await CheckAsync();
        _checked.SetResult();
        try
        {
            while (await WaitAsync())
            {
                batch.Clear();
                while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var pending)) batch.Add(pending);
                foreach (var part in InOrder(batch)) await WriteWithNeighboursSparedAsync(part, lookUpKeys: false);
            }
        }
        catch (OperationCanceledException)
        {
            // stopping
        }

        while (_queue.Reader.TryRead(out var left)) left.Done.TrySetResult(new Outcome.Failed("The service is stopping."));
    }

    /// <summary>Writes a batch; one failing act must not fail its neighbours, so a failed batch is cut in two.</summary>
    async Task WriteWithNeighboursSparedAsync(IReadOnlyList<Pending> batch, bool lookUpKeys)
    {
        try
        {
            var done = await WriteAsync(batch, lookUpKeys);
            Trouble = _down = null;
            foreach (var (pending, outcome) in done) pending.Done.TrySetResult(outcome);
        }
        catch (RegisterStoppedException e)
        {
            if (Trouble != e.Message) LogEvents.RegisterStopped(_logger, LogCause.Of(e));
            Fail(batch, e.Message);
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            LogEvents.DatabaseNotWritten(_logger, LogCause.Of(e));
            _connected = false;
            _down = Unwritable;
            Fail(batch, Unwritable);
        }
        catch (Exception e) when (Database.IsUniqueViolation(e) && !lookUpKeys)
        {
            _connected = false;
            await WriteWithNeighboursSparedAsync(batch, lookUpKeys: true);
        }
        catch (Exception e) when (batch.Count > 1)
        {
            LogEvents.BatchCutInTwo(_logger, new LogNumber(batch.Count), LogCause.Of(e));
            _connected = false;
            await WriteWithNeighboursSparedAsync([.. batch.Take(batch.Count / 2)], lookUpKeys);
            await WriteWithNeighboursSparedAsync([.. batch.Skip(batch.Count / 2)], lookUpKeys);
        }
        catch (Exception e)
        {
            _connected = false;
            if (Database.IsUniqueViolation(e))
            {
                if (await IsNumberTakenAsync(batch[0].Act.Number))
                {
                    batch[0].TakeNumber(NewNumber(batch[0].Act.ReceivedAt), _installation);
                    await WriteWithNeighboursSparedAsync(batch, lookUpKeys);
                    return;
                }

                batch[0].Done.TrySetResult(new Outcome.Refused(batch[0].Act.RefusalOfConflict));
                return;
            }

            LogEvents.ActFailed(_logger, LogType.Of(batch[0].Act), LogCause.Of(e, place: true));
            batch[0].Done.TrySetResult(new Outcome.Failed("This could not be done; the operator has been told. Send again with the same key."));
        }
    }

    void Fail(IReadOnlyList<Pending> batch, string sentence)
    {
        Trouble = sentence;
        _workers.Clear();
        _known = null;
        foreach (var pending in batch) pending.Done.TrySetResult(new Outcome.Failed(sentence));
    }

    async Task<List<(Pending, Outcome)>> WriteAsync(IReadOnlyList<Pending> items, bool lookUpKeys)
    {
        await ConnectAsync();
        var lockFirst = _sql.LocksFirst || lookUpKeys || _known is null || _lockedBatches > 0 || items.Any(i => i.Act.WritesOwnRows);
        while (true)
        {
            if (await TryWriteAsync(items, lookUpKeys, lockFirst) is { } outcomes) return outcomes;
            _lockedBatches = LockedBatchesAfterMiss;
            lockFirst = true;
        }
    }

    async Task ConnectAsync()
    {
        if (_connected) return;
        _known = null;
        await _sql.ConnectAsync();
        _connected = true;
    }

    /// <returns>Each act's outcome, durable; null where the head had moved or the lock is needed, and nothing was written.</returns>
    async Task<List<(Pending, Outcome)>?> TryWriteAsync(IReadOnlyList<Pending> items, bool lookUpKeys, bool lockFirst)
    {
        await using var transaction = lockFirst ? await _sql.BeginLockedAsync() : null;
        if (lockFirst) await TakeHeadAsync(await _sql.ReadHeadAsync(transaction), items.Any(i => i.Act.OpensLog));
        var head = _known!;
        var askedIn = SessionsOf(items);
        var standing = lockFirst && askedIn.Count > 0 ? await StandingSessions.FindAsync(_sql.Connection, transaction, askedIn) : null;

        var missing = items.Where(i => i.Act.WorkerId is { } id && !_workers.ContainsKey(id)).Select(i => i.Act.WorkerId!.Value).Distinct().ToList();
        var loaded = missing.Count == 0 ? null : await Worker.LoadAsync(_sql.Connection, transaction, missing);

        var outcomes = new List<(Pending, Outcome)>(items.Count);
        var rows = new List<(Pending Pending, ActRow Row)>(items.Count);
        var entries = new List<byte[]>(items.Count);
        var changed = new Dictionary<long, Worker>();
        var keys = new Dictionary<IdempotencyKey, Pending>();
        foreach (var item in items)
        {
            var act = item.Act;
            if (standing is not null && act.AskedIn is { } session && !standing.Contains(session))
            {
                outcomes.Add((item, new Outcome.SessionEnded()));
                continue;
            }

            if (IsSetBack(act.ReceivedAt, head.NewestAt))
            {
                outcomes.Add((item, new Outcome.Failed(ClockSetBack)));
                continue;
            }

            Worker? worker = null;
            if (act.WorkerId is { } id && !changed.TryGetValue(id, out worker) && !_workers.TryGetValue(id, out worker))
                loaded?.TryGetValue(id, out worker);
            if (act.ReadsFirst) await act.ReadAsync(_sql.Connection, transaction!);
            var prepared = !act.ReadsFirst && (worker is null || worker.SameAs(item.Prepared.Basis)) ? item.Prepared : Prepared.From(act, worker, _installation);

            if (act.IdempotencyKey is { } key)
            {
                if (keys.TryGetValue(key, out var first))
                {
                    outcomes.Add((item, new Outcome.Same(first)));
                    continue;
                }

                if ((lookUpKeys || prepared.Decision.Refusal is not null) && await KeyedActs.FindAsync(_sql.Connection, transaction, key) is { } stored)
                {
                    outcomes.Add((item, new Outcome.Stored(stored)));
                    continue;
                }
            }

            if (prepared.Decision.Refusal is { } refusal)
            {
                outcomes.Add((item, new Outcome.Refused(refusal)));
                continue;
            }

            if (act.IdempotencyKey is { } newKey) keys[newKey] = item;
            if (act.WritesOwnRows) await act.WriteAsync(_sql.Connection, transaction!);
            if (worker is not null && prepared.Decision.After is not null) changed[worker.Id] = prepared.Decision.AppliedTo(worker);
            rows.Add((item, new ActRow(act, prepared.Decision, prepared.Statement, prepared.Record)));
            entries.Add(prepared.Entry);
        }

        // A refusal rests on what this node remembers, and only the head says whether that is current.
        if (rows.Count == 0) return lockFirst ? outcomes : null;

        var appended = head.Frontier.Append(entries.ConvertAll(e => MerkleTree.HashLeaf(e)));
        var log = await _installation.LogAsync(head.Log);
        var treeHead = new Checkpoint(log.Origin, appended.Size, appended.Root);
        var checkpoint = log.Signer.Sign(treeHead.Format());
        var newest = rows.Max(r => r.Row.Act.ReceivedAt);
        var moved = new Head(head.Log, appended.Frontier, checkpoint, Instant.Max(head.NewestAt, newest));
        var batch = new Batch
        {
            AskedIn = askedIn,
            Before = head,
            After = moved,
            Entries = Join(entries),
            Nodes = appended.CompletedTiles,
            Acts = rows.ConvertAll(r => r.Row),
            RegisterEntries = [.. changed.Select(c => (c.Key, c.Value.Entry))],
            Messages = [.. rows.SelectMany(r => r.Row.Decision.Messages.Select(m => (r.Row.Act.WorkerId!.Value, r.Row.Act.Number.ToString(), m, r.Row.Act.ReceivedAt)))],
        };

        try
        {
            if (!await _sql.WriteAsync(batch, transaction)) return null;
            if (transaction is not null) await transaction.CommitAsync();
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            if (!await WasCommittedAsync(batch)) throw;
        }

        if (lockFirst && _lockedBatches > 0) _lockedBatches--;
        Remember(moved, loaded, changed);
        // Its own rows may be a part of what is remembered of the worker.
        foreach (var (_, row) in rows.Where(r => r.Row.Act.WritesOwnRows)) _workers.TryRemove(row.Act.WorkerId ?? 0, out _);
        _published.Keep(checkpoint, treeHead);
        for (var i = 0; i < rows.Count; i++) outcomes.Add((rows[i].Pending, new Outcome.Written(rows[i].Row, appended, i, checkpoint)));
        return outcomes;
    }

    async Task TakeHeadAsync(Head head, bool mayOpenLog)
    {
        if (_known is null)
        {
            var log = await _installation.LogAsync(head.Log);
            if (await Restoration.FindAsync(_published.Newest?.Checkpoint, log.Origin, head.Log, head.Size, _tiles) is { } wrong)
                throw new RegisterStoppedException(wrong + " Nothing is written until an operator runs 'manzil log reopen'.");
        }

        if (head is { Size: 0, Log: > 1 } && !mayOpenLog) throw new RegisterStoppedException(HalfReopened);
        if (_known?.IsStill(head) != true)
        {
            _workers.Clear();
            _known = head;
        }
    }

    void Remember(Head head, Dictionary<long, Worker>? loaded, Dictionary<long, Worker> changed)
    {
        if (_workers.Count > MaxRemembered) _workers.Clear();
        foreach (var (id, worker) in loaded is null ? changed : loaded.Concat(changed))
        {
            // That the channels of one who leaves were told is written without an act: each act of theirs looks anew.
            if (worker.Entry.DepartureNumber is null) _workers[id] = worker;
            else _workers.TryRemove(id, out _);
        }
        _known = head;
    }

    static byte[] Join(List<byte[]> entries)
    {
        var joined = new byte[entries.Count * 32];
        for (var i = 0; i < entries.Count; i++) entries[i].CopyTo(joined, i * 32);
        return joined;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        _stop.CancelAfter(TimeSpan.FromSeconds(10));
        await _loop;
        await _sql.DisposeAsync();
        _stop.Dispose();
    }
}

/// <summary>Writing has stopped and does not start again by itself; the message is for the operator.</summary>
sealed class RegisterStoppedException(string sentence) : Exception(sentence);
