using System.Security.Cryptography;

namespace Manzil.SignIn;

/// <summary>
/// The slow hashes of codes on paper, on at most half the cores: what is asked for by the thousand slows signing in, and not the
/// notices. So many wait and no more, a part of the places is kept for those who have not failed, they go first, and nobody has more
/// than two places: an honest sign-in waits for a number of hashes that does not grow.
/// </summary>
public sealed class SlowHashes
{
    public const int MaxWaiting = 32, MaxWaitingOfFailed = 16, MaxOfOne = 2;

    // So that those who failed are not forgotten while others come without end.
    const int FailedGoEvery = 4;

    readonly Lock _gate = new();
    readonly Queue<TaskCompletionSource> _first = new(), _failed = new();
    readonly Dictionary<string, int> _of = new(StringComparer.Ordinal);
    int _free = Math.Max(1, Environment.ProcessorCount / 2);
    int _turn;
    long _made;

    /// <summary>How many were made: right and wrong guesses must take the same number.</summary>
    public long Made => Interlocked.Read(ref _made);

    /// <summary>How many wait for others.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _first.Count + _failed.Count;
        }
    }

    /// <param name="code">As typed.</param>
    /// <param name="salt">Kept beside the hash.</param>
    /// <param name="of">Whose code it is said to be, in which way: "card:FC1000017".</param>
    /// <param name="hasFailed">Whether wrong codes were typed there lately.</param>
    /// <returns>Null where there is no place now.</returns>
    public async Task<byte[]?> OfAsync(string code, byte[] salt, string of, bool hasFailed = false)
    {
        if (Take(of, hasFailed) is not { } turn) return null;
        await turn;
        try
        {
            Interlocked.Increment(ref _made);
            return await Task.Run(() => SecretCode.Hash(code, salt));
        }
        finally
        {
            Leave(of);
            Release();
        }
    }

    /// <summary>Takes a place at the hashing itself, where one is free: tests make others wait.</summary>
    public bool TryReserve()
    {
        lock (_gate) return _free > 0 && _free-- > 0;
    }

    /// <summary>Gives it to whoever waits longest.</summary>
    public void Release()
    {
        lock (_gate)
        {
            var failedGo = _failed.Count > 0 && (_first.Count == 0 || ++_turn % FailedGoEvery == 0);
            if (failedGo) _failed.Dequeue().SetResult();
            else if (_first.Count > 0) _first.Dequeue().SetResult();
            else _free++;
        }
    }

    /// <summary>Ends when it is this one's turn; null where there is no place.</summary>
    Task? Take(string of, bool hasFailed)
    {
        lock (_gate)
        {
            var ofOne = _of.GetValueOrDefault(of);
            var mayWait = _first.Count + _failed.Count < MaxWaiting && !(hasFailed && _failed.Count >= MaxWaitingOfFailed);
            if (ofOne >= MaxOfOne || (_free == 0 && !mayWait)) return null;
            _of[of] = ofOne + 1;
            if (_free > 0)
            {
                _free--;
                return Task.CompletedTask;
            }

            // Those who wait go on by themselves, not within the lock.
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (hasFailed ? _failed : _first).Enqueue(turn);
            return turn.Task;
        }
    }

    void Leave(string of)
    {
        lock (_gate)
        {
            if (_of[of] == 1) _of.Remove(of);
            else _of[of]--;
        }
    }
}
