using System.Globalization;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Layout;

public static class Dates
{
    /// <summary>"22 November 2026", "22 ноября 2026 г.", "2026 жылғы 22 қараша".</summary>
    public static string InWords(LocalDate date, string lang)
    {
        var language = Language.All[lang];
        return language.Date
            .Replace("{day}", date.Day.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{month}", language.MonthsWithDay[date.Month - 1], StringComparison.Ordinal)
            .Replace("{year}", date.Year.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    /// <summary>A birth date as the document has it, and what of it the document does not show: "1990, month and day not in the document".</summary>
    public static string InWords(BirthDate born, Texts texts)
    {
        if (born.Whole is { } whole) return InWords(whole, texts.Lang);
        if (born.Year is not { } year) return texts["date.birth-none"];
        var number = year.ToString(CultureInfo.InvariantCulture);
        return born.Month is { } month
            ? texts["date.birth-no-day", ("month", Language.All[texts.Lang].MonthsAlone[month - 1]), ("year", number)]
            : texts["date.birth-no-month", ("year", number)];
    }

    /// <summary>The same with the time of day in <paramref name="zone"/>: "22 November 2026, 14:05".</summary>
    public static string InWords(Instant instant, DateTimeZone zone, string lang)
    {
        var local = instant.InZone(zone).LocalDateTime;
        return Language.All[lang].DateAndTime
            .Replace("{date}", InWords(local.Date, lang), StringComparison.Ordinal)
            .Replace("{time}", local.TimeOfDay.ToString("HH:mm", CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    /// <summary>The month that a reader typed: its number, its name in either form, or the first three letters or more of it.</summary>
    /// <returns>1 to 12, or 0 where the word names no month, or more than one.</returns>
    public static int Month(string typed, string lang)
    {
        typed = typed.Trim().TrimEnd('.').ToLowerInvariant();
        if (int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number is >= 1 and <= 12 ? number : 0;
        }
        if (typed.Length < 3)
        {
            return 0;
        }
        var language = Language.All[lang];
        var months = Enumerable.Range(1, 12).Where(month => Matches(language.MonthsAlone[month - 1]) || Matches(language.MonthsWithDay[month - 1])).ToList();
        return months.Count == 1 ? months[0] : 0;

        bool Matches(string name) => name.ToLowerInvariant().StartsWith(typed, StringComparison.Ordinal);
    }
}
