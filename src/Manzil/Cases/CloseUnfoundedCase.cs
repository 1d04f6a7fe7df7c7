using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>
/// The act by which a case closes in the worker's favour since what it rested on fell (kind 38); where a removal is in effect it is a
/// reinstatement (kind 39). That a message came back is written in the same transaction: either both are so, or neither, and the report
/// is handed over again.
/// </summary>
/// <param name="bounce">The message that came back; null where an outage came to light, so that the silence period was not over.</param>
/// <param name="rules">The rules with the outages known so far.</param>
/// <param name="telling">Words the message.</param>
public sealed class CloseUnfoundedCase(Bounce? bounce, Jurisdiction rules, Telling telling) : CaseStep(CaseAct.CloseUnfounded, Actor.System, rules, telling)
{
    Unfounded _found = Unfounded.None;
    Gap? _gap;

    private protected override CaseWords Words => new() { Fallen = _found.Fallen };

    private protected override async Task ReadMoreAsync(DbConnection connection, DbTransaction transaction)
    {
        _found = await Unfounded.FindAsync(connection, transaction, File, bounce, Rules);
        _gap = await Gap.FindAsync(connection, transaction, File);
    }

    private protected override Said Say()
    {
        var kind = Facts.Stage == CaseStage.Removed ? StatementKind.Reinstated : StatementKind.CaseClosed;
        var message = kind == StatementKind.Reinstated || _found.Why == Unfounded.DecisionNotDelivered ? "message.reinstated-unfounded" : _found.Why == Unfounded.SilenceNotOver ? "message.case-not-silent" : "message.case-unfounded";
        return new(kind, message) { Particulars = _gap.In(With(("outcome", _found.Why)), Rules.DateOf(ReceivedAt)) };
    }

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        if (bounce is not null) await bounce.WriteAsync(connection, transaction, ReceivedAt);
        await connection.ExecuteAsync(
            "update removal set undone_act = @number where worker_id = @WorkerId and undone_act is null", new { number = Number.ToString(), WorkerId }, transaction);
        await base.WriteAsync(connection, transaction);
    }
}

/// <summary>
/// The act by which a proposal, and an agreement and what followed, are undone since the delivery of the opening came back on which they
/// rested (kind 44): the case is open as before, and the worker's time to answer begins with the next delivery. The authority's time
/// counts from the opening again, as if nothing had been proposed.
/// </summary>
public sealed class UndoSteps(Bounce bounce, Jurisdiction rules, Telling telling) : CaseStep(CaseAct.UndoSteps, Actor.System, rules, telling)
{
    Unfounded _found = Unfounded.None;
    Gap? _gap;

    private protected override CaseWords Words => new() { Fallen = _found.Fallen };

    private protected override async Task ReadMoreAsync(DbConnection connection, DbTransaction transaction)
    {
        _found = await Unfounded.FindAsync(connection, transaction, File, bounce, Rules);
        _gap = await Gap.FindAsync(connection, transaction, File);
    }

    private protected override Said Say() => new(StatementKind.StepsUndone, "message.steps-undone")
    {
        Particulars = _gap.In(With(("outcome", _found.Why), ("proposal", File!.ProposedAct), ("decision", File.DecisionAct), ("appeal", File.AppealAct)), Rules.DateOf(ReceivedAt)),
    };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await bounce.WriteAsync(connection, transaction, ReceivedAt);
        await connection.ExecuteAsync(
            "update case_file set stage = @open, step_left = @opened where id = @Id",
            new { File!.Id, open = (int)CaseStage.Open, opened = IsoDate.Write(Facts.OpenedOn) }, transaction);
        // What was undone is no proposal and no decision any more: nothing can be built on it without proposing anew.
        await connection.ExecuteAsync(
            """
            update case_file set proposed_by = null, proposed_act = null, agreed_by = null, agreed_act = null, decision_act = null, appeal_act = null
            where id = @Id
            """,
            new { File.Id }, transaction);
    }
}

/// <summary>What a case, or its steps, do not rest on any more, and why.</summary>
sealed record Unfounded(Fallen Fallen, string Why)
{
    public const string ReminderNotDelivered = "reminder-not-delivered", OpeningNotDelivered = "opening-not-delivered", DecisionNotDelivered = "decision-not-delivered",
        SilenceNotOver = "silence-not-over";

    public static readonly Unfounded None = new(Fallen.Nothing, "");

    public static readonly IReadOnlyList<string> Outcomes = [ReminderNotDelivered, OpeningNotDelivered, DecisionNotDelivered, SilenceNotOver];

    /// <summary>Whether the service did it since a message came back, and not by the calendar.</summary>
    public static bool IsOfMessage(Record record) =>
        record.Kind is StatementKind.CaseClosed or StatementKind.Reinstated or StatementKind.StepsUndone
        && record.Particulars.GetValueOrDefault("outcome") is ReminderNotDelivered or OpeningNotDelivered or DecisionNotDelivered;

