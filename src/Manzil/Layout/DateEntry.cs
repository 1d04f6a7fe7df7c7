using System.Globalization;
using NodaTime;

namespace Manzil.Layout;

/// <summary>A date as typed into three fields; bind a page's property of this type to a <c>date-field</c>.</summary>
public sealed class DateEntry
{
    public string? Day { get; set; }

    public string? Month { get; set; }

    public string? Year { get; set; }

    public bool IsEmpty => string.IsNullOrWhiteSpace(Day) && string.IsNullOrWhiteSpace(Month) && string.IsNullOrWhiteSpace(Year);

    public static DateEntry Of(LocalDate date) => new()
    {
        Day = date.Day.ToString(CultureInfo.InvariantCulture),
        Month = date.Month.ToString(CultureInfo.InvariantCulture),
        Year = date.Year.ToString("0000", CultureInfo.InvariantCulture),
    };

    /// <summary>False where the three fields are no date between the years 1900 and 9999.</summary>
    public bool TryRead(string lang, out LocalDate date)
    {
        date = default;
        if (!Whole(Day, 2, out var day) || !Whole(Year, 4, out var year) || year < 1900
            || Month is not { Length: <= 20 } || Dates.Month(Month, lang) is not (> 0 and var month)
            || day < 1 || day > CalendarSystem.Iso.GetDaysInMonth(year, month))
        {
            return false;
        }
        date = new(year, month, day);
        return true;
    }

    static bool Whole(string? typed, int digits, out int number)
    {
        number = 0;
        return typed?.Trim() is { Length: > 0 } text && text.Length <= digits && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
