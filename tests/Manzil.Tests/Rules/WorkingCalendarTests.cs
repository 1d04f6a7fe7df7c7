using FsCheck;
using FsCheck.Fluent;
using Manzil.Rules;
using NodaTime;
using static Manzil.Tests.Rules.RulesData;

namespace Manzil.Tests.Rules;

public class WorkingCalendarTests
{
    static readonly LocalDate First = new(2023, 1, 1);
    static readonly LocalDate Last = new(2026, 12, 31);
    static readonly int DayCount = Period.DaysBetween(First, Last) + 1;

    /// <summary>A calendar of four years with any days off and worked, and the same as a plain rule to compare with.</summary>
    public sealed record Made(WorkingCalendar Calendar, HashSet<LocalDate> Off, HashSet<LocalDate> Working, LocalDate From, int Days, HashSet<LocalDate> Outages)
    {
        public bool IsWorking(LocalDate day) => Working.Contains(day)
            || (!Off.Contains(day) && day.DayOfWeek is not (IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday));

        public override string ToString() => $"{From:R} + {Days}, off {string.Join(' ', Off)}, working {string.Join(' ', Working)}, outages {string.Join(' ', Outages)}";
    }

    static Arbitrary<Made> Calendars()
    {
        var days = Gen.Choose(0, DayCount - 1).Select(First.PlusDays).ListOf(80);
        var made =
            from off in days
            from working in days
            from outages in days
            from start in Gen.Choose(-1, DayCount - 1)
            from count in Gen.Choose(1, 300)
            select Make([.. off], [.. working], First.PlusDays(start), count, [.. outages]);
        return made.ToArbitrary();
    }

    static Made Make(HashSet<LocalDate> off, HashSet<LocalDate> working, LocalDate from, int count, HashSet<LocalDate> outages)
    {
        off.ExceptWith(working);
        var years = Enumerable.Range(First.Year, 4).Reverse()
            .Select(y => new CalendarYear(y, off.Where(d => d.Year == y), working.Where(d => d.Year == y)));
        return new Made(WorkingCalendar.Create([IsoDayOfWeek.Saturday, IsoDayOfWeek.Sunday], years), off, working, from, count, outages);
    }