    /// <param name="bounce">What came back; null where it is asked whether the silence period was over after all.</param>
    public static async Task<Unfounded> FindAsync(DbConnection connection, DbTransaction transaction, CaseFile? file, Bounce? bounce, Jurisdiction rules)
    {
        if (file is null || file.Stage == (int)CaseStage.None) return None;
        var silence = await SilenceCase.NewestAsync(connection, transaction, file.WorkerId);
        if (bounce is null) return silence is not null && silence.IsTooEarly(rules) ? new(Fallen.Case, SilenceNotOver) : None;
        if (!await bounce.StandsAsync(connection, transaction)) return None;

        var message = bounce.Message;
        var stands = silence is null || !await silence.FallsWithAsync(connection, transaction, message, rules);
        var before = await CaseFile.FactsAsync(connection, transaction, file, Standing.UnderReview, rules);
        var after = await CaseFile.FactsAsync(connection, transaction, file, Standing.UnderReview, rules, message);
        var proposedAt = file.ProposedAct is { } proposal ? await connection.ExecuteScalarAsync<long?>("select given_at from act where number = @proposal", new { proposal }, transaction) : null;
        var inEffect = await connection.ExecuteScalarAsync<string?>("select in_effect_on from removal where case_id = @Id and (undone_act is null or undone_act = @AppealAct)", new { file.Id, file.AppealAct }, transaction);
        var fallen = Undoing.With(before, after, stands, proposedAt is { } at ? rules.DateOf(Instant.FromUnixTimeMilliseconds(at)) : null, IsoDate.Read(inEffect), rules);
        return new(fallen, !stands ? ReminderNotDelivered : after.OpeningTold != before.OpeningTold ? OpeningNotDelivered : DecisionNotDelivered);
    }
}

/// <summary>A worker's newest case, which is about silence; whether it is open stands in the worker's standing.</summary>
sealed record SilenceCase(long Id, long Worker, string Number, LocalDate Due, Instant OpenedAt, Instant RemindedAt)
{
    /// <returns>Null where the newest is about something else, or there is none.</returns>
    public static async Task<SilenceCase?> NewestAsync(DbConnection connection, DbTransaction transaction, long worker)
    {
        var row = await connection.QuerySingleOrDefaultAsync<(long Id, string Ground, string Number, string? Due, long OpenedAt, long? RemindedAt)?>(
            "select id, ground, act_number, due, opened_at, reminded_at from case_file where worker_id = @worker order by id desc limit 1", new { worker }, transaction);
        return row is { Ground: "silence" } r
            ? new SilenceCase(r.Id, worker, r.Number, IsoDate.Read(r.Due)!.Value, Instant.FromUnixTimeMilliseconds(r.OpenedAt), Instant.FromUnixTimeMilliseconds(r.RemindedAt!.Value))
            : null;
    }

    /// <summary>Whether the case falls with this message's arrival: nothing else delivered a reminder of the same period early enough.</summary>
    public async Task<bool> FallsWithAsync(DbConnection connection, DbTransaction transaction, long message, Jurisdiction rules)
    {
        var opened = OpenedAt.ToUnixTimeMilliseconds();
        var with = await PeriodReminders.FirstBeforeCaseAsync(connection, transaction, Worker, opened, bounced: -1);
        var without = await PeriodReminders.FirstBeforeCaseAsync(connection, transaction, Worker, opened, message);
        return with != without && !Silence.MayRestOn(Due, without is { } f ? rules.DateOf(f) : null, rules.DateOf(OpenedAt), rules.WorkersCalendar, rules.Intervals);
    }

    /// <summary>Whether the silence period was not over on the day on which the case opened, as the days off are known now.</summary>
    public bool IsTooEarly(Jurisdiction rules) =>
        Rules.Deadlines.SilenceEnds(Rules.Deadlines.OnOrAfter(Due, rules.WorkersCalendar), rules.DateOf(RemindedAt), rules.WorkersCalendar, rules.Intervals) is { } ends
        && rules.DateOf(OpenedAt) < Rules.Deadlines.CaseMayOpen(ends, rules.WorkersCalendar);

    /// <summary>Writes down on which delivery the case rests once a message came back.</summary>
    public async Task RestOnAnotherAsync(DbConnection connection, DbTransaction transaction, long bounced)
    {
        var opened = OpenedAt.ToUnixTimeMilliseconds();
        var with = await PeriodReminders.FirstBeforeCaseAsync(connection, transaction, Worker, opened, bounced: -1);
        if (await PeriodReminders.FirstBeforeCaseAsync(connection, transaction, Worker, opened, bounced) is { } first && first != with)
            await connection.ExecuteAsync("update case_file set reminded_at = @at where id = @Id", new { Id, at = first.ToUnixTimeMilliseconds() }, transaction);
    }
}
