using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;
using Npgsql;

namespace Manzil.Bench;

/// <summary>What one turn took.</summary>
/// <param name="Processor">Processor seconds of this process and, where it has processes of its own, of the database.</param>
/// <param name="Own">Those of this process alone.</param>
/// <param name="Peak">The most memory that this process held during the turn, in MB.</param>
sealed record SweepTurn(double Seconds, double Processor, double Own, double Peak);

/// <summary>
/// A database of invented workers, put in by SQL: registered, one confirmed telephone each, the days on which they are to
/// confirm spread over a month. So many of them are to be reminded today for the first time.
/// </summary>
sealed class SweepGround : IAsyncDisposable
{
    const int DaysAhead = 7;

    readonly SweepOptions _options;
    readonly Database _database;
    readonly SendReminders _reminders;
    readonly Instant _now;
    readonly LocalDate _today;
    readonly int _postmaster;

    SweepGround(SweepOptions options, int people, Database database, Jurisdiction rules, int postmaster)
    {
        (_options, People, _database, _postmaster) = (options, people, database, postmaster);
        _today = new LocalDate(2026, 12, 16);
        _now = rules.Zone.AtLeniently(_today.At(new LocalTime(12, 0))).ToInstant();
        _reminders = new SendReminders(database, new CurrentRules(rules), new Telling(rules, new Uri("https://manzil.example"), shownAtOnce: false));
    }

    public int People { get; }

    string Until => IsoDate.Write(_today.PlusDays(DaysAhead))!;

