using System.Globalization;
using Manzil.Register;
using Manzil.Typing;
using NodaTime;

namespace Manzil.Layout;

/// <summary>What a date is about, which says which years are possible.</summary>
public enum DateSense
{
    /// <summary>Somebody's birth: not ahead, and no longer ago than people live.</summary>
    Birth,

    /// <summary>Something of these years: a move, a departure, a letter that arrived.</summary>
    OfNow,
}

/// <summary>What is wrong with a date as typed.</summary>
/// <param name="Part">Day, Month or Year; empty where it is the whole.</param>
/// <param name="Key">Of the text that says it.</param>
public sealed record DateFault(string Part, string Key, params (string Name, object Value)[] Values)
{
    /// <summary>The name of the field that a reader goes to, beside <paramref name="field"/> as a whole.</summary>
    public string FieldOf(string field) => Part.Length == 0 ? field : $"{field}.{Part}";
}

/// <summary>A date as typed into three fields, or today with one tick; bind a page's property of this type to a <c>date-field</c>.</summary>
public sealed partial class DateEntry
{
    public const int FirstYear = 1900, LastYear = 2199;

    // Nobody is known to have lived longer than 122 years, and nobody of that age comes as a worker.
    const int OldestAge = 110, YearsBack = 50;

    [Typed(TextKind.Digits)]
    public string? Day { get; set => field = TypedText.TextOf(TextKind.Digits, value); }

    [Typed(TextKind.Digits)]
    public string? Month { get; set => field = TypedText.TextOf(TextKind.Digits, value); }

    [Typed(TextKind.Digits)]
    public string? Year { get; set => field = TypedText.TextOf(TextKind.Digits, value); }

    /// <summary>The day that stood beside the box "today" when it was ticked: sent again after midnight, it is that day still.</summary>
    [Typed(TextKind.Made)]
    public string? Today { get; set; }

    public bool IsEmpty => !HasParts && Today is null;

    bool HasParts => !string.IsNullOrWhiteSpace(Day) || !string.IsNullOrWhiteSpace(Month) || !string.IsNullOrWhiteSpace(Year);

    public static DateEntry Of(LocalDate date) => new()
    {
        Day = date.Day.ToString(CultureInfo.InvariantCulture),
        Month = date.Month.ToString(CultureInfo.InvariantCulture),
        Year = date.Year.ToString("0000", CultureInfo.InvariantCulture),
    };

    /// <summary>What was typed, where it is a date; else which part of it is wrong, and how.</summary>
    /// <param name="today">By which the century of two digits is told, where only one is possible.</param>
    public (LocalDate? Date, DateFault? Fault) Read(string lang, DateSense sense, LocalDate today)
    {
        var (date, fault) = ReadParts(lang, sense, today);
        if (Today is null) return (date, fault);
        if (IsoDate.Read(Today) is not { Year: >= FirstYear and <= LastYear } ticked) return (null, new("", "date.unreadable"));
        // Both may be said where both are one day.
        return !HasParts || date == ticked ? (ticked, null) : (null, new("", "date.today-and-other"));
    }

    (LocalDate? Date, DateFault? Fault) ReadParts(string lang, DateSense sense, LocalDate today)
    {
        if (!HasParts) return (null, new("", "date.missing"));
        if (string.IsNullOrWhiteSpace(Day)) return (null, new("Day", "date.day-missing"));
        if (!Whole(Day, 2, out var day) || day is 0 or > 31) return (null, new("Day", "date.day-wrong"));
        if (string.IsNullOrWhiteSpace(Month)) return (null, new("Month", "date.month-missing"));
        if (Month.Length > 20 || Dates.Month(Month, lang) is not (> 0 and var month)) return (null, new("Month", "date.month-wrong"));
        if (string.IsNullOrWhiteSpace(Year)) return (null, new("Year", "date.year-missing"));
        if (!Whole(Year, 4, out var year) || Year.Trim().Length is 1 or 3) return (null, new("Year", "date.year-wrong"));
        if (Year.Trim().Length == 2)
        {
            if (YearOf(year, sense, today) is not { } whole) return (null, new("Year", "date.year-short"));
            year = whole;
        }

        var last = sense == DateSense.Birth ? today.Year : LastYear;
        if (year < FirstYear || year > last) return (null, new("Year", "date.year-range", ("year", year.ToString(CultureInfo.InvariantCulture)), ("first", FirstYear.ToString(CultureInfo.InvariantCulture)), ("last", last.ToString(CultureInfo.InvariantCulture))));
        var days = CalendarSystem.Iso.GetDaysInMonth(year, month);
        if (day > days) return (null, new("Day", "date.day-too-high", ("last", days.ToString(CultureInfo.InvariantCulture))));
        var date = new LocalDate(year, month, day);
        return sense == DateSense.Birth && date > today ? (null, new("", "date.birth-ahead")) : (date, null);
    }

    /// <summary>The only year that two digits can mean here; null where there are two, or none.</summary>
    static int? YearOf(int digits, DateSense sense, LocalDate today)
    {
        var (first, last) = sense == DateSense.Birth ? (today.Year - OldestAge, today.Year) : (today.Year - YearsBack, today.Year + 99 - YearsBack);
        int[] years = [.. new[] { 1900 + digits, 2000 + digits, 2100 + digits }.Where(y => y >= first && y <= last)];
        return years is [var only] ? only : null;
    }

    static bool Whole(string typed, int digits, out int number)
    {
        number = 0;
        return typed.Trim() is { Length: > 0 } text && text.Length <= digits && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
