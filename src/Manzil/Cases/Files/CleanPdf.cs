using System.IO.Compression;
using System.Text;

namespace Manzil.Cases.Files;

/// <summary>
/// A PDF with what it says about itself blanked in place, so that nothing moves: the document's information, metadata streams
/// (XMP), comments between objects, and in the photos inside it what cameras write. What cannot be blanked so is refused, in words:
/// encrypted files; scripts, forms, other programs and files inside; maps that know positions; positions inside what is packed.
/// </summary>
public static class CleanPdf
{
    const int MaxStreams = 5_000, MaxUnpacked = 64 * 1024 * 1024;

    static readonly Dictionary<string, FileFault> Refused = new()
    {
        ["Encrypt"] = FileFault.PdfEncrypted,
        ["Crypt"] = FileFault.PdfEncrypted,
        ["JavaScript"] = FileFault.PdfActive,
        ["JS"] = FileFault.PdfActive,
        ["Launch"] = FileFault.PdfActive,
        ["EmbeddedFile"] = FileFault.PdfActive,
        ["EmbeddedFiles"] = FileFault.PdfActive,
        ["Filespec"] = FileFault.PdfActive,
        ["GoToE"] = FileFault.PdfActive,
        ["GoToR"] = FileFault.PdfActive,
        ["SubmitForm"] = FileFault.PdfActive,
        ["ImportData"] = FileFault.PdfActive,
        ["RichMedia"] = FileFault.PdfActive,
        ["Rendition"] = FileFault.PdfActive,
        ["Movie"] = FileFault.PdfActive,
        ["Sound"] = FileFault.PdfActive,
        ["XFA"] = FileFault.PdfActive,
        ["Collection"] = FileFault.PdfActive,
        ["GEO"] = FileFault.PdfPosition,
        ["GPTS"] = FileFault.PdfPosition,
        ["GCS"] = FileFault.PdfPosition,
        ["LGIDict"] = FileFault.PdfPosition,
        ["PtData"] = FileFault.PdfPosition,
        ["PieceInfo"] = FileFault.PdfHidden,
    };

    // What cameras and programs write before a position, whatever it is packed in.
    static readonly byte[][] Traces =
    [
        .. new[] { "Exif\0\0", "exif:", "xmpmeta", "ns.adobe.com/xap", "GPSLatitude", "GPSLongitude", "/Latitude", "/Longitude" }
            .SelectMany(trace => new[] { Encoding.Latin1.GetBytes(trace), Encoding.BigEndianUnicode.GetBytes(trace) }),
    ];

    /// <exception cref="FileRefusedException">It is no PDF, or holds what is neither taken nor blanked.</exception>
    public static byte[] Of(ReadOnlySpan<byte> original)
    {
        var last = original.LastIndexOf("%%EOF"u8);
        if (!original.StartsWith("%PDF-"u8) || last < 0 || original.IndexOf("startxref"u8) < 0) throw new FileRefusedException(FileFault.Unreadable);
        // What follows the end is no part of it.
        byte[] bytes = [.. original[..(last + 5)], (byte)'\n'];
        new Walk(bytes).Run();
        return bytes;
    }

    sealed class Walk(byte[] bytes)
    {
        readonly PdfText _text = new(bytes);
        readonly List<(int Object, int Start, int Length)> _strings = [];
        readonly HashSet<int> _informing = [];
        readonly List<string> _names = [];
        string _lastName = "";
        int _streams, _unpacked, _object = -1;

        public void Run()
        {
            var depth = 0;
            PdfToken one = default, two = default;
            while (true)
            {
                var before = _text.At;
                var token = _text.Next();
                BlankComments(before, token.Start);
                if (token.Kind == PdfTokenKind.End) break;
                switch (token.Kind)
                {
                    case PdfTokenKind.Name:
                        Check(token.Text);
                        if (depth > 0) _names.Add(token.Text);
                        if (_names.Count > 20_000) throw new FileRefusedException(FileFault.Unreadable);
                        break;
                    case PdfTokenKind.DictOpen:
                        if (depth++ == 0) _names.Clear();
                        break;
                    case PdfTokenKind.DictClose:
                        depth = Math.Max(0, depth - 1);
                        break;
                    case PdfTokenKind.String:
                        _strings.Add((_object, token.Start, token.Length));
                        break;
                    case PdfTokenKind.Word when token.Text == "obj" && one.Kind == PdfTokenKind.Number && two.Kind == PdfTokenKind.Number:
                        _object = int.TryParse(two.Text, out var number) ? number : -1;
                        depth = 0;
                        _names.Clear();
                        break;
                    case PdfTokenKind.Word when token.Text == "R" && two.Kind == PdfTokenKind.Number && _lastName == "Info":
                        if (int.TryParse(two.Text, out var info)) _informing.Add(info);
                        break;
                    case PdfTokenKind.Word when token.Text == "stream":
                        Stream();
                        depth = 0;
                        _names.Clear();
                        break;
                }

                if (token.Kind == PdfTokenKind.Name) _lastName = token.Text;
                (two, one) = (one, token);
            }

            foreach (var (owner, start, length) in _strings)
            {
                if (_informing.Contains(owner)) bytes.AsSpan(start, length).Fill((byte)(bytes[start - 1] == '<' ? '0' : ' '));
            }

            // What is left in the clear, wherever it stands.
            Trace(bytes);
        }

