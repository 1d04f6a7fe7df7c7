using Manzil.Receipts;

namespace Manzil.Tests.Log;

/// <summary>A log of 32-byte entries in a folder, written tile by tile as design §4 says.</summary>
sealed class FolderLog : IDisposable
{
    public const string Origin = "manzil.example/log";

    readonly NoteSigner _signer = NoteSigner.Generate(Origin);
    readonly List<byte[]> _entries = [];
    readonly SortedDictionary<int, List<byte[]>> _levels = new() { [0] = [] };
    MerkleFrontier _frontier = MerkleFrontier.Empty;

    public string Folder { get; } = Directory.CreateTempSubdirectory("manzil-log-").FullName;

    public NoteVerifier Key => NoteVerifier.Parse(_signer.VerifierKey);

    public string Checkpoint => File.ReadAllText(Path.Combine(Folder, "checkpoint"));

    public FolderLog Grow(int count, int salt = 0)
    {
        byte[][] entries = [.. Enumerable.Range(_entries.Count, count).Select(i => NaiveTree.Entry(i + salt))];
        byte[][] leaves = [.. entries.Select(entry => MerkleTree.HashLeaf(entry))];
        var batch = _frontier.Append(leaves);
        _frontier = batch.Frontier;
        _entries.AddRange(entries);
        _levels[0].AddRange(leaves);
        foreach (var completed in batch.CompletedTiles)
        {
            _levels.TryAdd(completed.Level, []);
            _levels[completed.Level].Add(completed.Hash);
        }

        foreach (var (level, hashes) in _levels)
        {
            WriteTiles(level, hashes);
        }

        foreach (var (bundle, number) in _entries.Chunk(256).Select((bundle, number) => (bundle, number)))
        {
            Write(TilePath.OfEntries(number, bundle.Length), EntryBundle.Format(bundle));
        }

        var note = SignedNote.Parse(_signer.Sign(new Checkpoint(Origin, batch.Size, batch.Root).Format()));
        File.WriteAllText(Path.Combine(Folder, "checkpoint"), note.Format());
        return this;
    }

    /// <summary>The same key over other entries from some index on: what a dishonest operator would publish.</summary>
    public void Rewrite(int from)
    {
        var size = _entries.Count;
        (_frontier, var kept) = (MerkleFrontier.Empty, from);
        _entries.Clear();
        _levels.Clear();
        _levels[0] = [];
        Directory.Delete(Path.Combine(Folder, "tile"), recursive: true);
        Grow(kept).Grow(size - kept, salt: 1_000_000);
    }

    public Task<byte[]?> FetchAsync(string path, CancellationToken cancellation)
    {
        var file = Path.Combine(Folder, path);
        return Task.FromResult(File.Exists(file) ? File.ReadAllBytes(file) : null);
    }

    public void Dispose()
    {
        _signer.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    void WriteTiles(int level, List<byte[]> hashes)
    {
        foreach (var (tile, number) in hashes.Chunk(256).Select((tile, number) => (tile, number)))
        {
            Write(TilePath.OfTile(level, number, tile.Length), [.. tile.SelectMany(hash => hash)]);
        }
    }

    void Write(string path, byte[] bytes)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
    }
}
