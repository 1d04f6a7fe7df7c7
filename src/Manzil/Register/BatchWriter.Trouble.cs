using Dapper;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Register;

/// <summary>What the writer does while the database is gone, full, or not the one that was published.</summary>
public sealed partial class BatchWriter
{
    static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan LookUpPatience = TimeSpan.FromSeconds(5);

    static readonly Duration ClockTolerance = Duration.FromSeconds(10);

    readonly TaskCompletionSource _checked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile string? _down;

    /// <summary>How many places in the queue are taken.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Ends once the writer has looked at the database for the first time; <see cref="Trouble"/> then says what it found.</summary>
    public Task Checked => _checked.Task;

    /// <summary>Waits for acts. While there is trouble it also looks whether that is over: a node that is not ready gets no acts that would show it.</summary>
    async Task<bool> WaitAsync()
    {
        if (Trouble is null) return await _queue.Reader.WaitToReadAsync(_stop.Token);
        var ready = _queue.Reader.WaitToReadAsync(_stop.Token).AsTask();
        while (Trouble is not null && await Task.WhenAny(ready, Task.Delay(CheckEvery, _stop.Token)) != ready && !_stop.IsCancellationRequested)
            await CheckAsync();
        return await ready;
    }

    /// <summary>Looks whether the database can be written and is the one that was published.</summary>
    async Task CheckAsync()
    {
        try
        {
            await ConnectAsync();
            await using var transaction = await _sql.BeginLockedAsync();
            var head = await _sql.ReadHeadAsync(transaction);
            _known = null;
            await TakeHeadAsync(head, mayOpenLog: true);
            _published.Keep(head.Checkpoint, Checkpoint.Parse(SignedNote.Parse(head.Checkpoint).Text));
            if (_down is not null)
            {
                // Reading works on a full disk too: only a row that is written, and leaves nothing, shows that it is over.
                await _sql.Connection.ExecuteAsync("insert into form_key (id, xml) values ('probe', '')", transaction: transaction);
                await _sql.Connection.ExecuteAsync("delete from form_key where id = 'probe'", transaction: transaction);
                await transaction.CommitAsync();
                LogEvents.DatabaseWrittenAgain(_logger);
            }

            Trouble = head is { Size: 0, Log: > 1 } ? HalfReopened : null;
            _down = null;
        }
        catch (RegisterStoppedException e)
        {
            if (Trouble != e.Message) LogEvents.RegisterStopped(_logger, LogCause.Of(e));
            _known = null;
            _down = null;
            Trouble = e.Message;
        }
        catch (Exception e)
        {
            if (_down is null) LogEvents.DatabaseNotWritten(_logger, LogCause.Of(e));
            _connected = false;
            _known = null;
            _down = Trouble = Unwritable;
        }
    }

    /// <summary>
    /// A commit whose answer was lost is looked up: the head row's lock waits for whatever is still under way, and the
    /// batch's row, with its checkpoint, says whether it is ours.
    /// </summary>
    async Task<bool> WasCommittedAsync(Batch batch)
    {
        using var patience = new CancellationTokenSource(LookUpPatience);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await _sql.ConnectAsync();
                await using var transaction = await _sql.BeginLockedAsync();
                await _sql.ReadHeadAsync(transaction);
                return await _sql.Connection.ExecuteScalarAsync<string?>(
                    "select checkpoint from log_batch where log = @log and first = @first",
                    new { log = batch.Before.Log, first = batch.Before.Size }, transaction) == batch.After.Checkpoint;
            }
            catch (Exception e) when (Database.IsUnavailable(e) && !patience.IsCancellationRequested)
            {
                await Task.Delay(100 << Math.Min(attempt, 4));
            }
        }
    }

    async Task<bool> IsNumberTakenAsync(ReceiptNumber number)
    {
        await ConnectAsync();
        return await _sql.Connection.ExecuteScalarAsync<long>("select count(*) from act where number = @number", new { number = number.ToString() }) > 0;
    }

    /// <summary>True where a clock stands before the newest receipt by more than nodes' clocks may differ.</summary>
    public static bool IsSetBack(Instant now, Instant newest) => now < newest - ClockTolerance;

    public const string ClockSetBack = "This machine's clock stands before the newest receipt: the operator must set it right.";
    const string Unwritable = "The register cannot be written at this moment. Nothing is lost: send again with the same key.";
    const string HalfReopened = "The log was reopened, but its first entry is missing. Nothing is written until an operator runs 'manzil log reopen' again.";
}
