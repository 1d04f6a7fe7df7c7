using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Privacy;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace Manzil.Simulation;

/// <summary>What one simulated day brought.</summary>
/// <param name="CasesUndone">Cases that closed since the reminder they rested on came back after all.</param>
/// <param name="CasesOutOfTime">Cases that closed since the authority let its time pass.</param>
/// <param name="Paused">Whether too many reversed appeals paused removals.</param>
public sealed record SimulatedDay(LocalDate Date, int Notices, int Reminders, int CasesOpened, int CasesClosed, int CasesUndone, int CasesOutOfTime, bool Paused, bool Outage);

/// <summary>What came out in the end.</summary>
/// <param name="Adverse">Acts against a worker, and standings worse than under review, that no people decided: 0, or the simulation has found a defect.</param>
/// <param name="Unreminded">Cases that rested on no delivered reminder when they opened, and those open in the end that do not now: 0, or the same.</param>
/// <param name="Rows">Acts, messages and cases written on those days, the settling before them not counted.</param>
/// <param name="Cases">What officers did; null where there were none.</param>
public sealed record SimulationResult(IReadOnlyList<SimulatedDay> Days, long ToBeReached, long Open, long Adverse, long Unreminded, long Rows, CaseTally? Cases);

/// <summary>
/// Invented people living by the rules in fast-forward: the real acts and the service's own timed steps, on a real
/// database, with a clock that the simulation moves. One day is one morning.
/// </summary>
public sealed class Population
{
    static readonly LocalTime Morning = new(10, 0);

    readonly Core _core;
    readonly SimulationClock _clock;
    readonly Dice _dice;
    readonly bool _silent, _officers;
    readonly Telling _telling;
    readonly MoveDeadlines _move;
    readonly MoveCaseDeadlines _moveCases;
    readonly SendReminders _reminders;
    readonly MoveSilencePeriods _moveSilence;
    readonly OpenSilentCases _cases;
    readonly CloseOverdueCases _overdue;
    readonly Breaker _breaker;
    readonly NoteDepartures _departures;
    readonly EraseOldData _erasing;
    readonly Deliveries _deliveries;
    readonly PriorityQueue<(long Id, Instant CreatedAt), (LocalDate Day, long Message)> _bounces = new();
    readonly List<SimulatedPerson> _people = [];
    readonly Dictionary<long, SimulatedPerson> _byId = [];
    SimulatedOffice? _office;
    long _unreminded;

    /// <param name="core">On a new database, opened with <paramref name="clock"/>.</param>
    /// <param name="clock">Moved from day to day.</param>
    /// <param name="seed">The same seed gives the same people and the same days.</param>
    /// <param name="silent">Whether nobody ever answers.</param>
    /// <param name="officers">Whether officers work on the cases; otherwise the authority lets its time pass.</param>
    public Population(Core core, SimulationClock clock, int seed, bool silent = false, bool officers = false)
    {
        (_core, _clock, _dice, _silent, _officers) = (core, clock, new Dice(seed), silent, officers);
        // Sent, not shown: here the simulation is the network, and decides what arrives.
        _telling = new Telling(core.Rules, core.Settings.PublicUrl, shownAtOnce: false);
        _move = new MoveDeadlines(core.Database, core.CurrentRules, _telling);
        _moveCases = new MoveCaseDeadlines(core.Database, core.CurrentRules, _telling);
        _moveSilence = new MoveSilencePeriods(core.Database, core.CurrentRules, _telling);
        _reminders = new SendReminders(core.Database, core.CurrentRules, _telling);
        _cases = new OpenSilentCases(core.Database, core.Writer, core.CurrentRules, _telling);
        _overdue = new CloseOverdueCases(core.Database, core.Writer, core.CurrentRules, _telling);
        _breaker = new Breaker(core.Database, core.Writer, core.CurrentRules);
        _departures = new NoteDepartures(core.Database, core.CurrentRules);
        _erasing = new EraseOldData(core.Database, core.CurrentRules, clock, NullLogger<EraseOldData>.Instance);
        _deliveries = new Deliveries(core.Database, core.Writer, core.CurrentRules, _telling);
    }

