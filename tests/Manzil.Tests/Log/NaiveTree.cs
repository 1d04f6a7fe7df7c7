using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Manzil.Tests.Log;

/// <summary>RFC 6962 §2.1 word for word, with no thought of speed; what the real tree is compared with.</summary>
sealed class NaiveTree(IReadOnlyList<byte[]> leaves)
{
    readonly Dictionary<(int, int), byte[]> _known = [];

    public static NaiveTree OfSize(int size) => new([.. Enumerable.Range(0, size).Select(Entry)]);

    public static byte[] Entry(int index)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, index);
        return SHA256.HashData(number);
    }

    public byte[] Root(int size) => size == 0 ? SHA256.HashData([]) : Hash(0, size);

    public byte[] Hash(int start, int end)
    {
        if (!_known.TryGetValue((start, end), out var hash))
        {
            var middle = start + Split(end - start);
            hash = end - start == 1
                ? SHA256.HashData([0, .. leaves[start]])
                : SHA256.HashData([1, .. Hash(start, middle), .. Hash(middle, end)]);
            _known[(start, end)] = hash;
        }

        return hash;
    }

    public byte[] Node(int level, long index) => Hash((int)index << level, ((int)index + 1) << level);

    /// <summary>PATH(m, D[n]) of RFC 6962 §2.1.1.</summary>
    public IEnumerable<byte[]> Path(int index, int start, int end)
    {
        if (end - start == 1)
        {
            return [];
        }

        var middle = start + Split(end - start);
        return index < middle
            ? Path(index, start, middle).Append(Hash(middle, end))
            : Path(index, middle, end).Append(Hash(start, middle));
    }

    /// <summary>SUBPROOF(m, D[n], b) of RFC 6962 §2.1.2.</summary>
    public IEnumerable<byte[]> Subproof(int size1, int start, int end, bool known)
    {
        if (size1 == end)
        {
            return known ? [] : [Hash(start, end)];
        }

        var middle = start + Split(end - start);
        return size1 <= middle
            ? Subproof(size1, start, middle, known).Append(Hash(middle, end))
            : Subproof(size1, middle, end, false).Append(Hash(start, middle));
    }

    static int Split(int length)
    {
        var split = 1;
        while (split * 2 < length)
        {
            split *= 2;
        }

        return split;
    }
}
