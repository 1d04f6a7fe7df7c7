using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Manzil.Rules;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Tests.Rules;

using Deadlines = Manzil.Rules.Deadlines;

/// <summary>
/// rules.md, Days, whatever the zone, the calendar and the outages: every zone of the time-zone database with calendars,
/// outages and moments at random, the moments around the zone's own clock changes where it has any.
/// </summary>
public class DeadlinePropertiesTests
{
    const int Years = 3, CasesForEachZone = 6;

    /// <param name="Plain">Without outages.</param>
    /// <param name="Few">Some of the outage days.</param>
    public sealed record World(Jurisdiction Plain, List<LocalDate> Outages, List<LocalDate> Few, LocalDate First, Instant At)
    {
        public Jurisdiction Rules { get; } = Plain.WithOutages(Outages);

        public LocalDate Last => First.PlusYears(Years).PlusDays(-1);

        public LocalDate Date => Rules.DateOf(At);

        public WorkingCalendar Calendar => Rules.WorkersCalendar;

        public override string ToString() => $"{Rules.Zone.Id}, {At}, outages {string.Join(' ', Outages.Select(o => o.ToString("R", null)))}";
    }

    static readonly Intervals Intervals = new();

    /// <summary>The hours before midnights that zones skipped or repeated, and before the day that Samoa skipped.</summary>
    static readonly (string Zone, string At)[] Known =
    [
        ("America/Sao_Paulo", "2018-11-04T02:30:00Z"), ("Asia/Beirut", "2023-03-25T21:30:00Z"), ("Africa/Cairo", "2023-04-27T21:30:00Z"),
        ("Africa/Cairo", "2023-10-26T20:30:00Z"), ("America/Havana", "2024-11-03T03:30:00Z"), ("America/St_Johns", "2006-10-29T02:00:30Z"),
        ("America/St_Johns", "2006-10-29T02:35:00Z"), ("Pacific/Apia", "2011-12-30T09:30:00Z"), ("Pacific/Apia", "2011-12-30T10:30:00Z"),
    ];

    /// <summary>Every period of a worker, from a date, on a calendar with outages.</summary>
    static readonly Func<LocalDate, WorkingCalendar, LocalDate?>[] Periods =
    [
        (date, calendar) => Deadlines.ConfirmationDue(date, calendar, Intervals),
        (date, calendar) => Deadlines.SilenceEnds(date, date, calendar, Intervals),
        (date, calendar) => Deadlines.AnswerUntil(date, calendar, Intervals),
        (date, calendar) => Deadlines.AppealUntil(date, calendar, Intervals),
        (date, calendar) => Deadlines.DepartureTakesEffect(date, date, calendar, Intervals),
        (date, calendar) => calendar.Covers(date.Year) ? Deadlines.OnOrAfter(date, calendar) : null,
    ];

    [Fact]
    public void Periods_EveryZone_NeverEndOnADayOff() => ForEveryZone(world => Array.TrueForAll(Periods, period =>
        period(world.Date, world.Calendar) is not { } end
        // The last covered days may all be off: nothing is known of what follows.
        || world.Calendar.IsWorkingDay(end) || !world.Calendar.TryAddWorkingDays(end, 1, out _, out _)));

    [Fact]
    public void Periods_EveryZone_AreMonotoneInTheDate() => ForEveryZone(world => Array.TrueForAll(Periods, period =>
        period(world.Date.PlusDays(1), world.Calendar) is not { } later
        || (period(world.Date, world.Calendar) is { } end ? end <= later : !world.Calendar.Covers(world.Date.PlusDays(-1).Year) || world.Date < world.First)));

    [Fact]
    public void Periods_EveryZone_AnOutageNeverBringsOneNearer() => ForEveryZone(world => Array.TrueForAll(Periods, period =>
    {
        var (none, few, all) = (period(world.Date, world.Plain.Calendar), period(world.Date, world.Plain.WithOutages(world.Few).WorkersCalendar), period(world.Date, world.Calendar));
        return NotNearer(none, few) && NotNearer(few, all);
    }));

    [Fact]
    public void Due_EveryZone_NeverMovesAgainstTheWorkerAsOutagesBecomeKnown() => ForEveryZone(world =>
    {
        var entry = new RegisterEntry { LastTold = world.Date };
        entry = entry with { NextDeadline = entry.Due(world.Plain.Calendar, Intervals) };
        for (var known = 1; known <= world.Outages.Count; known++)
        {
            var calendar = world.Plain.WithOutages(world.Outages.Take(known)).WorkersCalendar;
            var due = entry.Due(calendar, Intervals);
            if (!NotNearer(entry.NextDeadline, due)) return false;
            if (due is { } date && !calendar.IsWorkingDay(date) && calendar.TryAddWorkingDays(date, 1, out _, out _)) return false;
            entry = entry with { NextDeadline = due };
        }

        // What was told is never taken back, also where an outage turns out to be none.
        return entry.NextDeadline is null || entry.Due(world.Plain.Calendar, Intervals) >= entry.NextDeadline;
    });