        /// <summary>The header and the ends of the file are comments too, and stay.</summary>
        void BlankComments(int from, int to)
        {
            var open = false;
            for (var i = from; i < to; i++)
            {
                if (bytes[i] is (byte)'\r' or (byte)'\n')
                {
                    open = false;
                }
                else if (open)
                {
                    bytes[i] = (byte)' ';
                }
                else if (bytes[i] == '%')
                {
                    open = true;
                    // "%PDF-1.7" and "%%EOF" stay.
                    if (bytes.AsSpan(i).StartsWith("%PDF-"u8)) i += 7;
                    else if (bytes.AsSpan(i).StartsWith("%%EOF"u8)) i += 4;
                }
            }
        }

        static void Check(string name)
        {
            if (Refused.TryGetValue(name, out var fault)) throw new FileRefusedException(fault);
        }

        void Stream()
        {
            if (++_streams > MaxStreams) throw new FileRefusedException(FileFault.Unreadable);
            var start = _text.At;
            if (start < bytes.Length && bytes[start] == '\r') start++;
            if (start < bytes.Length && bytes[start] == '\n') start++;
            // Photos inside hold any byte, but this word at the beginning of a line only where somebody means it.
            var length = bytes.AsSpan(start).IndexOf("endstream"u8);
            if (length < 0) throw new FileRefusedException(FileFault.Unreadable);
            _text.At = start + length + "endstream".Length;
            var data = bytes.AsSpan(start, length);
            var filters = _names.Where(n => n.EndsWith("Decode", StringComparison.Ordinal) || n is "Fl" or "DCT" or "AHx" or "A85" or "LZW" or "RL" or "CCF").ToList();
            var isMetadata = _names.Contains("Metadata") && _names.Contains("XML");
            if (isMetadata)
            {
                BlankMetadata(data, filters);
                return;
            }

            if (filters.Count == 0)
            {
                Trace(data);
            }
            else if (filters[0] is "FlateDecode" or "Fl")
            {
                var unpacked = Unpack(data);
                Trace(unpacked);
                // Objects that are packed together: there names mean what they mean outside.
                if (_names.Contains("ObjStm")) CheckNames(unpacked);
            }
            else if (filters is ["DCTDecode" or "DCT"])
            {
                BlankPhoto(data);
            }
            else if (filters is not ["CCITTFaxDecode" or "CCF" or "JBIG2Decode" or "JPXDecode"]
                || (filters is ["JPXDecode"] && (data.IndexOf("uuid"u8) >= 0 || data.IndexOf("xml "u8) >= 0)))
            {
                // Old packings, in which anything can be hidden from this; and boxes of a picture that say where it lies on a map.
                throw new FileRefusedException(FileFault.PdfHidden);
            }
        }

        static void BlankMetadata(Span<byte> data, List<string> filters)
        {
            if (filters.Count == 0)
            {
                data.Fill((byte)' ');
                return;
            }

            // A packed stream of nothing; what follows its end is no part of it.
            data.Clear();
            ReadOnlySpan<byte> nothing = [0x78, 0x9C, 0x03, 0, 0, 0, 0, 1];
            if (filters is ["FlateDecode" or "Fl"] && data.Length >= nothing.Length) nothing.CopyTo(data);
        }

        /// <summary>A photo as the camera wrote it: its own segments are blanked, its length stays.</summary>
        static void BlankPhoto(Span<byte> data)
        {
            var at = 2;
            if (data.Length < 4 || data[0] != 0xFF || data[1] != 0xD8) throw new FileRefusedException(FileFault.Unreadable);
            while (at + 4 <= data.Length && data[at] == 0xFF)
            {
                var marker = data[at + 1];
                if (marker == 0xFF)
                {
                    at++;
                    continue;
                }

                if (marker is 0xD9) break;
                var length = data[at + 2] << 8 | data[at + 3];
                if (length < 2 || at + 2 + length > data.Length) throw new FileRefusedException(FileFault.Unreadable);
                // Adobe's segment says how colours are meant; its first twelve bytes hold nothing else.
                if (marker == 0xEE && length >= 14 && data[(at + 4)..].StartsWith("Adobe"u8)) data.Slice(at + 16, length - 14).Clear();
                else if (marker is 0xFE or (>= 0xE0 and <= 0xEF)) data.Slice(at + 4, length - 2).Clear();
                at += 2 + length;
                // A scan: up to the next marker that is none of its own.
                if (marker != 0xDA) continue;
                while (at + 1 < data.Length && (data[at] != 0xFF || data[at + 1] == 0 || data[at + 1] is >= 0xD0 and <= 0xD7)) at++;
            }

            var end = data.LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]);
            if (at + 2 <= data.Length && data[at] == 0xFF && data[at + 1] == 0xD9) end = at;
            if (end >= 0) data[(end + 2)..].Clear();
        }

        byte[] Unpack(ReadOnlySpan<byte> data)
        {
            using var unpacked = new MemoryStream();
            try
            {
                using var unpacking = new ZLibStream(new MemoryStream(data.ToArray()), CompressionMode.Decompress);
                var buffer = new byte[64 * 1024];
                for (int count; (count = unpacking.Read(buffer)) > 0;)
                {
                    _unpacked += count;
                    if (_unpacked > MaxUnpacked) throw new FileRefusedException(FileFault.PdfHidden);
                    unpacked.Write(buffer, 0, count);
                }
            }
            catch (InvalidDataException)
            {
                throw new FileRefusedException(FileFault.Unreadable);
            }

            return unpacked.ToArray();
        }

        static void CheckNames(byte[] objects)
        {
            var text = new PdfText(objects);
            for (var token = text.Next(); token.Kind != PdfTokenKind.End; token = text.Next())
            {
                if (token.Kind == PdfTokenKind.Name) Check(token.Text);
            }
        }

        static void Trace(ReadOnlySpan<byte> data)
        {
            foreach (var trace in Traces)
            {
                if (data.IndexOf(trace) >= 0) throw new FileRefusedException(FileFault.PdfPosition);
            }
        }
    }
}
