using Manzil.Cases;
using Manzil.Notices;
using Manzil.Privacy;
using Manzil.Register;
using NodaTime;

namespace Manzil.Deadlines;

/// <summary>
/// What the service does by the clock, on every node. Only a shell: each step is called with the time it is,
/// says itself what is due, and can be stopped anywhere. Nothing here takes a right away.
/// </summary>
public sealed class Timers(
    Database database, CurrentRules current, Heartbeats heartbeats, MoveDeadlines moveDeadlines, MoveCaseDeadlines moveCaseDeadlines, MoveSilencePeriods moveSilencePeriods, SendReminders reminders, OpenSilentCases cases, CloseOverdueCases overdue, Breaker breaker, NoteDepartures departures, EraseOldData erasing, IClock clock, ILogger<Timers> logger) : BackgroundService, ITimed
{
    // Twice a minute, so that no minute goes by without a heartbeat.
    static readonly TimeSpan Between = TimeSpan.FromSeconds(30);

    /// <summary>One round, in this order: an outage must be known before anything is taken to be due. What each may write is listed beside TimedWritesTests.</summary>
    public IReadOnlyList<TimedStep> Steps { get; } =
    [
        new("judge outages", heartbeats.JudgeAsync),
        new("know outages", _ => current.RefreshAsync(database)),
        new("move deadlines", moveDeadlines.RunAsync),
        new("move deadlines of cases", moveCaseDeadlines.RunAsync),
        new("move silence periods", moveSilencePeriods.RunAsync),
        new("remind", reminders.RunAsync),
        new("open cases", cases.RunAsync),
        new("close overdue cases", overdue.RunAsync),
        new("pause removals", breaker.RunAsync),
        new("note departures", departures.RunAsync),
        new("erase", erasing.TodayAsync),
    ];

    IReadOnlyList<TimedStep> ITimed.Steps => [new("beat", _ => BeatAsync()), .. Steps, new("whole round", _ => StepAsync())];

    string? _trouble;
    LocalDate _warned;

    // Beside each other: a long step, such as one that moves the deadlines of millions, leaves no minute without a heartbeat.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(AgainAsync(BeatAsync, stoppingToken), AgainAsync(StepAsync, stoppingToken));

    static async Task AgainAsync(Func<Task> work, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Between);
        do
        {
            await work();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>A node that is ready says so; one that cannot write is silent, and <see cref="StepAsync"/> says why.</summary>
    public async Task BeatAsync()
    {
        try
        {
            await heartbeats.BeatAsync(clock.GetCurrentInstant());
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            // The minute stays without a heartbeat.
        }
        catch (Exception e)
        {
            // A loop that ended here would make each day from then on an outage.
            LogEvents.HeartbeatFailed(logger, LogCause.Of(e, place: true));
        }
    }

    // Once a day, and at the start.
    void Warn(LocalDate today)
    {
        if (_warned == today) return;
        _warned = today;
        CalendarWarning.Log(logger, today, current.Now);
    }

    public async Task StepAsync()
    {
        try
        {
            var now = clock.GetCurrentInstant();
            Warn(current.Now.DateOf(now));
            foreach (var step in Steps) await step.RunAsync(now);
            _trouble = null;
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            if (_trouble is null) LogEvents.TimersWait(logger, LogCause.Of(e));
            _trouble = e.Message;
        }
        catch (Exception e)
        {
            LogEvents.TimersFailed(logger, LogCause.Of(e, place: true));
        }
    }
}
