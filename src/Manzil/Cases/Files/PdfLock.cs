namespace Manzil.Cases.Files;

/// <summary>
/// Whether a PDF is locked, asked of one that could not be read otherwise: half-loaded, or with every place in it moved by a program on the way.
/// Whoever sent it needs to hear of the lock, not of the damage. Nothing is read with what is found here, so a wrong guess costs a sentence.
/// </summary>
static class PdfLock
{
    /// <summary>A trailer's entry, or one of the dictionary that says how it is locked: both stand in the open in every locked file.</summary>
    public static bool IsIn(ReadOnlySpan<byte> bytes) =>
        HasEntry(bytes, "/Encrypt"u8, IsDictionary) || HasEntry(bytes, "/Filter"u8, IsStandard);

    /// <summary>The name of what wraps a locked file in one that says "open it with another program" (ISO 32000-2, 7.6.7).</summary>
    public const string Payload = "EncryptedPayload";

    delegate bool Follows(ReadOnlySpan<byte> rest);

    static bool HasEntry(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, Follows follows)
    {
        for (int at; (at = bytes.IndexOf(key)) >= 0;)
        {
            bytes = bytes[(at + key.Length)..];
            if (!bytes.IsEmpty && PdfText.IsEnd(bytes[0]) && follows(SkipBlank(bytes))) return true;
        }

        return false;
    }

    // "<<" where it stands there itself, "9 0 R" where it stands elsewhere.
    static bool IsDictionary(ReadOnlySpan<byte> rest)
    {
        if (rest.StartsWith("<<"u8)) return true;
        var generation = SkipBlank(SkipDigits(rest));
        var end = SkipBlank(SkipDigits(generation));
        return generation.Length < rest.Length && end.Length < generation.Length && end.StartsWith("R"u8);
    }

    static bool IsStandard(ReadOnlySpan<byte> rest) => rest.StartsWith("/Standard"u8) && (rest.Length == 9 || PdfText.IsEnd(rest[9]));

    static ReadOnlySpan<byte> SkipBlank(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty && PdfText.IsBlank(rest[0])) rest = rest[1..];
        return rest;
    }

    static ReadOnlySpan<byte> SkipDigits(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty && char.IsAsciiDigit((char)rest[0])) rest = rest[1..];
        return rest;
    }
}
