using System.Collections.Concurrent;
using System.Globalization;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;

namespace Manzil.Log;

/// <summary>How much of a log may be shown.</summary>
/// <param name="Number">Which log of this installation, from 1.</param>
/// <param name="Size">How many of its entries may be shown.</param>
/// <param name="Checkpoint">The newest checkpoint that was published, the whole signed note.</param>
public sealed record ShownLog(int Number, long Size, string Checkpoint);

/// <summary>
/// What strangers may read of the logs. A path belongs to one log for ever: <c>/log/</c> to the first, <c>/log/2/</c> to the second.
/// What is shown of the open log was kept outside the database first; of a closed one, nothing past its last checkpoint is shown, and
/// nothing at all where the database has other entries than those that were published.
/// </summary>
public sealed class PublicLog(Database database, LogTiles tiles, Installation installation, PublishedCheckpoint published)
{
    readonly ConcurrentDictionary<int, ShownLog> _closed = new();

    /// <summary>Where a log is served, without a slash at the end.</summary>
    public static string PathOf(int log) => log == 1 ? "/log" : string.Create(CultureInfo.InvariantCulture, $"/log/{log}");

    /// <returns>Null where there is no such log, or nothing of it is known to have been published.</returns>
    public async Task<ShownLog?> ShowAsync(int number)
    {
        var head = await tiles.HeadAsync();
        if (number > head.Log) return null;
        if (number == head.Log) return await ShowOpenAsync(head);
        if (_closed.TryGetValue(number, out var known)) return known;
        return await ShowClosedAsync(number);
    }

    async Task<ShownLog?> ShowOpenAsync((int Log, long Size, string Checkpoint) head)
    {
        var kept = published.Newest;
        if (kept?.Note == head.Checkpoint) return new ShownLog(head.Log, head.Size, head.Checkpoint);
        var origin = (await installation.LogAsync(head.Log)).Origin;
        if (await Restoration.FindAsync(kept?.Checkpoint, origin, head.Log, head.Size, tiles) is null)
        {
            // Another node's commit, or one of this node's that is being answered: kept here before it is shown here.
            published.Keep(head.Checkpoint, Checkpoint.Parse(SignedNote.Parse(head.Checkpoint).Text));
            return new ShownLog(head.Log, head.Size, head.Checkpoint);
        }

        // A database that went back shows what it still has, under the checkpoint that was published; one that went on differently shows nothing.
        return kept!.Checkpoint.Origin == origin
            ? new ShownLog(head.Log, head.Size < kept.Checkpoint.Size ? head.Size : 0, kept.Note)
            : new ShownLog(head.Log, 0, head.Checkpoint);
    }

    async Task<ShownLog?> ShowClosedAsync(int number)
    {
        string? note;
        await using (var connection = await database.OpenAsync())
            note = await connection.QuerySingleOrDefaultAsync<string?>("select last_checkpoint from log where number = @number", new { number });
        if (note is null) return null;
        var last = Checkpoint.Parse(SignedNote.Parse(note).Text);
        var rows = await tiles.SizeAsync(number);
        if (rows < last.Size) return new ShownLog(number, rows, note);
        if (!(await tiles.RootAsync(number, last.Size)).AsSpan().SequenceEqual(last.RootHash)) return new ShownLog(number, 0, note);
        // Whole, and those that were published: that changes no more. What is missing may still come, on a standby.
        return _closed.GetOrAdd(number, new ShownLog(number, last.Size, note));
    }
}
