using System.Diagnostics;
using System.Globalization;

namespace Manzil.Bench;

/// <summary>
/// The reminder sweep over a bare UPDATE of the same rows, in turns on the same machine: A B A B, at each size of the
/// population. Each of our turns is divided by the mean of the yardstick's turns before and after it.
/// </summary>
static class SweepBench
{
    sealed record Lines(List<SweepTurn> Updates, List<SweepTurn> Sweeps, List<SweepTurn> Inserts);

    public static async Task<int> RunAsync(SweepOptions options)
    {
        if (options.People.Any(p => p < options.Due * 2))
        {
            Console.Error.WriteLine("--people must be at least twice --due.");
            return 2;
        }

        Console.WriteLine($"{(options.Postgres ? "PostgreSQL" : "SQLite")}; {options.Due:N0} due, {(options.Together ? "standing together" : "spread over the register")}; load average before: {Load()}");
        var measured = new List<(SweepGround Ground, Lines Lines)>();
        foreach (var people in options.People)
        {
            var watch = Stopwatch.StartNew();
            measured.Add((await SweepGround.FillAsync(options, people), new Lines([], [], [])));
            Console.WriteLine($"{people:N0} people put in, {watch.Elapsed.TotalSeconds:0} s");
        }

        // The first of each is for the compiler and the caches.
        foreach (var (ground, _) in measured)
        {
            await ground.PutBackAsync();
            await ground.SweepAsync();
            await ground.PutBackAsync();
            await ground.UpdateAsync();
        }

        for (var round = 0; round <= options.Rounds; round++)
        {
            foreach (var (ground, lines) in measured)
            {
                await ground.PutBackAsync();
                lines.Updates.Add(await ground.UpdateAsync());
                if (round == options.Rounds) continue;
                await ground.PutBackAsync();
                lines.Sweeps.Add(await ground.SweepAsync());
                var (messages, megabytes) = await ground.OutboxAsync();
                if (messages != options.Due) throw new InvalidOperationException($"{messages} messages instead of {options.Due} lie in the outbox.");
                if (round == 0) Console.WriteLine($"{ground.People:N0} people: {messages:N0} messages a sweep, {megabytes:N0} MB of database");
                lines.Inserts.Add(await ground.InsertAsync());
            }
        }

        foreach (var (ground, lines) in measured) Print(ground.People, options.Due, lines);
        if (measured.Count > 1)
        {
            var (small, large) = (measured[0].Lines.Sweeps, measured[^1].Lines.Sweeps);
            Console.WriteLine($"{measured[^1].Ground.People:N0} people over {measured[0].Ground.People:N0}, as many due: sweep {Range(Ratios(large, small, s => s.Seconds))}, "
                + $"processor time {Range(Ratios(large, small, s => s.Processor))}; the bare UPDATE {Range(Ratios(measured[^1].Lines.Updates, measured[0].Lines.Updates, s => s.Seconds))}");
        }

        foreach (var (ground, _) in measured) await ground.DisposeAsync();
        Console.WriteLine($"load average after: {Load()}");
        return 0;
    }

    static void Print(int people, int due, Lines lines)
    {
        double Ratio(int i, Func<SweepTurn, double> value) => value(lines.Sweeps[i]) / ((value(lines.Updates[i]) + value(lines.Updates[i + 1])) / 2);
        double RatioOfBoth(int i, Func<SweepTurn, double> value) =>
            value(lines.Sweeps[i]) / (((value(lines.Updates[i]) + value(lines.Updates[i + 1])) / 2) + value(lines.Inserts[i]));
        List<double> Each(Func<int, double> value) => [.. Enumerable.Range(0, lines.Sweeps.Count).Select(value)];
        Console.WriteLine(
            $"{people:N0} people: sweep {Range(lines.Sweeps.ConvertAll(s => s.Seconds))} s, bare UPDATE {Range(lines.Updates.ConvertAll(s => s.Seconds))} s, "
            + $"bare INSERT of its messages {Range(lines.Inserts.ConvertAll(s => s.Seconds))} s");
        Console.WriteLine(
            $"  sweep over the bare UPDATE {Range(Each(i => Ratio(i, s => s.Seconds)))}; over UPDATE and INSERT together {Range(Each(i => RatioOfBoth(i, s => s.Seconds)))}; "
            + $"in processor time {Range(Each(i => Ratio(i, s => s.Processor)))} and {Range(Each(i => RatioOfBoth(i, s => s.Processor)))}");
        string Processor(List<SweepTurn> turns) => string.Create(CultureInfo.InvariantCulture, $"{turns.Average(t => t.Processor) * 1e6 / due:0} ({turns.Average(t => t.Own) * 1e6 / due:0} of this process)");
        Console.WriteLine($"  processor µs a person: sweep {Processor(lines.Sweeps)}, UPDATE {Processor(lines.Updates)}, INSERT {Processor(lines.Inserts)}");
        Console.WriteLine($"  peak memory of this process during a sweep {lines.Sweeps.Max(s => s.Peak):0} MB, during an UPDATE {lines.Updates.Max(s => s.Peak):0} MB");
    }

    static IEnumerable<double> Ratios(List<SweepTurn> large, List<SweepTurn> small, Func<SweepTurn, double> value) => large.Zip(small, (l, s) => value(l) / value(s));

    static string Range(IEnumerable<double> each)
    {
        var values = each.ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{values.Average():0.00} ({values.Min():0.00}–{values.Max():0.00})");
    }

    static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
}
