using ADRaffy.ENSNormalize;

namespace Manzil.Typing;

/// <summary>
/// Unicode's form C. The program runs without ICU, where <c>string.Normalize</c> knows ASCII alone and says nothing of it: so it is
/// banned, and a library that carries its own tables does it.
/// </summary>
public static class Nfc
{
    // Below the first combining mark every text is in form C.
    const char FirstMark = '\u0300';

    public static string Of(string text) => text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstMark - 1)) ? ENSNormalize.NF.NFC(text) : text;
}