    static void ForAll(Func<Made, bool> holds) =>
        Prop.ForAll(Calendars(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    static LocalDate? Try(WorkingCalendar calendar, LocalDate from, int days) =>
        calendar.TryAddWorkingDays(from, days, out var result, out _) ? result : null;

    [Fact]
    public void AddWorkingDays_AnyCalendar_EqualsNaiveLoop() => ForAll(made =>
    {
        var day = made.From;
        for (var left = made.Days; left > 0 && day < Last;)
        {
            day = day.PlusDays(1);
            if (made.IsWorking(day) && --left == 0)
                return Try(made.Calendar, made.From, made.Days) == day;
        }
        return !made.Calendar.TryAddWorkingDays(made.From, made.Days, out _, out var missing) && missing == 2027;
    });

    [Fact]
    public void AddWorkingDays_AnyCalendarWithOutages_EqualsNaiveLoop() => ForAll(made =>
    {
        var (day, left, calendar) = (made.From, made.Days, made.Calendar.WithOutages(made.Outages));
        while (left > 0 && day < Last)
        {
            day = day.PlusDays(1);
            if (made.IsWorking(day) && !made.Outages.Contains(day)) left--;
        }

        return Try(calendar, made.From, made.Days) == (left == 0 ? day : null);
    });

    [Fact]
    public void WithOutages_OneAfterTheOther_IsTheSameAsAllAtOnce() => ForAll(made =>
    {
        var (all, grown) = (made.Calendar.WithOutages(made.Outages), made.Calendar);
        foreach (var day in made.Outages) grown = grown.WithOutages([day]);
        return Try(grown, made.From, made.Days) == Try(all, made.From, made.Days)
            && grown.FindWorkingDaysBetween(First.PlusDays(-1), Last) == all.FindWorkingDaysBetween(First.PlusDays(-1), Last)
            // The calendar it was made from is what it was.
            && made.Outages.All(day => made.Calendar.IsWorkingDay(day) == made.IsWorking(day));
    });

    [Fact]
    public void WorkingDaysBetween_AnyCalendarWithOutages_EqualsCounting() => ForAll(made =>
    {
        var calendar = made.Calendar.WithOutages(made.Outages);
        var through = LocalDate.Min(made.From.PlusDays(made.Days), Last);
        var counted = Enumerable.Range(1, made.Days).Select(made.From.PlusDays).Count(d => d <= through && made.IsWorking(d) && !made.Outages.Contains(d));
        return calendar.WorkingDaysBetween(made.From, through) == counted;
    });

    [Fact]
    public void AddWorkingDays_AnyCalendar_EndsOnAWorkingDayAndCountsBack() => ForAll(made =>
        Try(made.Calendar, made.From, made.Days) is not { } result
        || (made.Calendar.IsWorkingDay(result) && made.IsWorking(result)
            && made.Calendar.WorkingDaysBetween(made.From, result) == made.Days
            && made.Calendar.WorkingDaysBetween(made.From, result.PlusDays(-1)) == made.Days - 1));

    [Fact]
    public void AddWorkingDays_AnyCalendar_IsMonotone() => ForAll(made =>
        Try(made.Calendar, made.From, made.Days + 1) is not { } later
        || (Try(made.Calendar, made.From, made.Days) < later
            && (made.From == Last || Try(made.Calendar, made.From.PlusDays(1), made.Days) is { } moved && moved <= later && moved >= Try(made.Calendar, made.From, made.Days))));

    [Fact]
    public void WithOutages_AnyCalendar_NeverBringsADateNearer() => ForAll(made =>
    {
        var outages = made.Calendar.WithOutages(made.Outages);
        var (without, with) = (Try(made.Calendar, made.From, made.Days), Try(outages, made.From, made.Days));
        return made.Outages.All(day => !outages.IsWorkingDay(day))
            && Enumerable.Range(0, DayCount).Select(First.PlusDays).Except(made.Outages).All(day => outages.IsWorkingDay(day) == made.IsWorking(day))
            && (with is null || with >= without);
    });

    [Fact]
    public void OnOrAfter_AnyCalendar_IsTheFirstWorkingDay() => ForAll(made =>
    {
        if (made.From < First || Try(made.Calendar, made.From, 1) is not { } next)
            return true;
        return made.Calendar.OnOrAfter(made.From) == (made.IsWorking(made.From) ? made.From : next);
    });

    [Fact]
    public void YearsThatDoNotAdjoin_WhatLiesBetween_IsNotCovered()
    {
        var calendar = WorkingCalendar.Create(XmlCalendar.Weekend, [new CalendarYear(2030, [], []), new CalendarYear(2028, [], [])]);
        Assert.Equal([2028, 2030], calendar.Years);
        Assert.True(calendar.Covers(2030));
        Assert.False(calendar.Covers(2029));
        Assert.Equal(2029, Assert.Throws<CalendarNotCoveredException>(() => calendar.AddWorkingDays(Date("2028-12-28"), 2)).Year);
        Assert.Equal(2029, Assert.Throws<CalendarNotCoveredException>(() => calendar.IsWorkingDay(Date("2029-06-01"))).Year);
        Assert.Equal(2029, Assert.Throws<CalendarNotCoveredException>(() => calendar.WorkingDaysBetween(Date("2028-06-01"), Date("2030-06-01"))).Year);
        Assert.Equal(2031, Assert.Throws<CalendarNotCoveredException>(() => calendar.AddWorkingDays(Date("2030-06-01"), int.MaxValue)).Year);
        Assert.Equal(Date("2030-01-01"), calendar.AddWorkingDays(Date("2029-12-31"), 1));
        Assert.Equal(10000, Assert.Throws<CalendarNotCoveredException>(() => calendar.AddWorkingDays(LocalDate.MaxIsoValue, 1)).Year);
        Assert.Throws<ArgumentOutOfRangeException>(() => calendar.AddWorkingDays(Date("2028-06-01"), 0));
        Assert.Throws<ArgumentException>(() => WorkingCalendar.Create([], [new CalendarYear(2030, [], []), new CalendarYear(2030, [], [])]));
    }

    [Fact]
    public void WithOutages_YearThatIsNotCovered_ChangesNothing() =>
        Assert.Equal(DemoRules.Calendar.Years, DemoRules.Calendar.WithOutages([Date("1999-01-04"), Date("2060-01-04")]).Years);
}
