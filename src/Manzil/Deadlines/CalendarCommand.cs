using System.CommandLine;
using System.Globalization;
using Manzil.Rules;
using Manzil.Typing;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Deadlines;

/// <summary><c>manzil calendar add</c> and <c>show</c>: working days, from a rules file or from xmlcalendar files.</summary>
public static class CalendarCommand
{
    const int Answered = 0;
    const int NotCovered = 1;
    const int WrongUsage = 2;

    public static Command Create()
    {
        var date = new TypedArgument("DATE", TextKind.Digits) { Description = "The date from which to count, such as 2026-01-31; it is not counted itself." };
        var workingDays = new TypedArgument("WORKING-DAYS", TextKind.Digits) { Description = "How many working days, at least 1." };
        var rules = new TypedOption("--rules", TextKind.Made) { Description = "A rules file.", HelpName = "FILE" };
        var calendars = new Option<string[]>("--calendar")
        {
            Description = "Files in the xmlcalendar format, one a year; the weekend is Saturday and Sunday.",
            HelpName = "FILE.xml",
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };
        var add = new Command("add", "Print the date that is so many working days after a date.") { date, workingDays, rules, calendars };
        add.SetAction(parsed => Add(
            parsed.GetRequiredValue(date),
            parsed.GetRequiredValue(workingDays),
            parsed.GetValue(rules),
            parsed.GetValue(calendars) ?? [],
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        var year = new TypedArgument("YEAR", TextKind.Digits) { Description = "The year, such as 2026." };
        var show = new Command("show", "Print a year's working days.") { year, rules, calendars };
        show.SetAction(parsed => Answer(
            parsed.InvocationConfiguration.Error,
            () => parsed.InvocationConfiguration.Output.Write(CalendarSheet.Of(
                CalendarOf(parsed.GetValue(rules), parsed.GetValue(calendars) ?? []), YearOf(parsed.GetRequiredValue(year))))));
        return new Command("calendar", "Count working days.") { add, show };
    }

    static int Add(string dateText, string daysText, string? rules, string[] calendars, TextWriter output, TextWriter error) =>
        Answer(error, () =>
        {
            if (dateText.Length != 10 || LocalDatePattern.Iso.Parse(dateText) is not { Success: true, Value: { Year: > 0 } date })
                throw new UsageException($"DATE must be a date such as 2026-01-31, not {dateText}.");
            if (!int.TryParse(daysText, NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days < 1)
                throw new UsageException($"WORKING-DAYS must be a whole number of at least 1, not {daysText}.");
            output.WriteLine(LocalDatePattern.Iso.Format(CalendarOf(rules, calendars).AddWorkingDays(date, days)));
        });

    static int YearOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is > 0 and < 10_000
            ? year
            : throw new UsageException($"YEAR must be a year such as 2026, not {text}.");

    static WorkingCalendar CalendarOf(string? rules, string[] calendars)
    {
        if (rules is null == (calendars.Length == 0))
            throw new UsageException("Give either --rules FILE or --calendar FILE.xml, so that it is known which days are working days.");
        return rules is null ? FromFiles(calendars) : Jurisdiction.Load(rules).Calendar;
    }

    static int Answer(TextWriter error, Action act)
    {
        try
        {
            act();
            return Answered;
        }
        catch (CalendarNotCoveredException e)
        {
            error.WriteLine(e.Message);
            return NotCovered;
        }
        catch (Exception e) when (e is UsageException or RulesFormatException or CalendarFormatException)
        {
            error.WriteLine(e.Message);
            return WrongUsage;
        }
    }

    static WorkingCalendar FromFiles(string[] files)
    {
        var years = new List<CalendarYear>();
        foreach (var file in files)
        {
            var year = XmlCalendar.Load(file);
            if (years.Exists(y => y.Year == year.Year))
                throw new UsageException($"Two calendar files cover the year {year.Year}.");
            years.Add(year);
        }
        return WorkingCalendar.Create(XmlCalendar.Weekend, years);
    }

    sealed class UsageException(string sentence) : Exception(sentence);
}
