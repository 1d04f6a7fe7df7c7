using System.Data.Common;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>A worker's newest case as the database has it; whether it is open stands in the worker's standing.</summary>
public sealed record CaseFile
{
    public long Id { get; init; }
    public long WorkerId { get; init; }

    /// <summary>The act that opened it: what people call the case.</summary>
    public string Number { get; init; } = "";
    public string Ground { get; init; } = "";
    public int Stage { get; init; }
    public long OpenedAt { get; init; }
    public string? OpenedBy { get; init; }
    public string? Reason { get; init; }
    public string? StepLeft { get; init; }
    public string? ProposedBy { get; init; }
    public string? ProposedAct { get; init; }
    public string? AgreedBy { get; init; }
    public string? AgreedAct { get; init; }
    public string? DecisionAct { get; init; }
    public string? AppealAct { get; init; }

    /// <summary>Changes with every act that moves the case; what it was made of are numbers of acts alone.</summary>
    public string Mark => $"{Number}/{Stage}/{ProposedAct}/{DecisionAct}/{AppealAct}";

    public const string Columns =
        """
        id, worker_id as WorkerId, act_number as Number, ground, stage, opened_at as OpenedAt, opened_by as OpenedBy, reason, step_left as StepLeft,
        proposed_by as ProposedBy, proposed_act as ProposedAct, agreed_by as AgreedBy, agreed_act as AgreedAct,
        decision_act as DecisionAct, appeal_act as AppealAct
        """;

    /// <summary>The case that this act opened; null where it opened none.</summary>
    public static Task<CaseFile?> FindAsync(DbConnection connection, string number) =>
        connection.QuerySingleOrDefaultAsync<CaseFile?>($"select {Columns} from case_file where act_number = @number", new { number });

    /// <summary>A worker's newest case; null where they never had one.</summary>
    public static Task<CaseFile?> NewestAsync(DbConnection connection, DbTransaction? transaction, long worker) =>
        connection.QuerySingleOrDefaultAsync<CaseFile?>(
            $"select {Columns} from case_file where worker_id = @worker order by id desc limit 1", new { worker }, transaction);

    /// <summary>What the rules ask about a worker's case: nothing is open where the standing says so.</summary>
    /// <param name="without">A message that is taken to have come back: only that the worker opened the service counts of it.</param>
    public static async Task<CaseFacts> FactsAsync(
        DbConnection connection, DbTransaction? transaction, CaseFile? file, Standing standing, Jurisdiction rules, long? without = null)
    {
        var paused = await Removals.ArePausedAsync(connection, transaction, rules);
        if (file is null || standing is not (Standing.UnderReview or Standing.RemovalPending or Standing.Removed)) return CaseFacts.None with { Paused = paused };
        var openedOn = rules.DateOf(Instant.FromUnixTimeMilliseconds(file.OpenedAt));
        return new CaseFacts
        {
            Stage = (CaseStage)file.Stage,
            Ground = file.Ground == CaseGround.Silence.Name() ? CaseGround.Silence : CaseGround.Other,
            OpenedOn = openedOn,
            OpeningTold = await DeliveredOnAsync(connection, transaction, file.Number, rules, without),
            AnswerTold = await ToldUntil.FindAsync(connection, transaction, file.Number),
            ProposedBy = file.ProposedBy,
            AgreedBy = file.AgreedBy,
            DecisionTold = file.DecisionAct is { } decision ? await DeliveredOnAsync(connection, transaction, decision, rules, without) : null,
            AppealTold = file.DecisionAct is { } decided ? await ToldUntil.FindAsync(connection, transaction, decided) : null,
            StepLeft = IsoDate.Read(file.StepLeft) ?? openedOn,
            Paused = paused,
        };
    }

    /// <summary>The local date on which an act was first delivered to its worker, by whichever channel (rules.md, Delivery); null where it was not.</summary>
    public static async Task<LocalDate?> DeliveredOnAsync(DbConnection connection, DbTransaction? transaction, string act, Jurisdiction rules, long? without = null) =>
        (await DeliveredOnAsync(connection, transaction, [act], rules, without)).TryGetValue(act, out var day) ? day : null;

    /// <summary>The same for many acts; those that were not delivered are left out.</summary>
    public static async Task<Dictionary<string, LocalDate>> DeliveredOnAsync(
        DbConnection connection, DbTransaction? transaction, IReadOnlyList<string> acts, Jurisdiction rules, long? without = null)
    {
        // Of a message that came back there stands that the worker opened the service after it was written.
        var days = (await connection.QueryAsync<(string Act, long At)>(
            $"""
            select d.act_number, min(d.told) from (
              select m.act_number, case when m.bounced_at is not null or m.id = @without then m.opened_at else m.delivered_at end as told from message m where {Database.In(connection, "m.act_number")}
              union all
              select o.act_number, o.opened_at as told from act_opened o where {Database.In(connection, "o.act_number")}) d
            where d.told is not null group by d.act_number
            """,
            new { keys = acts, without = without ?? -1 }, transaction)).ToDictionary(r => r.Act, r => rules.DateOf(Instant.FromUnixTimeMilliseconds(r.At)), StringComparer.Ordinal);
        foreach (var (act, day, recorded) in await connection.QueryAsync<(string Act, string Day, long At)>(
            $"select act_number, day, recorded_at from handed_over where {Database.In(connection, "act_number")}", new { keys = acts }, transaction))
        {
            // What an officer says of an earlier day is no delivery before it is said (rules-file.md, A recorded letter).
            var byHand = LocalDate.Max(IsoDate.Read(day)!.Value, rules.DateOf(Instant.FromUnixTimeMilliseconds(recorded)));
            days[act] = days.TryGetValue(act, out var sent) ? LocalDate.Min(sent, byHand) : byHand;
        }

        return days;
    }

    static readonly string AnswerKinds = string.Join(", ", ((StatementKind[])[StatementKind.Answer, StatementKind.Appeal]).Select(k => (int)k));

    /// <summary>SQL: whether an act of the worker is an answer in a case of this ground; of a case that is not about silence a confirmation or residence is one too.</summary>
    public static string IsAnswer(string act, string ground) => $"({act}.kind in ({AnswerKinds}) or ({ground} = '{CaseGround.Other.Name()}' and {act}.kind in (2, 3)))";

    /// <summary>The numbers of what the worker has said in this case and the officer has not opened.</summary>
    public async Task<IReadOnlyList<string>> UnopenedAnswersAsync(DbConnection connection, DbTransaction? transaction, string staff) =>
        (await connection.QueryAsync<string>(
            $"""
            select a.number from act a
            where a.worker_id = @WorkerId and a.given_at >= @OpenedAt and {Reissues.None("a")} and {IsAnswer("a", "@Ground")}
              and not exists (select 1 from look l where l.worker_id = a.worker_id and l.what = 'answer' and l.item = a.number and l.staff_number = @staff)
            order by a.given_at
            """,
            new { WorkerId, OpenedAt, staff, Ground }, transaction)).ToList();

    /// <summary>The ids of the case's documents that the officer has not opened.</summary>
    public async Task<IReadOnlyList<long>> UnopenedDocumentsAsync(DbConnection connection, DbTransaction? transaction, string staff) =>
        (await connection.QueryAsync<long>(
            """
            select d.id from attachment d
            where d.case_id = @Id
              and not exists (select 1 from look l where l.worker_id = d.worker_id and l.what = 'document' and l.item = cast(d.id as text) and l.staff_number = @staff)
            order by d.id
            """,
            new { Id, staff }, transaction)).ToList();
}
