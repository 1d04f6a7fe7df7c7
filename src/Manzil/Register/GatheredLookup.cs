using System.Data.Common;

namespace Manzil.Register;

/// <summary>
/// Looks up one row for each of many requests at once: while one query is under way, the keys of those who come
/// gather for the next, on one connection. Nobody is answered by a query that began before they asked.
/// </summary>
/// <param name="load">Finds the rows of many keys; a key that has none is left out.</param>
public sealed class GatheredLookup<TKey, TRow>(Database database, Func<DbConnection, IReadOnlyCollection<TKey>, Task<Dictionary<TKey, TRow>>> load)
    where TKey : notnull
    where TRow : class
{
    const int MaxKeys = 256;

    readonly Lock _gate = new();
    readonly Queue<(TKey Key, TaskCompletionSource<TRow?> Found)> _waiting = new();
    bool _running;

    /// <returns>The row; null where there is none.</returns>
    public Task<TRow?> FindAsync(TKey key)
    {
        var found = new TaskCompletionSource<TRow?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue((key, found));
            if (_running) return found.Task;
            _running = true;
        }

        _ = Task.Run(RunAsync);
        return found.Task;
    }

    async Task RunAsync()
    {
        while (Take() is { Count: > 0 } asked)
        {
            try
            {
                await using var connection = await database.OpenAsync();
                var rows = await load(connection, asked.ConvertAll(a => a.Key));
                foreach (var (key, found) in asked) found.SetResult(rows.GetValueOrDefault(key));
            }
            catch (Exception e)
            {
                foreach (var (_, found) in asked) found.TrySetException(e);
            }
        }
    }

    List<(TKey Key, TaskCompletionSource<TRow?> Found)> Take()
    {
        lock (_gate)
        {
            var taken = new List<(TKey Key, TaskCompletionSource<TRow?> Found)>(Math.Min(_waiting.Count, MaxKeys));
            while (taken.Count < MaxKeys && _waiting.TryDequeue(out var next)) taken.Add(next);
            _running = taken.Count > 0;
            return taken;
        }
    }
}
