using NodaTime;

namespace Manzil.Rules;

/// <summary>Which local dates were outage days, from the minutes in which a node was ready (rules.md, Days).</summary>
public static class OutageDays
{
    static readonly LocalTime From = new(6, 0);
    static readonly LocalTime Evening = new(22, 0);

    /// <summary>
    /// Whether a date that has ended was an outage day: no node was ready for <see cref="Intervals.OutageMinutes"/> minutes
    /// or more between 06:00 and its end, or in any minute from 22:00 on. An hour that clocks repeat counts twice, one that
    /// they skip not at all.
    /// </summary>
    /// <param name="date">The local date.</param>
    /// <param name="readyMinutes">The minutes in which a node was ready, as whole minutes since 1970-01-01T00:00Z, in any order.</param>
    /// <param name="rules">The jurisdiction: its zone and intervals.</param>
    public static bool IsOutage(LocalDate date, IEnumerable<long> readyMinutes, Jurisdiction rules)
    {
        var ready = readyMinutes.ToHashSet();
        var evening = MinuteOf(date, Evening, rules);
        var end = rules.EndOfDay(date).ToUnixTimeSeconds() / 60;
        var missing = 0;
        for (var minute = MinuteOf(date, From, rules); minute < end; minute++)
        {
            if (ready.Contains(minute)) continue;
            if (++missing >= rules.Intervals.OutageMinutes || minute >= evening) return true;
        }
        return false;
    }

    static long MinuteOf(LocalDate date, LocalTime time, Jurisdiction rules) =>
        rules.Zone.AtLeniently(date.At(time)).ToInstant().ToUnixTimeSeconds() / 60;
}
