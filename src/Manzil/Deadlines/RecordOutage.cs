using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using Dapper;
using Manzil.Cases;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Deadlines;

/// <summary>
/// The act that states an outage (kind 64): its days are no working days for workers, so what was due on them is due
/// later, at once. Days that were stated before stay as they were stated.
/// </summary>
/// <param name="from">The first local date.</param>
/// <param name="to">The last one.</param>
/// <param name="reason">What did not work, for everybody to read; null where heartbeats were missing.</param>
/// <param name="current">The rules, and the outages known so far.</param>
public sealed class RecordOutage(LocalDate from, LocalDate to, string? reason, CurrentRules current) : Act
{
    public const int MaxDays = 366, MaxReason = 300;

    /// <summary>What is stated where heartbeats were missing; pages say it in the reader's language.</summary>
    public const string Unreachable = "The service could not be reached.";

    // Taken once: what becomes known while the act waits must meet the unique index, not pass it by.
    readonly Jurisdiction _rules = current.Now;
    readonly IReadOnlyList<LocalDate> _known = current.Outages;

    /// <summary>How many deadlines of workers moved: confirmations due on those days, and times to answer or to appeal and silence periods that ran on them; there once the act was accepted.</summary>
    public long Moved { get; private set; }

    public override bool WritesOwnRows => true;

    public override string RefusalOfConflict => "outage-known";

    public override Decision Decide(Worker? worker) => NewDays().Any() ? Stated() : Decision.Refuse(RefusalOfConflict);

    Decision Stated() => new()
    {
        Kind = StatementKind.Outage,
        Office = _rules.DefaultOffice.Code.Value,
        EffectiveFrom = from,
        Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add("from", IsoDate.Write(from)!)
            .Add("to", IsoDate.Write(to)!)
            .Add("reason", reason ?? Unreachable)
            .Add("days", Period.DaysBetween(from, to.PlusDays(1)).ToString(CultureInfo.InvariantCulture)),
    };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        Moved = 0;
        foreach (var day in NewDays())
        {
            var moved = 0L;
            // What was due on a day off is due on the next working day already.
            if (_rules.WorkersCalendar.Covers(day.Year) && _rules.WorkersCalendar.IsWorkingDay(day))
            {
                moved = await connection.ExecuteScalarAsync<long>(
                    $"select count(*) from register_entry where reminded in ({Reminded.Open}) and next_deadline = @day and standing in (@registered, @underReview) and departure_number is null",
                    new { day = IsoDate.Write(day), registered = (int)Standing.Registered, underReview = (int)Standing.UnderReview }, transaction)
                    + await connection.ExecuteScalarAsync<long>(
                        $"""
                        select count(*) from case_file c join told_until t on t.act_number = {MoveCaseDeadlines.ActOf}
                        where c.stage in (1, 2, 3) and t.counted_from < @day and t.until_day >= @day
                        """,
                        new { day = IsoDate.Write(day) }, transaction)
                    // Whoever confirmed since is due later than their silence was counted from.
                    + await connection.ExecuteScalarAsync<long>(
                        $"""
                        select count(*) from register_entry r join told_until t on t.worker_id = r.worker_id
                        where r.reminded in ({Reminded.Open}) and r.next_deadline < @day and r.next_deadline <= t.counted_from
                          and r.standing = @registered and r.departure_number is null and t.counted_from < @day and t.until_day >= @day
                        """,
                        new { day = IsoDate.Write(day), registered = (int)Standing.Registered }, transaction);
            }

            await connection.ExecuteAsync(
                "insert into outage_day (day, act_number, reason, computed, moved) values (@day, @number, @reason, @computed, @moved)",
                new { day = IsoDate.Write(day), number = Number.ToString(), reason = reason ?? Unreachable, computed = reason is null ? 1 : 0, moved }, transaction);
            Moved += moved;
        }
    }

    IEnumerable<LocalDate> NewDays()
    {
        for (var day = from; day <= to; day = day.PlusDays(1))
        {
            if (!_known.Contains(day)) yield return day;
        }
    }
}
