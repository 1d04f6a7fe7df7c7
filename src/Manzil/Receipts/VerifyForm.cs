using System.Text;
using Manzil.Cases.Files;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Manzil.Receipts;

/// <summary>
/// What was sent to /verify, read piece by piece and held in memory, since what is checked here is not to lie on a disk. The server's
/// own reader would double its buffer again and again: of a body that is never finished, several times its size in garbage.
/// </summary>
sealed class VerifyForm
{
    const int MaxFields = 20, MaxFieldBytes = 64 * 1024, MaxBoundary = 128;

    readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    public string this[string field] => _fields.GetValueOrDefault(field, "");

    /// <summary>The file that was chosen; null where none was.</summary>
    public byte[]? File { get; private set; }

    /// <summary>True where it was longer than a receipt can be: nothing of it is kept.</summary>
    public bool IsFileTooLarge { get; private set; }

    /// <param name="request">A form.</param>
    /// <param name="maxBytes">Of each part of it.</param>
    /// <exception cref="InvalidDataException">It is no such form.</exception>
    /// <exception cref="IOException">It ends before its end.</exception>
    public static async Task<VerifyForm> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellation)
    {
        var form = new VerifyForm();
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            request.HttpContext.Features.Set<IFormFeature>(new FormFeature(request, new() { ValueLengthLimit = MaxFieldBytes, ValueCountLimit = MaxFields }));
            foreach (var (name, value) in await request.ReadFormAsync(cancellation)) form._fields[name] = value[0] ?? "";
            return form;
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary);
        if (boundary.Length is 0 or > MaxBoundary) throw new InvalidDataException("The form has no boundary.");
        var reader = new MultipartReader(boundary.ToString(), request.Body) { BodyLengthLimit = maxBytes };
        for (var count = 0; await reader.ReadNextSectionAsync(cancellation) is { } section; count++)
        {
            if (count == MaxFields) throw new InvalidDataException("The form has too many fields.");
            await form.AddAsync(section, cancellation);
        }

        return form;
    }

    async Task AddAsync(MultipartSection section, CancellationToken cancellation)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)) throw new InvalidDataException("A field has no name.");
        var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
        var isFile = disposition.IsFileDisposition();
        using var pieces = new Pieces();
        if (isFile && name == "File")
        {
            IsFileTooLarge = !await pieces.ReadAsync(section.Body, ReceiptFile.MaxBytes, cancellation);
            // A browser that sends a form without a file sends one without a name.
            var hasName = !string.IsNullOrEmpty(HeaderUtilities.RemoveQuotes(disposition.FileName).Value) || disposition.FileNameStar.Length > 0;
            if (!IsFileTooLarge && hasName) File ??= pieces.ToArray();
        }
        else if (!await pieces.ReadAsync(section.Body, MaxFieldBytes, cancellation))
        {
            throw new InvalidDataException("A field is too long.");
        }
        else if (!isFile)
        {
            _fields.TryAdd(name, Encoding.UTF8.GetString(pieces.ToArray()));
        }
    }

    /// <summary>Bytes as they come, in pieces that are used again: what many half-sent forms need is no more than what came of them.</summary>
    sealed class Pieces : IDisposable
    {
        // Kept for the next form: a third of what all strangers may hold.
        const int Size = 8 * 1024, MostSpare = Uploads.StrangersRoom / 3 / Size;

        static readonly Lock Gate = new();
        static readonly Stack<byte[]> Spare = [];

        readonly List<byte[]> _pieces = [];
        int _length;

        /// <returns>False where there is more than may be: it is read over, and nothing of it is held.</returns>
        public async Task<bool> ReadAsync(Stream stream, int most, CancellationToken cancellation)
        {
            for (var piece = Take(); ; piece = Take())
            {
                _pieces.Add(piece);
                var count = await stream.ReadAtLeastAsync(piece, Size, throwOnEndOfStream: false, cancellation);
                _length += count;
                if (_length > most) break;
                if (count < Size) return true;
            }

            Dispose();
            await stream.CopyToAsync(Stream.Null, Size, cancellation);
            return false;
        }

        public byte[] ToArray()
        {
            var whole = new byte[_length];
            for (var at = 0; at < _length; at += Size) _pieces[at / Size].AsSpan(0, Math.Min(Size, _length - at)).CopyTo(whole.AsSpan(at));
            return whole;
        }

        static byte[] Take()
        {
            lock (Gate) return Spare.TryPop(out var piece) ? piece : GC.AllocateUninitializedArray<byte>(Size);
        }

        public void Dispose()
        {
            // Nothing of what somebody sent is left in them.
            foreach (var piece in _pieces) Array.Clear(piece);
            lock (Gate)
            {
                foreach (var piece in _pieces)
                {
                    if (Spare.Count < MostSpare) Spare.Push(piece);
                }
            }

            (_, _length) = (_pieces.RemoveAll(_ => true), 0);
        }
    }
}
