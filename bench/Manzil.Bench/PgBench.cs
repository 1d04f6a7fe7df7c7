using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Manzil.Bench;

/// <summary>The yardstick: pgbench, one durable row a transaction, a prepared statement, 64 clients.</summary>
sealed partial class PgBench(WriteOptions options)
{
    const string Table = "create table if not exists one_row (id bigint generated always as identity primary key, worker bigint not null, kind smallint not null)";
    const string Script = "\\set worker random(1, 20000)\ninsert into one_row (worker, kind) values (:worker, 3);\n";

    string ScriptFile => Path.Combine(options.Folder, "one-row.sql");

    public void Prepare()
    {
        File.WriteAllText(ScriptFile, Script);
        Run("psql", "-qc", Table);
    }

    /// <returns>Transactions a second, and the processor µs that one took pgbench and PostgreSQL together.</returns>
    public (double PerSecond, double Cost) Measure(int seconds, int postmaster)
    {
        double Used() => ProcessorTime.OfFamily(postmaster) + ProcessorTime.OfFamily(Environment.ProcessId) - ProcessorTime.Of(Environment.ProcessId);
        var before = Used();
        var output = Run("pgbench", "-n", "-M", "prepared", "-c", "64", "-j", "2", "-T", seconds.ToString(CultureInfo.InvariantCulture), "-f", ScriptFile);
        var perSecond = double.Parse(Tps().Match(output).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return (perSecond, (Used() - before) * 1e6 / (perSecond * seconds));
    }

    string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(options.Programs, program), [.. arguments, .. program == "psql" ? ["-d", "yardstick"] : (string[])["yardstick"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGHOST"] = options.Socket;
        start.Environment["PGPORT"] = options.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = "postgres";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed: {errors.Result}");
    }

    [GeneratedRegex(@"tps = ([0-9.]+) \(without initial connection time\)", RegexOptions.None, 1000)]
    private static partial Regex Tps();
}
