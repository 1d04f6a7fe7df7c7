using System.Data.Common;
using Dapper;
using Manzil.Deadlines;
using Manzil.Register;
using NodaTime;

namespace Manzil.Privacy;

/// <summary>
/// Erases what has been kept long enough (rules.md, Retention): once a local day on every node, in pages, each page one transaction,
/// so that it can be stopped anywhere and several nodes can do it at once. What is due is reckoned anew from the rows each time, and
/// nothing is remembered of whom it erased, so a restored backup loses the same people again: at its start, before anything is served.
/// </summary>
public sealed class EraseOldData(Database database, CurrentRules current, IClock clock, ILogger<EraseOldData> logger) : IHostedService, ITimed
{
    /// <summary>What it does at the start; the daily round is a step of the timers, and erases the same.</summary>
    public IReadOnlyList<TimedStep> Steps => [new("erase", _ => StartAsync(CancellationToken.None))];

    // What the service does beside it, such as heartbeats, must not wait for millions of rows: the rest goes half a minute later.
    const int PagesARound = 100;

    // The head's time is moved to it, and an act that waits must not be found to come from before it.
    static readonly Duration Behind = Duration.FromHours(1);

    readonly TidyFile _tidy = new(database, logger);
    LocalDate _doneOn;
    bool _told;

    /// <summary>Before anything is served. Where somebody is to be erased and cannot be, nothing is.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var moment = clock.GetCurrentInstant() - Behind;
        var pages = new Pages(int.MaxValue);
        try
        {
            await new OldFiles(database, current.Now, await KeptAsync(moment), moment).EraseAsync(pages);
            await _tidy.RunAsync(wasErased: true);
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            // A database that can only be read serves whoever may still be in it.
            if (!await IsNobodyDueAsync(moment))
                throw new CommandLineException($"People whose data was kept long enough are still here and cannot be erased, so nothing is served: {e.Message.ReplaceLineEndings(" ")}", 1);
        }

        Tell(pages);
    }

    async Task<bool> IsNobodyDueAsync(Instant moment)
    {
        try
        {
            return !await new OldFiles(database, current.Now, current.Now.Retention, moment).AreDueAsync();
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            return false;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>One round of the timers: what is left to do of this day.</summary>
    public async Task TodayAsync(Instant now)
    {
        var today = current.Now.DateOf(now);
        if (_doneOn == today)
        {
            await _tidy.RunAsync(wasErased: false);
            return;
        }

        var pages = new Pages(PagesARound);
        await RunAsync(now, pages);
        Tell(pages);
        if (pages.AreLeft)
        {
            _doneOn = today;
            _told = false;
        }
    }

    /// <summary>Everything that is due, however much it is.</summary>
    /// <returns>How many people, and how many rows of other classes, were erased.</returns>
    public async Task<(int People, long Rows)> RunAsync(Instant now)
    {
        var pages = new Pages(int.MaxValue);
        await RunAsync(now, pages);
        return (pages.People, pages.Rows);
    }

    async Task RunAsync(Instant now, Pages pages)
    {
        var moment = now - Behind;
        var (rules, kept) = (current.Now, await KeptAsync(moment));
        await new OldFiles(database, rules, kept, moment).EraseAsync(pages);
        var rows = new OldRows(database, rules, kept, moment);
        await rows.BeginAsync();
        await rows.EraseMessagesAsync(pages);
        await rows.EraseLooksAsync(pages);
        await rows.EraseByAgeAsync(pages);
        await rows.EraseOfficersAsync(pages);
        await rows.EraseKeysAsync(pages);
        // A file written anew after every round of many would take the day.
        if (pages.AreLeft) await _tidy.RunAsync(pages.Rows > 0);
    }

    async Task<Rules.Retention> KeptAsync(Instant moment)
    {
        await using var connection = await database.OpenAsync();
        return await ErasingClock.StateTermAsync(connection, current.Now.Retention, moment);
    }

    // Once a day, and no names.
    void Tell(Pages pages)
    {
        if (pages.People == 0 || _told) return;
        _told = true;
        LogEvents.Erased(logger, new LogNumber(pages.People));
    }
}

/// <summary>How many transactions may still be made in this round, and what they erased.</summary>
sealed class Pages(int left)
{
    int _left = left;

    public bool AreLeft => _left > 0;

    public int People { get; set; }

    public long Rows { get; set; }

    public bool Take() => _left-- > 0;
}

/// <summary>What both kinds of erasing say to the database first.</summary>
static class ErasingClock
{
    /// <summary>
    /// Moves the head's time on, in the transaction that erases. The batch writer's statement on PostgreSQL moves the head only from the
    /// time it knows, so a node that knows the erased from before looks anew, and no act of theirs slips in between.
    /// </summary>
    public static Task<int> MoveAsync(DbConnection connection, DbTransaction transaction, Instant moment) => connection.ExecuteAsync(
        "update log_head set newest_at = case when newest_at < @at then @at else newest_at + 1 end where id = 1",
        new { at = moment.ToUnixTimeMilliseconds() }, transaction);

    /// <summary>Moves it no further than it must be for what goes by its age: nobody has to look anew for that.</summary>
    public static Task<int> ReachAsync(DbConnection connection, Instant moment) => connection.ExecuteAsync(
        "update log_head set newest_at = @at where id = 1 and newest_at < @at", new { at = moment.ToUnixTimeMilliseconds() });

    /// <summary>
    /// Writes down what the rules file says, where it says something longer: the database holds to the newest, and only its owner makes it
    /// shorter.
    /// </summary>
    /// <returns>How long is kept: what the rules file says, or what it said where that was longer.</returns>
    public static async Task<Rules.Retention> StateTermAsync(DbConnection connection, Rules.Retention retention, Instant moment)
    {
        var (years, days) = await connection.QuerySingleOrDefaultAsync<(int, int)>("select file_years, key_days from retention_term where id = (select max(id) from retention_term)");
        var held = retention with { FileYears = Math.Max(years, retention.FileYears), IdempotencyKeyDays = Math.Max(days, retention.IdempotencyKeyDays) };
        if ((years, days) == (held.FileYears, held.IdempotencyKeyDays)) return held;
        await connection.ExecuteAsync(
            "insert into retention_term (file_years, key_days, stated_at) values (@FileYears, @IdempotencyKeyDays, @at)",
            new { held.FileYears, held.IdempotencyKeyDays, at = moment.ToUnixTimeMilliseconds() });
        return held;
    }
}
