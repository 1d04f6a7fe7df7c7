using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>A caseworker opens a case with a written reason (kind 32). No case rests on facts already decided.</summary>
public sealed class OpenCaseWithReason(Actor actor, string reason, Jurisdiction rules, Telling telling)
    : CaseStep(CaseAct.OpenWithReason, actor, rules, telling)
{
    bool _decidedAlready;

    private protected override CaseWords Words => new() { Reason = reason, DecidedAlready = _decidedAlready };

    private protected override async Task ReadMoreAsync(DbConnection connection, DbTransaction transaction)
    {
        var earlier = await connection.QueryAsync<string>(
            "select reason from case_file where worker_id = @WorkerId and reason is not null", new { WorkerId }, transaction);
        _decidedAlready = earlier.Any(e => Plain(e) == Plain(reason));
    }

    static string Plain(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();

    LocalDate? Until => Manzil.Rules.Deadlines.AnswerUntil(Rules.DateOf(ReceivedAt), Rules.WorkersCalendar, Rules.Intervals);

    private protected override Said Say() => new(StatementKind.CaseOpened, Until is null ? "message.case-opened-by-officer-no-date" : "message.case-opened-by-officer")
    {
        Until = Until,
        Particulars = With(("ground", CaseGround.Other.Name())),
        Reason = reason.Trim(),
    };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        var today = Rules.DateOf(ReceivedAt);
        await connection.ExecuteAsync(
            """
            insert into case_file (worker_id, ground, act_number, opened_at, opened_by, reason, step_left, stage)
            values (@WorkerId, 'other', @number, @at, @StaffNumber, @reason, @today, 1)
            """,
            new { WorkerId, number = Number.ToString(), at = ReceivedAt.ToUnixTimeMilliseconds(), Actor.StaffNumber, reason = reason.Trim(), today = IsoDate.Write(today) },
            transaction);
        await NoteToldAsync(connection, transaction, Until);
    }
}
