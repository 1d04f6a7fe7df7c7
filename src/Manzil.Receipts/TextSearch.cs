using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Manzil.Receipts;

/// <summary>Reads base45 out of a text that went through many hands. Its letters are put right first; then every way in which
/// spaces may have been lost is tried, and most die within a few groups, since three symbols say at most 65535.</summary>
sealed class TextSearch(string text)
{
    const char Break = '\n';
    const int MaxSteps = 400_000;
    const int MaxReadings = 32;
    // Spaces that a line end may have swallowed; four in a row are in one of a million texts.
    const int MaxLost = 3;

    readonly string symbols = Cleaned(text);
    int steps;

    internal bool Has(string prefix) => symbols.Contains(prefix, StringComparison.Ordinal);

    /// <summary>Where texts with a prefix begin, after it. What merely names the prefix, as an instruction does, is none.</summary>
    internal IEnumerable<int> Beginnings(string prefix, byte[] first)
    {
        for (var at = 0; steps <= MaxSteps && (at = symbols.IndexOf(prefix, at, StringComparison.Ordinal)) >= 0;)
        {
            at += prefix.Length;
            if (Run(at, first.Length, _ => first.Length, bytes => bytes.AsSpan().StartsWith(first)).Count > 0) yield return at;
        }
    }

    /// <summary>The CBOR items that begin here, each in another reading of the spaces, the likeliest first.</summary>
    internal IReadOnlyList<byte[]> Items(int start, int limit, Func<byte[], bool> accepts) => Run(start, limit, bytes => CborEnd(bytes, 0, 4), accepts);

    List<byte[]> Run(int start, int limit, Func<ReadOnlySpan<byte>, int> endOf, Func<byte[], bool> accepts)
    {
        var found = new List<byte[]>();
        var bytes = new byte[limit + 2];
        var ways = new Stack<Way>([new(start)]);
        while (found.Count < MaxReadings && ways.TryPop(out var way))
        {
            while (Step(ref way, bytes, limit, endOf, ways))
            {
                if (way.Count != 0 || way.End <= 0 || way.Length < way.End) continue;
                var item = bytes[..way.End];
                if (accepts(item)) found.Add(item);
                break;
            }
        }
        return found;
    }

    // Takes one symbol; false where this way leads nowhere.
    bool Step(ref Way way, byte[] bytes, int limit, Func<ReadOnlySpan<byte>, int> endOf, Stack<Way> ways)
    {
        if (++steps > MaxSteps) return false;
        if (way.Spaces > 0)
        {
            way.Spaces--;
            return Feed(ref way, ' ', bytes, limit, endOf);
        }
        if (way.At >= symbols.Length) return false;
        var symbol = symbols[way.At];
        if (symbol == Break)
        {
            way.At++;
            for (var spaces = MaxLost; spaces > 0; spaces--) ways.Push(way with { Spaces = spaces });
            return true;
        }
        if (symbol == ' ' && !way.IsWidened && (way.At == 0 || symbols[way.At - 1] != ' ')) ways.Push(way with { Spaces = 1, IsWidened = true });
        way.IsWidened = false;
        way.At++;
        return Feed(ref way, symbol, bytes, limit, endOf);
    }

    static bool Feed(ref Way way, char symbol, byte[] bytes, int limit, Func<ReadOnlySpan<byte>, int> endOf)
    {
        var value = Base45.SymbolOf(symbol);
        if (value < 0) return false;
        way.Value += value * (way.Count == 0 ? 1 : way.Count == 1 ? 45 : 2025);
        way.Count++;
        var isLast = way.Count == 2 && way.End - way.Length == 1;
        if (way.Count < 3 && !isLast) return true;
        if (way.Value > (isLast ? 0xFF : 0xFFFF) || way.Length >= limit) return false;
        if (isLast)
        {
            bytes[way.Length++] = (byte)way.Value;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(way.Length), (ushort)way.Value);
            way.Length += 2;
        }
        (way.Count, way.Value) = (0, 0);
        if (way.End == 0) way.End = endOf(bytes.AsSpan(0, way.Length));
        return way.End >= 0 && way.End <= limit;
    }

    /// <summary>Where a CBOR item ends: 0 where that is not known yet, -1 where it is none.</summary>
    static int CborEnd(ReadOnlySpan<byte> bytes, int at, int depth)
    {
        if (at >= bytes.Length) return 0;
        var (major, info) = (bytes[at] >> 5, bytes[at] & 31);
        var size = info < 24 ? 0 : info < 27 ? 1 << (info - 24) : -1;
        if (size < 0 || depth == 0) return -1;
        if (++at + size > bytes.Length) return 0;
        long argument = info;
        if (size > 0) argument = 0;
        foreach (var one in bytes.Slice(at, size)) argument = argument << 8 | one;
        at += size;
        if (argument > Limits.RecordBytes) return major is 0 or 1 ? at : -1;
        switch (major)
        {
            case 2 or 3:
                return at + (int)argument;
            case 4 or 5 or 6:
                for (var left = major == 4 ? argument : major == 5 ? 2 * argument : 1; left > 0; left--)
                {
                    if ((at = CborEnd(bytes, at, depth - 1)) <= 0) return at;
                }
                return at;
            default:
                return at;
        }
    }

    /// <summary>Upper case, without what cannot be seen; one <see cref="Break"/> for each line end with what stands around it: the
    /// marks of a quotation, spaces, and the soft break of quoted-printable.</summary>
    static string Cleaned(string text)
    {
        var clean = new StringBuilder(text.Length);
        var isAfterBreak = false;
        foreach (var letter in text.Replace("\\u002B", "+", StringComparison.OrdinalIgnoreCase).Replace("\\/", "/", StringComparison.Ordinal))
        {
            var symbol = SymbolOf(letter);
            if (symbol == '\0' || isAfterBreak && symbol is ' ' or Break or '>' or '|') continue;
            if (symbol == Break) EndLine(clean);
            isAfterBreak = symbol == Break;
            if (letter == '…') clean.Append("..");
            clean.Append(symbol);
        }
        return clean.ToString();
    }

    static void EndLine(StringBuilder line)
    {
        while (line.Length > 0 && line[^1] is ' ' or '=') line.Length--;
        if (line.Length > 2 && line[^3] == '=' && line[^2] == '2' && line[^1] == '0') line.Length -= 3;
    }

    static char SymbolOf(char letter) => letter switch
    {
        >= 'a' and <= 'z' => (char)(letter - 'a' + 'A'),
        >= ' ' and <= '~' => letter,
        '\n' or '\r' or '\t' or '\v' or '\f' or '\u0085' or '\u2028' or '\u2029' => Break,
        >= '\uFF01' and <= '\uFF5E' => SymbolOf((char)(letter - 0xFEE0)),
        (>= '\u2010' and <= '\u2015') or '\u2212' => '-',
        '…' => '.',
        _ => char.GetUnicodeCategory(letter) switch
        {
            UnicodeCategory.SpaceSeparator => ' ',
            UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.NonSpacingMark => '\0',
            _ => '?',
        },
    };

    /// <summary>How far one way of reading has come.</summary>
    record struct Way(int At)
    {
        internal int Spaces, Count, Value, Length, End;
        internal bool IsWidened;
    }
}
