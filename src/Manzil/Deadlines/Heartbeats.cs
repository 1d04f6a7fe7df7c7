using System.Data.Common;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Deadlines;

/// <summary>
/// Each node leaves a mark for each minute in which it can write; a local date that lacks too many of them is stated
/// as an outage day (rules.md, Days). Judged before anything that falls due is looked at.
/// </summary>
public sealed class Heartbeats(Database database, BatchWriter writer, CurrentRules current)
{
    const int KeptDays = 30;

    /// <summary>Marks this minute, if this node can write now.</summary>
    public async Task BeatAsync(Instant now)
    {
        if (writer.Trouble is not null) return;
        var minute = now.ToUnixTimeSeconds() / 60;
        await using var connection = await database.OpenAsync();
        await MarkAsync(connection, null, now);
        await connection.ExecuteAsync("delete from heartbeat where minute < @oldest", new { oldest = minute - (KeptDays * 24 * 60) });
    }

    /// <summary>Marks a minute: whoever writes in it is ready. The database's own checks of time go by the newest mark.</summary>
    public static Task MarkAsync(DbConnection connection, DbTransaction? transaction, Instant now) =>
        connection.ExecuteAsync("insert into heartbeat (minute) values (@minute) on conflict (minute) do nothing", new { minute = now.ToUnixTimeSeconds() / 60 }, transaction);

    /// <summary>
    /// Judges every local date that has ended since the last time, and states those without enough heartbeats.
    /// </summary>
    /// <returns>Up to which date all are judged; nothing that falls due later may be looked at before.</returns>
    public async Task<LocalDate> JudgeAsync(Instant now)
    {
        var rules = current.Now;
        var yesterday = rules.DateOf(now).PlusDays(-1);
        LocalDate? judged;
        await using (var connection = await database.OpenAsync())
        {
            judged = IsoDate.Read(await connection.ExecuteScalarAsync<string?>("select judged_through from outage_verdict where id = 1"));
            if (judged is null)
            {
                // Of the day on which the first heartbeat was left, nobody knows what was before it.
                judged = yesterday.PlusDays(1);
                await connection.ExecuteAsync(
                    "insert into outage_verdict (id, judged_through) values (1, @day) on conflict (id) do nothing", new { day = IsoDate.Write(judged) });
            }
        }

        if (judged >= yesterday) return judged.Value;
        await current.RefreshAsync(database);
        LocalDate? from = null;
        for (var day = judged.Value.PlusDays(1); day <= yesterday; day = day.PlusDays(1))
        {
            var isOutage = !current.Outages.Contains(day) && await IsOutageAsync(day, rules);
            if (isOutage) from ??= day;
            if (from is { } first && (!isOutage || day == yesterday || Period.DaysBetween(first, day) == RecordOutage.MaxDays - 1))
            {
                await StateAsync(first, isOutage ? day : day.PlusDays(-1), now);
                from = null;
            }
        }

        await using var last = await database.OpenAsync();
        await last.ExecuteAsync("update outage_verdict set judged_through = @day where id = 1 and judged_through < @day", new { day = IsoDate.Write(yesterday) });
        return yesterday;
    }

    /// <summary>For the demo, whose clock jumps: days up to this one are taken as judged.</summary>
    public async Task SkipAsync(LocalDate through)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync(
            """
            insert into outage_verdict (id, judged_through) values (1, @day)
            on conflict (id) do update set judged_through = excluded.judged_through where outage_verdict.judged_through < excluded.judged_through
            """,
            new { day = IsoDate.Write(through) });
    }

    async Task StateAsync(LocalDate from, LocalDate to, Instant now)
    {
        var act = new RecordOutage(from, to, null, current) { ReceivedAt = now, Channel = RecordChannel.Operator };
        // Refused: another node has stated it in the meantime.
        if (await writer.SubmitAsync(act) is ActResult.Unavailable unavailable) throw new IOException(unavailable.Sentence);
        await current.RefreshAsync(database);
    }

    async Task<bool> IsOutageAsync(LocalDate day, Jurisdiction rules)
    {
        var (start, end) = (rules.EndOfDay(day.PlusDays(-1)), rules.EndOfDay(day));
        await using var connection = await database.OpenAsync();
        var minutes = (await connection.QueryAsync<long>(
            "select minute from heartbeat where minute >= @from and minute < @to order by minute",
            new { from = start.ToUnixTimeSeconds() / 60, to = (end.ToUnixTimeSeconds() + 59) / 60 })).ToList();
        return OutageDays.IsOutage(day, minutes, rules);
    }
}
