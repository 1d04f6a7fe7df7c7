using NodaTime;

namespace Manzil.Rules;

/// <summary>When every channel of one who leaves counts as told of it (rules.md, A case): so that somebody else's departure is noticed.</summary>
public static class DepartureTelling
{
    /// <summary>
    /// The date on which the last channel was told. A channel of which nobody knows that it was told counts as told once the
    /// time to answer is over: a dead one makes a departure later, never earlier, and does not hold it up for ever.
    /// </summary>
    /// <param name="given">Local date of the departure notice.</param>
    /// <param name="told">Of each channel, the local date on which it was told; null where nobody knows that it was.</param>
    /// <param name="today">The local date.</param>
    /// <param name="calendar">The working days with outages.</param>
    /// <param name="intervals">The jurisdiction's intervals; the time to answer is <see cref="Intervals.AnswerWorkingDays"/>.</param>
    /// <returns>Null while a channel waits.</returns>
    public static LocalDate? LastTold(LocalDate given, IEnumerable<LocalDate?> told, LocalDate today, WorkingCalendar calendar, Intervals intervals)
    {
        var last = given;
        foreach (var date in told)
        {
            if (date is { } known)
                last = LocalDate.Max(last, known);
            else if (calendar.TryAddWorkingDays(given, intervals.AnswerWorkingDays, out var until, out _) && today > until)
                last = LocalDate.Max(last, until);
            else
                return null;
        }

        return last;
    }
}
