using System.Data.Common;
using Dapper;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases.Desk;

/// <summary>What became of the worker's answers in a case.</summary>
public enum QueuedAnswer
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>At least one that no officer has opened.</summary>
    Unread,

    /// <summary>Each was opened by some officer.</summary>
    Read,
}

/// <summary>A line of the queue: a case's number, where it is, what waits, and dates. Nothing of a person stands in it.</summary>
/// <param name="AuthorityUntil">The last day of the authority's time; null where no calendar covers it.</param>
public sealed record QueuedCase(string Number, CaseStage Stage, LocalDate OpenedOn, LocalDate? AuthorityUntil, QueuePosition Position)
{
    /// <summary>The last day of the worker's time: to answer, or to appeal; null where it has not begun.</summary>
    public LocalDate? WorkerUntil { get; init; }

    public QueuedAnswer Answer { get; init; }

    /// <summary>Whether the officer who reads the queue may take the case's next step now, apart from what they have still to open and to write.</summary>
    public bool MayBeDecided { get; init; }
}

/// <summary>A page of the queue.</summary>
public sealed record QueuePart(IReadOnlyList<QueuedCase> Cases, bool HasEarlier, bool HasLater);

/// <summary>
/// The open cases in the order of dates alone: by the last day of the authority's time, then by the act from which it runs, then by the
/// opening. That day is worked out on the calendar, which the database does not know; but it never comes earlier for a later act. So the
/// database orders by the act, for cases with the time for a step and for appeals apart, and what is read of both is put together here.
/// </summary>
public sealed class Queue(Database database, CaseDesk desk)
{
    public const int PageSize = 50;

    // A step's time and an appeal's are at most some weeks: two acts with the same last day are closer than this.
    const int DaysApart = 1000;

    static readonly LocalDate FirstDay = new(1000, 1, 1), LastDay = new(9000, 1, 1);

    static readonly CaseAct[] Decisions = [CaseAct.ProposeRemoval, CaseAct.Agree, CaseAct.PutInEffect, CaseAct.DecideAppealForWorker];

    sealed record Row
    {
        public long Id { get; init; }
        public string Number { get; init; } = "";
        public int Stage { get; init; }
        public string Ground { get; init; } = "";
        public long OpenedAt { get; init; }
        public string? StepLeft { get; init; }
        public string? ProposedBy { get; init; }
        public string? AgreedBy { get; init; }
        public string? DecisionAct { get; init; }

        public bool IsSuspended => (CaseStage)Stage == CaseStage.Suspended;

        /// <summary>The act whose delivery began the worker's time; null while an appeal stops it.</summary>
        public string? TellingAct => (CaseStage)Stage switch
        {
            CaseStage.Open or CaseStage.AwaitingAgreement => Number,
            CaseStage.RemovalPending => DecisionAct,
            _ => null,
        };
    }

    /// <param name="reader">The officer for whom <see cref="QueuedCase.MayBeDecided"/> is answered.</param>
    /// <param name="appealsFirst">Whether the open appeals stand before all others, by their own date.</param>
    /// <param name="after">The cases that come after this one; null for the first page.</param>
    /// <param name="before">The cases that come before this one, where <paramref name="after"/> is null.</param>
    public async Task<QueuePart> ReadAsync(Actor reader, bool appealsFirst, QueuePosition? after = null, QueuePosition? before = null)
    {
        var (rules, isBack) = (desk.Rules, after is null && before is not null);
        var order = new Order(rules, appealsFirst);
        await using var connection = await database.OpenAsync();
        var rows = new List<(Row Row, QueuePosition At)>();
        // Where the time runs from the case's own opening, step_left is empty.
        foreach (var (isSuspended, isOpening) in new[] { (true, false), (false, true), (false, false) })
        {
            if (order.Bound(after ?? before, isSuspended, isBack) is not { } bound) continue;
            foreach (var row in await RowsAsync(connection, isSuspended, isOpening, bound, isBack)) rows.Add((row, PositionOf(row, rules)));
        }

        rows.Sort((one, other) => order.Compare(one.At, other.At));
        if (isBack && rows.Count <= PageSize) return await ReadAsync(reader, appealsFirst);
        var shown = isBack ? rows[^PageSize..] : rows[..Math.Min(PageSize, rows.Count)];
        return new QueuePart(await FillAsync(connection, shown, reader, rules), isBack || after is not null, isBack || rows.Count > PageSize);
    }

