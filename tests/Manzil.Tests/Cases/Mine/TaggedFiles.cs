using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Manzil.Cases.Files;

namespace Manzil.Tests.Cases.Mine;

/// <summary>
/// Pictures and PDFs with a position in every place where phones and programs write one. The position is in the open sea, and its digits stand
/// in nothing else.
/// </summary>
static class TaggedFiles
{
    public const string Lat = "38.7261943", Lon = "-57.9182736";

    /// <summary>privacy.md, 1: any prefix of four digits or more, integers, degrees and minutes, base64, IEEE bytes.</summary>
    public static IEnumerable<byte[]> Traces()
    {
        foreach (var text in (string[])[Lat, Lon])
        {
            var value = double.Parse(text, CultureInfo.InvariantCulture);
            yield return Bytes(text.TrimStart('-')[..7]);
            yield return Bytes(((long)Math.Round(Math.Abs(value) * 1e7)).ToString(CultureInfo.InvariantCulture)[..7]);
            yield return Convert.FromHexString(Convert.ToHexString(BitConverter.GetBytes(value)));
            yield return BitConverter.GetBytes(value).Reverse().ToArray();
            yield return BitConverter.GetBytes((float)value);
            yield return Rational(value);
            yield return Bytes(Convert.ToBase64String(Bytes(text))[..8]);
            yield return Encoding.BigEndianUnicode.GetBytes(text.TrimStart('-')[..7]);
        }

        yield return Bytes(Geohash);
    }

    const string Geohash = "dw9ku2x7v0qm";

    static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    // Degrees and minutes as EXIF has them: the minutes in ten-thousandths.
    static byte[] Rational(double value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Math.Round((Math.Abs(value) - Math.Floor(Math.Abs(value))) * 60 * 10_000));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), 10_000);
        return bytes;
    }

    static byte[] Everything() => [.. Bytes($"GPS {Lat},{Lon} {Geohash} "), .. Traces().SelectMany(t => t)];

    public static string Xmp => $"<x:xmpmeta xmlns:x='adobe:ns:meta/'><exif:GPSLatitude>{Lat}</exif:GPSLatitude><exif:GPSLongitude>{Lon}</exif:GPSLongitude></x:xmpmeta>";

    /// <summary>TIFF with an orientation, a GPS directory's rationals and a maker note.</summary>
    static byte[] Exif(int orientation) =>
    [
        .. Bytes("MM"), 0, 42, 0, 0, 0, 8, 0, 2,
        0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0,
        0x92, 0x7C, 0, 7, 0, 0, 0, 200, 0, 0, 0, 38,
        0, 0, 0, 0, .. Everything(),
    ];

    static byte[] Segment(byte marker, byte[] content) => [0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];

    /// <summary>Eight by eight grey pixels, in every segment a position.</summary>
    /// <param name="coded">How many bytes of coded pixels it has.</param>
    public static byte[] Jpeg(int orientation = 6, int height = 8, int coded = 1) =>
    [
        0xFF, 0xD8,
        .. Segment(0xE0, [.. Bytes("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
        .. Segment(0xE1, [.. Bytes("Exif\0\0"), .. Exif(orientation)]),
        .. Segment(0xE1, [.. Bytes("http://ns.adobe.com/xap/1.0/\0"), .. Bytes(Xmp)]),
        .. Segment(0xE2, [.. Bytes("ICC_PROFILE\0"), .. Everything()]),
        .. Segment(0xED, [.. Bytes("Photoshop 3.0\0"), .. Everything()]),
        .. Segment(0xEE, [.. Bytes("Adobe"), 0, 100, 0, 0, 0, 0, 0, .. Everything()]),
        .. Segment(0xFE, Everything()),
        .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]),
        .. Segment(0xC0, [8, (byte)(height >> 8), (byte)height, 0, 8, 1, 1, 0x11, 0]),
        .. Segment(0xC4, [0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        .. Segment(0xC4, [0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        .. Segment(0xDA, [1, 1, 0, 0, 63, 0]),
        .. Enumerable.Repeat((byte)0x3F, coded),
        0xFF, 0xD9,
        .. Everything(),
    ];

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] named = [.. Bytes(type), .. data];
        var chunk = new byte[named.Length + 8];
        BinaryPrimitives.WriteUInt32BigEndian(chunk, (uint)data.Length);
        named.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), CleanPng.Crc(named));
        return chunk;
    }

    public static byte[] Packed(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var packing = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) packing.Write(data);
        return packed.ToArray();
    }

    public static byte[] Png(uint width = 8, uint height = 8, byte[]? pixels = null, byte[]? packed = null)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        return
        [
            .. CleanPng.Signature.ToArray(),
            .. Chunk("IHDR", header),
            .. Chunk("tEXt", [.. Bytes("Location\0"), .. Everything()]),
            .. Chunk("zTXt", [.. Bytes("Comment\0\0"), .. Packed(Everything())]),
            .. Chunk("iTXt", [.. Bytes("XML:com.adobe.xmp\0\0\0\0\0"), .. Bytes(Xmp)]),
            .. Chunk("eXIf", Exif(1)),
            .. Chunk("prVt", Everything()),
            .. Chunk("gAMA", [0, 0, 0xB1, 0x8F]),
            .. Chunk("IDAT", packed ?? Packed(pixels ?? new byte[9 * 8])),
            .. Chunk("IEND", []),
            .. Everything(),
        ];
    }

    /// <summary>A page with a photo as the camera wrote it, an information dictionary and a metadata stream.</summary>
    public static byte[] Pdf(string catalog = "", byte[]? photo = null)
    {
        return new PdfSample($"%PDF-1.4 {Lat}\n%\u00e2\u00e3\u00cf\u00d3 {Lat} {Lon}\n")
            .Add(1, $"<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R {catalog}>>")
            .Add(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
            .Add(3, $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Resources << /XObject << /Photo 4 0 R >> >> /Contents 7 0 R /LGIDict << /CTM [({Lat})] >> >>")
            .AddStream(4, "/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 /Metadata 5 0 R /Filter /DCTDecode", photo ?? Jpeg())
            .AddStream(5, "/Type /Metadata /Subtype /XML", Bytes(Xmp))
            .Add(6, $"<< /Title (At {Lat} \\( {Lon}) /Keywords <{Convert.ToHexString(Bytes(Lat))}> >>")
            .AddStream(7, "", Bytes("99 0 0 99 0 0 cm /Photo Do"))
            .Gap($"% {Lat} {Lon}\n")
            .End(trailer: "/Info 6 0 R", after: Encoding.Latin1.GetString(Everything()))
            .Bytes();
    }
}
