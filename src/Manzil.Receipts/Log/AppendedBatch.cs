namespace Manzil.Receipts;

/// <summary>
/// A complete subtree of 256^Level leaves that a batch completed: the hash number Index of the tiles of that level
/// (C2SP tlog-tiles), to be stored in tile Index / 256 at place Index % 256.
/// </summary>
/// <param name="Level">The tile level, 1 or more.</param>
/// <param name="Index">The number of the hash within its level, from 0.</param>
/// <param name="Hash">The subtree's root, 32 bytes.</param>
public readonly record struct CompletedTile(int Level, long Index, byte[] Hash);

/// <summary>
/// Leaves appended to a <see cref="MerkleFrontier"/>: the new frontier, and the inclusion proof of each new leaf
/// against the new size. Safe to use from several threads. Hashes are shared, not copied: do not change them.
/// </summary>
public sealed class AppendedBatch
{
    const int TileHeight = 8;

    readonly MerkleFrontier _before;
    readonly byte[][][] _levels;
    readonly byte[]?[] _right;

    internal AppendedBatch(MerkleFrontier before, MerkleFrontier after, byte[][][] levels)
    {
        _before = before;
        _levels = levels;
        Frontier = after;
        Count = (int)(after.Size - before.Size);
        _right = after.RightOfEachLevel();
        Root = _right[^1] ?? MerkleTree.EmptyRoot;
        CompletedTiles = FindCompletedTiles();
    }

    /// <summary>The frontier after the batch.</summary>
    public MerkleFrontier Frontier { get; }

    /// <summary>The index of the batch's first leaf.</summary>
    public long FirstIndex => _before.Size;

    /// <summary>The number of leaves in the batch.</summary>
    public int Count { get; }

    /// <summary>The tree's number of leaves after the batch.</summary>
    public long Size => Frontier.Size;

    /// <summary>The tree's root after the batch, 32 bytes.</summary>
    public byte[] Root { get; }

    /// <summary>Every subtree of 256^L leaves, L from 1, that this batch completed; by level, then by index.</summary>
    public IReadOnlyList<CompletedTile> CompletedTiles { get; }

    /// <summary>Makes the inclusion proof of a leaf of this batch against <see cref="Size"/> (RFC 9162 §2.1.3.1).</summary>
    /// <param name="i">The leaf's place within the batch, 0 to <see cref="Count"/> - 1; its index in the log is <see cref="FirstIndex"/> + i.</param>
    /// <returns>The proof, from the leaf's sibling up. The array is new, the hashes are shared.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such leaf.</exception>
    public byte[][] Proof(int i)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(i);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(i, Count);
        var proof = new byte[_levels.Length][];
        var length = 0;
        var node = FirstIndex + i;
        var last = Size - 1;
        for (var level = 0; last > 0; level++)
        {
            if ((node & 1) == 1)
            {
                proof[length++] = Node(level, node - 1);
            }
            else if (node < last)
            {
                proof[length++] = node + 1 < Size >> level ? Node(level, node + 1) : _right[level]!;
            }

            node >>= 1;
            last >>= 1;
        }

        return proof[..length];
    }

    byte[] Node(int level, long index)
    {
        var place = index - (FirstIndex >> level);
        return place < 0 ? _before.Waiting(level) : _levels[level][place];
    }

    List<CompletedTile> FindCompletedTiles()
    {
        var completed = new List<CompletedTile>();
        for (var tileLevel = 1; tileLevel * TileHeight < _levels.Length; tileLevel++)
        {
            var first = FirstIndex >> (tileLevel * TileHeight);
            var hashes = _levels[tileLevel * TileHeight];
            for (var i = 0; i < hashes.Length; i++)
            {
                completed.Add(new CompletedTile(tileLevel, first + i, hashes[i]));
            }
        }

        return completed;
    }
}
