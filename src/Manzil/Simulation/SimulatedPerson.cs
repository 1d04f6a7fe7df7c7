using NodaTime;

namespace Manzil.Simulation;

/// <summary>How somebody deals with a due date.</summary>
enum Habit
{
    Early,
    OnTheDay,
    Late,

    /// <summary>Only once a case is open.</summary>
    WhenAsked,

    /// <summary>Gets every message and never answers.</summary>
    Never,

    /// <summary>Messages bounce, and nothing is heard.</summary>
    Unreachable,
}

/// <summary>An invented person of the simulation, and what they are about to do.</summary>
sealed class SimulatedPerson(long id, Habit habit)
{
    public long Id => id;

    public Habit Habit => habit;

    /// <summary>Until then the phone is broken: nothing arrives, nothing is sent.</summary>
    public LocalDate BrokenUntil { get; set; } = LocalDate.MinIsoValue;

    /// <summary>When they mean to confirm; null where they do not.</summary>
    public LocalDate? ActsOn { get; set; }

    public bool HasCase { get; set; }

    public bool CanAct(LocalDate today) => today >= BrokenUntil;

    public void PlanFor(LocalDate due, Dice dice) => ActsOn = habit switch
    {
        Habit.Early => due.PlusDays(-dice.Between(1, 7)),
        Habit.OnTheDay => due,
        Habit.Late => due.PlusDays(dice.Between(1, 5)),
        _ => null,
    };

    public void CaseOpened(LocalDate today, Dice dice)
    {
        HasCase = true;
        if (habit is not (Habit.Never or Habit.Unreachable)) ActsOn = today.PlusDays(dice.Between(1, 9));
    }

    public static Habit DrawHabit(Dice dice) => dice.Throw(100) switch
    {
        < 45 => Habit.Early,
        < 75 => Habit.OnTheDay,
        < 90 => Habit.Late,
        < 95 => Habit.WhenAsked,
        < 98 => Habit.Never,
        _ => Habit.Unreachable,
    };
}
