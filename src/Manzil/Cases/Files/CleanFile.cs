using System.Security.Cryptography;

namespace Manzil.Cases.Files;

/// <summary>Why a file is not taken. Each has a text: <c>file.fault-…</c>.</summary>
public enum FileFault
{
    Empty,
    TooLarge,
    WrongType,
    Heic,
    Unreadable,
    TooManyPixels,
    PdfEncrypted,
    PdfActive,
    PdfPosition,
    PdfHidden,
    PdfUnclear,
}

/// <summary>The one exception with which a file is turned away.</summary>
public sealed class FileRefusedException(FileFault fault) : Exception($"The file is refused: {fault}")
{
    public FileFault Fault { get; } = fault;
}

/// <summary>
/// A file as it may be stored: its type is what its bytes say, and nothing of it is kept that a camera or a program wrote about
/// where, when and by whom it was made (privacy.md, 20). Its own name is not kept either, since cameras write positions there too.
/// </summary>
public static class CleanFile
{
    /// <summary>Of one file, as it comes and as it is kept: what the camera of any phone writes at its usual setting (docs/decisions/0060-large-photos.md).</summary>
    public const int MaxMegabytes = 15, MaxBytes = MaxMegabytes * 1024 * 1024, MaxFiles = 5;

    /// <summary>A side of a picture, and all of it: more than any phone takes, less than what fills a reader's memory.</summary>
    public const int MaxSide = 20_000, MaxPixels = 64_000_000;

    public const string Jpeg = "image/jpeg", Png = "image/png", Pdf = "application/pdf";

    /// <exception cref="FileRefusedException">It is not taken; nothing else is thrown, whatever the bytes are.</exception>
    public static (string MediaType, byte[] Content) Of(byte[] bytes)
    {
        if (bytes.Length == 0) throw new FileRefusedException(FileFault.Empty);
        if (bytes.Length > MaxBytes) throw new FileRefusedException(FileFault.TooLarge);
        var type = TypeOf(bytes);
        var content = type switch
        {
            Jpeg => CleanJpeg.Of(bytes),
            Png => CleanPng.Of(bytes),
            _ => CleanPdf.Of(bytes),
        };
        return (type, content);
    }

    /// <summary>The file as part of an answer: named by its place among the others, and by nothing else.</summary>
    /// <param name="number">1 for the first.</param>
    public static Attachment Attach(byte[] bytes, int number)
    {
        var (type, content) = Of(bytes);
        return new Attachment($"{number.ToString(System.Globalization.CultureInfo.InvariantCulture)}.{EndingOf(type)}", type, content, SHA256.HashData(content));
    }

    public static string EndingOf(string mediaType) => mediaType switch { Jpeg => "jpg", Png => "png", _ => "pdf" };

    static string TypeOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return Jpeg;
        if (bytes.StartsWith(CleanPng.Signature)) return Png;
        // At the very beginning: readers look further, and then a file can be two things at once.
        if (bytes.StartsWith("%PDF-"u8)) return Pdf;
        var isHeic = bytes.Length >= 12 && bytes[4..8].SequenceEqual("ftyp"u8);
        throw new FileRefusedException(isHeic ? FileFault.Heic : FileFault.WrongType);
    }

    internal static void CheckSize(long width, long height)
    {
        if (width <= 0 || height <= 0) throw new FileRefusedException(FileFault.Unreadable);
        if (width > MaxSide || height > MaxSide || width * height > MaxPixels) throw new FileRefusedException(FileFault.TooManyPixels);
    }
}
