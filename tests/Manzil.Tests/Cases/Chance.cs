namespace Manzil.Tests.Cases;

/// <summary>One thing that happens. What cannot happen when its turn comes does not, so any part of a history is one as well.</summary>
sealed record Happening(string What, int Who, int One, int Two);

/// <summary>
/// What happens, by chance. Most of it follows a plot, since the chain of acts that leads to a removal, an appeal or a case about silence
/// would come about too seldom by single draws; other things happen in between, and anything may keep a plot from its end.
/// </summary>
static class Chance
{
    const int PlottedOfTen = 6;

    // Most plots need a phone, and some are about having none.
    static readonly int[] Plotted = [0, 0, 0, 1, 1, 2, 3, 3];

    static readonly (string What, int Weight)[] Weights =
    [
        ("day", 24), ("days", 7), ("look", 10), ("arrives", 22), ("comes back", 14), ("officer", 24), ("officer steps", 20), ("confirms", 4), ("code", 6), ("moves", 1),
        ("answers", 3), ("appeals", 4), ("leaves", 3), ("stays", 4), ("letter", 6), ("reached", 3), ("outage", 2), ("outage by hand", 3), ("rules", 4),
    ];

    // What the numbers choose is read by RandomHistory: which message a report is about, which officer does what, how long it lasts.
    static readonly Happening Open = Of("officer steps", 0, 3), Propose = Of("officer steps", 0, 3), Agree = Of("officer steps", 0, 1), PutInEffect = Of("officer steps", 0, 2);
    static readonly Happening ForWorker = Of("officer steps", 0, 6), AgainstWorker = Of("officer steps", 0, 4), Appeals = Of("appeals"), TriesToRemove = Of("officer", 3, 2), TenDays = Of("days", 8), Week = Of("days", 5), Look = Of("look");
    static readonly Happening NewestReturns = Of("comes back", 3), StepArrives = Of("arrives", 1), DecisionReturns = Of("comes back", 1), OpeningReturns = Of("comes back", 5);
    static readonly Happening ReminderArrives = Of("arrives", 2), ReminderReturns = Of("comes back", 2), EarlierReminderReturns = Of("comes back", 6), Shorter = Of("rules", 2, 10), Longer = Of("rules", 2, 11), Letter = Of("letter", 4), Code = Of("code");

    public static IReadOnlyDictionary<string, Happening[]> Plots { get; } = new Dictionary<string, Happening[]>(StringComparer.Ordinal)
    {
        // A report counts and comes back; then a letter is recorded as arrived before it.
        ["letter"] = [Open, Week, StepArrives, OpeningReturns, Letter, Look, Week, Propose, Agree, Week, StepArrives, DecisionReturns, Letter, Look, TenDays, PutInEffect],
        // The operator makes the time to answer shorter within the hour in which the worker was told it, and so with the time to appeal.
        ["edited"] = [Open, StepArrives, Look, Shorter, Look, TenDays, Propose, TenDays, Propose, Agree, Longer, StepArrives, Look, Shorter, Look, TenDays, PutInEffect],
        // What a removal rests on comes back, step by step.
        ["proposed"] = [Open, StepArrives, TenDays, TenDays, Propose, OpeningReturns, Look, TenDays, Propose],
        ["removed"] = [Open, StepArrives, TenDays, TenDays, Propose, Agree, StepArrives, TenDays, TenDays, PutInEffect, DecisionReturns, OpeningReturns, Look],
        ["refused"] = [Open, StepArrives, TenDays, TenDays, Propose, Agree, StepArrives, Appeals, AgainstWorker, StepArrives, OpeningReturns, TenDays, TenDays, PutInEffect],
        // A reminder arrives, the next period's does not: silence after an appeal that was decided for the worker.
        ["for worker"] = [TenDays, TenDays, Week, ReminderArrives, Open, Look, TenDays, TenDays, Propose, Agree, Appeals, ForWorker, Code, TenDays, TenDays, TenDays, TenDays, TenDays],
        // A case about silence, whose reminders come back one after the other.
        ["silence"] = [TenDays, TenDays, Week, ReminderArrives, TenDays, TenDays, StepArrives, TenDays, TenDays, Propose, Agree, ReminderReturns, EarlierReminderReturns, Look],
        // Nothing arrives, but the worker opens the service.
        // Whoever appeals, before a removal or after it: officers go on trying until the appeal is decided.
        ["appealed"] = [Open, StepArrives, TenDays, TenDays, Propose, Agree, StepArrives, Week, Week, Appeals, TriesToRemove, TenDays, TriesToRemove, AgainstWorker, StepArrives, TenDays, TenDays, PutInEffect, Appeals, TriesToRemove],
        ["opened"] = [Open, NewestReturns, Look, TenDays, TenDays, Propose, Agree, NewestReturns, Look, TenDays, TenDays, PutInEffect],
        ["leaves"] = [TenDays, TenDays, Week, ReminderArrives, Of("leaves"), Week, Of("stays"), TenDays, TenDays],
    };

    static Happening Of(string what, int one = 0, int two = 0) => new(what, 0, one, two);

    /// <summary>So many happenings of a seed, the same for ever, whatever the runtime's own generator does.</summary>
    /// <param name="plot">The plot that comes first; null where chance chooses it too.</param>
    public static List<Happening> Make(int seed, int count, string? plot = null)
    {
        var state = ((ulong)seed * 0x9E3779B97F4A7C15) + 1;
        int Next(int below)
        {
            state += 0x9E3779B97F4A7C15;
            var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)below);
        }

        var all = Weights.SelectMany(w => Enumerable.Repeat(w.What, w.Weight)).ToList();
        var plots = Plots.Values.ToList();
        var (made, plotted, who) = (new List<Happening>(), new Queue<Happening>(), 0);
        while (made.Count < count)
        {
            if (plotted.Count == 0)
            {
                plotted = new Queue<Happening>(plot is null ? plots[Next(plots.Count)] : Plots[plot]);
                (plot, who) = (null, Plotted[Next(Plotted.Length)]);
            }

            made.Add(Next(10) < PlottedOfTen ? plotted.Dequeue() with { Who = who } : new Happening(all[Next(all.Count)], Next(4), Next(1000), Next(1000)));
        }

        return made;
    }
}
