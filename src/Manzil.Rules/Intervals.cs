namespace Manzil.Rules;

/// <summary>
/// Every length of time that rules.md names, as the jurisdiction sets it. The values here are those of rules.md.
/// Days are calendar days unless the name says working days.
/// </summary>
public sealed record Intervals
{
    /// <summary>Days from the last residence or confirmation, or the closing of the last case, to the next confirmation: 7 to 366 (Confirming an address, 1).</summary>
    public int ConfirmEveryDays { get; init; } = 30;

    /// <summary>How many days before the due date the worker is reminded, each once, falling: 0 to 60, and fewer than <see cref="ConfirmEveryDays"/> (Confirming an address, 2).</summary>
    public IReadOnlyList<int> ReminderDaysBefore { get; init; } = [7, 1, 0];

    /// <summary>The local hour from which reminders go out: 0 to 22 (Confirming an address, 2).</summary>
    public int ReminderFromHour { get; init; } = 9;

    /// <summary>The local hour before which reminders go out: later than <see cref="ReminderFromHour"/>, at most 23 (Confirming an address, 2).</summary>
    public int ReminderUntilHour { get; init; } = 20;

    /// <summary>Working days of silence before a case may open: 1 to 60 (Confirming an address, 3).</summary>
    public int SilenceWorkingDays { get; init; } = 3;

    /// <summary>Working days the worker has to answer: 5 to 120 (A case).</summary>
    public int AnswerWorkingDays { get; init; } = 10;

    /// <summary>Working days the worker has to appeal before a removal may be put in effect: 5 to 120 (A case).</summary>
    public int AppealWorkingDays { get; init; } = 10;

    /// <summary>Working days the authority has for its next step: 1 to 120 (A case).</summary>
    public int AuthorityStepWorkingDays { get; init; } = 20;

    /// <summary>Working days the authority has to decide an appeal: 1 to 120 (A case).</summary>
    public int AuthorityAppealWorkingDays { get; init; } = 15;

    /// <summary>Characters that the facts of a proposed removal have at least: 10 to 1,000 (A case).</summary>
    public int FactsMinCharacters { get; init; } = 40;

    /// <summary>How many of the newest decided appeals the circuit breaker looks at: 5 to 1,000 (A case).</summary>
    public int BreakerAppeals { get; init; } = 20;

    /// <summary>How many percent of them, decided for the worker, stop removals: 1 to 100 (A case).</summary>
    public int BreakerPercent { get; init; } = 30;

    /// <summary>Working days between telling every channel of a departure and its effect: 1 to 30 (A case).</summary>
    public int DepartureWorkingDays { get; init; } = 3;

    /// <summary>How many days back a residence may begin: 0 to 36,525.</summary>
    public int ResidenceFromMaxDaysPast { get; init; } = 3650;

    /// <summary>How many days ahead a residence may begin: 0 to 366.</summary>
    public int ResidenceFromMaxDaysAhead { get; init; } = 90;

    /// <summary>How many days back a departure may lie: 0 to 366.</summary>
    public int DepartureMaxDaysPast { get; init; } = 30;

    /// <summary>How many days ahead a departure may lie: 0 to 3,660.</summary>
    public int DepartureMaxDaysAhead { get; init; } = 365;

    /// <summary>Days for which a printed activation code lives: 1 to 366.</summary>
    public int ActivationCodeDays { get; init; } = 30;

    /// <summary>Days after its last use for which a phone is remembered: 1 to 366.</summary>
    public int RememberedPhoneDays { get; init; } = 90;

    /// <summary>Days for which the old channels get copies after a change: 0 to 366 (Delivery).</summary>
    public int ChannelCopyDays { get; init; } = 30;

    /// <summary>Hours within which a notice signed in time, or turned away by the service in time, must follow: 1 to 168 (Days).</summary>
    public int LateArrivalHours { get; init; } = 24;

    /// <summary>Minutes without a ready node that make a date an outage day: 1 to 1,080 (Days).</summary>
    public int OutageMinutes { get; init; } = 60;

    /// <summary>Days before the calendar's end at which the operator is warned: 1 to 366 (Days).</summary>
    public int CalendarWarningDays { get; init; } = 60;

    /// <summary>Hours before the crossing by which an arrival notice is due: 1 to 720 (Arrival notices).</summary>
    public int ArrivalHoursAhead { get; init; } = 72;

    /// <summary>The same for urgent reasons: 0 to <see cref="ArrivalHoursAhead"/> (Arrival notices).</summary>
    public int ArrivalUrgentHoursAhead { get; init; } = 4;

    /// <summary>How many days ahead of the crossing an arrival notice may come: 1 to 366 (Arrival notices).</summary>
    public int ArrivalMaxDaysAhead { get; init; } = 90;
}
