using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using NodaTime;
using Npgsql;

namespace Manzil.Bench;

/// <summary>
/// Accepted notices a second over pgbench's transactions a second, in turns on the same machine: A B A B. Each of our
/// runs is divided by the mean of the yardstick's runs before and after it.
/// </summary>
static class WriteBench
{
    const string Office = "NRV-01";

    sealed record Line(double Notices, double Ratio, double P50, double P99, double Server, double Postgres, double Generator, double Idle);

    public static async Task<int> RunAsync(WriteOptions options)
    {
        var postmaster = int.Parse(File.ReadLines(Path.Combine(options.Folder, "postgres", "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        await using var service = await Service.StartAsync(options, options.Where);
        Console.WriteLine($"{(options.Postgres ? "PostgreSQL" : "SQLite")}; load average before: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        var tokens = await EnrolAsync(options);
        var pgbench = new PgBench(options);
        pgbench.Prepare();
        var keys = await service.KeysAsync();

        var loads = options.Mixes.ToDictionary(mix => mix, mix => new Load(service.EndPoint, tokens, BodiesOf(mix)));
        foreach (var connections in options.Connections) Print($"warm-up, {connections}", loads.Values.First().Run(connections, TimeSpan.FromSeconds(options.WarmUp)));
        if (options.Profile)
        {
            Console.WriteLine($"server process {service.ProcessId}");
            Print("held", loads.Values.First().Run(options.Connections[^1], TimeSpan.FromSeconds(options.Seconds)));
            return 0;
        }

        pgbench.Measure(3, postmaster);

        var invalid = 0;
        var checkedReceipts = 0;
        var lines = options.Mixes.SelectMany(mix => options.Connections.Select(connections => (mix, connections))).ToDictionary(k => k, _ => new List<Line>());
        var before = pgbench.Measure(options.Seconds, postmaster);
        var yardstick = new List<double> { before.PerSecond };
        var yardstickCost = new List<double>();
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var ((mix, connections), measured) in lines)
            {
                var (s, p, g, m) = (ProcessorTime.Of(service.ProcessId), ProcessorTime.OfFamily(postmaster), ProcessorTime.Of(Environment.ProcessId), ProcessorTime.OfMachine());
                var result = loads[mix].Run(connections, TimeSpan.FromSeconds(options.Seconds));
                var machine = ProcessorTime.OfMachine();
                double Each(double seconds) => seconds * 1e6 / result.Accepted;
                var (server, postgres, generator) = (
                    Each(ProcessorTime.Of(service.ProcessId) - s), Each(ProcessorTime.OfFamily(postmaster) - p), Each(ProcessorTime.Of(Environment.ProcessId) - g));
                if (result.Refused > 0) Console.WriteLine($"{result.Refused} requests were refused, the first: {result.FirstRefusal}");
                invalid += result.Refused;
                foreach (var answer in result.Sample)
                {
                    if (ReceiptCheck.Fault(HttpAnswer.Body(answer), keys, SystemClock.Instance.GetCurrentInstant()) is not { } fault) continue;
                    if (invalid++ == 0) Console.WriteLine($"A receipt is not valid: {fault}");
                }

                checkedReceipts += result.Sample.Count;
                var after = pgbench.Measure(options.Seconds, postmaster);
                measured.Add(new Line(
                    result.PerSecond, result.PerSecond / ((before.PerSecond + after.PerSecond) / 2), result.Quantile(0.5), result.Quantile(0.99), server, postgres, generator,
                    100 * (1 - (machine.Busy - m.Busy) / (machine.All - m.All))));
                yardstick.Add(after.PerSecond);
                yardstickCost.Add(after.Cost);
                before = after;
            }
        }

        Console.WriteLine($"pgbench, 64 clients: {Range(yardstick, "0")} transactions/s; processor µs each: {yardstickCost.Average():0}");
        foreach (var ((mix, connections), measured) in lines)
        {
            Console.WriteLine(
                $"{mix}, {connections} connections: {Range(measured.ConvertAll(l => l.Notices), "0")} notices/s; ratio {Range(measured.ConvertAll(l => l.Ratio), "0.00")}; "
                + $"p50 {Mean(measured, l => l.P50):0.0} ms, p99 {Mean(measured, l => l.P99):0.0} ms; processor µs a notice: server {Mean(measured, l => l.Server):0}, "
                + $"PostgreSQL {Mean(measured, l => l.Postgres):0}, generator {Mean(measured, l => l.Generator):0}; "
                + $"processor time of pgbench's transaction over a notice's {yardstickCost.Average() / Mean(measured, l => l.Server + l.Postgres + l.Generator):0.00}; machine idle {Mean(measured, l => l.Idle):0} %");
        }

        Console.WriteLine($"{checkedReceipts} receipts verified by the client, {invalid} invalid or refused; load average after: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        return invalid == 0 ? 0 : 1;
    }

    public static async Task<IReadOnlyList<string>> EnrolAsync(WriteOptions options)
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        if (options.Postgres)
        {
            await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={options.Port};Username=postgres;Database={options.Database}");
            await connection.OpenAsync();
            return await People.EnrolAsync(connection, options.People, Office, now);
        }

        await using var file = new SqliteConnection($"Data Source={Path.Combine(options.Folder, options.DataFolder, "manzil.db")};Pooling=false");
        await file.OpenAsync();
        return await People.EnrolAsync(file, options.People, Office, now);
    }

    public static string[] BodiesOf(string mix)
    {
        const string confirmation = """{"kind": "confirmation"}""";
        var residence = Bodies.Residence(SystemClock.Instance.GetCurrentInstant().InUtc().Date);
        return mix switch { "confirmation" => [confirmation], "residence" => [residence], _ => [confirmation, residence] };
    }

    static void Print(string what, LoadResult r) => Console.WriteLine(
        $"{what}: {r.PerSecond:0} notices/s, p50 {r.Quantile(0.5):0.0} ms, p99 {r.Quantile(0.99):0.0} ms, {r.Refused} refused {r.FirstRefusal}");

    static double Mean(List<Line> lines, Func<Line, double> value) => lines.Average(value);

    static string Range(List<double> values, string format) => string.Create(CultureInfo.InvariantCulture,
        $"{values.Average().ToString(format, CultureInfo.InvariantCulture)} ({values.Min().ToString(format, CultureInfo.InvariantCulture)}–{values.Max().ToString(format, CultureInfo.InvariantCulture)})");
}
