using System.Buffers.Binary;

namespace Manzil.Receipts;

/// <summary>Bundles of log entries (C2SP tlog-tiles): each entry after its length as two bytes, big-endian.</summary>
public static class EntryBundle
{
    /// <summary>Writes a bundle.</summary>
    /// <param name="entries">The entries, 1 to 256 in a log's bundle, each of at most 65,535 bytes.</param>
    /// <returns>The bundle's bytes.</returns>
    /// <exception cref="ArgumentException">An entry is too long.</exception>
    public static byte[] Format(IReadOnlyCollection<byte[]> entries)
    {
        var bundle = new byte[entries.Sum(entry => sizeof(ushort) + entry.Length)];
        var rest = bundle.AsSpan();
        foreach (var entry in entries)
        {
            if (entry.Length > ushort.MaxValue)
            {
                throw new ArgumentException("An entry of the log is at most 65,535 bytes long.", nameof(entries));
            }

            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)entry.Length);
            entry.CopyTo(rest[sizeof(ushort)..]);
            rest = rest[(sizeof(ushort) + entry.Length)..];
        }

        return bundle;
    }

    /// <summary>Reads a bundle.</summary>
    /// <param name="bundle">The bundle's bytes.</param>
    /// <returns>The entries, 1 to 256.</returns>
    /// <exception cref="ReceiptFormatException">It is cut off, empty, or holds more than 256 entries.</exception>
    public static IReadOnlyList<byte[]> Parse(ReadOnlySpan<byte> bundle)
    {
        var entries = new List<byte[]>();
        while (!bundle.IsEmpty)
        {
            if (bundle.Length < sizeof(ushort)
                || BinaryPrimitives.ReadUInt16BigEndian(bundle) > bundle.Length - sizeof(ushort)
                || entries.Count == TilePath.FullWidth)
            {
                throw new ReceiptFormatException("The bundle of log entries is malformed.");
            }

            var end = sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(bundle);
            entries.Add(bundle[sizeof(ushort)..end].ToArray());
            bundle = bundle[end..];
        }

        return entries.Count > 0 ? entries : throw new ReceiptFormatException("The bundle of log entries is empty.");
    }
}
