using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Gates;

/// <summary>
/// privacy.md 10: what the clock may write, and nothing else. Ten years in which nobody says anything and no officer does, people of every
/// standing (<see cref="SilentPeople"/>), every step of every part that runs by itself, and every value of every row watched (<see cref="Written"/>).
/// </summary>
public class TimedWritesTests
{
    const string List = "tests/Manzil.Tests/Gates/timed-writes.txt";
    const int TenYears = 3653;

    /// <summary>A step, what it may write, and why that takes nothing from anybody.</summary>
    static readonly IReadOnlyList<(string Step, string What, string Why)> may =
        [.. Repository.Read(List).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(l => !l.StartsWith('#')).Select(Parse)];

    static readonly HashSet<string> lines = [.. may.Select(m => $"{m.Step}: {m.What}")], anywhere = [.. may.Select(m => m.What)];

    static (string, string, string) Parse(string line)
    {
        var (what, why) = line.Split(" | ") is [var w, var y] ? (w, y) : throw new FormatException($"{List} has a line without a reason: {line}");
        return what.Split(": ", 2) is [var step, var wrote] ? (step.Trim(), wrote.Trim(), why.Trim()) : throw new FormatException($"{List} has a line without a step: {line}");
    }

    [Fact]
    public void List_EachLine_HasAReasonAndStandsOnce()
    {
        Assert.All(may, m => Assert.True(m.Why.Length >= 15, $"{m.Step}: {m.What} says not why it is harmless."));
        Assert.Equal(may.Count, lines.Count);
    }

    [Theory, EachDatabase]
    public async Task Steps_InTenYearsOfSilence_WriteWhatIsListed(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        var service = sinks.Service;
        // The people come about by what was shown at once; from then on, messages go out by the network.
        await service.RestartAsync(settings: s => s with { Demo = true });
        var silent = await SilentPeople.SettleAsync(service);
        await service.RestartAsync(settings: s => s with { Demo = false });
        var steps = StepsOf(service);
        var rules = service.Core.Rules;
        await using var written = await Written.WatchAsync(service);
        await using var network = await service.Core.Database.OpenAsync();
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var begun = rules.DateOf(service.Clock.GetCurrentInstant());
        // Every day of the first months, through a whole case and the next, and then another weekday each time. On PostgreSQL, where each
        // statement costs more, fewer.
        var (daily, stride) = kind == DatabaseKind.Sqlite ? (150, 9) : (45, 23);
        for (var day = 1; day <= TenYears; day += day < daily ? 1 : stride)
        {
            var today = begun.PlusDays(day);
            var now = rules.Zone.AtLeniently(today.At(new LocalTime(10, 0))).ToInstant();
            service.Clock.Reset(now);
            // Nobody beats for the days in between; now and then that shows, as an outage.
            var isOut = day < daily ? day % 9 == 1 : day % 180 < stride;
            if (!isOut) await service.Services.GetRequiredService<Heartbeats>().SkipAsync(today.PlusDays(-1));
            await written.TakeAsync();
            foreach (var (name, run) in steps)
            {
                await run(now);
                foreach (var wrote in await written.TakeAsync()) seen.Add($"{name}: {(wrote.Worker != 0 && !silent.Contains(wrote.Worker) ? "leaver " : "")}{wrote.What}");
            }

            await network.ExecuteAsync("update message set arrived_at = @at, delivered_at = @at where sent_at is not null and delivered_at is null", new { at = now.ToUnixTimeMilliseconds() });
        }

        var wrong = seen.Where(w => !lines.Contains(w) && !(w.StartsWith("whole round: ", StringComparison.Ordinal) && anywhere.Contains(w["whole round: ".Length..]))).ToList();
        Assert.True(wrong.Count == 0, $"The clock wrote what {List} does not list. If it takes nothing from anybody, add it there with a reason:\n{string.Join("\n", wrong)}");
        // A line that nothing writes any more would let something else in; and the watch is awake. On PostgreSQL too few days are looked at for that.
        if (kind == DatabaseKind.Sqlite) Assert.Empty(lines.Except(seen));
    }

    /// <summary>Of each part of the service that runs by itself: a new one is here without being named, and fails where it names no steps.</summary>
    static List<(string Name, Func<Instant, Task> Run)> StepsOf(TestService service)
    {
        var parts = typeof(Core).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(IHostedService)) && !t.IsAbstract).OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        Assert.Contains(typeof(Timers), parts);
        Assert.Contains(typeof(SendingLoop), parts);
        return [.. parts.SelectMany(p =>
        {
            var part = service.Services.GetService(p) as ITimed;
            Assert.True(part is not null, $"{p.Name} runs beside the requests: it has to be a service that is an {nameof(ITimed)}, so that what it writes is watched.");
            return part!.Steps;
        }).Select(s => (s.Name, s.RunAsync))];
    }
}
