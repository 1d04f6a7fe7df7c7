using NodaTime;

namespace Manzil.Deadlines;

/// <summary>What the service does by the clock, one step of it: called with the time it is.</summary>
public sealed record TimedStep(string Name, Func<Instant, Task> RunAsync);

/// <summary>
/// A part that runs beside the requests and names its steps, so that a test can run each over years of silence and hold what it
/// writes against a list (TimedWritesTests). Every hosted service is one.
/// </summary>
public interface ITimed
{
    IReadOnlyList<TimedStep> Steps { get; }
}
