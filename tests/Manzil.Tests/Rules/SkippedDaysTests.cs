using System.Text.Json.Nodes;
using Manzil.Rules;
using NodaTime;
using static Manzil.Tests.Rules.RulesData;

namespace Manzil.Tests.Rules;

/// <summary>rules.md, Days: where a zone's clocks skipped a whole day, that day never was: nobody had it to answer in, so it is no working day.</summary>
public class SkippedDaysTests
{
    [Theory]
    [InlineData("Pacific/Apia", "2011-12-30")]
    [InlineData("Pacific/Fakaofo", "2011-12-30")]
    [InlineData("Pacific/Kwajalein", "1993-08-21")]
    [InlineData("Pacific/Kiritimati", "1994-12-31")]
    [InlineData("Pacific/Kanton", "1994-12-31")]
    public void Count_OverADayThatNeverWas_LeavesItOut(string zone, string skipped)
    {
        var (rules, never) = (In(zone), Date(skipped));
        Assert.NotEqual(IsoDayOfWeek.Sunday, never.DayOfWeek);
        foreach (var calendar in new[] { rules.Calendar, rules.WorkersCalendar, rules.WithOutages([never.PlusDays(20)]).WorkersCalendar })
        {
            Assert.False(calendar.IsWorkingDay(never));
            Assert.False(calendar.Exists(never));
            Assert.True(calendar.Exists(never.PlusDays(-1)) && calendar.Exists(never.PlusDays(1)));
            Assert.Equal(Nth(calendar, never.PlusDays(-1), 1), calendar.AddWorkingDays(never.PlusDays(-1), 1));
            Assert.Equal(calendar.AddWorkingDays(never, 1), calendar.OnOrAfter(never));
            Assert.Equal(0, calendar.WorkingDaysBetween(never.PlusDays(-1), never));
            Assert.Equal(0, calendar.FindWorkingDaysBetween(never.PlusDays(-1), never));

            // Each deadline of the rules, from each day before it that was.
            for (var from = never.PlusDays(-14); from < never; from = from.PlusDays(1))
            {
                var intervals = rules.Intervals;
                Assert.Equal(Nth(calendar, from, intervals.SilenceWorkingDays), Manzil.Rules.Deadlines.SilenceEnds(from, from, calendar, intervals));
                Assert.Equal(Nth(calendar, from, intervals.AnswerWorkingDays), Manzil.Rules.Deadlines.AnswerUntil(from, calendar, intervals));
                Assert.Equal(Nth(calendar, from, intervals.AppealWorkingDays), Manzil.Rules.Deadlines.AppealUntil(from, calendar, intervals));
                Assert.Equal(Nth(calendar, from, intervals.AuthorityStepWorkingDays), Manzil.Rules.Deadlines.AuthorityStepUntil(from, calendar, intervals));
                Assert.Equal(Nth(calendar, from, intervals.AuthorityAppealWorkingDays), Manzil.Rules.Deadlines.AuthorityAppealUntil(from, calendar, intervals));
                Assert.Equal(Nth(calendar, from, intervals.DepartureWorkingDays), Manzil.Rules.Deadlines.DepartureTakesEffect(from, from, calendar, intervals));
            }

            Assert.Equal(calendar.AddWorkingDays(never, 1), Manzil.Rules.Deadlines.ConfirmationDue(never.PlusDays(-rules.Intervals.ConfirmEveryDays), calendar, rules.Intervals));
            Assert.Equal(never.PlusDays(1), Manzil.Rules.Deadlines.CaseMayOpen(never.PlusDays(-1), calendar));
            var told = new RegisterEntry { NextDeadline = never };
            Assert.True(told.Due(calendar, rules.Intervals) > never);
        }

        Assert.False(OutageDays.IsOutage(never, [], rules));

        LocalDate Nth(WorkingCalendar calendar, LocalDate from, int count)
        {
            for (var day = from; ;)
            {
                day = day.PlusDays(1);
                // Walked by the clock: a date that no instant has is not counted.
                if (rules.EndOfDay(day) > rules.EndOfDay(day.PlusDays(-1)) && calendar.IsWorkingDay(day) && --count == 0) return day;
            }
        }
    }

    [Fact]
    public void In_EveryZone_LeavesOutWhatNoInstantHasAndNothingElse()
    {
        var found = 0;
        foreach (var zone in DateTimeZoneProviders.Tzdb.Ids)
        {
            var rules = In(zone);
            for (var day = new LocalDate(1993, 1, 1); day.Year < 2013; day = day.PlusDays(1))
            {
                // Only around clock changes can a day be missing.
                if (rules.Zone.MapLocal(day.AtMidnight()).Count == 1) continue;
                var exists = rules.EndOfDay(day) > rules.EndOfDay(day.PlusDays(-1));
                Assert.Equal(exists, rules.Calendar.Exists(day));
                Assert.Equal(exists && day.DayOfWeek != IsoDayOfWeek.Sunday, rules.Calendar.IsWorkingDay(day));
                found += exists ? 0 : 1;
            }
        }

        Assert.True(found >= 4, $"only {found} days were skipped");
    }

    [Fact]
    public void Parse_DayThatNeverWasWrittenAsAWorkingDay_IsNone() => Assert.False(In("Pacific/Kwajalein", saturdayIsOff: true).Calendar.IsWorkingDay(Date("1993-08-21")));

    /// <summary>The demo's rules for 1993 to 2012, where only Sundays are off, unless the skipped Saturday is the one that is worked.</summary>
    static Jurisdiction In(string zone, bool saturdayIsOff = false)
    {
        var json = JsonNode.Parse(DemoText)!;
        json["zone"] = zone;
        var years = new JsonObject();
        for (var year = 1993; year <= 2012; year++)
            years[$"{year}"] = new JsonObject { ["off"] = new JsonArray(), ["working"] = saturdayIsOff && year == 1993 ? new JsonArray("1993-08-21") : [] };
        json["calendar"] = new JsonObject
        {
            ["weekend"] = saturdayIsOff ? new JsonArray("saturday", "sunday") : new JsonArray("sunday"),
            ["from"] = 1993,
            ["to"] = 2012,
            ["years"] = years,
        };
        return Jurisdiction.Parse(json.ToJsonString(), "skipped.json");
    }

    static readonly string DemoText = File.ReadAllText(DemoPath);
}
