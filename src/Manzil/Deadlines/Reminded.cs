using Manzil.Rules;

namespace Manzil.Deadlines;

/// <summary>What register_entry.reminded holds: how the worker is reminded in this period, and what came of it.</summary>
public static class Reminded
{
    /// <summary>By the rounds of their due date, as nearly everybody: nothing is written here when they are.</summary>
    public const int InRounds = 0;

    /// <summary>On the centre's list; nothing more to look at.</summary>
    public const int ToBeReached = 100;

    /// <summary>A case was opened, or there was nothing to open one for; nothing more to look at.</summary>
    public const int Settled = 101;

    // As many as the rules file allows (intervals.reminderDaysBefore).
    const int Most = 10;

    /// <summary>By themselves, since the due date was told or moved after its rounds had begun.</summary>
    /// <param name="done">How many of the period's reminders have been dealt with.</param>
    public static int Alone(int done) => -1 - done;

    /// <summary>SQL's list of the values of whoever is reminded by themselves and has had all reminders.</summary>
    public static string AloneWithAll(Intervals intervals) =>
        string.Join(", ", Enumerable.Range(intervals.ReminderDaysBefore.Count, Most + 1 - intervals.ReminderDaysBefore.Count).Select(Alone));

    /// <summary>SQL's list of the values of whoever may still be reminded or looked at. Each is named, so that the index on it and the date is of use.</summary>
    public static string Open { get; } = string.Join(", ", Enumerable.Range(0, Most + 1).Select(Alone).Prepend(InRounds));

    /// <summary>SQL's list of all values, for the same reason.</summary>
    public static string Any { get; } = $"{Open}, {ToBeReached}, {Settled}";
}
