using System.Numerics;
using System.Security.Cryptography;

namespace Manzil.Receipts;

/// <summary>
/// The Merkle tree of RFC 6962 §2.1 over SHA-256: hashing, and making and checking of proofs (RFC 9162 §2.1).
/// A hash is 32 bytes. A <em>node</em> (level, index) is the complete subtree of 2^level leaves that starts at leaf
/// index·2^level; level 0 holds the leaf hashes.
/// </summary>
public static class MerkleTree
{
    /// <summary>The length of a hash: 32 bytes.</summary>
    public const int HashLength = SHA256.HashSizeInBytes;

    /// <summary>The largest tree handled: 2^62 leaves.</summary>
    public const long MaxSize = 1L << 62;

    const byte LeafPrefix = 0;
    const byte NodePrefix = 1;

    /// <summary>The root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). A new array each time.</summary>
    public static byte[] EmptyRoot => Sha256.Hash(ReadOnlySpan<byte>.Empty);

    /// <summary>Computes the hash of a leaf: SHA-256 over 0x00 and the entry (RFC 6962 §2.1).</summary>
    /// <param name="entry">The entry's bytes; in Manzil's log, the 32-byte SHA-256 of a statement.</param>
    /// <param name="destination">Where the 32 bytes go.</param>
    /// <exception cref="ArgumentException">The destination is shorter than 32 bytes.</exception>
    public static void HashLeaf(ReadOnlySpan<byte> entry, Span<byte> destination)
    {
        Span<byte> input = entry.Length <= 255 ? stackalloc byte[256] : new byte[entry.Length + 1];
        input = input[..(entry.Length + 1)];
        input[0] = LeafPrefix;
        entry.CopyTo(input[1..]);
        Sha256.Hash(input, destination);
    }

    /// <summary>Computes the hash of a leaf: SHA-256 over 0x00 and the entry (RFC 6962 §2.1).</summary>
    /// <param name="entry">The entry's bytes; in Manzil's log, the 32-byte SHA-256 of a statement.</param>
    /// <returns>32 bytes.</returns>
    public static byte[] HashLeaf(ReadOnlySpan<byte> entry)
    {
        var hash = new byte[HashLength];
        HashLeaf(entry, hash);
        return hash;
    }

