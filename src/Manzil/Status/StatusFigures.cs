using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Status;

public sealed record Figures(
    Instant CountedAt,
    int Log,
    string Origin,
    long Size,
    string Checkpoint,
    IReadOnlyList<(string Origin, Instant? ClosedAt)> OldLogs,
    IReadOnlyList<(StatementKind Kind, long Count)> Acts,
    IReadOnlyList<(Standing Standing, long Count)> Workers,
    long ToBeReached,
    IReadOnlyList<Outage> Outages,
    IReadOnlyList<LongWaiting> Waiting,
    IReadOnlyList<(StaffRole Role, long Count)> Staff,
    Instant? LeadByInstallation,
    IReadOnlyList<Pause> Pauses);

/// <param name="Moved">How many deadlines of workers ran on that day, and end later now.</param>
public sealed record Outage(LocalDate Day, string Reason, bool Computed, long Moved);

/// <summary>Totals for everybody to see. Anybody may ask, so they are counted at most once a minute, and acts are counted on from where the last count ended.</summary>
public sealed class StatusFigures(Database database, CurrentRules current, IClock clock) : IDisposable
{
    const int OutagesShown = 60;
    static readonly Duration Kept = Duration.FromMinutes(1);

    readonly SemaphoreSlim _one = new(1);
    readonly SortedDictionary<int, long> _acts = [];
    (int Log, long Leaf) _counted = (0, -1);
    Figures? _newest;

    public async Task<Figures> ReadAsync()
    {
        await _one.WaitAsync();
        try
        {
            var now = clock.GetCurrentInstant();
            if (_newest is null || now - _newest.CountedAt >= Kept) _newest = await CountAsync(now);
            return _newest;
        }
        finally
        {
            _one.Release();
        }
    }

    async Task<Figures> CountAsync(Instant now)
    {
        await using var connection = await database.OpenAsync();
        var head = await connection.QuerySingleAsync<(int Log, long Size, string Checkpoint)>("select log, size, checkpoint from log_head where id = 1");
        var logs = await Installation.ReadLogsAsync(database);
        var acts = await connection.QueryAsync<(int Kind, long Count)>(
            """
            select kind, count(*) from act
            where (log > @seenLog or (log = @seenLog and leaf > @seenLeaf)) and (log < @log or (log = @log and leaf < @size))
            group by kind
            """,
            new { seenLog = _counted.Log, seenLeaf = _counted.Leaf, log = head.Log, size = head.Size });
        foreach (var (kind, count) in acts) _acts[kind] = _acts.GetValueOrDefault(kind) + count;
        _counted = (head.Log, head.Size - 1);

        return new Figures(
            now, head.Log, logs.Single(l => l.Number == head.Log).Origin, head.Size, head.Checkpoint,
            [.. logs.Where(l => l.Number != head.Log).Select(l => (l.Origin, l.ClosedAt is { } at ? Instant.FromUnixTimeMilliseconds(at) : (Instant?)null))],
            [.. _acts.Select(a => ((StatementKind)a.Key, a.Value))],
            await WorkersAsync(connection, now),
            await connection.ExecuteScalarAsync<long>("select count(*) from register_entry where reminded = @toBeReached", new { toBeReached = Reminded.ToBeReached }),
            [.. (await connection.QueryAsync<(string Day, string Reason, int Computed, long Moved)>(
                "select day, reason, computed, moved from outage_day order by day desc limit @OutagesShown", new { OutagesShown }))
                .Select(o => new Outage(IsoDate.Read(o.Day)!.Value, o.Reason, o.Computed == 1, o.Moved))],
            await Sending.LongWaitingAsync(connection, now),
            await StaffAsync(connection),
            // The lead reviewer whom no other has agreed to: the installation's first, and whoever an owner of the database let in like that.
            await connection.ExecuteScalarAsync<long?>(
                "select max(at) from (select agreed_at as at from first_lead union all select changed_at from staff_change where what = 'agreed' and by_staff_id is null) l") is { } agreed
                ? Instant.FromUnixTimeMilliseconds(agreed)
                : null,
            await Pause.ListAsync(connection));
    }

    static async Task<IReadOnlyList<(StaffRole, long)>> StaffAsync(System.Data.Common.DbConnection connection)
    {
        var counts = (await connection.QueryAsync<(string Role, long Count)>(
            "select role, count(*) from staff where agreed_at is not null and dismissed_at is null group by role")).ToDictionary(r => r.Role, r => r.Count);
        return [.. StaffRoles.All.Select(role => (role, counts.GetValueOrDefault(role.Name())))];
    }

    // A departure takes effect by its date alone, so those who told of one are counted by its dates.
    async Task<IReadOnlyList<(Standing, long)>> WorkersAsync(System.Data.Common.DbConnection connection, Instant now)
    {
        var rules = current.Now;
        var today = rules.DateOf(now);
        var counts = new SortedDictionary<Standing, long>();
        var rows = await connection.QueryAsync<(int Standing, string? On, string? Told, long Count)>(
            "select standing, departure_on, departure_told, count(*) from register_entry group by standing, departure_on, departure_told");
        foreach (var (standing, on, told, count) in rows)
        {
            var entry = new RegisterEntry { Standing = (Standing)standing, DepartureOn = IsoDate.Read(on), DepartureTold = IsoDate.Read(told) };
            var present = entry.StandingOn(today, rules.WorkersCalendar, rules.Intervals);
            counts[present] = counts.GetValueOrDefault(present) + count;
        }

        return [.. counts.Select(c => (c.Key, c.Value))];
    }

    public void Dispose() => _one.Dispose();
}
