using System.Globalization;
using System.Text;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Deadlines;

/// <summary>A year's working days for a terminal 80 characters wide: three months beside each other.</summary>
static class CalendarSheet
{
    const int Across = 3, DayWidth = 3, MonthWidth = (7 * DayWidth) + 3;

    /// <exception cref="CalendarNotCoveredException">No calendar covers the year.</exception>
    public static string Of(WorkingCalendar calendar, int year)
    {
        if (!calendar.Covers(year)) throw new CalendarNotCoveredException(year);
        var days = Enumerable.Range(0, Period.DaysBetween(new(year, 1, 1), new LocalDate(year, 12, 31)) + 1).Select(new LocalDate(year, 1, 1).PlusDays).ToList();
        // Which days of the week are off is what most of them are.
        var weekend = days.GroupBy(d => d.DayOfWeek).Where(g => g.Count(calendar.IsWorkingDay) * 2 < g.Count()).Select(g => g.Key).ToHashSet();

        var sheet = new StringBuilder();
        for (var first = 1; first <= 12; first += Across)
        {
            var months = Enumerable.Range(first, Across).Select(m => Month(calendar, year, m, weekend)).ToList();
            for (var line = 0; line < months.Max(m => m.Count); line++)
                sheet.AppendLine(string.Concat(months.Select(m => (line < m.Count ? m[line] : "").PadRight(MonthWidth))).TrimEnd());
            sheet.AppendLine();
        }

        sheet.AppendLine(CultureInfo.InvariantCulture, $"{year} has {days.Count(calendar.IsWorkingDay)} working days.");
        sheet.AppendLine("12. is a day off, 12+ a working day on a weekend, 12 a working day.");
        return sheet.ToString();
    }

    static List<string> Month(WorkingCalendar calendar, int year, int month, HashSet<IsoDayOfWeek> weekend)
    {
        var first = new LocalDate(year, month, 1);
        var days = Enumerable.Range(0, first.Calendar.GetDaysInMonth(year, month)).Select(first.PlusDays).ToList();
        var lines = new List<string>
        {
            $"{CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month)}, {days.Count(calendar.IsWorkingDay)} working",
            " Mo Tu We Th Fr Sa Su",
        };
        var line = new StringBuilder(new string(' ', ((int)first.DayOfWeek - 1) * DayWidth));
        foreach (var day in days)
        {
            var mark = !calendar.IsWorkingDay(day) ? '.' : weekend.Contains(day.DayOfWeek) ? '+' : ' ';
            line.Append(CultureInfo.InvariantCulture, $"{day.Day,2}{mark}");
            if (day.DayOfWeek != IsoDayOfWeek.Sunday && day != days[^1]) continue;
            lines.Add(line.ToString());
            line.Clear();
        }

        return lines;
    }
}
