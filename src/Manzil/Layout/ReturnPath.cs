using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Layout;

/// <summary>
/// Where a reader goes on after a form, as an address says it: a path of this service, short enough for every proxy's headers, and
/// written so that no letter breaks a header. It is read before a code is used up.
/// </summary>
public static class ReturnPath
{
    /// <summary>As the header has it. Proxies give all headers of an answer 4 KB together by default.</summary>
    public const int MaxLength = 1500;

    /// <param name="url">Says what is a path of this service.</param>
    /// <param name="asked">What the address or the form says, believed or not.</param>
    /// <param name="otherwise">Where to go when that is nothing, elsewhere or too long.</param>
    public static string Of(IUrlHelper url, string? asked, string otherwise) =>
        asked is { Length: <= MaxLength } && url.IsLocalUrl(asked) && ToHeader(asked) is { Length: <= MaxLength } path ? path : otherwise;

    /// <summary>A path as a header can hold it: what is no visible character of ASCII becomes its UTF-8 bytes, percent-encoded.</summary>
    public static string ToHeader(string path)
    {
        if (!path.AsSpan().ContainsAnyExceptInRange('!', '~')) return path;
        var header = new StringBuilder(path.Length * 2);
        Span<byte> bytes = stackalloc byte[4];
        // Half a character becomes the one that stands for something unreadable.
        foreach (var rune in path.EnumerateRunes())
        {
            if (rune.Value is >= '!' and <= '~')
            {
                header.Append((char)rune.Value);
                continue;
            }

            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)]) header.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return header.ToString();
    }
}