    [Fact]
    public void AuthoritysPeriods_EveryZone_AreLeftAloneByOutages() => ForEveryZone(world =>
        Deadlines.AuthorityStepUntil(world.Date, world.Rules.Calendar, Intervals) == Deadlines.AuthorityStepUntil(world.Date, world.Plain.Calendar, Intervals)
        && Deadlines.AuthorityAppealUntil(world.Date, world.Rules.Calendar, Intervals) == Deadlines.AuthorityAppealUntil(world.Date, world.Plain.Calendar, Intervals));

    // Through skipped and repeated midnights, and days that never were.
    [Fact]
    public void EndOfAPeriod_EveryZone_LiesAfterAllOfItsLastDayAndEndsWithIt() => ForEveryZone(world => Array.TrueForAll(Periods, period =>
    {
        if (period(world.Date, world.Calendar) is not { } last) return true;
        var (end, before, after) = (world.Rules.EndOfDay(last), world.Rules.EndOfDay(last.PlusDays(-1)), world.Rules.EndOfDay(last.PlusDays(1)));
        return before <= end && end <= after
            // Whoever acts on the last day, by the date that their wall shows, is in time; the moment of the end shows a later date.
            && world.Rules.DateOf(end) > last && world.Rules.DateOf(end - Duration.Epsilon) <= last
            && (last < world.Date || end > world.At);
    }));

    [Fact]
    public void EndOfDay_EveryZone_IsMonotoneAndLeavesNoMomentWithoutADay() => ForEveryZone(world =>
    {
        var (from, to) = (world.Date.PlusDays(-3), world.Date.PlusDays(3));
        for (var day = from; day < to; day = day.PlusDays(1))
        {
            var (end, next) = (world.Rules.EndOfDay(day), world.Rules.EndOfDay(day.PlusDays(1)));
            // A day that the zone skipped ends as it begins.
            var exists = world.Rules.DateOf(next - Duration.Epsilon) == day.PlusDays(1);
            if (end > next || (exists && end == next)) return false;
        }

        return world.At < world.Rules.EndOfDay(world.Date);
    });

    [Fact]
    public void IsOutage_EveryZone_EqualsGoingThroughTheDaysMinutes() => ForEveryZone(world =>
    {
        var date = world.Date;
        var minutes = Minutes(world, date.PlusDays(-1), date.PlusDays(1)).ToList();
        // A stretch of minutes without a heartbeat, anywhere in those days.
        var (start, length) = ((int)(Math.Abs(world.At.ToUnixTimeSeconds()) / 7 % minutes.Count), (int)(world.At.ToUnixTimeSeconds() & 127));
        var ready = minutes.Where((_, i) => i < start || i >= start + length).ToHashSet();
        return OutageDays.IsOutage(date, ready, world.Rules) == IsOutageByTheMinute(world, date, ready)
            // A heartbeat less never makes a day better.
            && (!OutageDays.IsOutage(date, ready, world.Rules) || OutageDays.IsOutage(date, ready.Where(m => m % 3 > 0), world.Rules));
    });

    // The cases themselves: what they are meant to meet, they do.
    [Fact]
    public void ForEveryZone_ItsCases_MeetSkippedAndRepeatedMidnightsAndASkippedDay()
    {
        var (skipped, repeated, gone) = (0, 0, 0);
        ForEveryZone(world =>
        {
            foreach (var day in (LocalDate[])[world.Date, world.Date.PlusDays(1)])
            {
                var midnights = world.Rules.Zone.MapLocal(day.AtMidnight()).Count;
                skipped += midnights == 0 ? 1 : 0;
                repeated += midnights == 2 ? 1 : 0;
                gone += world.Rules.EndOfDay(day.PlusDays(-1)) == world.Rules.EndOfDay(day) ? 1 : 0;
            }

            return true;
        });
        Assert.True(skipped > 10 && repeated > 5 && gone > 0, $"{skipped} skipped and {repeated} repeated midnights, {gone} skipped days");
    }

    [Fact]
    public void OnOrAfter_OutagesOnTheLastCoveredDays_BringNoDateNearer()
    {
        var rules = SmallRules.In("Europe/Moscow");
        LocalDate thursday = new(2027, 12, 30), friday = new(2027, 12, 31);
        Assert.Equal(friday, Deadlines.OnOrAfter(thursday, rules.WithOutages([thursday]).WorkersCalendar));
        Assert.Equal(friday, Deadlines.OnOrAfter(thursday, rules.WithOutages([thursday, friday]).WorkersCalendar));
    }

