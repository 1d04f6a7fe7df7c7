using NodaTime;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Manzil.Messages;

/// <summary>
/// Stands before a server or gateway: ends what takes too long, leaves one that is in trouble alone for a while, and says
/// so to the operator, once when it begins and once when it is over.
/// </summary>
/// <param name="what">"E-mail" or "SMS", as the operator's sentences begin.</param>
/// <param name="atOnce">How many messages may be under way.</param>
public sealed class ChannelGuard
{
    static readonly Duration BreakFor = Duration.FromSeconds(30), LongestPause = Duration.FromHours(1);
    // Trouble that comes and goes within a second is one trouble.
    static readonly Duration Calm = Duration.FromMinutes(1);

    readonly Lock _lock = new();
    readonly CircuitBreakerStateProvider _breaker = new();
    readonly ResiliencePipeline<Attempt> _pipeline;
    readonly string _what;
    readonly int _atOnce;
    readonly IClock _clock;
    readonly ILogger _logger;
    Instant _pausedUntil = Instant.MinValue, _lastGood = Instant.MinValue, _lastBad = Instant.MinValue;
    (Instant Since, string Why)? _trouble;

    public ChannelGuard(string what, int atOnce, TimeSpan timeout, IClock clock, ILogger logger)
    {
        (_what, _atOnce, _clock, _logger) = (what, atOnce, clock, logger);
        _pipeline = new ResiliencePipelineBuilder<Attempt> { TimeProvider = new ServiceTime(clock) }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempt>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 5,
                SamplingDuration = TimeSpan.FromMinutes(1),
                BreakDuration = BreakFor.ToTimeSpan(),
                StateProvider = _breaker,
                ShouldHandle = outcome => ValueTask.FromResult(outcome.Outcome is { Exception: TimeoutRejectedException } or { Result.Outcome: Outcome.Trouble }),
                OnOpened = _ =>
                {
                    Pause(_clock.GetCurrentInstant() + BreakFor);
                    return default;
                },
            })
            .AddTimeout(timeout)
            .Build();
    }

    /// <summary>Null where all is well.</summary>
    public string? Warning
    {
        get
        {
            lock (_lock) return _trouble is { } trouble ? $"{_what} is not sent properly since {trouble.Since}: {trouble.Why}. Nothing is lost, and it is tried again." : null;
        }
    }

    /// <summary>How many more messages may be taken now: one to try it with, after a break.</summary>
    public int Room(Instant now, int underWay)
    {
        lock (_lock)
        {
            if (_trouble is not null && _lastGood > _lastBad && now - _lastBad >= Calm) End();
            if (now < _pausedUntil) return 0;
        }

        return _breaker.CircuitState == CircuitState.Closed ? _atOnce - underWay : Math.Max(0, 1 - underWay);
    }

    /// <exception cref="OperationCanceledException">The service stops.</exception>
    public async Task<Attempt> SendAsync(IMessageSender sender, WaitingMessage message, CancellationToken stop)
    {
        Attempt attempt;
        try
        {
            attempt = await _pipeline.ExecuteAsync(async cancellation => await sender.SendAsync(message, cancellation), stop);
        }
        catch (BrokenCircuitException)
        {
            lock (_lock) return new Attempt(Outcome.NotTried, After: Duration.Max(Duration.Zero, _pausedUntil - _clock.GetCurrentInstant()));
        }
        catch (TimeoutRejectedException)
        {
            attempt = new Attempt(Outcome.Trouble, "there was no answer in time");
        }

        Note(attempt);
        return attempt;
    }

    void Note(Attempt attempt)
    {
        var now = _clock.GetCurrentInstant();
        if (attempt.After is { } after) Pause(now + Duration.Min(after, LongestPause));
        lock (_lock)
        {
            if (attempt.Outcome != Outcome.Trouble)
            {
                _lastGood = now;
                return;
            }

            _lastBad = now;
            if (_trouble is not null) return;
            _trouble = (now, attempt.Why!);
        }

        LogEvents.ChannelInTrouble(_logger, LogWord.Of(_what), LogWord.Of(attempt.Why));
    }

    void End()
    {
        _trouble = null;
        LogEvents.ChannelGoesAgain(_logger, LogWord.Of(_what));
    }

    void Pause(Instant until)
    {
        lock (_lock) _pausedUntil = Instant.Max(_pausedUntil, until);
    }

    // Breaks last by the service's clock; time-outs, which guard against real servers, by the machine's.
    sealed class ServiceTime(IClock clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetCurrentInstant().ToDateTimeOffset();
    }
}
