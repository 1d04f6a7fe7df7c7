namespace Manzil.Receipts;

/// <summary>
/// Comparing a document with a receipt takes a tenth of a second on purpose, and anybody may ask for it. So few are compared at once,
/// so few wait, and whoever comes then is asked to come again. Checks without a document wait for none of them.
/// </summary>
public sealed class DocumentChecks
{
    public const int MaxWaiting = 32;

    readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    int _waiting;

    /// <summary>How many are compared or wait for it.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <returns>Null where too many wait.</returns>
    public async Task<T?> InTurnAsync<T>(Func<T> check, CancellationToken cancellation) where T : class
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > MaxWaiting) return null;
            await _turns.WaitAsync(cancellation);
            try
            {
                return await Task.Run(check, CancellationToken.None);
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