    static bool IsOutageByTheMinute(World world, LocalDate date, HashSet<long> ready)
    {
        var missing = Minutes(world, date, date)
            .Select(m => (Minute: m, Local: Instant.FromUnixTimeSeconds(m * 60).InZone(world.Rules.Zone)))
            .SkipWhile(m => m.Local.Date < date || (m.Local.Date == date && m.Local.Hour < 6))
            .Where(m => !ready.Contains(m.Minute)).ToList();
        return missing.Count >= Intervals.OutageMinutes || missing.Exists(m => m.Local.Date > date || m.Local.Hour >= 22);
    }

    /// <summary>The minutes from the first date's beginning to the last one's end.</summary>
    static IEnumerable<long> Minutes(World world, LocalDate first, LocalDate last)
    {
        var end = world.Rules.EndOfDay(last).ToUnixTimeSeconds() / 60;
        for (var minute = world.Rules.EndOfDay(first.PlusDays(-1)).ToUnixTimeSeconds() / 60; minute < end; minute++) yield return minute;
    }

    /// <summary>Null stands for a date later than any calendar knows.</summary>
    static bool NotNearer(LocalDate? before, LocalDate? after) => after is null || (before is { } b && b <= after);

    static void ForEveryZone(Func<World, bool> holds)
    {
        foreach (var id in DateTimeZoneProviders.Tzdb.Ids)
            Prop.ForAll(Worlds(DateTimeZoneProviders.Tzdb[id]).ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(CasesForEachZone).WithQuietOnSuccess(true));
        foreach (var (zone, at) in Known)
        {
            var moment = InstantPattern.General.Parse(at).Value;
            var date = moment.InZone(DateTimeZoneProviders.Tzdb[zone]).Date;
            var first = new LocalDate(date.Year - 1, 1, 1);
            List<LocalDate> outages = [date, date.PlusDays(1), date.PlusDays(5), date.PlusDays(30), date.PlusDays(31)];
            var world = new World(Jurisdiction.Parse(Text(zone, "\"sunday\"", first.Year, []), "made.json"), outages, [outages[1], outages[4]], first, moment);
            Assert.True(holds(world), world.ToString());
        }
    }

    static Gen<World> Worlds(DateTimeZone zone)
    {
        var days = Gen.Choose(0, (Years * 365) - 1);
        // Pacific/Apia skipped 2011-12-30, so 2010 comes often. Outages also where they matter: in the weeks that follow.
        return
            from year in Gen.OneOf(Gen.Constant(2010), Gen.Choose(2000, 2035))
            let first = new LocalDate(year, 1, 1)
            let changes = zone.GetZoneIntervals(Instant.FromUtc(year, 1, 5, 0, 0), Instant.FromUtc(year + Years, 1, 1, 0, 0)).Where(i => i.HasStart && i.Start > Instant.FromUtc(year, 1, 5, 0, 0)).Select(i => i.Start).ToList()
            from change in Gen.Choose(0, Math.Max(0, changes.Count - 1))
            from any in days
            from minutes in Gen.Choose(-2 * 24 * 60, 2 * 24 * 60)
            from close in Gen.Choose(-90, 90)
            from how in Gen.Choose(0, 3)
            let at = changes.Count == 0 || how == 0
                ? zone.AtLeniently(first.PlusDays(any).AtMidnight()).ToInstant() + Duration.FromMinutes(minutes)
                : changes[change] + Duration.FromMinutes(how == 1 ? minutes : close)
            from weekend in Gen.Elements("\"saturday\", \"sunday\"", "\"friday\", \"saturday\"", "\"sunday\"", "\"thursday\", \"friday\"")
            from off in days.ListOf(50)
            from outages in days.ListOf(20)
            from near in Gen.Choose(0, 45).ListOf(12)
            let date = at.InZone(zone).Date
            let all = outages.Select(first.PlusDays).Concat(near.Select(date.PlusDays)).Distinct().ToList()
            select new World(
                Jurisdiction.Parse(Text(zone.Id, weekend, year, [.. off.Select(first.PlusDays).Distinct()]), "made.json"),
                all, [.. all.Where((_, i) => i % 2 == 0)], first, at);
    }

    static string Text(string zone, string weekend, int year, List<LocalDate> off)
    {
        var years = new StringBuilder();
        for (var y = year; y < year + Years; y++)
            years.Append(y == year ? "" : ", ").Append($"\"{y}\": {{ \"off\": [{string.Join(", ", off.Where(d => d.Year == y).Select(d => $"\"{LocalDatePattern.Iso.Format(d)}\""))}] }}");
        var start = SmallRules.Text.IndexOf("\"calendar\"", StringComparison.Ordinal);
        return SmallRules.Text[..start].Replace("Asia/Tashkent", zone, StringComparison.Ordinal)
            + $"\"calendar\": {{ \"weekend\": [{weekend}], \"from\": {year}, \"to\": {year + Years - 1}, \"years\": {{ {years} }} }} }}";
    }
}
