using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Microsoft.Extensions.Caching.Memory;

namespace Manzil.Log;

/// <summary>
/// The database has fewer entries of a log than its own head says: a standby that lags behind, which is a passing state. Nothing is
/// answered from it, since what is answered of a log is kept for ever.
/// </summary>
sealed class LogBehindException(string sentence = "The database does not have all entries of the log yet.") : IOException(sentence);

/// <summary>Reads the log out of the database: tiles, entry bundles, and proofs of acts that were written earlier.</summary>
/// <param name="database">The register.</param>
/// <param name="published">Where a checkpoint is kept before it leaves.</param>
public sealed class LogTiles(Database database, PublishedCheckpoint published) : IDisposable
{
    const int Width = TilePath.FullWidth;

    // A full tile never changes. The newest 1,024 asked for are 8 MiB; 256 hashes of level 0 are made anew otherwise.
    const int FullTilesKept = 1024;

    readonly MemoryCache _full = new(new MemoryCacheOptions { SizeLimit = FullTilesKept });

    /// <summary>The number, size and checkpoint of the log that is written now.</summary>
    public async Task<(int Log, long Size, string Checkpoint)> HeadAsync()
    {
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleAsync<(int, long, string)>("select log, size, checkpoint from log_head where id = 1");
    }

    /// <summary>How many entries of a log this database has: after a reopening an old log may have lost its last ones.</summary>
    public async Task<long> SizeAsync(int log)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<long?>("select max(size) from log_batch where log = @log", new { log }) ?? 0;
    }

    /// <summary>The first <paramref name="width"/> entries (32 bytes each) of bundle <paramref name="bundle"/>.</summary>
    /// <exception cref="LogBehindException">There are fewer.</exception>
    public async Task<List<byte[]>> EntriesAsync(int log, long bundle, int width)
    {
        var first = bundle * Width;
        await using var connection = await database.OpenAsync();
        var batches = await connection.QueryAsync<(long First, byte[] Entries)>(
            "select first, entries from log_batch where log = @log and first > @from and first < @to order by first",
            new { log, from = first - BatchWriter.MaxBatch, to = first + width });
        var entries = new List<byte[]>(width);
        foreach (var (start, bytes) in batches)
        {
            for (var i = 0; i < bytes.Length / 32; i++)
            {
                var position = start + i;
                if (position >= first && position < first + width) entries.Add(bytes[(i * 32)..((i + 1) * 32)]);
            }
        }

        return entries.Count == width ? entries : throw new LogBehindException();
    }

    /// <summary>The first <paramref name="width"/> hashes of a tile.</summary>
    /// <exception cref="LogBehindException">There are fewer.</exception>
    public async Task<List<byte[]>> TileAsync(int log, int level, long tile, int width)
    {
        if (_full.TryGetValue((log, level, tile), out List<byte[]>? full)) return width == Width ? full! : full!.GetRange(0, width);
        var hashes = await ReadTileAsync(log, level, tile, width);
        if (width == Width) _full.Set((log, level, tile), hashes, new MemoryCacheEntryOptions { Size = 1 });
        return hashes;
    }

    async Task<List<byte[]>> ReadTileAsync(int log, int level, long tile, int width)
    {
        if (level == 0) return (await EntriesAsync(log, tile, width)).ConvertAll(e => MerkleTree.HashLeaf(e));
        await using var connection = await database.OpenAsync();
        var hashes = (await connection.QueryAsync<byte[]>(
            "select hash from log_node where log = @log and level = @level and node >= @from and node < @to order by node",
            new { log, level, from = tile * Width, to = tile * Width + width })).ToList();
        return hashes.Count == width ? hashes : throw new LogBehindException();
    }

    /// <summary>The inclusion proof of an entry in the tree of that size.</summary>
    public async Task<byte[][]> InclusionProofAsync(int log, long index, long size)
    {
        var nodes = MerkleTree.InclusionNodes(index, size);
        var hashes = await NodesAsync(log, nodes, size);
        return MerkleTree.CombineInclusion(index, size, hashes);
    }

    /// <summary>The root of the tree of that size, as the database has it now: it shows whether the database is the one that was published.</summary>
    public async Task<byte[]> RootAsync(int log, long size)
    {
        var nodes = MerkleTree.RootNodes(size);
        var hashes = await NodesAsync(log, nodes, size, fromDatabase: true);
        var byNode = nodes.Zip(hashes).ToDictionary(n => n.First, n => n.Second);
        return MerkleTree.Root(size, (level, index) => byNode[(level, index)]);
    }

    // A node of level l stands in tile level l/8; the 2^(l%8) hashes below it in that tile are combined.
    async Task<List<byte[]>> NodesAsync(int log, IReadOnlyList<(int Level, long Index)> nodes, long size, bool fromDatabase = false)
    {
        var tiles = new Dictionary<(int Level, long Tile), List<byte[]>>();
        var hashes = new List<byte[]>(nodes.Count);
        foreach (var (level, index) in nodes)
        {
            var below = 1 << (level % 8);
            var first = index * below;
            var key = (level / 8, first / Width);
            if (!tiles.TryGetValue(key, out var tile))
            {
                var width = TilePath.WidthAt(key.Item1, key.Item2, size);
                tiles[key] = tile = fromDatabase ? await ReadTileAsync(log, key.Item1, key.Item2, width) : await TileAsync(log, key.Item1, key.Item2, width);
            }

            hashes.Add(Combine(tile, (int)(first % Width), below));
        }

        return hashes;
    }

    static byte[] Combine(List<byte[]> hashes, int first, int count) =>
        count == 1
            ? hashes[first]
            : MerkleTree.HashNode(Combine(hashes, first, count / 2), Combine(hashes, first + count / 2, count / 2));

    /// <summary>The receipt of an act that was written earlier, with the checkpoint that was signed with it: byte for byte what was answered then.</summary>
    public async Task<ActResult.Accepted> ReceiptOfAsync(StoredAct act)
    {
        (long Size, string Checkpoint) batch;
        await using (var connection = await database.OpenAsync())
        {
            batch = await connection.QuerySingleAsync<(long, string)>(
                "select size, checkpoint from log_batch where log = @Log and first <= @Leaf and first > @Leaf - @MaxBatch and size > @Leaf",
                new { act.Log, act.Leaf, BatchWriter.MaxBatch });
        }

        await KeepAsync(act.Log, batch.Size, batch.Checkpoint);

        var proof = new TlogProof
        {
            Index = act.Leaf,
            Hashes = await InclusionProofAsync(act.Log, act.Leaf, batch.Size),
            CheckpointText = batch.Checkpoint,
        };
        return new ActResult.Accepted(
            ReceiptNumber.Parse(act.Number), (StatementKind)act.Kind, act.Statement, act.Record, proof.Format(), IsoDate.Read(act.NextDeadline), Repeated: true);
    }

    // A receipt of an act that another node wrote publishes that node's checkpoint.
    async Task KeepAsync(int log, long size, string note)
    {
        var checkpoint = Checkpoint.Parse(SignedNote.Parse(note).Text);
        var kept = published.Newest?.Checkpoint;
        if (kept is not null && kept.Origin == checkpoint.Origin && kept.Size >= size) return;
        if (await Restoration.FindAsync(kept, checkpoint.Origin, log, size, this) is { } wrong && kept!.Origin == checkpoint.Origin)
            throw new LogBehindException(wrong);
        published.Keep(note, checkpoint);
    }

    public void Dispose() => _full.Dispose();

    /// <summary>The entry of a statement: its SHA-256, and nothing else.</summary>
    public static byte[] EntryOf(ReadOnlySpan<byte> statement) => Sha256.Hash(statement);
}
