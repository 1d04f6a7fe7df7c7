using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>What an identity document says of its holder's birth date: a whole date, or a year and month, a year, or nothing of it.
/// ICAO Doc 9303 part 3 section 4.8 lets a state leave out what it does not know. An instance always holds valid values, and two are
/// equal where the documents say the same: a date without a day is not the first of its month.</summary>
public sealed record BirthDate
{
    const string NoYear = "XXXX", NoPart = "XX";

    /// <summary>Takes what the document says.</summary>
    /// <param name="year">1900 to 2199; null where the document shows none.</param>
    /// <param name="month">1 to 12; null where the document shows none, and always where it shows no year.</param>
    /// <param name="day">1 to the last day of the month; null where the document shows none, and always where it shows no month.</param>
    /// <exception cref="ReceiptFormatException">There is no such date, or a part without the one that it belongs to.</exception>
    public BirthDate(int? year, int? month, int? day)
    {
        if ((year is null && month is not null) || (month is null && day is not null))
        {
            throw new ReceiptFormatException("The birth date has a day without a month, or a month without a year.");
        }
        if (year < Limits.FirstDate.Year || year > Limits.LastDate.Year)
        {
            throw new ReceiptFormatException("The birth date is not between 1900 and 2199.");
        }
        if (month is < 1 or > 12 || day < 1 || (day is not null && day > CalendarSystem.Iso.GetDaysInMonth(year!.Value, month!.Value)))
        {
            throw new ReceiptFormatException("The birth date is not one that a calendar has.");
        }
        (Year, Month, Day) = (year, month, day);
    }

    /// <summary>The year, 1900 to 2199; null where the document shows none.</summary>
    public int? Year { get; }
    /// <summary>The month, 1 to 12; null where the document shows none.</summary>
    public int? Month { get; }
    /// <summary>The day of the month; null where the document shows none.</summary>
    public int? Day { get; }

    /// <summary>The date, where the document shows all of it; else null.</summary>
    public LocalDate? Whole => Day is { } day ? new LocalDate(Year!.Value, Month!.Value, day) : null;

    /// <summary>The first day that it can be, for rules that must not count what is unknown against anybody; null where the document
    /// shows nothing of it.</summary>
    public LocalDate? Earliest => Year is { } year ? new LocalDate(year, Month ?? 1, Day ?? 1) : null;

    /// <summary>A birth date of which the document shows all.</summary>
    /// <param name="date">1900-01-01 to 2199-12-31.</param>
    /// <returns>The birth date.</returns>
    /// <exception cref="ReceiptFormatException">The date is outside these.</exception>
    public static implicit operator BirthDate(LocalDate date) => new(date.Year, date.Month, date.Day);

    /// <summary>Reads <c>YYYY-MM-DD</c>, with <c>XX</c> for a day or month and <c>XXXX</c> for a year that the document does not show.
    /// For X, small x and the machine-readable zone's <c>&lt;</c> are read as well, and noughts, which some documents have.</summary>
    /// <param name="text">The text, exactly 10 characters.</param>
    /// <param name="date">The birth date, where true is returned.</param>
    /// <returns>Whether the text is a birth date.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out BirthDate? date)
    {
        date = null;
        if (text is not { Length: 10 } || text[4] != '-' || text[7] != '-'
            || !Part(text.AsSpan(0, 4), out var year) || !Part(text.AsSpan(5, 2), out var month) || !Part(text.AsSpan(8, 2), out var day))
        {
            return false;
        }
        try
        {
            date = new BirthDate(year, month, day);
            return true;
        }
        catch (ReceiptFormatException)
        {
            return false;
        }
    }

    /// <summary>The birth date as it stands in the text of which holder checks are made: <c>1990-05-17</c>, <c>1990-05-XX</c>,
    /// <c>1990-XX-XX</c> or <c>XXXX-XX-XX</c> (ISO 8601-2:2019, unspecified digits).</summary>
    /// <returns>10 characters of ASCII.</returns>
    public override string ToString() =>
        $"{Year?.ToString("0000", CultureInfo.InvariantCulture) ?? NoYear}-{Month?.ToString("00", CultureInfo.InvariantCulture) ?? NoPart}-{Day?.ToString("00", CultureInfo.InvariantCulture) ?? NoPart}";

    static bool Part(ReadOnlySpan<char> text, out int? part)
    {
        part = null;
        if (!text.ContainsAnyExcept('X', 'x', '<') || !text.ContainsAnyExcept('0'))
        {
            return true;
        }
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }
        part = number;
        return true;
    }
}
