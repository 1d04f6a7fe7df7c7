using System.Buffers.Binary;
using System.Numerics;

namespace Manzil.Receipts;

/// <summary>
/// The right edge of a growing Merkle tree: the roots of the complete subtrees that its size consists of. It is all
/// that the writer of a log needs in memory to append and to prove what it appended. Immutable: appending gives a
/// new frontier, and the old one stays usable where the commit of the batch fails.
/// </summary>
public sealed class MerkleFrontier
{
    const int SizeLength = sizeof(long);

    /// <summary>By level: the root of the complete subtree of 2^level leaves at the edge, where the size has that bit.</summary>
    readonly byte[]?[] _edge;

    internal MerkleFrontier(long size, byte[]?[] edge)
    {
        Size = size;
        _edge = edge;
    }

    /// <summary>The frontier of the tree without leaves.</summary>
    public static MerkleFrontier Empty { get; } = new(0, []);

    /// <summary>The tree's number of leaves, 0 to <see cref="MerkleTree.MaxSize"/>.</summary>
    public long Size { get; }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <param name="encoded">The size as 8 bytes, big-endian, then the 32-byte hash of each complete subtree, the largest first.</param>
    /// <returns>The frontier.</returns>
    /// <exception cref="ReceiptFormatException">The bytes are not a frontier.</exception>
    public static MerkleFrontier Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < SizeLength)
        {
            throw new ReceiptFormatException("The edge of the log's tree is cut off.");
        }

        var size = BinaryPrimitives.ReadInt64BigEndian(encoded);
        if (size is < 0 or > MerkleTree.MaxSize
            || encoded.Length != SizeLength + BitOperations.PopCount((ulong)size) * MerkleTree.HashLength)
        {
            throw new ReceiptFormatException("The edge of the log's tree has a length that does not fit its size.");
        }

        var edge = new byte[]?[LevelsOf(size)];
        var rest = encoded[SizeLength..];
        for (var level = edge.Length - 1; level >= 0; level--)
        {
            if ((size >> level & 1) == 1)
            {
                edge[level] = rest[..MerkleTree.HashLength].ToArray();
                rest = rest[MerkleTree.HashLength..];
            }
        }

        return new MerkleFrontier(size, edge);
    }

    /// <summary>Writes the frontier: the size as 8 bytes, big-endian, then the hash of each complete subtree, the largest first.</summary>
    /// <returns>8 bytes, and 32 for each bit set in the size.</returns>
    public byte[] Encode()
    {
        var encoded = new byte[SizeLength + BitOperations.PopCount((ulong)Size) * MerkleTree.HashLength];
        BinaryPrimitives.WriteInt64BigEndian(encoded, Size);
        var rest = encoded.AsSpan(SizeLength);
        for (var level = _edge.Length - 1; level >= 0; level--)
        {
            if (_edge[level] is { } hash)
            {
                hash.CopyTo(rest);
                rest = rest[MerkleTree.HashLength..];
            }
        }

        return encoded;
    }

    /// <summary>Computes the tree's root (RFC 6962 §2.1).</summary>
    /// <returns>32 bytes, a new array.</returns>
    public byte[] Root() => RightOfEachLevel()[^1] is { } hash ? [.. hash] : MerkleTree.EmptyRoot;

    /// <summary>Appends leaves, in order. This frontier stays as it is.</summary>
    /// <param name="leafHashes">Leaf hashes of 32 bytes each, see <see cref="MerkleTree.HashLeaf(ReadOnlySpan{byte})"/>. The arrays are kept and must not change afterwards.</param>
    /// <returns>The new frontier with everything that can be said about the new leaves.</returns>
    /// <exception cref="ArgumentException">A hash is not 32 bytes long.</exception>
    /// <exception cref="InvalidOperationException">The tree would grow beyond <see cref="MerkleTree.MaxSize"/>.</exception>
    public AppendedBatch Append(IReadOnlyList<byte[]> leafHashes)
    {
        if (leafHashes.Count > MerkleTree.MaxSize - Size)
        {
            throw new InvalidOperationException("The log's tree is full.");
        }

        var size = Size + leafHashes.Count;
        var edge = new byte[]?[LevelsOf(size)];
        var levels = new byte[edge.Length][][];
        var nodes = new byte[leafHashes.Count][];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = leafHashes[i] is { Length: MerkleTree.HashLength } hash
                ? hash
                : throw new ArgumentException("A leaf hash is 32 bytes long.", nameof(leafHashes));
        }

        for (var level = 0; level < levels.Length; level++)
        {
            levels[level] = nodes;
            if ((size >> level & 1) == 1)
            {
                edge[level] = nodes.Length > 0 ? nodes[^1] : _edge[level];
            }

            nodes = Parents(level, nodes);
        }

        return new AppendedBatch(this, new MerkleFrontier(size, edge), levels);
    }

    /// <summary>The node just left of the old end of a level, where it waits for its sibling.</summary>
    internal byte[] Waiting(int level) => _edge[level]!;

    /// <summary>
    /// By level, the hash of the leaves right of the level's last complete subtree, null where there are none; and,
    /// as one more, the root, null in the empty tree.
    /// </summary>
    internal byte[]?[] RightOfEachLevel()
    {
        var right = new byte[]?[_edge.Length + 1];
        for (var level = 0; level < _edge.Length; level++)
        {
            right[level + 1] = (_edge[level], right[level]) switch
            {
                (null, var below) => below,
                (var left, null) => left,
                var (left, below) => MerkleTree.HashNode(left, below),
            };
        }

        return right;
    }

    byte[][] Parents(int level, byte[][] nodes)
    {
        var first = Size >> level;
        var parents = new byte[((first + nodes.Length) >> 1) - (first >> 1)][];
        for (var i = 0; i < parents.Length; i++)
        {
            var left = (int)(2 * ((first >> 1) + i) - first);
            parents[i] = MerkleTree.HashNode(left < 0 ? Waiting(level) : nodes[left], nodes[left + 1]);
        }

        return parents;
    }

    static int LevelsOf(long size) => size == 0 ? 0 : BitOperations.Log2((ulong)size) + 1;
}
