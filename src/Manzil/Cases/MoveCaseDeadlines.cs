using System.Data.Common;
using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>
/// Writes down until when workers have time in their cases, and tells those whose time an outage or a new calendar made longer. The
/// date itself has moved already for whoever asks (<see cref="CaseFacts.AnswerUntil"/>). Several nodes share the work.
/// </summary>
public sealed class MoveCaseDeadlines(Database database, CurrentRules current, Telling telling)
{
    const int Page = 200;

    // An outage that comes to light later than this moves no time that is still of use.
    const int SettledDays = 60;

    readonly HourlyOrNewDaysOff _turn = new();

    /// <returns>How many were told that they have longer.</returns>
    public async Task<int> RunAsync(Instant now)
    {
        var rules = current.Now;
        if (!_turn.IsNow(rules, now)) return 0;
        var told = 0;
        await using var connection = await database.OpenAsync();
        for (var after = 0L; ;)
        {
            var page = (await connection.QueryAsync<Row>(
                $"""
                select c.id, c.worker_id as WorkerId, c.stage, {ActOf} as Act, t.counted_from as CountedFrom, t.until_day as UntilDay
                from case_file c left join told_until t on t.act_number = {ActOf}
                where c.stage in (1, 2, 3) and c.id > @after and (t.until_day is null or t.until_day >= @recent)
                order by c.id limit {Page}
                """,
                new { after, recent = IsoDate.Write(rules.DateOf(now).PlusDays(-SettledDays)) })).ToList();
            if (page.Count == 0) break;
            var delivered = await CaseFile.DeliveredOnAsync(connection, null, [.. page.Select(r => r.Act)], rules);
            foreach (var row in page)
            {
                if (delivered.TryGetValue(row.Act, out var from) && await MoveAsync(connection, row, from, rules, now)) told++;
            }

            after = page[^1].Id;
        }

        _turn.IsDone(rules, now);
        return told;
    }

    /// <summary>SQL for the act whose delivery began the worker's time in case c.</summary>
    public const string ActOf = "case when c.stage = 3 then c.decision_act else c.act_number end";

    async Task<bool> MoveAsync(DbConnection connection, Row row, LocalDate from, Jurisdiction rules, Instant now)
    {
        var isAppeal = row.Stage == (int)CaseStage.RemovalPending;
        var facts = new CaseFacts { OpeningTold = from, DecisionTold = from };
        if ((isAppeal ? facts.AppealUntil(rules) : facts.AnswerUntil(rules)) is not { } until) return false;
        if (IsoDate.Read(row.UntilDay) is not { } was || IsoDate.Read(row.CountedFrom) != from)
        {
            // Not longer by days off, but counted from another delivery.
            await ToldUntil.SaveAsync(connection, null, row.WorkerId, row.Act, from, until);
            return false;
        }

        if (until <= was) return false;
        await using var transaction = await connection.BeginTransactionAsync();
        if (!await ToldUntil.MoveAsync(connection, transaction, row.Act, row.UntilDay!, until)) return false;
        var worker = (await Worker.LoadAsync(connection, transaction, [row.WorkerId]))[row.WorkerId];
        await Outbox.AddAsync(connection, transaction, [.. telling
            .ToAll(worker, isAppeal ? "message.appeal-moved" : "message.answer-moved", ("name", worker.FirstName), ("date", until))
            .Select(message => new OutboxRow(worker.Id, null, message, now))]);
        await transaction.CommitAsync();
        return true;
    }

    sealed record Row
    {
        public long Id { get; init; }
        public long WorkerId { get; init; }
        public int Stage { get; init; }
        public string Act { get; init; } = "";
        public string? CountedFrom { get; init; }
        public string? UntilDay { get; init; }
    }
}
