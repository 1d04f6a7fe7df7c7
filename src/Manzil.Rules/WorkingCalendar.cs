using NodaTime;

namespace Manzil.Rules;

/// <summary>
/// Which local dates are working days, for the years that calendars cover (rules.md, Days). Immutable.
/// Counting costs the same for 3 days as for 300: each stretch of covered years holds an index of its working days.
/// </summary>
public sealed class WorkingCalendar
{
    readonly Stretch[] stretches;
    readonly HashSet<LocalDate> neverWere;

    WorkingCalendar(Stretch[] stretches, HashSet<LocalDate> neverWere)
    {
        this.stretches = stretches;
        this.neverWere = neverWere;
        Years = [.. stretches.SelectMany(s => Enumerable.Range(s.FirstYear, s.LastYear - s.FirstYear + 1))];
    }

    /// <summary>The covered years, ascending.</summary>
    public IReadOnlyList<int> Years { get; }

    /// <summary>Makes a calendar from years. Years need not adjoin; what lies between them is not covered.</summary>
    /// <param name="weekend">The days of the week that are off unless a year says otherwise.</param>
    /// <param name="years">Each year once, in any order.</param>
    /// <exception cref="ArgumentException">A year comes twice.</exception>
    public static WorkingCalendar Create(IEnumerable<IsoDayOfWeek> weekend, IEnumerable<CalendarYear> years)
    {
        var restDays = weekend.ToHashSet();
        var sorted = years.OrderBy(y => y.Year).ToList();
        var stretches = new List<Stretch>();
        for (var i = 0; i < sorted.Count;)
        {
            var first = sorted[i].Year;
            var working = new List<bool>();
            do
            {
                if (i > 0 && sorted[i].Year == sorted[i - 1].Year)
                    throw new ArgumentException("A year comes twice.", nameof(years));
                for (var day = new LocalDate(sorted[i].Year, 1, 1); ; day = day.PlusDays(1))
                {
                    working.Add(sorted[i].Working.Contains(day)
                        || (!sorted[i].Off.Contains(day) && !restDays.Contains(day.DayOfWeek)));
                    if (day is { Month: 12, Day: 31 })
                        break;
                }
                i++;
            }
            while (i < sorted.Count && sorted[i].Year <= sorted[i - 1].Year + 1);
            stretches.Add(new Stretch(first, [.. working]));
        }
        return new WorkingCalendar([.. stretches], []);
    }

    /// <summary>Whether a calendar covers <paramref name="year"/>.</summary>
    public bool Covers(int year) => Find(year) is not null;

    /// <summary>Whether <paramref name="date"/> is a working day. A short day is one; an outage day is not.</summary>
    /// <exception cref="CalendarNotCoveredException">No calendar covers the year of the date.</exception>
    public bool IsWorkingDay(LocalDate date) => Need(date.Year).IsWorking(date);

    /// <summary>
    /// The Nth working day after a date; the date itself is not counted. A period of N working days ends at the end of that day.
    /// </summary>
    /// <param name="date">The date from which to count. Its own year need not be covered when it is the last day before one that is.</param>
    /// <param name="workingDays">How many, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 working day.</exception>
    /// <exception cref="CalendarNotCoveredException">A year is needed that no calendar covers.</exception>
    public LocalDate AddWorkingDays(LocalDate date, int workingDays) =>
        TryAddWorkingDays(date, workingDays, out var result, out var missingYear)
            ? result
            : throw new CalendarNotCoveredException(missingYear);

