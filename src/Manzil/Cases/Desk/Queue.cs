using Dapper;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases.Desk;

/// <summary>A line of the queue: a case's number, where it is, and dates. Nothing of a person stands in it.</summary>
public sealed record QueuedCase(string Number, CaseStage Stage, LocalDate OpenedOn, LocalDate? AuthorityUntil)
{
    /// <summary>The last day of the worker's time: to answer, or to appeal; null where it has not begun.</summary>
    public LocalDate? WorkerUntil { get; init; }
}

/// <summary>The open cases in the order of dates alone.</summary>
public sealed class Queue(Database database, CaseDesk desk)
{
    public const int PageSize = 50;

    sealed record Row
    {
        public long Id { get; init; }
        public string Number { get; init; } = "";
        public int Stage { get; init; }
        public long OpenedAt { get; init; }
        public string? StepLeft { get; init; }
        public string? DecisionAct { get; init; }
    }

    /// <summary>One page, from 1; with <paramref name="appealsFirst"/> the open appeals stand before all others, by their own date.</summary>
    public async Task<(IReadOnlyList<QueuedCase> Cases, bool HasMore)> ReadAsync(int page, bool appealsFirst)
    {
        await using var connection = await database.OpenAsync();
        var rules = desk.Rules;
        // A step's last day is worked out on the calendar, which the database does not know: everything open is ordered here.
        var rows = await connection.QueryAsync<Row>(
            """
            select c.id, c.act_number as Number, c.stage, c.opened_at as OpenedAt, c.step_left as StepLeft, c.decision_act as DecisionAct
            from case_file c
            where c.worker_id in (select worker_id from register_entry where standing in (2, 3))
              and not exists (select 1 from case_file newer where newer.worker_id = c.worker_id and newer.id > c.id)
            """);
        var authority = new Dictionary<(bool, LocalDate), LocalDate?>();
        var all = rows.Select(row =>
        {
            var opened = rules.DateOf(Instant.FromUnixTimeMilliseconds(row.OpenedAt));
            var left = IsoDate.Read(row.StepLeft) ?? opened;
            var key = ((CaseStage)row.Stage == CaseStage.Suspended, left);
            if (!authority.TryGetValue(key, out var last)) authority[key] = last = new CaseFacts { Stage = (CaseStage)row.Stage, StepLeft = left }.AuthorityUntil(rules);
            return (Row: row, Case: new QueuedCase(row.Number, (CaseStage)row.Stage, opened, last));
        });
        var shown = all
            .OrderBy(c => appealsFirst && c.Case.Stage == CaseStage.Suspended ? 0 : 1)
            .ThenBy(c => c.Case.AuthorityUntil ?? LocalDate.MaxIsoValue).ThenBy(c => c.Row.OpenedAt).ThenBy(c => c.Row.Id)
            .Skip((page - 1) * PageSize).Take(PageSize + 1).ToList();
        var cases = new List<QueuedCase>();
        foreach (var (row, queued) in shown.Take(PageSize))
        {
            var act = row.Stage switch
            {
                (int)CaseStage.Open or (int)CaseStage.AwaitingAgreement => row.Number,
                (int)CaseStage.RemovalPending => row.DecisionAct,
                _ => null,
            };
            var told = act is null ? null : await CaseFile.DeliveredOnAsync(connection, null, act, rules);
            var until = act is null ? null : await ToldUntil.FindAsync(connection, null, act);
            var facts = new CaseFacts { OpeningTold = told, AnswerTold = until, DecisionTold = told, AppealTold = until };
            cases.Add(queued with { WorkerUntil = queued.Stage == CaseStage.RemovalPending ? facts.AppealUntil(rules) : facts.AnswerUntil(rules) });
        }

        return (cases, shown.Count > PageSize);
    }
}
