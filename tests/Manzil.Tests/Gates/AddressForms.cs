using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Manzil.Tests.Gates;

/// <summary>A client's address in every form in which a program could keep it: text, parts, numbers, bytes, and digests of each.</summary>
static class AddressForms
{
    // Fewer of a digest stand by chance in some other one.
    const int LeastHex = 10, LeastBase64 = 9;

    /// <summary>What to search for, and whether capitals count.</summary>
    public static IReadOnlyList<(string Form, bool Exact)> Of(string address)
    {
        var parsed = IPAddress.Parse(address);
        var (bytes, mapped) = (parsed.GetAddressBytes(), parsed.MapToIPv6().GetAddressBytes());
        var isFour = bytes.Length == 4;
        var forms = new List<(string, bool)>();
        void Text(string form) => forms.Add((form, false));

        var texts = new List<string> { address, parsed.ToString(), parsed.MapToIPv6().ToString() };
        if (isFour)
        {
            var parts = bytes.Select(b => b.ToString(CultureInfo.InvariantCulture)).ToArray();
            foreach (var by in new[] { ".", "-", "_", ":", ",", " " })
            {
                Text(string.Join(by, parts[..3]) + by);
                Text(by + string.Join(by, parts[1..]));
                Text(string.Join(by, parts.Reverse().Take(3)) + by);
            }

            texts.Add(string.Join('.', parts[..3]));
            texts.Add(string.Join('.', parts[..3]) + ".0");
            texts.Add(string.Join('.', parts[..3]) + ".0/24");
            texts.Add(string.Join('.', parts.Select(p => p.PadLeft(3, '0'))));
            texts.Add(string.Join('.', parts.Reverse()));
        }
        else
        {
            var full = string.Join(':', Enumerable.Range(0, 8).Select(i => Convert.ToHexStringLower(bytes, i * 2, 2)));
            texts.AddRange([full, full[..19], full[..19] + "::", full[..19] + "::/64", address.ToUpperInvariant()]);
            Text(full[..19]);
            Text(string.Join(':', address.Split(':').TakeLast(2)));
        }

        foreach (var text in texts) Text(text);
        foreach (var number in new[] { new BigInteger(bytes, isUnsigned: true, isBigEndian: true), new BigInteger(bytes, isUnsigned: true, isBigEndian: false) })
        {
            Text(number.ToString(CultureInfo.InvariantCulture));
            Text("0x" + number.ToString("x", CultureInfo.InvariantCulture));
            texts.Add(number.ToString(CultureInfo.InvariantCulture));
        }

        List<byte[]> raws = [bytes, mapped, [.. bytes.Reverse()], isFour ? bytes[..3] : bytes[..8], isFour ? [.. bytes[..3], 0] : [.. bytes[..8], .. new byte[8]]];
        foreach (var raw in raws.Where(r => r.Length >= 4))
        {
            Text(Convert.ToHexString(raw));
            Text(BitConverter.ToString(raw));
            forms.Add((Convert.ToBase64String(raw).TrimEnd('='), true));
        }

        // A digest of any of them, with the usual salts that are none: nothing, a name before it.
        var hashed = texts.SelectMany(t => new[] { t, "address:" + t, "ip:" + t, t + "\n" }).Select(Encoding.UTF8.GetBytes).Concat(raws).Concat(raws.Select(r => Encoding.UTF8.GetBytes(Convert.ToHexString(r)))).ToList();
#pragma warning disable CA5350, CA5351 // A breach would take whichever is at hand.
        foreach (var digest in hashed.SelectMany(h => new[] { SHA1.HashData(h), SHA256.HashData(h), SHA384.HashData(h), SHA512.HashData(h), MD5.HashData(h) }))
#pragma warning restore CA5350, CA5351
        {
            // Cut where it will, it begins or ends like this.
            Text(Convert.ToHexString(digest)[..LeastHex]);
            Text(Convert.ToHexString(digest)[^LeastHex..]);
            Text(Convert.ToHexString([.. digest.Reverse()])[..LeastHex]);
            forms.Add((Convert.ToBase64String(digest)[..LeastBase64], true));
            forms.Add((Base64Url.EncodeToString(digest)[..LeastBase64], true));
            Text(BitConverter.ToString(digest)[..(LeastHex * 3 / 2)]);
            Text(BitConverter.ToInt64(digest).ToString(CultureInfo.InvariantCulture));
            Text(BitConverter.ToUInt64(digest).ToString(CultureInfo.InvariantCulture));
            Text(BitConverter.ToUInt32(digest).ToString(CultureInfo.InvariantCulture));
            Text(BitConverter.ToInt32(digest).ToString(CultureInfo.InvariantCulture));
        }

        return [.. forms.Where(f => f.Item1.Length >= 6).Distinct()];
    }

    /// <summary>Which of the forms stand in a text.</summary>
    public static IReadOnlyList<string> In(string text, IEnumerable<string> addresses) =>
        [.. addresses.SelectMany(Of).Distinct().Where(f => text.Contains(f.Form, f.Exact ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase)).Select(f => f.Form)];
}
