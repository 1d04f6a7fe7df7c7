using System.Globalization;
using Npgsql;

namespace Manzil.Bench;

/// <summary>
/// Two servers in turns, each on a database of its own in the same PostgreSQL: processor µs a notice of the first, of the
/// second, and the second's over the first's. Neighbours disturb both alike, so that a few percent show within minutes.
/// </summary>
static class CompareBench
{
    sealed record Turn(double Server, double Postgres, double PerSecond);

    public static async Task<int> RunAsync(WriteOptions options, string other, string[] environment)
    {
        var postmaster = int.Parse(File.ReadLines(Path.Combine(options.Folder, "postgres", "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        await using (var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={options.Port};Username=postgres;Database=yardstick"))
        {
            await connection.OpenAsync();
            await using var create = new NpgsqlCommand("create database other", connection);
            await create.ExecuteNonQueryAsync();
        }

        WriteOptions[] each = [options, options with { Server = other.Length > 0 ? other : options.Server, DataFolder = "other-data", Database = "other" }];
        await using var first = await Service.StartAsync(each[0], each[0].Where, []);
        await using var second = await Service.StartAsync(each[1], each[1].Where, environment);
        Service[] services = [first, second];
        var loads = new Load[2];
        for (var i = 0; i < 2; i++)
        {
            loads[i] = new Load(services[i].EndPoint, await WriteBench.EnrolAsync(each[i]), WriteBench.BodiesOf(options.Mixes[0]));
            foreach (var connections in options.Connections) loads[i].Run(connections, TimeSpan.FromSeconds(options.WarmUp));
        }

        foreach (var connections in options.Connections)
        {
            var turns = new List<Turn[]>();
            for (var round = 0; round < options.Rounds; round++)
            {
                var pair = new Turn[2];
                // Whoever goes first in one round goes second in the next.
                foreach (var i in round % 2 == 0 ? (int[])[0, 1] : [1, 0])
                {
                    var (s, p) = (ProcessorTime.Of(services[i].ProcessId), ProcessorTime.OfFamily(postmaster));
                    var result = loads[i].Run(connections, TimeSpan.FromSeconds(options.Seconds));
                    double Each(double seconds) => seconds * 1e6 / result.Accepted;
                    pair[i] = new Turn(Each(ProcessorTime.Of(services[i].ProcessId) - s), Each(ProcessorTime.OfFamily(postmaster) - p), result.PerSecond);
                }

                turns.Add(pair);
            }

            Console.WriteLine($"{connections} connections, µs a notice: {Line("server", turns, t => t.Server)}; {Line("PostgreSQL", turns, t => t.Postgres)}; {Line("notices/s", turns, t => t.PerSecond)}");
        }

        Console.WriteLine($"load average after: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        return 0;
    }

    static string Line(string what, List<Turn[]> turns, Func<Turn, double> value)
    {
        var ratios = turns.ConvertAll(t => value(t[1]) / value(t[0]));
        return string.Create(CultureInfo.InvariantCulture,
            $"{what} {Median(turns.ConvertAll(t => value(t[0]))):0.0} and {Median(turns.ConvertAll(t => value(t[1]))):0.0}, second over first {Median(ratios):0.000} ({ratios.Min():0.00}–{ratios.Max():0.00})");
    }

    // A neighbour's burst in one turn must not decide.
    static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
