using Manzil.Log;
using Manzil.Receipts;

namespace Manzil.Register;

/// <summary>Finds a database that was restored behind what had been published, or that went on differently since.</summary>
static class Restoration
{
    /// <returns>What is wrong, in one sentence; null where the database has the whole log that was published.</returns>
    public static async Task<string?> FindAsync(Checkpoint? published, string origin, int log, long size, LogTiles tiles)
    {
        if (published is null || IsBefore(published.Origin, origin)) return null;
        if (published.Origin != origin || published.Size > size)
            return $"The database ends at entry {size} of {origin}, but {published.Size} entries of {published.Origin} were published: it was restored from a backup or failed over badly.";
        // The head moved past what was published: by this log's own nodes, or by one that wrote on a restored database.
        var root = await tiles.RootAsync(log, published.Size);
        return root.AsSpan().SequenceEqual(published.RootHash)
            ? null
            : $"The first {published.Size} entries of {origin} in the database are not those that were published: it was restored from a backup and written by another node.";
    }

    // Origins of one installation are "host/log", "host/log/2", "host/log/3", …
    public static bool IsBefore(string origin, string than) =>
        origin.Length != than.Length ? origin.Length < than.Length : string.CompareOrdinal(origin, than) < 0;
}