    public static async Task<SweepGround> FillAsync(SweepOptions options, int people)
    {
        var postmaster = options.Postgres
            ? int.Parse(File.ReadLines(Path.Combine(options.Folder, "postgres", "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture)
            : 0;
        if (options.Postgres)
        {
            await using var server = new NpgsqlConnection($"Host=127.0.0.1;Port={options.Port};Username=postgres;Database=postgres;Pooling=false");
            await server.ExecuteAsync($"create database people{people}");
        }

        var database = Database.At(options.Postgres ? $"postgres://postgres@127.0.0.1:{options.Port}/people{people}" : "sqlite", Directory.CreateDirectory(Path.Combine(options.Folder, $"people{people}")).FullName);
        var ground = new SweepGround(options, people, database, Jurisdiction.Load(options.Rules), postmaster);
        await database.MigrateAsync(ground._now);
        await MovableClock.NoteAsync(database, ground._now);
        await ground.FillAsync();
        return ground;
    }

    async Task FillAsync()
    {
        // Which number a person has among those due, or nothing; the others are due on another day of the month.
        var each = People / _options.Due;
        var isDue = _options.Together ? $"n <= {_options.Due}" : $"n % {each} = 0";
        // Nobody else is due on the day that is measured; the rounds of the days before it have been sent.
        const string DayOfMonth = "(1 + (cast(n as bigint) * 48271) % 29)";
        var day = $"(case {DayOfMonth} when {DaysAhead} then 30 else {DayOfMonth} end)";
        string Ahead(string days) => _options.Postgres ? $"to_char(date '{_today:uuuu-MM-dd}' + ({days})::int, 'YYYY-MM-DD')" : $"date('{_today:uuuu-MM-dd}', ({days}) || ' days')";
        var digits = _options.Postgres ? "lpad(n::text, 8, '0')" : "printf('%08d', n)";
        var people = _options.Postgres
            ? $"from generate_series(1, {People}) as n"
            : $"from (with recursive count (n) as (select 1 union all select n + 1 from count where n < {People}) select n from count)";
        await RunAsync(
            // Nothing is asked of the rows that the service would not keep to: only the search for each row's parent is spared.
            _options.Postgres ? "set session_replication_role = replica" : "pragma foreign_keys = off;",
            $"insert into worker (card_number, name, language, office, enrolled_at) select 'BN' || {digits}, 'Aziz Rahimov ' || n, case n % 3 when 0 then 'en' when 1 then 'ru' else 'kk' end, 'NRV-01', 0 {people}",
            $"insert into channel (worker_id, kind, address, confirmed_at) select n, 'sms', '+7700' || {digits}, 0 {people}",
            $"""
            insert into register_entry (worker_id, standing, office, registered_on, residence_number, residence_from, last_told, next_deadline, reminded)
            select n, 1, 'NRV-01', '2026-01-12', '0000-00000-00000', '2026-01-12',
                   case when {isDue} then {Ahead($"{DaysAhead} - 30")} else {Ahead($"{day} - 30")} end,
                   case when {isDue} then '{Until}' else {Ahead(day)} end, {Reminded.InRounds}
            {people}
            """,
            $"insert into reminder_round (due, step) select distinct next_deadline, case next_deadline when '{IsoDate.Write(_today.PlusDays(1))}' then 2 else 1 end from register_entry where next_deadline < '{Until}'",
            _options.Postgres ? "set session_replication_role = origin" : "pragma foreign_keys = on;",
            _options.Postgres ? "vacuum (analyze)" : "analyze;");
    }

    /// <summary>Everything as before the first turn, and nothing left over for the next to pay.</summary>
    public Task PutBackAsync() => RunAsync(
        ["delete from reminder_part",
        $"delete from reminder_round where due >= '{Until}'",
        $"update register_entry set reminded = 0 where reminded = 1 and next_deadline = '{Until}' and {(_options.Together ? $"worker_id <= {_options.Due}" : $"worker_id % {People / _options.Due} = 0")}",
        .. _options.Postgres
            ? (string[])["truncate message restart identity cascade", "vacuum (analyze) register_entry", "vacuum (analyze) message", "checkpoint;"]
            : ["delete from message", "pragma wal_checkpoint(truncate);"]]);

    /// <summary>The yardstick: the same rows, one statement, nothing else.</summary>
    public async Task<SweepTurn> UpdateAsync()
    {
        await using var connection = await _database.OpenAsync();
        return await MeasureAsync(async () => await connection.ExecuteAsync(
            $"update register_entry set reminded = 1 where reminded = 0 and next_deadline = '{Until}'", commandTimeout: 600));
    }

    /// <summary>Ours: the service's own step, run to its end.</summary>
    public async Task<SweepTurn> SweepAsync() => await MeasureAsync(() => _reminders.RunAsync(_now));

    /// <summary>What the sweep left in the outbox, written again by one statement.</summary>
    public async Task<SweepTurn> InsertAsync()
    {
        await RunAsync("drop table if exists messages_of_before", "create table messages_of_before as select * from message");
        await PutBackAsync();
        await using var connection = await _database.OpenAsync();
        var columns = string.Join(", ", ColumnsOf(await connection.QueryAsync("select * from messages_of_before limit 1")));
        var turn = await MeasureAsync(async () => await connection.ExecuteAsync($"insert into message ({columns}) select {columns} from messages_of_before order by id", commandTimeout: 600));
        await RunAsync("drop table messages_of_before");
        return turn;
    }

    public async Task<(long Messages, long Megabytes)> OutboxAsync()
    {
        await using var connection = await _database.OpenAsync();
        return (
            await connection.ExecuteScalarAsync<long>("select count(*) from message where reminds_of is not null"),
            await connection.ExecuteScalarAsync<long>(
                _options.Postgres ? "select pg_database_size(current_database()) / 1000000" : "select page_count * page_size / 1000000 from pragma_page_count, pragma_page_size"));
    }

    static IEnumerable<string> ColumnsOf(IEnumerable<dynamic> rows) => ((IDictionary<string, object>)rows.First()).Keys.Where(k => k != "id");

    async Task<SweepTurn> MeasureAsync(Func<Task<int>> turn)
    {
        GC.Collect();
        // Linux begins the peak anew.
        await File.WriteAllTextAsync("/proc/self/clear_refs", "5");
        var (watch, own, others) = (Stopwatch.StartNew(), ProcessorTime.Of(Environment.ProcessId), OfDatabase());
        var rows = await turn();
        var seconds = watch.Elapsed.TotalSeconds;
        (own, others) = (ProcessorTime.Of(Environment.ProcessId) - own, OfDatabase() - others);
        if (rows != _options.Due) throw new InvalidOperationException($"{rows} instead of {_options.Due} were dealt with.");
        var peak = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return new SweepTurn(seconds, own + others, own, double.Parse(peak, CultureInfo.InvariantCulture) * 1024 / 1e6);
    }

    double OfDatabase() => _postmaster == 0 ? 0 : ProcessorTime.OfFamily(_postmaster);

    async Task RunAsync(params IEnumerable<string> statements)
    {
        await using var connection = await _database.OpenAsync();
        foreach (var sql in statements) await connection.ExecuteAsync(sql, commandTimeout: 900);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
