using System.Buffers.Binary;

namespace Manzil.Cases.Files;

/// <summary>
/// A JPEG built anew from what decoding needs. All APPn segments (EXIF, XMP, maker notes, colour profiles, previews), comments
/// and whatever follows the picture's end stay behind. Of EXIF the way up alone is written again, so that a photo does not lie
/// on its side; of Adobe's segment the colour transform, without which some pictures come out in wrong colours.
/// </summary>
public static class CleanJpeg
{
    const byte Soi = 0xD8, Eoi = 0xD9, Sos = 0xDA, Dqt = 0xDB, Dnl = 0xDC, Dri = 0xDD, Dht = 0xC4, App1 = 0xE1, App14 = 0xEE, Com = 0xFE;

    // A picture that comes in steps has about ten; each of them costs whoever looks a pass over all pixels.
    const int MaxScans = 64;

    /// <exception cref="FileRefusedException">It is no JPEG that browsers show.</exception>
    public static byte[] Of(ReadOnlySpan<byte> bytes) => Of(bytes, isWayUpKept: true);

    /// <summary>As a picture on a page, where the page says which way is up.</summary>
    /// <exception cref="FileRefusedException">It is no JPEG that browsers show.</exception>
    public static byte[] InPdf(ReadOnlySpan<byte> bytes) => Of(bytes, isWayUpKept: false);

