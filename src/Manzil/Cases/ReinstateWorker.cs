using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;

namespace Manzil.Cases;

/// <summary>A reviewer reinstates a removed worker, with a reason (kind 39): as if never removed, and the receipt says so.</summary>
public sealed class ReinstateWorker(Actor actor, string reason, Jurisdiction rules, Telling telling) : CaseStep(CaseAct.Reinstate, actor, rules, telling)
{
    Gap? _gap;

    private protected override CaseWords Words => new() { Reason = reason };

    private protected override async Task ReadMoreAsync(DbConnection connection, DbTransaction transaction) => _gap = await Gap.FindAsync(connection, transaction, File);

    private protected override Said Say() => new(StatementKind.Reinstated, "message.reinstated")
    {
        // The gap is erased: registered also on the days between.
        Particulars = _gap.In(With(), Rules.DateOf(ReceivedAt)),
        Reason = reason.Trim(),
    };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync(
            "update removal set undone_act = @number where worker_id = @WorkerId and undone_act is null", new { number = Number.ToString(), WorkerId }, transaction);
        await base.WriteAsync(connection, transaction);
    }
}
