using System.Globalization;
using NodaTime.Text;

namespace Manzil.Receipts;

/// <summary>
/// Checks a whole log: every entry against its leaf hash, every tile against what it is made of, the root against the
/// signed checkpoint, and the tree against a checkpoint seen earlier. It reads the log once from its beginning, one
/// tile at a time, so that memory does not grow with the log.
/// </summary>
public sealed class LogAudit
{
    /// <summary>After this many problems an audit stops: 20.</summary>
    public const int MaxProblems = 20;

    readonly Func<string, CancellationToken, Task<byte[]?>> _fetch;
    readonly int? _entryLength;
    readonly List<string> _facts = [];
    readonly List<string> _problems = [];
    readonly List<List<byte[]>> _pending = [];
    MerkleFrontier _frontier = MerkleFrontier.Empty;

    LogAudit(Func<string, CancellationToken, Task<byte[]?>> fetch, int? entryLength)
    {
        _fetch = fetch;
        _entryLength = entryLength;
    }

    /// <summary>Audits a log.</summary>
    /// <param name="fetch">Gives the bytes at a path under the log's address, such as <c>checkpoint</c> or <c>tile/0/000</c>; null where there is nothing. What it throws ends the audit.</param>
    /// <param name="logs">The log's keys, from a place that the log's operator does not choose at the time of the audit.</param>
    /// <param name="witnesses">The keys of known witnesses; may be empty.</param>
    /// <param name="earlier">The signed checkpoint that an earlier audit kept; null at the first audit.</param>
    /// <param name="entryLength">How long every entry must be, in bytes: 32 in Manzil's log; null for any length.</param>
    /// <param name="cancellationToken">Ends the audit.</param>
    /// <returns>What was found.</returns>
    public static Task<LogAuditReport> RunAsync(
        Func<string, CancellationToken, Task<byte[]?>> fetch,
        IReadOnlyCollection<NoteVerifier> logs,
        IReadOnlyCollection<NoteVerifier> witnesses,
        string? earlier,
        int? entryLength = MerkleTree.HashLength,
        CancellationToken cancellationToken = default) =>
        new LogAudit(fetch, entryLength).RunAsync(logs, witnesses, earlier, cancellationToken);

    async Task<LogAuditReport> RunAsync(
        IReadOnlyCollection<NoteVerifier> logs, IReadOnlyCollection<NoteVerifier> witnesses, string? earlierText,
        CancellationToken cancellationToken)
    {
        var published = await _fetch("checkpoint", cancellationToken);
        if (published is null)
        {
            _problems.Add("The log has no checkpoint.");
            return new LogAuditReport(_facts, _problems, null, null);
        }

        if (ReadSigned(published, logs, "The log's checkpoint") is not var (text, checkpoint))
        {
            return new LogAuditReport(_facts, _problems, null, null);
        }

        _facts.Add(Say($"The checkpoint of {checkpoint.Origin} at {checkpoint.Size} entries is signed by the log's key."));
        TellWitnesses(text, witnesses);
        var earlier = earlierText is null ? null : ReadEarlier(earlierText, logs, checkpoint);
        if (_problems.Count == 0)
        {
            await ReadTreeAsync(checkpoint, earlier, cancellationToken);
        }

        return new LogAuditReport(_facts, _problems, checkpoint, text);
    }

    (string Text, Checkpoint Checkpoint)? ReadSigned(byte[] bytes, IReadOnlyCollection<NoteVerifier> logs, string what)
    {
        try
        {
            var text = StrictText.Utf8.GetString(bytes);
            var note = SignedNote.Parse(text);
            var checkpoint = Checkpoint.Read(note);
            if (logs.Any(key => !key.IsWitness && key.Name == checkpoint.Origin && key.Verify(note)))
            {
                return (text, checkpoint);
            }

            _problems.Add(Say($"{what} names the log {checkpoint.Origin} and is not signed by a known key of that log."));
        }
        catch (ReceiptFormatException error)
        {
            _problems.Add(Say($"{what} is malformed. {error.Message}"));
        }
        catch (ArgumentException)
        {
            _problems.Add(Say($"{what} is not UTF-8 text."));
        }

        return null;
    }

