using NodaTime;
using NodaTime.Text;

namespace Manzil.Rules;

/// <summary>The two forms in which a rules file gives the years of its calendar: written in it, and in xmlcalendar files beside it.</summary>
static class CalendarMembers
{
    internal static void ReadYears(RulesReader reader, RulesNode node, IReadOnlySet<IsoDayOfWeek> weekend, Action<CalendarYear, int> add)
    {
        reader.Members(node, "calendar.years", [], node.Members.Select(m => m.Name));
        foreach (var (name, line, value) in node.Members)
        {
            if (name.Length != 4 || !name.All(char.IsAsciiDigit)
                || int.Parse(name, System.Globalization.CultureInfo.InvariantCulture) is var year && year is < CalendarYear.Earliest or > CalendarYear.Latest)
                throw reader.Wrong(line, $"{RulesReader.Quote(name)} is not a year from {CalendarYear.Earliest} to {CalendarYear.Latest}");
            add(ReadYear(reader, value, year, weekend), line);
        }
    }

    static CalendarYear ReadYear(RulesReader reader, RulesNode node, int year, IReadOnlySet<IsoDayOfWeek> weekend)
    {
        var members = reader.Members(node, $"the year {year}", ["off"], "working", "short");
        var seen = new HashSet<LocalDate>();

        List<LocalDate> Days(string name)
        {
            var days = new List<LocalDate>();
            if (!members.TryGetValue(name, out var list))
                return days;
            foreach (var item in reader.Items(list, $"“{name}” of the year {year}", 0, 366))
            {
                var day = reader.Date(item, $"a day of “{name}”", year);
                if (!seen.Add(day))
                    throw reader.Wrong(item.Line, $"{LocalDatePattern.Iso.Format(day)} stands in the year {year} a second time");
                if (name == "working" && !weekend.Contains(day.DayOfWeek))
                    throw reader.Wrong(item.Line, $"{LocalDatePattern.Iso.Format(day)} is a {day.DayOfWeek}, which is worked anyway; “working” is for weekend days");
                days.Add(day);
            }
            return days;
        }

        return new CalendarYear(year, Days("off"), [.. Days("working"), .. Days("short")]);
    }

    internal static void ReadFiles(RulesReader reader, RulesNode node, Func<string, byte[]>? readFile, Action<CalendarYear, int> add)
    {
        foreach (var item in reader.Items(node, "calendar.calendarFiles", 1, CalendarYear.Latest - CalendarYear.Earliest + 1))
        {
            var name = reader.Text(item, "a calendar file");
            if (name.Split('/').Any(part => part is "" or "." or "..") || name.Any(c => c is '\\' or ':'))
                throw reader.Wrong(item.Line, $"{RulesReader.Quote(name)} must be a file beside the rules file or in a folder beside it");
            if (readFile is null)
                throw reader.Wrong(item.Line, $"{RulesReader.Quote(name)} cannot be read, since these rules do not come from a folder");
            add(ReadFile(reader, name, item.Line, readFile), item.Line);
        }
    }

    static CalendarYear ReadFile(RulesReader reader, string name, int line, Func<string, byte[]> readFile)
    {
        byte[] bytes;
        try
        {
            bytes = readFile(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw reader.Wrong(line, $"the calendar file {RulesReader.Quote(name)} cannot be read");
        }
        try
        {
            return XmlCalendar.Parse(bytes, name);
        }
        catch (CalendarFormatException e)
        {
            throw new RulesFormatException(e.FileName, e.Line, e.Reason);
        }
    }
}