    /// <summary>Computes the hash of an inner node: SHA-256 over 0x01, left and right (RFC 6962 §2.1).</summary>
    /// <param name="left">The left child's hash, 32 bytes.</param>
    /// <param name="right">The right child's hash, 32 bytes.</param>
    /// <returns>32 bytes.</returns>
    /// <exception cref="ArgumentException">A child's hash is not 32 bytes long.</exception>
    public static byte[] HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != HashLength || right.Length != HashLength)
        {
            throw new ArgumentException("A hash of the tree is 32 bytes long.");
        }

        Span<byte> input = stackalloc byte[1 + 2 * HashLength];
        input[0] = NodePrefix;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + HashLength)..]);
        return Sha256.Hash(input);
    }

    /// <summary>Checks that a leaf is at an index of the tree with this size and root (RFC 9162 §2.1.3.2).</summary>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="size">The tree's number of leaves.</param>
    /// <param name="leafHash">The leaf's hash, see <see cref="HashLeaf(ReadOnlySpan{byte})"/>.</param>
    /// <param name="proof">The hashes from the leaf's sibling up to the root's child.</param>
    /// <param name="root">The tree's root.</param>
    /// <returns>True only if the proof leads from the leaf to the root, with no hash left over or of a wrong length.</returns>
    public static bool VerifyInclusion(
        long index, long size, ReadOnlySpan<byte> leafHash, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size || leafHash.Length != HashLength || root.Length != HashLength || HasOddHash(proof))
        {
            return false;
        }

        var node = index;
        var last = size - 1;
        var hash = leafHash.ToArray();
        foreach (var sibling in proof)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = HashNode(sibling, hash);
                while ((node & 1) == 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                hash = HashNode(hash, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>
    /// Checks that the tree of the first size is the beginning of the tree of the second (RFC 9162 §2.1.4.2).
    /// Of two trees of the same size it checks that they are the same, with an empty proof. About an empty tree there
    /// is nothing to prove: any proof is refused.
    /// </summary>
    /// <param name="size1">The earlier number of leaves, from 1.</param>
    /// <param name="size2">The later number of leaves, not less than the earlier.</param>
    /// <param name="root1">The earlier root.</param>
    /// <param name="root2">The later root.</param>
    /// <param name="proof">The hashes of the proof.</param>
    /// <returns>True only if the proof leads to both roots, with no hash left over or of a wrong length.</returns>
    public static bool VerifyConsistency(
        long size1, long size2, ReadOnlySpan<byte> root1, ReadOnlySpan<byte> root2, IReadOnlyList<byte[]> proof)
    {
        if (size1 < 1 || size1 > size2)
        {
            return false;
        }

        if (size1 == size2)
        {
            return proof.Count == 0 && root1.SequenceEqual(root2);
        }

        if (root1.Length != HashLength || root2.Length != HashLength || HasOddHash(proof))
        {
            return false;
        }

        var node = size1 - 1;
        var last = size2 - 1;
        var shift = BitOperations.TrailingZeroCount(size1);
        node >>= shift;
        last >>= shift;

        // A size that is a power of two is a node of the later tree, and its root is known already.
        var next = node == 0 ? 0 : 1;
        if (proof.Count < next)
        {
            return false;
        }

        var first = node == 0 ? root1.ToArray() : proof[0];
        var second = first;
        for (; next < proof.Count; next++)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                first = HashNode(proof[next], first);
                second = HashNode(proof[next], second);
                while ((node & 1) == 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                second = HashNode(second, proof[next]);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && root1.SequenceEqual(first) && root2.SequenceEqual(second);
    }

    /// <summary>
    /// Names the complete subtrees whose hashes an inclusion proof is made of, in the order in which
    /// <see cref="CombineInclusion"/> wants their hashes.
    /// </summary>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="size">The tree's number of leaves.</param>
    /// <returns>Levels and indexes of complete subtrees; the last hash of a proof may need several.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The index is not within the size, or the size too large.</exception>
    public static IReadOnlyList<(int Level, long Index)> InclusionNodes(long index, long size) =>
        [.. InclusionRanges(index, size).SelectMany(range => NodesOf(range.Start, range.End))];

    /// <summary>Makes an inclusion proof from the hashes of the nodes that <see cref="InclusionNodes"/> names.</summary>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="size">The tree's number of leaves.</param>
    /// <param name="nodeHashes">The hashes, in the same order.</param>
    /// <returns>The proof, from the leaf's sibling up.</returns>
    /// <exception cref="ArgumentException">The number of hashes is not that of the nodes.</exception>
    public static byte[][] CombineInclusion(long index, long size, IReadOnlyList<byte[]> nodeHashes) =>
        Combine(InclusionRanges(index, size), nodeHashes);

    /// <summary>Makes the proof that a leaf is in the tree (RFC 9162 §2.1.3.1).</summary>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="size">The tree's number of leaves.</param>
    /// <param name="readNode">Gives the hash of the complete subtree (level, index) of 2^level leaves.</param>
    /// <returns>The proof, from the leaf's sibling up; empty in a tree of one leaf.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The index is not within the size, or the size too large.</exception>
    public static byte[][] InclusionProof(long index, long size, Func<int, long, byte[]> readNode) =>
        [.. InclusionRanges(index, size).Select(range => HashRange(range.Start, range.End, readNode))];

    /// <summary>
    /// Names the complete subtrees whose hashes a consistency proof is made of, in the order in which
    /// <see cref="CombineConsistency"/> wants their hashes.
    /// </summary>
    /// <param name="size1">The earlier number of leaves, from 0.</param>
    /// <param name="size2">The later number of leaves.</param>
    /// <returns>Levels and indexes of complete subtrees.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The earlier size is larger, or a size is out of range.</exception>
    public static IReadOnlyList<(int Level, long Index)> ConsistencyNodes(long size1, long size2) =>
        [.. ConsistencyRanges(size1, size2).SelectMany(range => NodesOf(range.Start, range.End))];

    /// <summary>Makes a consistency proof from the hashes of the nodes that <see cref="ConsistencyNodes"/> names.</summary>
    /// <param name="size1">The earlier number of leaves, from 0.</param>
    /// <param name="size2">The later number of leaves.</param>
    /// <param name="nodeHashes">The hashes, in the same order.</param>
    /// <returns>The proof.</returns>
    /// <exception cref="ArgumentException">The number of hashes is not that of the nodes.</exception>
    public static byte[][] CombineConsistency(long size1, long size2, IReadOnlyList<byte[]> nodeHashes) =>
        Combine(ConsistencyRanges(size1, size2), nodeHashes);

    /// <summary>Makes the proof that a tree is the beginning of a later one (RFC 9162 §2.1.4.1).</summary>
    /// <param name="size1">The earlier number of leaves, from 0.</param>
    /// <param name="size2">The later number of leaves.</param>
    /// <param name="readNode">Gives the hash of the complete subtree (level, index) of 2^level leaves.</param>
    /// <returns>The proof; empty from size 0 and where both sizes are the same.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The earlier size is larger, or a size is out of range.</exception>
    public static byte[][] ConsistencyProof(long size1, long size2, Func<int, long, byte[]> readNode) =>
        [.. ConsistencyRanges(size1, size2).Select(range => HashRange(range.Start, range.End, readNode))];

    /// <summary>Computes the root of the tree's first leaves (RFC 6962 §2.1).</summary>
    /// <param name="size">The number of leaves, from 0.</param>
    /// <param name="readNode">Gives the hash of the complete subtree (level, index) of 2^level leaves.</param>
    /// <returns>32 bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is out of range.</exception>
    public static byte[] Root(long size, Func<int, long, byte[]> readNode)
    {
        CheckSize(size);
        return size == 0 ? EmptyRoot : HashRange(0, size, readNode);
    }

    /// <summary>Names the complete subtrees that a tree of this size consists of, from left to right.</summary>
    /// <param name="size">The number of leaves, from 0.</param>
    /// <returns>One subtree for each bit set in the size, the largest first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is out of range.</exception>
    public static IReadOnlyList<(int Level, long Index)> RootNodes(long size)
    {
        CheckSize(size);
        return NodesOf(0, size);
    }

    static void CheckSize(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaxSize);
    }

    static bool HasOddHash(IReadOnlyList<byte[]> proof)
    {
        foreach (var hash in proof)
        {
            if (hash is not { Length: HashLength })
            {
                return true;
            }
        }

        return false;
    }

    static List<(long Start, long End)> InclusionRanges(long index, long size)
    {
        CheckSize(size);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var ranges = new List<(long, long)>();
        var (start, end) = (0L, size);
        while (end - start > 1)
        {
            var middle = start + SplitOf(end - start);
            ranges.Add(index < middle ? (middle, end) : (start, middle));
            (start, end) = index < middle ? (start, middle) : (middle, end);
        }

        ranges.Reverse();
        return ranges;
    }

    static List<(long Start, long End)> ConsistencyRanges(long size1, long size2)
    {
        CheckSize(size2);
        ArgumentOutOfRangeException.ThrowIfNegative(size1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size1, size2);
        var ranges = new List<(long, long)>();
        if (size1 == 0)
        {
            return ranges;
        }

        var (start, end) = (0L, size2);
        while (end != size1)
        {
            var middle = start + SplitOf(end - start);
            ranges.Add(size1 <= middle ? (middle, end) : (start, middle));
            (start, end) = size1 <= middle ? (start, middle) : (middle, end);
        }

        if (start != 0)
        {
            ranges.Add((start, end));
        }

        ranges.Reverse();
        return ranges;
    }

    /// <summary>The largest power of two below the length: where RFC 6962 §2.1 splits a list.</summary>
    static long SplitOf(long length) => 1L << BitOperations.Log2((ulong)(length - 1));

    static List<(int Level, long Index)> NodesOf(long start, long end)
    {
        var nodes = new List<(int, long)>();
        while (start < end)
        {
            var level = BitOperations.Log2((ulong)(end - start));
            nodes.Add((level, start >> level));
            start += 1L << level;
        }

        return nodes;
    }

    static byte[] HashRange(long start, long end, Func<int, long, byte[]> readNode) =>
        Fold([.. NodesOf(start, end).Select(node => readNode(node.Level, node.Index))]);

    static byte[][] Combine(List<(long Start, long End)> ranges, IReadOnlyList<byte[]> nodeHashes)
    {
        var proof = new byte[ranges.Count][];
        var next = 0;
        for (var i = 0; i < proof.Length; i++)
        {
            var count = BitOperations.PopCount((ulong)(ranges[i].End - ranges[i].Start));
            if (next + count > nodeHashes.Count)
            {
                throw new ArgumentException("There are fewer hashes than the proof has nodes.", nameof(nodeHashes));
            }

            proof[i] = Fold([.. nodeHashes.Skip(next).Take(count)]);
            next += count;
        }

        return next == nodeHashes.Count
            ? proof
            : throw new ArgumentException("There are more hashes than the proof has nodes.", nameof(nodeHashes));
    }

    static byte[] Fold(ReadOnlySpan<byte[]> hashes)
    {
        var hash = hashes[^1];
        for (var i = hashes.Length - 2; i >= 0; i--)
        {
            hash = HashNode(hashes[i], hash);
        }

        return hash;
    }
}
