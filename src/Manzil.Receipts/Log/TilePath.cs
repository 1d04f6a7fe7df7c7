using System.Globalization;
using System.Text;

namespace Manzil.Receipts;

/// <summary>Which tile or entry bundle of a log is meant (C2SP tlog-tiles).</summary>
/// <param name="Level">The tile's level, 0 to 63; null for a bundle of entries.</param>
/// <param name="Index">The tile's number within its level, from 0.</param>
/// <param name="Width">How many hashes or entries it holds: 256, or 1 to 255 where it is partial.</param>
public readonly record struct TileAddress(int? Level, long Index, int Width)
{
    /// <summary>Whether this is a bundle of entries rather than a tile of hashes.</summary>
    public bool IsEntries => Level is null;

    /// <summary>Whether it holds fewer than 256.</summary>
    public bool IsPartial => Width < TilePath.FullWidth;

    /// <summary>The path under the log's address, such as <c>tile/0/x001/234.p/5</c>.</summary>
    /// <returns>The path, without a leading slash.</returns>
    public override string ToString() => Level is { } level
        ? TilePath.OfTile(level, Index, Width)
        : TilePath.OfEntries(Index, Width);
}

/// <summary>Paths of tiles and entry bundles under a log's address (C2SP tlog-tiles).</summary>
public static class TilePath
{
    /// <summary>The hashes of a full tile, and the entries of a full bundle: 256.</summary>
    public const int FullWidth = 256;

    /// <summary>The highest level that a path can name: 63.</summary>
    public const int MaxLevel = 63;

    const int Height = 8;
    const int MaxPathLength = 64;
    const long MaxIndex = 999_999_999_999_999_999;

    /// <summary>The path of a tile of hashes: <c>tile/L/N</c> or <c>tile/L/N.p/W</c>.</summary>
    /// <param name="level">The level, 0 to 63.</param>
    /// <param name="index">The tile's number within its level, from 0.</param>
    /// <param name="width">How many hashes it holds, 1 to 256.</param>
    /// <returns>The path, without a leading slash.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static string OfTile(int level, long index, int width = FullWidth)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        return Format(level.ToString(CultureInfo.InvariantCulture), index, width);
    }

    /// <summary>The path of a bundle of entries: <c>tile/entries/N</c> or <c>tile/entries/N.p/W</c>.</summary>
    /// <param name="index">The bundle's number, from 0; it begins with entry 256·N.</param>
    /// <param name="width">How many entries it holds, 1 to 256.</param>
    /// <returns>The path, without a leading slash.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static string OfEntries(long index, int width = FullWidth) => Format("entries", index, width);

    /// <summary>Reads a path.</summary>
    /// <param name="path">The path under the log's address, without a leading slash.</param>
    /// <returns>Which tile or bundle is meant.</returns>
    /// <exception cref="ReceiptFormatException">It is not the path of a tile or bundle in its one spelling.</exception>
    public static TileAddress Parse(string path) => TryParse(path, out var address)
        ? address
        : throw new ReceiptFormatException("This is not the path of a tile of the log.");

    /// <summary>Reads a path.</summary>
    /// <param name="path">The path under the log's address, without a leading slash.</param>
    /// <param name="address">Which tile or bundle is meant, where the answer is true.</param>
    /// <returns>True only for the one spelling of a tile's or bundle's path.</returns>
    public static bool TryParse(string path, out TileAddress address)
    {
        address = default;
        var parts = path.Length <= MaxPathLength ? path.Split('/') : [];
        if (parts.Length < 3 || parts[0] != "tile" || !TryLevel(parts[1], out var level))
        {
            return false;
        }

        var width = FullWidth;
        var numbers = parts.AsSpan(2);
        if (numbers.Length > 1 && numbers[^2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!StrictText.TryNumber(numbers[^1], out var partial) || partial is < 1 or >= FullWidth)
            {
                return false;
            }

            width = (int)partial;
            numbers = numbers[..^1];
            numbers[^1] = numbers[^1][..^2];
        }

        if (!TryIndex(numbers, out var index))
        {
            return false;
        }

        address = new TileAddress(level, index, width);
        return true;
    }

    /// <summary>How many hashes a tile holds in a tree of some size; entry bundles are as wide as tiles of level 0.</summary>
    /// <param name="level">The tile's level, 0 to 63.</param>
    /// <param name="index">The tile's number within its level, from 0.</param>
    /// <param name="size">The tree's number of leaves.</param>
    /// <returns>0 where the tree has no such tile yet, 1 to 255 for a partial one, 256 for a full one.</returns>
    public static int WidthAt(int level, long index, long size)
    {
        var (full, partial) = Math.DivRem(HashesAt(level, size), FullWidth);
        return index < full ? FullWidth : index == full ? (int)partial : 0;
    }

    /// <summary>How many hashes the tiles of a level hold together in a tree of some size.</summary>
    /// <param name="level">The level, 0 to 63.</param>
    /// <param name="size">The tree's number of leaves.</param>
    /// <returns>The size divided by 256^level, rounded down.</returns>
    public static long HashesAt(int level, long size) => level * Height < 64 ? size >> (level * Height) : 0;

    static string Format(string kind, long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, MaxIndex);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, FullWidth);
        var number = string.Create(CultureInfo.InvariantCulture, $"{index % 1000:d3}");
        for (var rest = index / 1000; rest > 0; rest /= 1000)
        {
            number = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:d3}/{number}");
        }

        var path = new StringBuilder("tile/").Append(kind).Append('/').Append(number);
        return (width < FullWidth ? path.Append(CultureInfo.InvariantCulture, $".p/{width}") : path).ToString();
    }

    static bool TryLevel(string text, out int? level)
    {
        level = null;
        if (text == "entries")
        {
            return true;
        }

        var known = StrictText.TryNumber(text, out var number) && number <= MaxLevel;
        level = (int)number;
        return known;
    }

    static bool TryIndex(ReadOnlySpan<string> parts, out long index)
    {
        index = 0;
        if (parts.Length is < 1 or > 6 || parts.Length > 1 && parts[0] == "x000")
        {
            return false;
        }

        for (var i = 0; i < parts.Length; i++)
        {
            var digits = i < parts.Length - 1 && parts[i].StartsWith('x') ? parts[i].AsSpan(1)
                : i == parts.Length - 1 ? parts[i].AsSpan() : default;
            if (digits.Length != 3 || digits.ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            index = index * 1000 + int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        return true;
    }
}