    static QueuePosition PositionOf(Row row, Jurisdiction rules) =>
        new(row.IsSuspended, IsoDate.Read(row.StepLeft) ?? rules.DateOf(Instant.FromUnixTimeMilliseconds(row.OpenedAt)), row.OpenedAt, row.Id);

    /// <summary>The first rows of one kind beyond <paramref name="bound"/>, which is not among them.</summary>
    async Task<IReadOnlyList<Row>> RowsAsync(DbConnection connection, bool isSuspended, bool isOpening, QueuePosition bound, bool isBack)
    {
        var (than, direction) = isBack ? ("<", " desc") : (">", "");
        var (openedAt, id) = (bound.OpenedAt, bound.Id);
        if (isOpening)
        {
            // Of these the day is that of the opening itself.
            var day = bound.Left.AtStartOfDayInZone(desk.Rules.Zone).ToInstant().ToUnixTimeMilliseconds();
            if (openedAt < day) (openedAt, id) = (day, 0);
        }

        var where = isOpening ? $"c.step_left is null and (c.opened_at, c.id) {than} (@openedAt, @id)" : $"(c.step_left, c.opened_at, c.id) {than} (@left, @openedAt, @id)";
        return (await connection.QueryAsync<Row>(
            $"""
            select c.id, c.act_number as Number, c.stage, c.ground, c.opened_at as OpenedAt, c.step_left as StepLeft, c.proposed_by as ProposedBy, c.agreed_by as AgreedBy,
              c.decision_act as DecisionAct
            from case_file c
            where {(isSuspended ? "c.stage = 4" : "c.stage in (1, 2, 3)")} and {where}
            order by c.step_left{direction}, c.opened_at{direction}, c.id{direction} limit {PageSize + 1}
            """,
            new { left = IsoDate.Write(bound.Left), openedAt, id })).ToList();
    }

    async Task<IReadOnlyList<QueuedCase>> FillAsync(DbConnection connection, IReadOnlyList<(Row Row, QueuePosition At)> shown, Actor reader, Jurisdiction rules)
    {
        var acts = shown.Select(s => s.Row.TellingAct).OfType<string>().ToList();
        var told = await CaseFile.DeliveredOnAsync(connection, null, acts, rules);
        var until = await ToldUntil.FindAsync(connection, acts);
        var answers = await AnswersAsync(connection, [.. shown.Select(s => s.Row.Id)]);
        var paused = await Removals.ArePausedAsync(connection, null, rules);
        return [.. shown.Select(s =>
        {
            var (row, stage) = (s.Row, (CaseStage)s.Row.Stage);
            LocalDate? Of(IReadOnlyDictionary<string, LocalDate> days) => row.TellingAct is { } act && days.TryGetValue(act, out var day) ? day : null;
            var facts = new CaseFacts
            {
                Stage = stage,
                Ground = row.Ground == CaseGround.Silence.Name() ? CaseGround.Silence : CaseGround.Other,
                OpenedOn = rules.DateOf(Instant.FromUnixTimeMilliseconds(row.OpenedAt)),
                OpeningTold = Of(told),
                AnswerTold = Of(until),
                DecisionTold = Of(told),
                AppealTold = Of(until),
                ProposedBy = row.ProposedBy,
                AgreedBy = row.AgreedBy,
                StepLeft = s.At.Left,
                Paused = paused,
            };
            return new QueuedCase(row.Number, stage, facts.OpenedOn, facts.AuthorityUntil(rules), s.At)
            {
                WorkerUntil = stage == CaseStage.RemovalPending ? facts.AppealUntil(rules) : facts.AnswerUntil(rules),
                Answer = answers.GetValueOrDefault(row.Id),
                MayBeDecided = Decisions.Any(act => CaseRules.Refuse(act, reader, facts, DeskFile.Anything(rules), stage.Standing(), desk.Today, rules) is null),
            };
        })];
    }

