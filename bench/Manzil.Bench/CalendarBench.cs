using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Bench;

/// <summary>
/// Adding working days, for 3 and for 300 of them, by our index and by a loop that steps day by day and asks a set of days
/// off; both on the same calendar, from the same dates, in turns.
/// </summary>
static class CalendarBench
{
    const int Few = 3, Many = 300, Dates = 1024, Turns = 200, WarmUp = 50;
    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(4);

    public static int Run(string rules)
    {
        var calendar = Jurisdiction.Load(rules).Calendar;
        var years = calendar.Years;
        // The year after the last one counted from is needed to count 300 days on.
        var (first, last) = (new LocalDate(years[0], 1, 1), new LocalDate(years[^1] - 2, 12, 31));
        var dates = Enumerable.Range(0, Dates).Select(_ => first.PlusDays(RandomNumberGenerator.GetInt32(Period.DaysBetween(first, last)))).ToArray();
        var all = Enumerable.Range(0, Period.DaysBetween(first, new LocalDate(years[^1], 12, 31)) + 1).Select(first.PlusDays).ToList();
        var outages = all.Where(_ => RandomNumberGenerator.GetInt32(40) == 0).ToList();

        Console.WriteLine($"{years[0]} to {years[^1]}, {Dates} dates at random; the best of {Turns} turns each; load average before: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        Print("calendar", calendar, all, dates);
        Print($"calendar with {outages.Count} outage days", calendar.WithOutages(outages), all, dates);
        return 0;
    }

    static void Print(string what, WorkingCalendar calendar, List<LocalDate> all, LocalDate[] dates)
    {
        var off = all.Where(day => !calendar.IsWorkingDay(day)).ToHashSet();
        foreach (var days in (int[])[Few, Many])
        {
            if (Array.Exists(dates, d => calendar.AddWorkingDays(d, days) != Loop(off, d, days)))
                throw new InvalidOperationException("The index and the loop give different days.");
        }

        Func<LocalDate, LocalDate>[] ways =
        [
            d => calendar.AddWorkingDays(d, Few), d => Loop(off, d, Few), d => calendar.AddWorkingDays(d, Many), d => Loop(off, d, Many),
        ];
        var best = Enumerable.Repeat(double.MaxValue, ways.Length).ToArray();
        // The first turns are for the compiler; the best of the others counts, and they are short, since what neighbours took is not its cost.
        for (var turn = -WarmUp; turn < Turns; turn++)
        {
            for (var way = 0; way < ways.Length; way++)
            {
                var nanoseconds = Nanoseconds(ways[way], dates);
                if (turn >= 0) best[way] = Math.Min(best[way], nanoseconds);
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {Few} working days: ours {best[0]:0.0} ns, loop {best[1]:0.0} ns, loop over ours {best[1] / best[0]:0.0}; {Many}: ours {best[2]:0.0} ns, loop {best[3]:0.0} ns, loop over ours {best[3] / best[2]:0.0}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Many} over {Few} working days: ours {best[2] / best[0]:0.00}, loop {best[3] / best[1]:0.0}"));
    }

    static double Nanoseconds(Func<LocalDate, LocalDate> add, LocalDate[] dates)
    {
        var (watch, count, sum) = (Stopwatch.StartNew(), 0L, 0);
        for (; watch.Elapsed < Turn; count += dates.Length)
        {
            foreach (var date in dates) sum += add(date).Day;
        }

        var elapsed = watch.Elapsed;
        GC.KeepAlive(sum);
        return elapsed.TotalNanoseconds / count;
    }

    static LocalDate Loop(HashSet<LocalDate> off, LocalDate date, int workingDays)
    {
        for (var left = workingDays; left > 0;)
        {
            date = date.PlusDays(1);
            if (!off.Contains(date)) left--;
        }

        return date;
    }
}
