using System.Diagnostics;
using System.Globalization;
using Dapper;
using Manzil.Cases.Desk;
using Manzil.Deadlines;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using NodaTime;
using Npgsql;

namespace Manzil.Bench;

/// <summary>
/// What a page of the officers' queue costs with many open cases over what it costs with few: the first page and one in the middle, read by
/// the page's own code, in turns on the same machine.
/// </summary>
static class QueueBench
{
    const int Reads = 60;

    sealed record Ground(int Cases, Database Database, Queue Queue, QueuePosition Middle);

    public static async Task<int> RunAsync(SweepOptions options)
    {
        int[] sizes = [1_000, 100_000];
        Console.WriteLine($"{(options.Postgres ? "PostgreSQL" : "SQLite")}; a page has {Queue.PageSize} cases, {Reads} reads a turn; load average before: {Load()}");
        var grounds = new List<Ground>();
        foreach (var cases in sizes) grounds.Add(await FillAsync(options, cases));
        foreach (var (name, isMiddle) in new[] { ("first page", false), ("a page in the middle", true) })
        {
            var turns = grounds.ConvertAll(_ => new List<double>());
            // The first round is for the compiler and the caches.
            for (var round = 0; round <= options.Rounds; round++)
            {
                for (var i = 0; i < grounds.Count; i++)
                {
                    var milliseconds = await TurnAsync(grounds[i], isMiddle);
                    if (round > 0) turns[i].Add(milliseconds);
                }
            }

            var ratios = turns[1].Zip(turns[0], (many, few) => many / few).ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: {sizes[0]:N0} open cases {turns[0].Min():0.00} ms, {sizes[1]:N0} open cases {turns[1].Min():0.00} ms; ratio of the best turns {turns[1].Min() / turns[0].Min():0.00}, of each {ratios.Min():0.00}–{ratios.Max():0.00}"));
        }

        foreach (var ground in grounds) await ground.Database.DisposeAsync();
        Console.WriteLine($"load average after: {Load()}");
        return 0;
    }

    static async Task<double> TurnAsync(Ground ground, bool isMiddle)
    {
        var (reader, watch) = (Actor.Staff(StaffRole.Caseworker, "bench"), Stopwatch.StartNew());
        for (var i = 0; i < Reads; i++)
        {
            var part = await ground.Queue.ReadAsync(reader, appealsFirst: false, isMiddle ? ground.Middle : null);
            if (part.Cases.Count != Queue.PageSize) throw new InvalidOperationException($"{part.Cases.Count} cases stand on the page.");
        }

        return watch.Elapsed.TotalMilliseconds / Reads;
    }

    /// <summary>A database with this many open cases, opened on the days of two months, of which each worker was told.</summary>
    static async Task<Ground> FillAsync(SweepOptions options, int cases)
    {
        var name = $"queue{cases}";
        if (options.Postgres)
        {
            await using var server = new NpgsqlConnection($"Host=127.0.0.1;Port={options.Port};Username=postgres;Database=postgres;Pooling=false");
            await server.ExecuteAsync($"create database {name}");
        }

        var database = Database.At(options.Postgres ? $"postgres://postgres@127.0.0.1:{options.Port}/{name}" : "sqlite", Directory.CreateDirectory(Path.Combine(options.Folder, name)).FullName);
        var rules = Jurisdiction.Load(options.Rules);
        var now = rules.Zone.AtLeniently(new LocalDateTime(2026, 12, 16, 12, 0)).ToInstant();
        await database.MigrateAsync(now);
        await MovableClock.NoteAsync(database, now);
        var people = options.Postgres
            ? $"from generate_series(1, {cases}) as n"
            : $"from (with recursive count (n) as (select 1 union all select n + 1 from count where n < {cases}) select n from count)";
        string Numbered(string letter) => options.Postgres ? $"'{letter}' || lpad(n::text, 15, '0')" : $"'{letter}' || printf('%015d', n)";
        var at = $"({now.ToUnixTimeMilliseconds()} - (1 + n % 60) * cast(86400000 as bigint))";
        await using (var connection = await database.OpenAsync())
        {
            // The database asks how a case came about; these came about by no act, and reading does not ask.
            if (!options.Postgres) foreach (var guard in (await connection.QueryAsync<string>("select name from sqlite_master where type = 'trigger'")).ToList()) await connection.ExecuteAsync($"drop trigger {guard}");
            foreach (var sql in new[]
            {
                options.Postgres ? "set session_replication_role = replica" : "pragma foreign_keys = off;",
                $"insert into worker (card_number, name, language, office, enrolled_at) select {Numbered("W")}, 'Aziz Rahimov ' || n, 'en', 'NRV-01', 0 {people}",
                $"insert into register_entry (worker_id, standing, office, registered_on) select n, 1, 'NRV-01', '2026-01-12' {people}",
                $"insert into case_file (worker_id, ground, act_number, opened_at, due, reminded_at) select n, 'silence', {Numbered("C")}, {at}, '2026-09-01', 1 {people}",
                "update register_entry set standing = 2",
                $"insert into message (worker_id, act_number, channel_kind, address, language, subject, body, created_at, delivered_at) select n, {Numbered("C")}, 'sms', '+77000000000', 'en', '', 'A case is open.', {at}, {at} + 1000 {people}",
                options.Postgres ? "set session_replication_role = origin" : "pragma foreign_keys = on;",
                options.Postgres ? "vacuum (analyze)" : "analyze;",
            }) await connection.ExecuteAsync(sql, commandTimeout: 900);
        }

        var current = new CurrentRules(rules);
        var clock = new StandingClock(now);
        var queue = new Queue(database, new CaseDesk(database, new WorkerReader(database), current, new Looks(database, rules, clock), clock));
        await using var reading = await database.OpenAsync();
        var middle = await reading.QuerySingleAsync<(long Id, long At)>($"select id, opened_at from case_file order by opened_at, id limit 1 offset {cases / 2}");
        return new Ground(cases, database, queue, new QueuePosition(false, rules.DateOf(Instant.FromUnixTimeMilliseconds(middle.At)), middle.At, middle.Id));
    }

    sealed class StandingClock(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }

    static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
}