    static async Task<Dictionary<long, QueuedAnswer>> AnswersAsync(DbConnection connection, IReadOnlyList<long> cases) => (await connection.QueryAsync<(long Case, long Unread)>(
        $"""
        select c.id, max(case when exists (
          select 1 from look l where l.worker_id = a.worker_id and l.what = 'answer' and l.item = a.number and l.staff_number is not null) then 0 else 1 end)
        from case_file c join act a on a.worker_id = c.worker_id and a.given_at >= c.opened_at and {CaseFile.IsAnswer("a", "c.ground")}
        where {Database.In(connection, "c.id")} and {Reissues.None("a")}
        group by c.id
        """,
        new { keys = cases.ToArray() })).ToDictionary(a => a.Case, a => a.Unread == 1 ? QueuedAnswer.Unread : QueuedAnswer.Read);

    /// <summary>The queue's order, and where a page begins in each kind of case.</summary>
    sealed class Order(Jurisdiction rules, bool appealsFirst)
    {
        public int Compare(QueuePosition one, QueuePosition other)
        {
            if (appealsFirst && one.IsSuspended != other.IsSuspended) return one.IsSuspended ? -1 : 1;
            return (Until(one.IsSuspended, one.Left), one.Left, one.OpenedAt, one.Id).CompareTo((Until(other.IsSuspended, other.Left), other.Left, other.OpenedAt, other.Id));
        }

        /// <summary>Beyond which position cases of a kind come after (or, going back, before) the case at <paramref name="here"/>; null where none of them does.</summary>
        public QueuePosition? Bound(QueuePosition? here, bool isSuspended, bool isBack)
        {
            var (first, last) = (new QueuePosition(isSuspended, FirstDay, 0, 0), new QueuePosition(isSuspended, LastDay, long.MaxValue, long.MaxValue));
            if (here is null) return isBack ? last : first;
            if (here.IsSuspended == isSuspended) return here;
            if (appealsFirst) return isSuspended == isBack ? isBack ? last : first : null;
            // The acts of the other kind with the same last day: among them the acts' own dates decide.
            var until = Until(here.IsSuspended, here.Left);
            var low = Earliest(isSuspended, here.Left, day => day >= until);
            var high = Earliest(isSuspended, here.Left, day => day > until).PlusDays(-1);
            if (here.Left < low) return new QueuePosition(isSuspended, low, 0, 0);
            return here.Left > high ? new QueuePosition(isSuspended, high.PlusDays(1), 0, 0) : here with { IsSuspended = isSuspended };
        }

        // Before the first year of the calendar every day stands for itself, after its last one all are alike: so later acts never come earlier.
        LocalDate Until(bool isSuspended, LocalDate left) =>
            new CaseFacts { Stage = isSuspended ? CaseStage.Suspended : CaseStage.Open, StepLeft = left }.AuthorityUntil(rules)
            ?? (left.Year < rules.Calendar.Years.Min() ? left : LastDay);

        /// <summary>The first date of an act, near <paramref name="around"/>, whose last day is as asked.</summary>
        LocalDate Earliest(bool isSuspended, LocalDate around, Func<LocalDate, bool> isReached)
        {
            var (before, from) = (-DaysApart, DaysApart);
            while (from - before > 1)
            {
                var middle = (before + from) / 2;
                if (isReached(Until(isSuspended, around.PlusDays(middle)))) from = middle;
                else before = middle;
            }

            return around.PlusDays(from);
        }
    }
}