    static byte[] Of(ReadOnlySpan<byte> bytes, bool isWayUpKept)
    {
        var reader = new Reader(bytes);
        if (reader.Byte() != 0xFF || reader.Byte() != Soi) throw Unreadable();
        using var body = new MemoryStream(bytes.Length);
        int wayUp = 1, transform = -1, components = 0, scans = 0;
        while (true)
        {
            var marker = reader.Marker();
            if (marker == Eoi) break;
            var segment = reader.Segment();
            switch (marker)
            {
                case App1:
                    wayUp = WayUpOf(segment) ?? wayUp;
                    break;
                case App14:
                    if (segment.Length >= 12 && segment.StartsWith("Adobe"u8) && segment[11] <= 2) transform = segment[11];
                    break;
                case Com or (>= 0xE0 and <= 0xEF):
                    break;
                case 0xC0 or 0xC1 or 0xC2:
                    if (components != 0) throw Unreadable();
                    components = CheckFrame(segment);
                    Write(body, marker, segment);
                    break;
                case Dqt:
                    CheckQuantisation(segment);
                    Write(body, marker, segment);
                    break;
                case Dht:
                    CheckHuffman(segment);
                    Write(body, marker, segment);
                    break;
                case Dri:
                    if (segment.Length != 2) throw Unreadable();
                    Write(body, marker, segment);
                    break;
                case Sos:
                    if (components == 0 || ++scans > MaxScans || segment.Length < 6 || segment[0] is 0 or > 4 || segment.Length != 4 + 2 * segment[0]) throw Unreadable();
                    Write(body, marker, segment);
                    body.Write(reader.Scan());
                    break;
                default:
                    // Lossless, hierarchical and arithmetic pictures, which no browser shows, and markers that mean nothing.
                    throw Unreadable();
            }
        }

        if (scans == 0) throw Unreadable();
        using var clean = new MemoryStream((int)body.Length + 80);
        clean.Write([0xFF, Soi]);
        if (isWayUpKept && wayUp != 1) Write(clean, App1, WayUp(wayUp));
        if (transform >= 0) Write(clean, App14, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)transform]);
        body.WriteTo(clean);
        clean.Write([0xFF, Eoi]);
        return clean.ToArray();
    }

    static int CheckFrame(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 9 || frame[0] is not (8 or 12) || frame[5] is not (1 or 3 or 4) || frame.Length != 6 + 3 * frame[5]) throw Unreadable();
        for (var i = 6; i < frame.Length; i += 3)
        {
            if ((frame[i + 1] >> 4) is 0 or > 4 || (frame[i + 1] & 15) is 0 or > 4 || frame[i + 2] > 3) throw Unreadable();
        }

        CleanFile.CheckSize(BinaryPrimitives.ReadUInt16BigEndian(frame[3..]), BinaryPrimitives.ReadUInt16BigEndian(frame[1..]));
        return frame[5];
    }

    // Tables that fill their segment to the byte leave no room for anything else.
    static void CheckQuantisation(ReadOnlySpan<byte> tables)
    {
        if (tables.IsEmpty) throw Unreadable();
        while (!tables.IsEmpty)
        {
            var length = 1 + (tables[0] >> 4) switch { 0 => 64, 1 => 128, _ => throw Unreadable() };
            if ((tables[0] & 15) > 3 || length > tables.Length) throw Unreadable();
            tables = tables[length..];
        }
    }

    static void CheckHuffman(ReadOnlySpan<byte> tables)
    {
        if (tables.IsEmpty) throw Unreadable();
        while (!tables.IsEmpty)
        {
            if (tables.Length < 17 || (tables[0] >> 4) > 1 || (tables[0] & 15) > 3) throw Unreadable();
            var values = 0;
            foreach (var count in tables[1..17]) values += count;
            if (values > 256 || 17 + values > tables.Length) throw Unreadable();
            tables = tables[(17 + values)..];
        }
    }

    /// <summary>The orientation, 1 to 8; null where an EXIF segment says none that can be read.</summary>
    static int? WayUpOf(ReadOnlySpan<byte> exif)
    {
        if (!exif.StartsWith("Exif\0\0"u8)) return null;
        var tiff = exif[6..];
        if (tiff.Length < 8) return null;
        var little = tiff.StartsWith("II"u8);
        if (!little && !tiff.StartsWith("MM"u8)) return null;
        var start = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (start > (uint)tiff.Length - 2) return null;
        var entries = Short(tiff[(int)start..], little);
        for (var i = 0; i < entries; i++)
        {
            var at = start + 2 + 12L * i;
            if (at + 12 > tiff.Length) return null;
            var entry = tiff.Slice((int)at, 12);
            if (Short(entry, little) == 0x0112 && Short(entry[2..], little) == 3) return Short(entry[8..], little) is >= 1 and <= 8 and var way ? way : null;
        }

        return null;
    }

    static int Short(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    // The shortest EXIF that says which way is up, and nothing else: one entry, big-endian.
    static byte[] WayUp(int way) =>
        [.. "Exif\0\0MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)way, 0, 0, 0, 0, 0, 0];

    static void Write(MemoryStream to, byte marker, ReadOnlySpan<byte> segment)
    {
        Span<byte> head = [0xFF, marker, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(segment.Length + 2));
        to.Write(head);
        to.Write(segment);
    }

    static FileRefusedException Unreadable() => new(FileFault.Unreadable);

    ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        readonly ReadOnlySpan<byte> _bytes = bytes;
        int _at;

        public byte Byte() => _at < _bytes.Length ? _bytes[_at++] : throw Unreadable();

        /// <summary>The next marker; fill bytes before it do not count.</summary>
        public byte Marker()
        {
            if (Byte() != 0xFF) throw Unreadable();
            byte marker;
            do marker = Byte();
            while (marker == 0xFF);
            return marker;
        }

        /// <summary>What a marker's length field spans.</summary>
        public ReadOnlySpan<byte> Segment()
        {
            var length = Byte() << 8 | Byte();
            if (length < 2 || length - 2 > _bytes.Length - _at) throw Unreadable();
            var segment = _bytes.Slice(_at, length - 2);
            _at += length - 2;
            return segment;
        }

        /// <summary>Coded pixels up to the marker that ends them; restart markers belong to them.</summary>
        public ReadOnlySpan<byte> Scan()
        {
            var start = _at;
            while (true)
            {
                var found = _bytes[_at..].IndexOf((byte)0xFF);
                if (found < 0 || _at + found + 1 >= _bytes.Length) throw Unreadable();
                _at += found;
                var next = _bytes[_at + 1];
                if (next == 0 || next is >= 0xD0 and <= 0xD7)
                {
                    _at += 2;
                    continue;
                }

                if (next == Dnl) throw Unreadable();
                return _bytes[start.._at];
            }
        }
    }
}
