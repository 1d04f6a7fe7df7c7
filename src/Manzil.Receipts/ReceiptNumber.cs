using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>The number of a receipt, by which people and databases name one act. Fourteen symbols of Crockford's base 32,
/// shown as <c>XXXX-XXXXX-XXXXX</c>: six for the whole seconds since 2026-01-01T00:00Z, seven at random (35 bits), and one
/// check symbol that finds every single wrong symbol and every swap of neighbours (Damm's scheme over GF(32)).</summary>
/// <remarks>Text order is time order. The symbols are <c>0–9 A–Z</c> without I, L, O and U. The default value is the valid
/// number <c>0000-00000-00000</c>, which is never issued.</remarks>
public readonly struct ReceiptNumber : IEquatable<ReceiptNumber>, IComparable<ReceiptNumber>, ISpanParsable<ReceiptNumber>
{
    /// <summary>The length of the canonical text: 14 symbols and 2 dashes.</summary>
    public const int TextLength = 16;

    const string Symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const int SymbolCount = 14;
    const long MaxSeconds = (1L << 30) - 1;
    const ulong MaxRandom = (1UL << 35) - 1;
    static readonly Instant Epoch = Instant.FromUtc(2026, 1, 1, 0, 0);

    readonly uint seconds;
    readonly ulong random;

    ReceiptNumber(uint seconds, ulong random)
    {
        this.seconds = seconds;
        this.random = random;
    }

    /// <summary>When the number was made, in whole seconds: from 2026-01-01T00:00:00Z to 2060-01-10T13:37:03Z.</summary>
    public Instant MadeAt => Epoch + Duration.FromSeconds(seconds);

    /// <summary>Makes a new number. Two numbers of the same second are equal with a chance of 2⁻³⁵: a unique index finds it.</summary>
    /// <param name="now">The time of the act; parts of a second are dropped.</param>
    /// <returns>The number.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 2026 or after 2060-01-10T13:37:03Z.</exception>
    public static ReceiptNumber New(Instant now)
    {
        var since = (long)Math.Floor((now - Epoch).TotalSeconds);
        if (since is < 0 or > MaxSeconds)
        {
            throw new ArgumentOutOfRangeException(nameof(now), now, "Receipt numbers exist from 2026 to 2060-01-10.");
        }
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return new((uint)since, BitConverter.ToUInt64(bytes) & MaxRandom);
    }

    /// <summary>Reads a number as people write it: case, spaces and dashes do not matter, O is read as 0, I and L as 1.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The number, where true is returned.</param>
    /// <returns>Whether the text is a number whose check symbol is right.</returns>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ReceiptNumber result)
    {
        result = default;
        Span<byte> values = stackalloc byte[SymbolCount];
        var count = 0;
        foreach (var c in s)
        {
            if (c is ' ' or '-' or '\u00A0' or '\u2010' or '\u2011' or '\u2013')
            {
                continue;
            }
            var value = ValueOf(c);
            if (value < 0 || count == SymbolCount)
            {
                return false;
            }
            values[count++] = (byte)value;
        }
        if (count != SymbolCount || CheckOf(values) != 0)
        {
            return false;
        }
        uint seconds = 0;
        ulong random = 0;
        for (var i = 0; i < 6; i++)
        {
            seconds = (seconds << 5) | values[i];
        }
        for (var i = 6; i < 13; i++)
        {
            random = (random << 5) | values[i];
        }
        result = new(seconds, random);
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, IFormatProvider?, out ReceiptNumber)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ReceiptNumber result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, IFormatProvider?, out ReceiptNumber)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, out ReceiptNumber result) => TryParse(s.AsSpan(), null, out result);

    /// <summary>Reads a number as people write it, as <see cref="TryParse(string?, out ReceiptNumber)"/> does.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Not used.</param>
    /// <returns>The number.</returns>
    /// <exception cref="ReceiptFormatException">The text is not a number, or its check symbol is wrong.</exception>
    public static ReceiptNumber Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) => TryParse(s, provider, out var result)
        ? result
        : throw new ReceiptFormatException("This is not a receipt number, or a symbol in it is wrong.");

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static ReceiptNumber Parse(string s, IFormatProvider? provider = null) => Parse(s.AsSpan(), provider);

    /// <summary>The canonical text, <c>XXXX-XXXXX-XXXXX</c>: the only form in statements, records and databases.</summary>
    /// <returns>Sixteen characters.</returns>
    public override string ToString() => string.Create(TextLength, this, static (text, number) =>
    {
        Span<byte> values = stackalloc byte[SymbolCount];
        for (var i = 0; i < 6; i++)
        {
            values[i] = (byte)((number.seconds >> (25 - 5 * i)) & 31);
        }
        for (var i = 6; i < 13; i++)
        {
            values[i] = (byte)((number.random >> (60 - 5 * i)) & 31);
        }
        values[13] = CheckOf(values[..13]);
        for (int i = 0, at = 0; i < SymbolCount; i++)
        {
            if (i is 4 or 9)
            {
                text[at++] = '-';
            }
            text[at++] = Symbols[values[i]];
        }
    });

    /// <inheritdoc/>
    public bool Equals(ReceiptNumber other) => seconds == other.seconds && random == other.random;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ReceiptNumber other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(seconds, random);

    /// <summary>Orders by time, then by the random part: the order of the canonical texts.</summary>
    /// <param name="other">The other number.</param>
    /// <returns>Negative, zero or positive.</returns>
    public int CompareTo(ReceiptNumber other) =>
        seconds != other.seconds ? seconds.CompareTo(other.seconds) : random.CompareTo(other.random);

    /// <summary>Whether two numbers are the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>True where the same.</returns>
    public static bool operator ==(ReceiptNumber left, ReceiptNumber right) => left.Equals(right);

    /// <summary>Whether two numbers differ.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>True where they differ.</returns>
    public static bool operator !=(ReceiptNumber left, ReceiptNumber right) => !left.Equals(right);

    // Damm's scheme with the quasigroup x∘y = 2·(x + y) over GF(32) modulo x⁵+x²+1: the symbol that brings the sum to zero
    // is the sum itself.
    static byte CheckOf(ReadOnlySpan<byte> values)
    {
        var sum = 0;
        foreach (var value in values)
        {
            sum = (sum ^ value) << 1;
            sum ^= (sum >> 5) * 0x25;
        }
        return (byte)sum;
    }

    static int ValueOf(char c) => char.ToUpperInvariant(c) switch
    {
        'O' => 0,
        'I' or 'L' => 1,
        var upper => Symbols.IndexOf(upper, StringComparison.Ordinal),
    };
}
