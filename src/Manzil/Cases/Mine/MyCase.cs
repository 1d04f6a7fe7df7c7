using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases.Mine;

/// <summary>Where a worker's open case stands, as that worker needs to know it: what happened, what they can do, until when.</summary>
public sealed record MyCase(CaseFile File, CaseFacts Facts)
{
    /// <summary>Names the texts <c>case.now.…</c>.</summary>
    public required string State { get; init; }

    /// <summary>The last day to answer, to appeal, or for the authority to decide; null where there is none, or no calendar covers it.</summary>
    public LocalDate? Until { get; init; }

    /// <summary>Null where that day has passed, or no calendar covers the days up to it.</summary>
    public int? WorkingDaysLeft { get; init; }

    public bool CanAnswer { get; init; }

    public bool CanAppeal { get; init; }

    /// <summary>True where an appeal comes after its window, and then needs a reason.</summary>
    public bool IsLate { get; init; }

    public bool IsAboutSilence => Facts.Ground == CaseGround.Silence;

    /// <summary>Null where no case is open.</summary>
    public static async Task<MyCase?> FindAsync(Database database, Worker worker, Jurisdiction rules, LocalDate today)
    {
        if (worker.Entry.Standing is not (Standing.UnderReview or Standing.RemovalPending or Standing.Removed)) return null;
        await using var connection = await database.OpenAsync();
        if (await CaseFile.NewestAsync(connection, null, worker.Id) is not { } file) return null;
        var facts = await CaseFile.FactsAsync(connection, null, file, worker.Entry.Standing, rules);
        var standing = worker.Entry.StandingOn(today, rules.WorkersCalendar, rules.Intervals);
        bool Can(CaseAct act, string? words) => CaseRules.Refuse(act, Actor.Worker, facts, new CaseWords { Reason = words }, standing, today, rules) is null;
        // Who reads this page is told now at the latest.
        var (opening, decided) = (Earlier(facts.OpeningTold, today), Earlier(facts.DecisionTold, today));
        var until = facts.Stage switch
        {
            CaseStage.Open or CaseStage.AwaitingAgreement => (facts with { OpeningTold = opening }).AnswerUntil(rules),
            CaseStage.RemovalPending => (facts with { DecisionTold = decided }).AppealUntil(rules),
            CaseStage.Suspended => facts.AuthorityUntil(rules),
            _ => null,
        };
        if (until is { } shown && facts.Stage != CaseStage.Suspended)
        {
            await (facts.Stage == CaseStage.RemovalPending
                ? ToldUntil.ShowAsync(connection, worker.Id, file.DecisionAct!, decided, shown, facts.AppealTold)
                : ToldUntil.ShowAsync(connection, worker.Id, file.Number, opening, shown, facts.AnswerTold));
        }

        return new MyCase(file, facts)
        {
            State = facts.Stage switch
            {
                CaseStage.Open => facts.Ground.Name(),
                CaseStage.AwaitingAgreement => "proposed",
                var stage => stage.Name(),
            },
            Until = until,
            WorkingDaysLeft = until is { } last && today <= last ? rules.WorkersCalendar.FindWorkingDaysBetween(today, last) : null,
            CanAnswer = Can(CaseAct.Answer, "x"),
            CanAppeal = Can(CaseAct.Appeal, "x"),
            IsLate = !Can(CaseAct.Appeal, null),
        };
    }

    static LocalDate Earlier(LocalDate? told, LocalDate today) => told is { } day ? LocalDate.Min(day, today) : today;
}
