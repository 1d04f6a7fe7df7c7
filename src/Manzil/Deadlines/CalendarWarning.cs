using Manzil.Rules;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Deadlines;

/// <summary>
/// The operator is told ahead that the calendar ends (rules.md, Days): from then on notices are accepted without a next
/// deadline. Counted is the year that this day's stretch of covered years ends with; a gap ends it too.
/// </summary>
public static class CalendarWarning
{
    /// <summary>The last day that calendars cover without a gap from a date on; null where they do not cover the date.</summary>
    public static LocalDate? CoveredUntil(LocalDate today, WorkingCalendar calendar)
    {
        if (!calendar.Covers(today.Year)) return null;
        var year = today.Year;
        while (calendar.Covers(year + 1)) year++;
        return new LocalDate(year, 12, 31);
    }

    /// <summary>One sentence for the operator; null while there is time.</summary>
    public static string? On(LocalDate today, Jurisdiction rules)
    {
        if (CoveredUntil(today, rules.Calendar) is not { } last)
            return $"No calendar covers {today.Year}: notices are accepted without a next deadline until the rules have it.";
        return Period.DaysBetween(today, last) <= rules.Intervals.CalendarWarningDays
            ? $"The calendar ends with {LocalDatePattern.Iso.Format(last)}: add the next year to the rules, or notices will be accepted without a next deadline."
            : null;
    }

    /// <summary>The same, as a line of the log.</summary>
    public static void Log(ILogger log, LocalDate today, Jurisdiction rules)
    {
        if (On(today, rules) is null) return;
        if (CoveredUntil(today, rules.Calendar) is { } last) LogEvents.CalendarEnds(log, last);
        else LogEvents.CalendarMissing(log, new LogNumber(today.Year));
    }
}