    /// <summary>As <see cref="AddWorkingDays"/>, but says whether the years needed are covered.</summary>
    /// <param name="date">The date from which to count; it is not counted itself.</param>
    /// <param name="workingDays">How many, at least 1.</param>
    /// <param name="result">The Nth working day after the date, where the answer is true.</param>
    /// <param name="missingYear">The first year that is needed and not covered, where the answer is false.</param>
    /// <returns>True when calendars cover every day from the one after the date to the result.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 working day.</exception>
    public bool TryAddWorkingDays(LocalDate date, int workingDays, out LocalDate result, out int missingYear)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workingDays, 1);
        result = default;
        missingYear = YearOfDayAfter(date);
        if (Find(missingYear) is not { } stretch)
            return false;
        var index = (long)stretch.CountThrough(date) + workingDays - 1;
        if (index >= stretch.WorkingDays.Length)
        {
            missingYear = stretch.LastYear + 1;
            return false;
        }
        result = stretch.WorkingDays[index];
        missingYear = 0;
        return true;
    }

    /// <summary>The date itself when it is a working day, else the next working day.</summary>
    /// <exception cref="CalendarNotCoveredException">A year is needed that no calendar covers.</exception>
    public LocalDate OnOrAfter(LocalDate date) => IsWorkingDay(date) ? date : AddWorkingDays(date, 1);

    /// <summary>How many working days lie after one date up to and including another; 0 when the second is not later.</summary>
    /// <param name="after">Not counted itself.</param>
    /// <param name="through">Counted when it is a working day.</param>
    /// <exception cref="CalendarNotCoveredException">A year is needed that no calendar covers.</exception>
    public int WorkingDaysBetween(LocalDate after, LocalDate through)
    {
        if (through <= after)
            return 0;
        var stretch = Need(YearOfDayAfter(after));
        if (through.Year > stretch.LastYear)
            throw new CalendarNotCoveredException(stretch.LastYear + 1);
        return stretch.CountThrough(through) - stretch.CountThrough(after);
    }

    /// <summary>As <see cref="WorkingDaysBetween"/>; null where a year is needed that no calendar covers.</summary>
    /// <param name="after">Not counted itself.</param>
    /// <param name="through">Counted when it is a working day.</param>
    public int? FindWorkingDaysBetween(LocalDate after, LocalDate through) =>
        through <= after ? 0
        : Find(YearOfDayAfter(after)) is { } stretch && through.Year <= stretch.LastYear ? stretch.CountThrough(through) - stretch.CountThrough(after)
        : null;

    /// <summary>The same calendar in which the given days are not working days (rules.md, Days: outages). Days of years that are not covered change nothing.</summary>
    /// <param name="outages">Outage days, in any order, repeated or not.</param>
    public WorkingCalendar WithOutages(IEnumerable<LocalDate> outages)
    {
        var days = outages.Where(day => Find(day.Year)?.IsWorking(day) == true).ToHashSet();
        return days.Count == 0 ? this : new WorkingCalendar([.. stretches.Select(s => s.Without(days))], neverWere);
    }

    /// <summary>
    /// The same calendar for a zone: a day that never was there, since the zone's clocks skipped all of it (Pacific/Apia, 30 December 2011),
    /// is not a working day, whatever the calendar says of it (rules.md, Days: zones with skipped midnights must work).
    /// </summary>
    /// <param name="zone">The zone in which the dates lie.</param>
    public WorkingCalendar In(DateTimeZone zone)
    {
        var days = stretches.SelectMany(s => Skipped(zone, new LocalDate(s.FirstYear, 1, 1), new LocalDate(s.LastYear, 12, 31))).ToHashSet();
        return days.Count == 0 ? this : new WorkingCalendar([.. stretches.Select(s => s.Without(days))], days);
    }

    /// <summary>Whether a date has been or will be, as far as this calendar knows: false where its zone skipped all of it (<see cref="In"/>).</summary>
    /// <param name="date">The date.</param>
    public bool Exists(LocalDate date) => !neverWere.Contains(date);

    static IEnumerable<LocalDate> Skipped(DateTimeZone zone, LocalDate first, LocalDate last)
    {
        // No zone is more than a day from UTC.
        var (from, to) = (first.AtMidnight().InUtc().ToInstant() - Duration.FromDays(2), last.AtMidnight().InUtc().ToInstant() + Duration.FromDays(3));
        foreach (var interval in zone.GetZoneIntervals(from, to).Where(i => i.HasStart && i.Start >= from))
        {
            var after = interval.IsoLocalStart.Date;
            for (var day = (interval.Start - Duration.Epsilon).InZone(zone).Date.PlusDays(1); day < after; day = day.PlusDays(1))
            {
                if (first <= day && day <= last)
                    yield return day;
            }
        }
    }

    static int YearOfDayAfter(LocalDate date) => date is { Month: 12, Day: 31 } ? date.Year + 1 : date.Year;

    Stretch? Find(int year)
    {
        foreach (var stretch in stretches)
        {
            if (stretch.FirstYear <= year && year <= stretch.LastYear)
                return stretch;
        }
        return null;
    }

    Stretch Need(int year) => Find(year) ?? throw new CalendarNotCoveredException(year);

    /// <summary>Adjoining covered years, from 1 January of the first to 31 December of the last.</summary>
    sealed class Stretch
    {
        readonly LocalDate firstDay;
        readonly int[] countThrough;

        internal Stretch(int firstYear, bool[] working)
        {
            firstDay = new LocalDate(firstYear, 1, 1);
            FirstYear = firstYear;
            LastYear = firstDay.PlusDays(working.Length - 1).Year;
            countThrough = new int[working.Length + 1];
            for (var i = 0; i < working.Length; i++)
                countThrough[i + 1] = countThrough[i] + (working[i] ? 1 : 0);
            WorkingDays = new LocalDate[countThrough[^1]];
            for (var i = 0; i < working.Length; i++)
            {
                if (working[i])
                    WorkingDays[countThrough[i]] = firstDay.PlusDays(i);
            }
        }

        internal int FirstYear { get; }

        internal int LastYear { get; }

        internal LocalDate[] WorkingDays { get; }

        /// <summary>Working days of the stretch up to and including a date, which may also be the day before the stretch.</summary>
        internal int CountThrough(LocalDate date) => countThrough[Period.DaysBetween(firstDay, date) + 1];

        internal bool IsWorking(LocalDate date)
        {
            var index = Period.DaysBetween(firstDay, date);
            return countThrough[index + 1] > countThrough[index];
        }

        internal Stretch Without(HashSet<LocalDate> days)
        {
            var working = new bool[countThrough.Length - 1];
            foreach (var day in WorkingDays)
                working[Period.DaysBetween(firstDay, day)] = !days.Contains(day);
            return new Stretch(FirstYear, working);
        }
    }
}
