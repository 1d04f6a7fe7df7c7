using Manzil.Rules;
using NodaTime;
using NodaTime.Text;
using static Manzil.Tests.Rules.RulesData;

namespace Manzil.Tests.Rules;

public class EndOfDayTests
{
    static readonly string DemoText = File.ReadAllText(DemoPath);

    static Jurisdiction InZone(string id) => Jurisdiction.Parse(DemoText.Replace("Europe/Moscow", id), "demo.json");

    [Theory]
    [InlineData("Europe/Moscow", "2026-03-01", "2026-03-01T21:00:00Z")]
    [InlineData("America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00:00Z")] // midnight skipped
    [InlineData("America/Havana", "2024-03-09", "2024-03-10T05:00:00Z")] // midnight skipped
    [InlineData("America/Havana", "2024-11-02", "2024-11-03T04:00:00Z")] // midnight twice, the date goes on
    [InlineData("America/St_Johns", "2006-10-28", "2006-10-29T03:30:00Z")] // midnight twice, the date comes again
    [InlineData("Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00Z")] // the whole next day skipped
    [InlineData("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z")] // itself skipped
    public void EndOfDay_KnownTransition_IsTheStartOfTheNextLocalDay(string zone, string date, string expected) =>
        Assert.Equal(InstantPattern.General.Parse(expected).Value, InZone(zone).EndOfDay(Date(date)));

    [Fact]
    public void EndOfDay_EveryZoneAroundEveryTransition_LeavesNoPartOfTheDateBehind()
    {
        var (from, to) = (Instant.FromUtc(1840, 1, 1, 0, 0), Instant.FromUtc(2041, 1, 1, 0, 0));
        var (skipped, repeated) = (0, 0);
        foreach (var id in DateTimeZoneProviders.Tzdb.Ids)
        {
            var rules = InZone(id);
            foreach (var interval in rules.Zone.GetZoneIntervals(from, to).Where(i => i.HasStart && i.Start > from))
            {
                var around = rules.DateOf(interval.Start);
                for (var date = around.PlusDays(-3); date <= around.PlusDays(2); date = date.PlusDays(1))
                {
                    var end = rules.EndOfDay(date);
                    var fails = rules.DateOf(end) <= date || rules.DateOf(end - Duration.Epsilon) > date
                        || (interval.Start >= end && rules.DateOf(interval.Start) <= date);
                    Assert.False(fails, $"{id} {date:R} ends at {end}");
                    var midnights = rules.Zone.MapLocal(date.PlusDays(1).AtMidnight()).Count;
                    skipped += midnights == 0 ? 1 : 0;
                    repeated += midnights == 2 ? 1 : 0;
                }
            }
        }
        Assert.True(skipped > 100 && repeated > 100, $"only {skipped} skipped and {repeated} repeated midnights were tried");
    }

    [Fact]
    public void DateOf_MomentsAroundMidnight_IsTheLocalDate()
    {
        var midnight = Instant.FromUtc(2026, 3, 1, 21, 0);
        Assert.Equal(Date("2026-03-02"), DemoRules.DateOf(midnight));
        Assert.Equal(Date("2026-03-01"), DemoRules.DateOf(midnight - Duration.Epsilon));
    }
}