    public async Task SettleAsync(int people)
    {
        static IdentityDocument DocumentOf(int n) => new("UZB", $"AA{n:D8}", new LocalDate(1990, 1, 1));
        // One key for all, since making it takes a tenth of a second each, and nobody's holder check is asked for here.
        var stretched = DocumentOf(1).Stretch();
        foreach (var chunk in Enumerable.Range(1, people).Chunk(200))
        {
            var settled = await Task.WhenAll(chunk.Select(async n =>
            {
                var enrolment = new Enrolment(
                    $"SIM{n:D8}", $"Person {n}", DocumentOf(n), _core.Rules.DefaultOffice.Code.Value, _core.Rules.Languages[0], $"+7000{n:D8}", null);
                var act = new Enrol(enrolment, _core.Rules, stretched, withCode: false) { ReceivedAt = _clock.GetCurrentInstant(), Channel = RecordChannel.Operator };
                Expect(await _core.Writer.SubmitAsync(act));
                await GiveAsync(act.WorkerId!.Value, new Notice.Registration());
                var told = await GiveAsync(act.WorkerId!.Value, new Notice.Residence(Today, new RecordAddress("Narvela", "Long Street", "5")));
                return (act.WorkerId!.Value, told.NextDeadline);
            }));
            foreach (var (id, due) in settled.OrderBy(s => s.Item1))
            {
                var person = new SimulatedPerson(id, _silent ? Habit.Never : SimulatedPerson.DrawHabit(_dice));
                if (due is { } d) person.PlanFor(d, _dice);
                _people.Add(person);
                _byId.Add(id, person);
            }
        }

        if (_officers) _office = await SimulatedOffice.OpenAsync(_core, _clock, _dice, _telling);
    }

    LocalDate Today => _core.Rules.DateOf(_clock.GetCurrentInstant());

    public async Task<SimulationResult> LiveAsync(int days, Action<int> progress)
    {
        var lived = new List<SimulatedDay>(days);
        var settled = await RowsAsync();
        for (var i = 0; i < days; i++)
        {
            lived.Add(await NextDayAsync());
            progress(i + 1);
        }

        await using var connection = await _core.Database.OpenAsync();
        Task<long> Count(string sql) => connection.ExecuteScalarAsync<long>(sql);
        return new SimulationResult(
            lived,
            await Count($"select count(*) from register_entry where reminded = {Reminded.ToBeReached}"),
            await Count($"select count(*) from register_entry where standing = {(int)Standing.UnderReview}"),
            _office is not null ? await _office.UndecidedAsync() : await Count($"select count(*) from register_entry where standing not in ({(int)Standing.Enrolled}, {(int)Standing.Registered}, {(int)Standing.UnderReview})")
                + await Count($"select count(*) from act where kind in ({(int)StatementKind.RemovalProposed}, {(int)StatementKind.RemovalAgreed}, {(int)StatementKind.RemovalInEffect})"),
            _unreminded + await Count($"""
                select count(*) from case_file c join register_entry r on r.worker_id = c.worker_id
                where r.standing = {(int)Standing.UnderReview} and c.id = (select max(id) from case_file where worker_id = c.worker_id) and {RestsOnNothing}
                """),
            await RowsAsync() - settled,
            _office?.Tally);
    }

    async Task<long> RowsAsync()
    {
        await using var connection = await _core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select (select count(*) from act) + (select count(*) from message) + (select count(*) from case_file)");
    }

    const string RestsOnNothing = "not exists (select 1 from message m where m.worker_id = c.worker_id and m.reminds_of is not null and m.delivered_at = c.reminded_at)";

