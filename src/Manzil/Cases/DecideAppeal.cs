using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>A reviewer who took no part before decides an appeal, with reasons (kind 37).</summary>
public sealed class DecideAppeal(Actor actor, bool forWorker, string reason, Jurisdiction rules, Telling telling)
    : CaseStep(forWorker ? CaseAct.DecideAppealForWorker : CaseAct.DecideAppealAgainstWorker, actor, rules, telling)
{
    private protected override CaseWords Words => new() { Reason = reason };

    Gap? _gap;

    private protected override async Task ReadMoreAsync(DbConnection connection, DbTransaction transaction) =>
        _gap = forWorker ? await Gap.FindAsync(connection, transaction, File) : null;

    LocalDate? Until => forWorker ? null : Manzil.Rules.Deadlines.AppealUntil(Rules.DateOf(ReceivedAt), Rules.WorkersCalendar, Rules.Intervals);

    private protected override Said Say() => new(
        StatementKind.AppealDecided, forWorker ? "message.appeal-decided-for" : Until is null ? "message.appeal-decided-against-no-date" : "message.appeal-decided-against")
    {
        Until = Until,
        // The gap is erased, as when a worker is reinstated.
        Particulars = _gap.In(With(("appeal", File!.AppealAct), ("outcome", forWorker ? "for-worker" : "against-worker")), Rules.DateOf(ReceivedAt)),
        Reason = reason.Trim(),
    };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        var number = Number.ToString();
        await connection.ExecuteAsync(
            "insert into appeal_decision (act_number, case_id, appeal_act, decided_by, reversed, decided_at) values (@number, @Id, @AppealAct, @StaffNumber, @reversed, @at)",
            new { number, File!.Id, File.AppealAct, Actor.StaffNumber, reversed = forWorker ? 1 : 0, at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
        if (!forWorker) await connection.ExecuteAsync("update case_file set decision_act = @number where id = @Id", new { number, File.Id }, transaction);
        await NoteToldAsync(connection, transaction, Until);
        await base.WriteAsync(connection, transaction);
    }
}
