using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Manzil.Register;
using Manzil.Typing;
using NodaTime;

namespace Manzil.Simulation;

/// <summary>manzil simulate: invented people through the real rules, acts and database, in fast-forward.</summary>
public static class SimulateCommand
{
    static readonly Instant Start = Instant.FromUtc(2026, 3, 2, 7, 0);

    public static Command Create()
    {
        var people = new NumberOption("--people", 1, 1_000_000) { Description = "How many, 1 to 1,000,000.", Required = true };
        var days = new NumberOption("--days", 1, 3660) { Description = "How many days, 1 to 3,660.", Required = true };
        var seed = new NumberOption("--seed", 0, int.MaxValue) { Description = "The same seed gives the same people and days.", DefaultValueFactory = _ => 1 };
        var silent = new Option<bool>("--silent") { Description = "Nobody ever answers." };
        var officers = new Option<bool>("--officers") { Description = "Officers of two hands work on the cases; without it the authority lets its time pass." };
        var rules = new Option<string?>("--rules") { Description = "A rules file; the demo's by default.", HelpName = "FILE" };
        var database = new Option<string>("--database") { Description = "sqlite (thrown away afterwards), or an empty postgres://… database.", HelpName = "DATABASE", DefaultValueFactory = _ => "sqlite" };
        var svg = new Option<string?>("--svg") { Description = "Draw the curves into this file.", HelpName = "FILE" };
        var command = new Command("simulate", "A population through the rules in fast-forward; prints what happened.");
        foreach (var option in (Option[])[people, days, seed, silent, officers, rules, database, svg]) command.Options.Add(option);
        command.SetAction(parsed => RunAsync(
            parsed.GetValue(people), parsed.GetValue(days), parsed.GetValue(seed),
            parsed.GetValue(silent), parsed.GetValue(officers), parsed.GetValue(rules) ?? ServiceOptions.DemoRules, parsed.GetValue(database)!, parsed.GetValue(svg),
            parsed.InvocationConfiguration.Output));
        return command;
    }

    static async Task<int> RunAsync(int people, int days, int seed, bool silent, bool officers, string rules, string database, string? svg, TextWriter output)
    {
        if (svg is not null) CheckPicture(svg);
        var folder = Directory.CreateTempSubdirectory("manzil-simulation-").FullName;
        try
        {
            var clock = new SimulationClock(Start);
            await using var core = await Core.OpenAsync(
                new ServiceSettings { DataFolder = folder, Database = database, RulesFile = rules, PublicUrl = new Uri("https://simulation.invalid") }, clock: clock);
            await MovableClock.CheckAsync(core.Database, isMoved: true);
            if ((await core.Tiles.HeadAsync()).Size > 0) throw new CommandLineException("The simulation needs an empty database: it fills it with invented people.", 1);

            var population = new Population(core, clock, seed, silent, officers);
            var watch = Stopwatch.StartNew();
            await population.SettleAsync(people);
            var settled = watch.Elapsed;
            watch.Restart();
            var result = await population.LiveAsync(days, done => Progress(done, days));
            if (svg is not null) await File.WriteAllTextAsync(svg, Curves.Draw(result.Days));
            Print(result, people, settled, watch.Elapsed, output);
            if (svg is not null) output.WriteLine($"The curves stand in {svg}.");
            return result.Adverse == 0 && result.Unreminded == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Before hours of work whose picture could then not be kept.
    static void CheckPicture(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandLineException($"The picture cannot be written to {path}: name a file in a folder that is there and that you may write in (--svg curves.svg).", 1);
        }
    }

    static void Progress(int done, int days)
    {
        if (Console.IsErrorRedirected || (done * 100 / days == (done - 1) * 100 / days && done != days)) return;
        var filled = done * 40 / days;
        Console.Error.Write($"\r[{new string('#', filled)}{new string(' ', 40 - filled)}] day {done} of {days}");
        if (done == days) Console.Error.WriteLine();
    }

    static void Print(SimulationResult result, int people, TimeSpan settling, TimeSpan living, TextWriter output)
    {
        using var process = Process.GetCurrentProcess();
        var days = result.Days.Count;
        void Row(string name, IFormattable value, string format = "N0") => output.WriteLine($"{name,-52}{value.ToString(format, CultureInfo.InvariantCulture),16}");
        Row("people", people);
        Row("days", days);
        Row("outage days", result.Days.Count(d => d.Outage));
        Row("notices", result.Days.Sum(d => (long)d.Notices));
        Row("reminders", result.Days.Sum(d => (long)d.Reminders));
        Row("cases", result.Days.Sum(d => (long)d.CasesOpened));
        Row("cases closed by the worker", result.Days.Sum(d => (long)d.CasesClosed));
        Row("cases closed since their reminder came back", result.Days.Sum(d => (long)d.CasesUndone));
        Row("cases closed since the authority let its time pass", result.Days.Sum(d => (long)d.CasesOutOfTime));
        Row("cases open at the end", result.Open);
        Row("to be reached at the end", result.ToBeReached);
        if (result.Cases is { } cases)
        {
            Print(cases, Row);
            Row("  removals paused", result.Days.Count(d => d.Paused));
        }

        Row("adverse acts that no people decided (must be 0)", result.Adverse);
        Row("cases without a delivered reminder (must be 0)", result.Unreminded);
        Row("seconds to settle the people", settling.TotalSeconds, "N1");
        Row("seconds a simulated day", living.TotalSeconds / days, "N3");
        Row("rows a simulated day", (double)result.Rows / days, "N1");
        Row("peak memory, MB", process.PeakWorkingSet64 / 1e6);
    }

    static void Print(CaseTally cases, Action<string, IFormattable, string> row)
    {
        foreach (var (name, value) in new[]
        {
            ("  kept by a caseworker", cases.Kept), ("  removal proposed", cases.Proposed), ("  agreed by a second", cases.Agreed), ("  disagreed by a second", cases.Disagreed),
            ("  appealed by the worker", cases.Appealed), ("  decided for the worker", cases.DecidedFor), ("  decided against", cases.DecidedAgainst),
            ("  put in effect", cases.PutInEffect), ("  reinstated", cases.Reinstated),
            ("  tried, and refused by the rules", cases.TurnedDown),
        }) row(name, value, "N0");
    }
}
