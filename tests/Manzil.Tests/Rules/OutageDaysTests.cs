using Manzil.Rules;
using NodaTime;

namespace Manzil.Tests.Rules;

/// <summary>rules.md, Days: which dates are outage days, and what one does to a due date.</summary>
public class OutageDaysTests
{
    static readonly LocalDate Day = new(2026, 5, 6);

    [Theory]
    [InlineData(6, 0, 59, false)]
    [InlineData(6, 0, 60, true)]
    [InlineData(0, 0, 360, false)] // before 06:00 nobody is hurt
    [InlineData(5, 0, 119, false)]
    [InlineData(5, 0, 120, true)]
    [InlineData(21, 30, 30, false)]
    [InlineData(21, 30, 31, true)] // reaches 22:00
    [InlineData(22, 0, 1, true)]
    [InlineData(23, 59, 1, true)]
    [InlineData(0, 0, 0, false)]
    public void IsOutage_MinutesWithoutANode_AsTheRulesSay(int hour, int minute, int missing, bool expected)
    {
        var rules = SmallRules.In("Europe/Moscow");
        var first = Minute(rules, Day.At(new LocalTime(hour, minute)));
        Assert.Equal(expected, OutageDays.IsOutage(Day, All(rules).Where(m => m < first || m >= first + missing), rules));
    }

    [Fact]
    public void IsOutage_MinutesMissingHereAndThere_AreAddedUp()
    {
        var rules = SmallRules.In("Europe/Moscow");
        var first = Minute(rules, Day.At(new LocalTime(6, 0)));
        Assert.False(OutageDays.IsOutage(Day, All(rules).Where(m => m < first || (m - first) % 10 != 0 || (m - first) / 10 >= 59), rules));
        Assert.True(OutageDays.IsOutage(Day, All(rules).Where(m => m < first || (m - first) % 10 != 0 || (m - first) / 10 >= 60), rules));
    }

    [Fact]
    public void IsOutage_AnyDateOfAnyZone_NoneWithEveryMinuteAndOneWithNone()
    {
        foreach (var zone in DateTimeZoneProviders.Tzdb.Ids)
        {
            var rules = SmallRules.In(zone);
            // 2026's clock changes, and a date that a zone skipped: there nothing can be missing.
            foreach (var date in (LocalDate[])[new(2026, 3, 8), new(2026, 3, 29), new(2026, 10, 25), new(2026, 11, 1), new(2011, 12, 30)])
            {
                var (from, to) = (Minute(rules, date.PlusDays(-1).AtMidnight()), Minute(rules, date.PlusDays(2).AtMidnight()));
                Assert.False(OutageDays.IsOutage(date, Range(from, to), rules), $"{zone} {date}");
                var exists = rules.EndOfDay(date.PlusDays(-1)) < rules.EndOfDay(date);
                Assert.Equal(exists, OutageDays.IsOutage(date, [], rules));
            }
        }
    }

    [Fact]
    public void Due_ToldDateBecomesADayOff_IsTheNextWorkingDay()
    {
        var rules = SmallRules.In("Europe/Moscow");
        var entry = new RegisterEntry { LastTold = new(2026, 4, 1), NextDeadline = new(2026, 5, 1) };
        var due = entry.Due(rules.Calendar, rules.Intervals);
        Assert.Equal(new LocalDate(2026, 5, 1), due);
        Assert.Equal(new LocalDate(2026, 5, 4), entry.Due(rules.WithOutages([new(2026, 5, 1)]).WorkersCalendar, rules.Intervals));
        Assert.Equal(due, entry.Due(rules.WithOutages([new(2026, 5, 1)]).Calendar, rules.Intervals));
    }

    [Theory]
    [InlineData("2026-04-01", null, null, DueReason.Period)]
    [InlineData("2026-04-02", null, null, DueReason.NextWorkingDay)] // ends on Saturday 2 May
    [InlineData("2026-04-01", "2026-05-01", "2026-05-01", DueReason.Outage)]
    [InlineData("2026-04-01", "2026-05-01", "2026-05-04", DueReason.Outage)]
    [InlineData("2026-04-01", null, "2026-05-11", DueReason.AsTold)]
    public void WhyDue_EachWayToADate_IsSaid(string last, string? outage, string? told, DueReason expected)
    {
        static LocalDate? Date(string? text) => text is null ? null : NodaTime.Text.LocalDatePattern.Iso.Parse(text).Value;
        var rules = SmallRules.In("Europe/Moscow").WithOutages(Date(outage) is { } day ? [day] : []);
        Assert.Equal(expected, new RegisterEntry { LastTold = Date(last), NextDeadline = Date(told) }.WhyDue(rules));
        Assert.Null(RegisterEntry.JustEnrolled.WhyDue(rules));
    }

    [Fact]
    public void Due_ToldALaterDateThanComputed_StaysAsTold()
    {
        var rules = SmallRules.In("Europe/Moscow");
        var entry = new RegisterEntry { LastTold = new(2026, 4, 1), NextDeadline = new(2026, 5, 11) };
        Assert.Equal(new LocalDate(2026, 5, 11), entry.Due(rules.Calendar, rules.Intervals));
    }

    [Fact]
    public void Due_YearWithoutCalendar_IsWhatWasToldOrNothing()
    {
        var rules = SmallRules.In("Europe/Moscow");
        var last = new LocalDate(rules.Calendar.Years[^1], 12, 20);
        Assert.Null(new RegisterEntry { LastTold = last }.Due(rules.Calendar, rules.Intervals));
        var told = last.PlusDays(40);
        Assert.Equal(told, new RegisterEntry { LastTold = last, NextDeadline = told }.Due(rules.Calendar, rules.Intervals));
        Assert.Null(RegisterEntry.JustEnrolled.Due(rules.Calendar, rules.Intervals));
    }

    static IEnumerable<long> All(Jurisdiction rules) => Range(Minute(rules, Day.AtMidnight()), Minute(rules, Day.PlusDays(1).AtMidnight()));

    static IEnumerable<long> Range(long from, long to)
    {
        for (var minute = from; minute < to; minute++) yield return minute;
    }

    static long Minute(Jurisdiction rules, LocalDateTime time) => rules.Zone.AtLeniently(time).ToInstant().ToUnixTimeSeconds() / 60;
}
