using System.Buffers.Binary;
using System.IO.Compression;

namespace Manzil.Cases.Files;

/// <summary>
/// A PNG built anew from the chunks that decoding needs. Texts (tEXt, zTXt, iTXt), EXIF, colour profiles, animation, private chunks
/// and whatever follows the picture's end stay behind. The pixels are unpacked once, to no more than the header says.
/// </summary>
public static class CleanPng
{
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    // 33 million pixels of three colours; a photo with more pixels comes as a JPEG.
    const long MaxUnpacked = 100_000_000;

    // The checksum of PNG and of gzip (RFC 1952), not the one that processors have.
    static readonly uint[] Table = MakeTable();

    /// <exception cref="FileRefusedException">It is no PNG, or its checksums do not hold.</exception>
    public static byte[] Of(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Signature)) throw Unreadable();
        using var clean = new MemoryStream(bytes.Length);
        using var packed = new MemoryStream(bytes.Length);
        clean.Write(Signature);
        var rest = bytes[Signature.Length..];
        long unpacked = 0;
        int colour = 0, palette = 0;
        bool hasHeader = false, hasClear = false, hasGamma = false, hasSrgb = false, pixelsEnded = false;
        while (true)
        {
            if (rest.Length < 12) throw Unreadable();
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > (uint)rest.Length - 12) throw Unreadable();
            var type = rest.Slice(4, 4);
            var data = rest.Slice(8, (int)length);
            if (Crc(rest.Slice(4, 4 + data.Length)) != BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + data.Length)..])) throw Unreadable();
            var whole = rest[..(12 + data.Length)];
            rest = rest[whole.Length..];

            var isPixels = type.SequenceEqual("IDAT"u8);
            if (packed.Length > 0 && !isPixels) pixelsEnded = true;
            if (!hasHeader)
            {
                if (!type.SequenceEqual("IHDR"u8)) throw Unreadable();
                unpacked = UnpackedOf(data);
                (hasHeader, colour) = (true, data[9]);
                clean.Write(whole);
            }
            else if (isPixels)
            {
                if (pixelsEnded) throw Unreadable();
                packed.Write(data);
                clean.Write(whole);
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                if (data.Length != 0) throw Unreadable();
                clean.Write(whole);
                break;
            }
            else if (type.SequenceEqual("PLTE"u8))
            {
                if (palette > 0 || packed.Length > 0 || data.Length is 0 or > 768 || data.Length % 3 != 0) throw Unreadable();
                palette = data.Length / 3;
                clean.Write(whole);
            }
            else if (packed.Length == 0 && type.SequenceEqual("tRNS"u8) && IsClear(data.Length, colour, palette) && !hasClear)
            {
                hasClear = true;
                clean.Write(whole);
            }
            else if (packed.Length == 0 && type.SequenceEqual("gAMA"u8) && data.Length == 4 && !hasGamma)
            {
                hasGamma = true;
                clean.Write(whole);
            }
            else if (packed.Length == 0 && type.SequenceEqual("sRGB"u8) && data.Length == 1 && !hasSrgb)
            {
                hasSrgb = true;
                clean.Write(whole);
            }
            else if ((type[0] & 0x20) == 0)
            {
                // Critical, and not of the standard.
                throw Unreadable();
            }
        }

        CheckPixels(packed.ToArray(), unpacked);
        return clean.ToArray();
    }

    /// <summary>Whether what says which colours are clear has its length, so that nothing else stands in it.</summary>
    static bool IsClear(int length, int colour, int palette) => colour switch { 0 => length == 2, 2 => length == 6, 3 => length > 0 && length <= palette, _ => false };

    /// <summary>How many bytes the pixels are once unpacked, a filter byte a line included.</summary>
    static long UnpackedOf(ReadOnlySpan<byte> header)
    {
        if (header.Length != 13 || header[10] != 0 || header[11] != 0 || header[12] > 1) throw Unreadable();
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        CleanFile.CheckSize(width, height);
        var (depth, colour) = (header[8], header[9]);
        var samples = colour switch { 0 or 3 => 1, 2 => 3, 4 => 2, 6 => 4, _ => throw Unreadable() };
        var isDepth = colour switch { 0 => depth is 1 or 2 or 4 or 8 or 16, 3 => depth is 1 or 2 or 4 or 8, _ => depth is 8 or 16 };
        if (!isDepth) throw Unreadable();
        long Lines(long across, long down) => across == 0 || down == 0 ? 0 : down * (1 + (across * depth * samples + 7) / 8);
        long Pass(int x, int y, int dx, int dy) => Lines((width - x + dx - 1) / dx, (height - y + dy - 1) / dy);
        var total = header[12] == 0
            ? Lines(width, height)
            : Pass(0, 0, 8, 8) + Pass(4, 0, 8, 8) + Pass(0, 4, 4, 8) + Pass(2, 0, 4, 4) + Pass(0, 2, 2, 4) + Pass(1, 0, 2, 2) + Pass(0, 1, 1, 2);
        return total <= MaxUnpacked ? total : throw new FileRefusedException(FileFault.TooManyPixels);
    }

    /// <summary>Unpacks as many bytes as there must be, no more and no fewer; their checksum ends the data, so nothing stands behind.</summary>
    static void CheckPixels(byte[] packed, long expected)
    {
        if (packed.Length < 6) throw Unreadable();
        uint a = 1, b = 0;
        long read = 0;
        using var whole = new LastByteApart(packed);
        try
        {
            using var unpacking = new ZLibStream(whole, CompressionMode.Decompress);
            var buffer = new byte[64 * 1024];
            for (int count; (count = unpacking.Read(buffer)) > 0;)
            {
                read += count;
                if (read > expected) throw Unreadable();
                // Adler-32: 5,552 bytes are as many as fit before the sums overflow.
                for (var start = 0; start < count; start += 5552)
                {
                    foreach (var value in buffer.AsSpan(start, Math.Min(5552, count - start)))
                    {
                        a += value;
                        b += a;
                    }

                    a %= 65521;
                    b %= 65521;
                }
            }
        }
        catch (InvalidDataException)
        {
            throw Unreadable();
        }

        // The checksum may stand twice, with something between.
        if (read != expected || !whole.IsLastAskedFor || BinaryPrimitives.ReadUInt32BigEndian(packed.AsSpan(packed.Length - 4)) != (b << 16 | a)) throw Unreadable();
    }

    static FileRefusedException Unreadable() => new(FileFault.Unreadable);

    /// <summary>Bytes of which the last comes by itself, so that one knows whether it was needed: what unpacks stops asking at its own end.</summary>
    sealed class LastByteApart(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public bool IsLastAskedFor { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            IsLastAskedFor |= Position >= Length - 1;
            return base.Read(buffer, offset, IsLastAskedFor ? count : (int)Math.Min(count, Length - 1 - Position));
        }
    }

    /// <summary>The checksum of a chunk, over its type and data.</summary>
    public static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFF;
        foreach (var value in bytes) crc = Table[(crc ^ value) & 0xFF] ^ crc >> 8;
        return ~crc;
    }

    static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            var c = n;
            for (var k = 0; k < 8; k++) c = (c & 1) != 0 ? 0xEDB88320 ^ c >> 1 : c >> 1;
            table[n] = c;
        }

        return table;
    }
}