    // What Timers does, in its order, but for heartbeats: days without the service are thrown here.
    async Task<SimulatedDay> NextDayAsync()
    {
        var rules = _core.Rules;
        _clock.Now = rules.Zone.AtLeniently(Today.PlusDays(1).At(Morning)).ToInstant();
        var (now, today) = (_clock.Now, Today);

        // Yesterday's verdict comes first, as the service has it.
        var outage = _dice.Throw(120) == 0;
        if (outage)
        {
            Expect(await _core.Writer.SubmitAsync(new RecordOutage(today.PlusDays(-1), today.PlusDays(-1), null, _core.CurrentRules) { ReceivedAt = now, Channel = RecordChannel.Operator }));
            await _core.CurrentRules.RefreshAsync(_core.Database);
        }

        await _move.RunAsync(now);
        await _moveCases.RunAsync(now);
        await _moveSilence.RunAsync(now);
        var reminders = await _reminders.RunAsync(now);
        var opened = await _cases.RunAsync(now);
        if (opened > 0) await CountUnremindedAsync(now);
        var outOfTime = await _overdue.RunAsync(now) == 0 ? [] : await ClosedAsync(await ClosedAtAsync(now));
        var paused = await _breaker.RunAsync(now);
        await _departures.RunAsync(now);
        await _erasing.TodayAsync(now);
        IReadOnlyCollection<long> decided = _office is null ? outOfTime : [.. outOfTime, .. await WorkAsync(_office, now, today)];
        foreach (var person in _people)
        {
            if (_dice.Throw(3000) == 0) person.BrokenUntil = today.PlusDays(_dice.Between(3, 20));
        }

        await DeliverAsync(now, today);
        if (opened > 0) await ToldOfCasesAsync(now, today);
        var undone = await BounceAsync(now, today, decided);
        var (notices, closed) = await ActAsync(today);
        return new SimulatedDay(today, notices, reminders, opened, closed, undone, outOfTime.Count, paused, outage);
    }

    async Task CountUnremindedAsync(Instant now)
    {
        await using var connection = await _core.Database.OpenAsync();
        _unreminded += await connection.ExecuteScalarAsync<long>($"select count(*) from case_file c where c.opened_at = @at and {RestsOnNothing}", new { at = now.ToUnixTimeMilliseconds() });
    }

    async Task<IReadOnlyList<long>> ClosedAtAsync(Instant now)
    {
        await using var connection = await _core.Database.OpenAsync();
        return [.. await connection.QueryAsync<long>(
            "select worker_id from act where kind = @kind and given_at = @at order by worker_id", new { kind = (int)StatementKind.CaseClosed, at = now.ToUnixTimeMilliseconds() })];
    }

    /// <summary>The network: what was written goes out, and arrives where a phone works.</summary>
    async Task DeliverAsync(Instant now, LocalDate today)
    {
        var deaf = _people.Where(p => p.Habit == Habit.Unreachable || !p.CanAct(today)).Select(p => p.Id).ToHashSet();
        await using var connection = await _core.Database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var at = now.ToUnixTimeMilliseconds();
        var waiting = (await connection.QueryAsync<(long Id, long Worker, string? RemindsOf)>(
            "select id, worker_id, reminds_of from message where created_at = @at and sent_at is null order by worker_id, id", new { at }, transaction)).ToList();
        foreach (var (id, worker, remindsOf) in waiting)
        {
            var arrives = !deaf.Contains(worker);
            await connection.ExecuteAsync(
                "update message set sent_at = @at, arrived_at = @arrived, delivered_at = @arrived where id = @id",
                new { id, at, arrived = arrives ? at : (long?)null }, transaction);
            // A gateway may find out days later that it was wrong.
            if (arrives && remindsOf is not null && _dice.Throw(25) == 0) _bounces.Enqueue((id, now), (today.PlusDays(_dice.Between(1, 15)), id));
        }

        await transaction.CommitAsync();
    }

    /// <returns>How many cases fell with a reminder that came back.</returns>
    async Task<int> BounceAsync(Instant now, LocalDate today, IReadOnlyCollection<long> decided)
    {
        var any = false;
        while (_bounces.TryPeek(out var message, out var due) && due.Day <= today)
        {
            _bounces.Dequeue();
            await _deliveries.ReportedAsync(message, "sms", arrived: false, now, now);
            any = true;
        }

        if (!any) return 0;
        await using var connection = await _core.Database.OpenAsync();
        var fallen = (await connection.QueryAsync<(long Worker, string? Due)>(
            "select worker_id, next_deadline from act where kind = @kind and given_at = @at",
            new { kind = (int)StatementKind.CaseClosed, at = now.ToUnixTimeMilliseconds() })).Where(f => !decided.Contains(f.Worker)).ToDictionary(f => f.Worker, f => f.Due);
        foreach (var person in _people.Where(p => fallen.ContainsKey(p.Id)))
        {
            (person.HasCase, person.ActsOn) = (false, null);
            if (IsoDate.Read(fallen[person.Id]) is { } next) person.PlanFor(next, _dice);
        }

        return fallen.Count;
    }