    void TellWitnesses(string text, IReadOnlyCollection<NoteVerifier> witnesses)
    {
        var note = SignedNote.Parse(text);
        var seen = 0;
        foreach (var witness in witnesses.Where(key => key.IsWitness))
        {
            if (witness.Verify(note, out var at) && at is { } instant)
            {
                seen++;
                _facts.Add(Say($"It was witnessed by {witness.Name} at {InstantPattern.General.Format(instant)}."));
            }
        }

        if (seen == 0)
        {
            _facts.Add("It is not yet witnessed.");
        }
    }

    Checkpoint? ReadEarlier(string text, IReadOnlyCollection<NoteVerifier> logs, Checkpoint now)
    {
        if (ReadSigned(StrictText.Utf8.GetBytes(text), logs, "The checkpoint kept from an earlier audit") is not var (_, earlier))
        {
            return null;
        }

        if (earlier.Origin != now.Origin)
        {
            _problems.Add(Say(
                $"The state kept is of the log {earlier.Origin}, and this log is {now.Origin}; start a new state file for it."));
        }
        else if (earlier.Size > now.Size)
        {
            _problems.Add(Say($"The log has shrunk: it had {earlier.Size} entries, and now has {now.Size}."));
        }

        return earlier;
    }

    async Task ReadTreeAsync(Checkpoint checkpoint, Checkpoint? earlier, CancellationToken cancellationToken)
    {
        byte[]? earlierRoot = earlier?.Size == 0 ? MerkleTree.EmptyRoot : null;
        for (var bundle = 0L; bundle * TilePath.FullWidth < checkpoint.Size; bundle++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var width = TilePath.WidthAt(0, bundle, checkpoint.Size);
            if (await ReadLeavesAsync(bundle, width, cancellationToken) is not { } leaves)
            {
                return;
            }

            var untilEarlier = (int)Math.Clamp((earlier?.Size ?? 0) - _frontier.Size, 0, leaves.Count);
            await AppendAsync([.. leaves.Take(untilEarlier)], cancellationToken);
            if (_frontier.Size == earlier?.Size)
            {
                earlierRoot ??= _frontier.Root();
            }

            await AppendAsync([.. leaves.Skip(untilEarlier)], cancellationToken);
            if (_problems.Count >= MaxProblems)
            {
                _problems.Add("The audit stopped here, since there are too many problems.");
                return;
            }
        }

        for (var level = 1; level <= _pending.Count; level++)
        {
            await CompareTileAsync(level, checkpoint.Size >> (8 * (level + 1)), cancellationToken);
        }

        Conclude(checkpoint, earlier, earlierRoot);
    }

    void Conclude(Checkpoint checkpoint, Checkpoint? earlier, byte[]? earlierRoot)
    {
        if (!_frontier.Root().AsSpan().SequenceEqual(checkpoint.RootHash))
        {
            _problems.Add("The entries do not lead to the root that the checkpoint states.");
        }

        if (earlier is not null && !earlier.RootHash.AsSpan().SequenceEqual(earlierRoot))
        {
            _problems.Add(Say(
                $"The log was rewritten: its first {earlier.Size} entries are not those of the checkpoint kept from an earlier audit."));
        }

        if (_problems.Count > 0)
        {
            return;
        }

        _facts.Add(Say($"All {checkpoint.Size} entries and all tiles lead to the checkpoint's root."));
        if (earlier is not null)
        {
            _facts.Add(Say($"The log has only grown since the checkpoint kept, from {earlier.Size} to {checkpoint.Size} entries."));
        }
    }

