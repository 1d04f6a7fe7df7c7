namespace Manzil.Rules;

/// <summary>A calculation needs a year that no calendar covers. Such a year is never guessed (rules.md, Days).</summary>
public sealed class CalendarNotCoveredException : Exception
{
    /// <summary>Says that no calendar covers <paramref name="year"/>.</summary>
    /// <param name="year">The first year that is needed and missing.</param>
    public CalendarNotCoveredException(int year)
        : base($"No calendar covers the year {year.ToString(System.Globalization.CultureInfo.InvariantCulture)}.")
    {
        Year = year;
    }

    /// <summary>The first year that is needed and missing, in the ISO calendar.</summary>
    public int Year { get; }
}