    /// <returns>Whose cases closed at the office.</returns>
    async Task<IReadOnlyCollection<long>> WorkAsync(SimulatedOffice office, Instant now, LocalDate today)
    {
        var closed = await ClosedAsync(await office.WorkAsync(now, id => _byId[id].Habit != Habit.Unreachable && _byId[id].CanAct(today)));
        // Whoever is removed has nothing to confirm; they can appeal.
        await using var connection = await _core.Database.OpenAsync();
        foreach (var removed in await connection.QueryAsync<long>($"select worker_id from register_entry where standing = {(int)Standing.Removed}")) _byId[removed].ActsOn = null;
        return closed;
    }

    /// <summary>Whose case is closed waits for their next due date.</summary>
    async Task<IReadOnlyCollection<long>> ClosedAsync(IReadOnlyList<long> closed)
    {
        await using var connection = await _core.Database.OpenAsync();
        foreach (var person in closed.Select(id => _byId[id]))
        {
            (person.HasCase, person.ActsOn) = (false, null);
            var due = await connection.ExecuteScalarAsync<string?>("select next_deadline from register_entry where worker_id = @Id", new { person.Id });
            if (IsoDate.Read(due) is { } next) person.PlanFor(next, _dice);
        }

        return closed;
    }

    async Task ToldOfCasesAsync(Instant now, LocalDate today)
    {
        await using var connection = await _core.Database.OpenAsync();
        var workers = (await connection.QueryAsync<long>("select worker_id from case_file where opened_at = @at", new { at = now.ToUnixTimeMilliseconds() })).ToHashSet();
        foreach (var person in _people.Where(p => workers.Contains(p.Id))) person.CaseOpened(today, _dice);
    }

    async Task<(int Notices, int Closed)> ActAsync(LocalDate today)
    {
        var acting = _people.Where(p => p.ActsOn <= today && p.CanAct(today)).ToList();
        var closed = acting.Count(p => p.HasCase);
        foreach (var chunk in acting.Chunk(BatchWriter.MaxWaiting / 2))
        {
            var dues = await Task.WhenAll(chunk.Select(async p => (await GiveAsync(p.Id, new Notice.Confirmation())).NextDeadline));
            for (var i = 0; i < chunk.Length; i++)
            {
                (chunk[i].HasCase, chunk[i].ActsOn) = (false, null);
                if (dues[i] is { } due) chunk[i].PlanFor(due, _dice);
            }
        }

        return (acting.Count, closed);
    }

    async Task<ActResult.Accepted> GiveAsync(long worker, Notice notice) => Expect(await _core.Writer.SubmitAsync(
        new GiveNotice(notice, null, _core.CurrentRules.Now, _telling)
        {
            ReceivedAt = _clock.GetCurrentInstant(),
            Channel = RecordChannel.Api,
            WorkerId = worker,
            IdempotencyKey = IdempotencyKey.OfWorker(worker, RecordChannel.Api, IdempotencyKey.New()),
            ContentHash = notice.ContentHash(),
        },
        await _core.Writer.FindWorkerAsync(worker)));

    static ActResult.Accepted Expect(ActResult result) => result switch
    {
        ActResult.Accepted accepted => accepted,
        ActResult.Refused refused => throw new CommandLineException($"The simulation was refused what people do: {refused.Reason}.", 1),
        ActResult.Unavailable unavailable => throw new CommandLineException(unavailable.Sentence, 1),
        _ => throw new InvalidOperationException(),
    };
}

/// <summary>A clock that stands still until it is moved.</summary>
public sealed class SimulationClock(Instant start) : IClock
{
    public Instant Now { get; set; } = start;

    public Instant GetCurrentInstant() => Now;
}