    /// <summary>Reads an entry bundle and its tile of leaf hashes, compares them, and gives the leaf hashes.</summary>
    async Task<IReadOnlyList<byte[]>?> ReadLeavesAsync(long index, int width, CancellationToken cancellationToken)
    {
        var entriesPath = TilePath.OfEntries(index, width);
        var tilePath = TilePath.OfTile(0, index, width);
        var fetchTile = FetchAsync(tilePath, TilePath.OfTile(0, index), cancellationToken);
        var bundle = await FetchAsync(entriesPath, TilePath.OfEntries(index), cancellationToken);
        var tile = await fetchTile;
        if (bundle is null)
        {
            _problems.Add(Say($"{entriesPath} is missing."));
            return null;
        }

        IReadOnlyList<byte[]> entries;
        try
        {
            entries = EntryBundle.Parse(bundle);
        }
        catch (ReceiptFormatException error)
        {
            _problems.Add(Say($"{entriesPath} cannot be read. {error.Message}"));
            return null;
        }

        if (entries.Count < width)
        {
            _problems.Add(Say($"{entriesPath} holds {entries.Count} entries and should hold {width}."));
            return null;
        }

        for (var i = 0; i < width; i++)
        {
            if (_entryLength is { } length && entries[i].Length != length)
            {
                _problems.Add(Say($"Entry {index * TilePath.FullWidth + i} is not {length} bytes long."));
            }
        }

        byte[][] leaves = [.. entries.Take(width).Select(entry => MerkleTree.HashLeaf(entry))];
        CompareTile(tilePath, tile, leaves);
        return leaves;
    }

    async Task AppendAsync(byte[][] leaves, CancellationToken cancellationToken)
    {
        var batch = _frontier.Append(leaves);
        _frontier = batch.Frontier;
        foreach (var completed in batch.CompletedTiles)
        {
            while (_pending.Count < completed.Level)
            {
                _pending.Add([]);
            }

            var hashes = _pending[completed.Level - 1];
            hashes.Add(completed.Hash);
            if (hashes.Count == TilePath.FullWidth)
            {
                await CompareTileAsync(completed.Level, completed.Index / TilePath.FullWidth, cancellationToken);
            }
        }
    }

    /// <summary>Compares what was computed for a tile of level 1 or more with what is published, and begins the next.</summary>
    async Task CompareTileAsync(int level, long index, CancellationToken cancellationToken)
    {
        var hashes = _pending[level - 1];
        if (hashes.Count == 0)
        {
            return;
        }

        var path = TilePath.OfTile(level, index, hashes.Count);
        CompareTile(path, await FetchAsync(path, TilePath.OfTile(level, index), cancellationToken), hashes);
        hashes.Clear();
    }

    void CompareTile(string path, byte[]? tile, IReadOnlyList<byte[]> hashes)
    {
        if (tile is null)
        {
            _problems.Add(Say($"{path} is missing."));
            return;
        }

        if (tile.Length < hashes.Count * MerkleTree.HashLength || tile.Length % MerkleTree.HashLength != 0)
        {
            _problems.Add(Say($"{path} does not hold {hashes.Count} hashes."));
            return;
        }

        for (var i = 0; i < hashes.Count; i++)
        {
            if (!tile.AsSpan(i * MerkleTree.HashLength, MerkleTree.HashLength).SequenceEqual(hashes[i]))
            {
                _problems.Add(Say($"Hash {i} of {path} is not that of the log's entries."));
                return;
            }
        }
    }

    /// <summary>A partial tile may have been deleted once the full one is there (C2SP tlog-tiles, partial tiles).</summary>
    async Task<byte[]?> FetchAsync(string path, string fullPath, CancellationToken cancellationToken) =>
        await _fetch(path, cancellationToken)
        ?? (path == fullPath ? null : await _fetch(fullPath, cancellationToken));

    static string Say(FormattableString sentence) => sentence.ToString(CultureInfo.InvariantCulture);
}
