using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;
using Npgsql;

namespace Manzil.Bench;

/// <summary>
/// What no server could save: processor µs a notice of the parts that any server must buy on this machine, each alone, and
/// their sum against pgbench's transaction. The ratio of the two is the most that <c>bench/run write</c> could print here.
/// </summary>
static partial class FloorBench
{
    static readonly int[] BatchSizes = [32, 128];
    static readonly TimeSpan Turn = TimeSpan.FromSeconds(4);

    public static async Task<int> RunAsync(WriteOptions options)
    {
        Console.WriteLine($"load average before: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}; processor µs each");
        var postmaster = int.Parse(File.ReadLines(Path.Combine(options.Folder, "postgres", "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        var pgbench = new PgBench(options);
        pgbench.Prepare();
        pgbench.Measure(2, postmaster);
        var transaction = pgbench.Measure(options.Seconds, postmaster).Cost;
        Print("pgbench's transaction", transaction);

        var rows = await RowsAsync(options, postmaster);
        var (server, generator) = PartsBench.Http(Encoding.UTF8.GetBytes(Bodies.Residence(SystemClock.Instance.GetCurrentInstant().InUtc().Date)), 2048);
        Print("Kestrel alone, a request of this size", server);
        Print("the generator, a request", generator);
        var signature = Signature();
        Print("an ES256 signature by OpenSSL's own program", signature);
        for (var i = 0; i < BatchSizes.Length; i++)
        {
            var sum = rows[i] + server + generator + signature;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"together, batches of {BatchSizes[i]}: {sum:0.0}; pgbench's transaction over it: {transaction / sum:0.00}"));
        }

        Console.WriteLine($"load average after: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        return 0;
    }

    /// <summary>The batch's own statement in a tight loop: PostgreSQL's time a notice, for each size.</summary>
    static async Task<List<double>> RowsAsync(WriteOptions options, int postmaster)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Folder, "floor")).FullName;
        await using var database = Database.At($"postgres://postgres@127.0.0.1:{options.Port}/manzil", folder);
        var now = SystemClock.Instance.GetCurrentInstant();
        await database.MigrateAsync(now);
        await using (var connection = (NpgsqlConnection)await database.OpenAsync())
        {
            await connection.ExecuteAsync(
                """
                insert into log (number, origin, verifier_key, opened_at) values (1, 'bench', '', 0);
                insert into log_head (id, log, size, frontier, checkpoint, newest_at) values (1, 1, 0, @frontier, '', @at);
                """,
                new { frontier = MerkleFrontier.Empty.Encode(), at = now.ToUnixTimeMilliseconds() });
            await People.EnrolAsync(connection, options.People, "NRV-01", now);
        }

        await using var sql = new PostgresBatchSql(database);
        await sql.ConnectAsync();
        var batches = new Batches(Jurisdiction.Load(options.Rules), options.People, now);
        var each = new List<double>();
        foreach (var size in BatchSizes)
        {
            await WriteAsync(Turn / 2);
            await using var wal = (NpgsqlConnection)await database.OpenAsync();
            var (before, own, position) = (ProcessorTime.OfFamily(postmaster), ProcessorTime.Of(Environment.ProcessId), await PositionAsync(wal));
            var written = await WriteAsync(Turn);
            each.Add((ProcessorTime.OfFamily(postmaster) - before) * 1e6 / written);
            Print($"PostgreSQL, a notice in batches of {size}", each[^1]);
            Print("feeding it, with rows decided but not signed", (ProcessorTime.Of(Environment.ProcessId) - own) * 1e6 / written);
            var bytes = (await PositionAsync(wal) - position) / written;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bytes of WAL a notice: {bytes:0}"));

            async Task<int> WriteAsync(TimeSpan time)
            {
                var clock = Stopwatch.StartNew();
                var count = 0;
                for (; clock.Elapsed < time; count += size)
                {
                    if (!await sql.WriteAsync(batches.Next(size), null)) throw new InvalidOperationException("The head was not where it was left.");
                }

                return count;
            }
        }

        return each;
    }

    static async Task<decimal> PositionAsync(NpgsqlConnection connection) =>
        await connection.ExecuteScalarAsync<decimal>("select pg_current_wal_lsn() - '0/0'::pg_lsn");

    static double Signature()
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", ["speed", "-seconds", "2", "ecdsap256"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _ = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return 1e6 / double.Parse(PerSecond().Match(output).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"nistp256\)\s+\S+s\s+\S+s\s+([0-9.]+)", RegexOptions.None, 1000)]
    private static partial Regex PerSecond();

    static void Print(string what, double microseconds) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {microseconds:0.0}"));

    /// <summary>Batches as the writer makes them of half confirmations and half residence notices; only signatures and hashes are random bytes.</summary>
    sealed class Batches(Jurisdiction rules, int people, Instant now)
    {
        readonly Telling _telling = new(rules, new Uri("https://manzil.example"), shownAtOnce: false);
        readonly Worker[] _workers = [.. Enumerable.Range(1, people).Select(id => PartsBench.Worker(id, rules.DateOf(now)))];
        Head _head = new(1, MerkleFrontier.Empty, "", now);
        long _key;

        public Batch Next(int size)
        {
            var rows = new List<ActRow>(size);
            var messages = new List<(long, string, OutgoingMessage, Instant)>(size);
            var taken = new HashSet<int>(size);
            while (rows.Count < size)
            {
                var place = RandomNumberGenerator.GetInt32(people);
                if (!taken.Add(place)) continue;
                var worker = _workers[place];
                Notice notice = rows.Count % 2 == 0 ? new Notice.Confirmation() : new Notice.Residence(rules.DateOf(now), new RecordAddress("Narvela", "Lesnaya", "12", "34", "101000"));
                var act = new GiveNotice(notice, null, rules, _telling)
                {
                    ReceivedAt = now,
                    Channel = RecordChannel.Api,
                    WorkerId = worker.Id,
                    IdempotencyKey = IdempotencyKey.OfWorker(worker.Id, RecordChannel.Api, (++_key).ToString("D22", CultureInfo.InvariantCulture)),
                    ContentHash = RandomNumberGenerator.GetBytes(32),
                };
                act.TakeNumber(ReceiptNumber.New(now + Duration.FromMilliseconds(_key)), []);
                var decision = act.Decide(worker);
                _workers[place] = worker with { Entry = decision.After! };
                rows.Add(new ActRow(act, decision, RandomNumberGenerator.GetBytes(310), RandomNumberGenerator.GetBytes(210)));
                foreach (var message in decision.Messages) messages.Add((worker.Id, act.Number.ToString(), message, now));
            }

            var appended = _head.Frontier.Append(rows.ConvertAll(r => RandomNumberGenerator.GetBytes(32)));
            var after = new Head(1, appended.Frontier, new string('x', 220), now);
            var batch = new Batch
            {
                Before = _head,
                After = after,
                Entries = RandomNumberGenerator.GetBytes(32 * size),
                Nodes = appended.CompletedTiles,
                Acts = rows,
                RegisterEntries = [.. taken.Select(place => (_workers[place].Id, _workers[place].Entry))],
                Messages = messages,
            };
            _head = after;
            return batch;
        }
    }
}
