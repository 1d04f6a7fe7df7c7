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
/// the page's own code, in turns on the same machine. Ends with 1 where that is more than decision 53 allows.
/// </summary>
static class QueueBench
{
    const int Reads = 60;

    const double Most = 1.3;

    sealed record Ground(int Cases, Database Database, Queue Queue, QueuePosition Middle);

    public static async Task<int> RunAsync(SweepOptions options)
    {
        if (options.Cases is not [var few, var many] || few < 500 || many <= few) throw new InvalidOperationException("Two sizes, the smaller one of 500 cases or more: --cases 1000,100000.");
        int[] sizes = [few, many];
        var isWithin = true;
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

            var (ratio, ratios) = (turns[1].Min() / turns[0].Min(), turns[1].Zip(turns[0], (more, less) => more / less).ToList());
            isWithin &= ratio <= Most;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: {sizes[0]:N0} open cases {turns[0].Min():0.00} ms, {sizes[1]:N0} open cases {turns[1].Min():0.00} ms; ratio of the best turns {ratio:0.00} (at most {Most:0.0}), of each {ratios.Min():0.00}–{ratios.Max():0.00}"));
        }

        foreach (var ground in grounds) await ground.Database.DisposeAsync();
        Console.WriteLine($"load average after: {Load()}");
        return isWithin ? 0 : 1;
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

    /// <summary>
    /// A database with this many open cases, opened on the days of two months, of which each worker was told. A fifth is proposed for removal,
    /// a fifth decided and a fifth appealed against; a third was answered, and half of the answers were read.
    /// </summary>
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
        const string Stage = "case (n / 60) % 5 when 2 then 2 when 3 then 3 when 4 then 4 else 1 end";
        // The day of the act from which the authority's time runs, where that is not the opening.
        var acted = $"({now.ToUnixTimeMilliseconds()} - (1 + n % 30) * cast(86400000 as bigint))";
        var left = options.Postgres ? $"to_char(to_timestamp({acted} / 1000), 'YYYY-MM-DD')" : $"date({acted} / 1000, 'unixepoch')";
        var nothing = options.Postgres ? "decode('00', 'hex')" : "x'00'";
        string Acts(string letter, int kind, string when, int log, string where) =>
            $"insert into act (log, leaf, number, worker_id, kind, given_at, effective_from, channel, statement, record) select {log}, n, {Numbered(letter)}, n, {kind}, {when}, '2026-10-01', 'web', {nothing}, {nothing} {people} where {where}";
        string Told(string letter, string where) =>
            $"insert into message (worker_id, act_number, channel_kind, address, language, subject, body, created_at, delivered_at) select n, {Numbered(letter)}, 'sms', '+77000000000', 'en', '', 'A case is open.', {at}, {at} + 1000 {people} where {where}";
        await using (var connection = await database.OpenAsync())
        {
            // The database asks how a case came about; these came about by no act, and reading does not ask.
            if (!options.Postgres) foreach (var guard in (await connection.QueryAsync<string>("select name from sqlite_master where type = 'trigger'")).ToList()) await connection.ExecuteAsync($"drop trigger {guard}");
            foreach (var sql in new[]
            {
                options.Postgres ? "set session_replication_role = replica" : "pragma foreign_keys = off;",
                $"insert into worker (card_number, name, language, office, enrolled_at) select {Numbered("W")}, 'Aziz Rahimov ' || n, 'en', 'NRV-01', 0 {people}",
                $"insert into register_entry (worker_id, standing, office, registered_on) select n, 1, 'NRV-01', '2026-01-12' {people}",
                $"""
                insert into case_file (worker_id, ground, act_number, opened_at, due, reminded_at, stage, step_left, proposed_by, agreed_by, decision_act)
                select n, case when n % 2 = 0 then 'silence' else 'other' end, {Numbered("C")}, {at}, '2026-09-01', 1, {Stage}, case when {Stage} > 2 then {left} end,
                  case when {Stage} > 1 then 'S1' end, case when {Stage} > 2 then 'S2' end, case when {Stage} > 2 then {Numbered("D")} end {people}
                """,
                "update register_entry set standing = 2",
                Told("C", "n > 0"), Told("D", $"{Stage} > 2"),
                // What each told before, the opening, and what was said and decided since.
                Acts("R", 2, "0", 1, "n > 0"), Acts("C", 32, at, 2, "n > 0"), Acts("A", 33, $"{at} + 3600000", 3, "n % 3 = 0"), Acts("D", 35, acted, 4, $"{Stage} > 2"), Acts("E", 36, acted, 5, $"{Stage} = 4"),
                $"""
                insert into look (worker_id, staff_number, role, office, what, item, reason, looked_at, keep_until)
                select n, 'bench', 'caseworker', 'NRV-01', 'answer', {Numbered("A")}, 'To decide.', {at} + 7200000, {now.ToUnixTimeMilliseconds()} + 1 {people} where n % 6 = 0
                """,
                options.Postgres ? "set session_replication_role = origin" : "pragma foreign_keys = on;",
                options.Postgres ? "vacuum (analyze)" : "analyze;",
            }) await connection.ExecuteAsync(sql, commandTimeout: 900);
        }

        var current = new CurrentRules(rules);
        var clock = new StandingClock(now);
        var queue = new Queue(database, new CaseDesk(database, new WorkerReader(database), current, new Looks(database, rules, clock), clock));
        await using var reading = await database.OpenAsync();
        var middle = await reading.QuerySingleAsync<(long Id, long At)>($"select id, opened_at from case_file where step_left is null order by opened_at, id limit 1 offset (select count(*) / 2 from case_file where step_left is null)");
        foreach (var (what, sql) in new[] { ("case without an act since", "c.step_left is null"), ("decision", "c.stage = 3 and c.step_left is not null"), ("appeal", "c.stage = 4"), ("answer that was read", "exists (select 1 from look l where l.worker_id = c.worker_id)") })
            if (await reading.ExecuteScalarAsync<long>($"select count(*) from case_file c where {sql}") <= Queue.PageSize) throw new InvalidOperationException($"The ground has not a page of cases: {what}.");
        return new Ground(cases, database, queue, new QueuePosition(false, rules.DateOf(Instant.FromUnixTimeMilliseconds(middle.At)), middle.At, middle.Id));
    }

    sealed class StandingClock(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }

    static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
}
