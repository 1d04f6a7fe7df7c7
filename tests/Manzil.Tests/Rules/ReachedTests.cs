using Manzil.Rules;
using NodaTime;

namespace Manzil.Tests.Rules;

using Deadlines = Manzil.Rules.Deadlines;

/// <summary>rules.md, Confirming an address, 3: whoever is reached late has the whole silence period before them, on every day of a year.</summary>
public class ReachedTests
{
    [Fact]
    public void Silence_OfWhoIsReachedLate_IsOverThreeWorkingDaysAfterThatDayAndNoEarlier()
    {
        var rules = Jurisdiction.Load(RulesData.DemoPath);
        var (calendar, intervals) = (rules.WorkersCalendar, rules.Intervals);
        var tried = 0;
        for (var due = new LocalDate(2026, 1, 1); due.Year == 2026; due = due.PlusDays(1))
        {
            if (!calendar.IsWorkingDay(due)) continue;
            var entry = new RegisterEntry { Standing = Standing.Registered, LastTold = due.PlusDays(-intervals.ConfirmEveryDays), NextDeadline = due };
            if (entry.Due(calendar, intervals) != due) continue;
            var listed = Deadlines.CaseMayOpen(Deadlines.SilenceEnds(due, due, calendar, intervals)!.Value, calendar);
            Assert.Equal(SilenceOutcome.ToBeReached, Silence.On(entry, null, listed, calendar, intervals));
            Assert.Equal(SilenceOutcome.Wait, Silence.On(entry, null, listed.PlusDays(-1), calendar, intervals));
            foreach (var after in new[] { 0, 1, 6, 20 })
            {
                var reached = listed.PlusDays(after);
                for (var (day, working) = (reached, 0); working < intervals.SilenceWorkingDays; day = day.PlusDays(1))
                {
                    Assert.Equal(SilenceOutcome.Wait, Silence.On(entry, reached, day, calendar, intervals));
                    if (day > reached && calendar.IsWorkingDay(day)) working++;
                }

                var ends = Deadlines.SilenceEnds(due, reached, calendar, intervals)!.Value;
                Assert.Equal(SilenceOutcome.OpenCase, Silence.On(entry, reached, ends.PlusDays(1), calendar, intervals));
                tried++;
            }
        }

        Assert.True(tried > 800, $"{tried} days");
    }
}
