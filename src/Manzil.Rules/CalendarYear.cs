using System.Collections.Frozen;
using NodaTime;

namespace Manzil.Rules;

/// <summary>What a calendar says of one year: the weekdays that are off, and the weekend days that are worked (rules.md, Days).</summary>
public sealed class CalendarYear
{
    /// <summary>The earliest year a calendar may cover.</summary>
    public const int Earliest = 1900;

    /// <summary>The latest year a calendar may cover.</summary>
    public const int Latest = 2200;

    /// <summary>A year with its days off and its days worked.</summary>
    /// <param name="year">The year, <see cref="Earliest"/> to <see cref="Latest"/>.</param>
    /// <param name="off">Days off. A weekend day among them is off anyway.</param>
    /// <param name="working">Days worked, short ones included. A weekday among them is worked anyway.</param>
    /// <exception cref="ArgumentException">The year is out of range, a day lies in another year, or a day is both off and worked.</exception>
    public CalendarYear(int year, IEnumerable<LocalDate> off, IEnumerable<LocalDate> working)
    {
        if (year is < Earliest or > Latest)
            throw new ArgumentException("The year is out of range.", nameof(year));
        Year = year;
        Off = off.ToFrozenSet();
        Working = working.ToFrozenSet();
        if (Off.Concat(Working).Any(day => day.Year != year || day.Calendar != CalendarSystem.Iso))
            throw new ArgumentException("A day lies in another year.", nameof(off));
        if (Off.Overlaps(Working))
            throw new ArgumentException("A day is both off and worked.", nameof(working));
    }

    /// <summary>The year, in the ISO calendar.</summary>
    public int Year { get; }

    /// <summary>Days off, whatever the day of the week.</summary>
    public IReadOnlySet<LocalDate> Off { get; }

    /// <summary>Days worked, whatever the day of the week; short days are among them.</summary>
    public IReadOnlySet<LocalDate> Working { get; }
}
