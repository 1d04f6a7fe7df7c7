using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Rules;

namespace Manzil.Cases;

/// <summary>The worker, or a helper for them, appeals (kind 36). That suspends everything, also a removal in effect.</summary>
public sealed class AppealRemoval(Actor actor, string? reason, IReadOnlyList<Attachment> attachments, Jurisdiction rules, Telling telling)
    : CaseStep(CaseAct.Appeal, actor, rules, telling)
{
    private protected override CaseWords Words => new() { Reason = reason };

    private protected override IReadOnlyList<Attachment> Attached => attachments;

    private protected override Said Say() => new(StatementKind.Appeal, Actor.Kind == ActorKind.Helper ? "message.appeal-by-helper" : "message.appeal")
    {
        Particulars = With([("decision", File!.DecisionAct), .. Attachments.Particulars(attachments)]),
        Reason = string.IsNullOrWhiteSpace(reason) ? null : reason.Trim(),
    };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        var number = Number.ToString();
        await connection.ExecuteAsync("update removal set undone_act = @number where worker_id = @WorkerId and undone_act is null", new { number, WorkerId }, transaction);
        await connection.ExecuteAsync("update case_file set appeal_act = @number where id = @Id", new { number, File!.Id }, transaction);
        await Attachments.WriteAsync(connection, transaction, attachments, File, number, ReceivedAt.ToUnixTimeMilliseconds(), Actor.Kind == ActorKind.Helper);
        await base.WriteAsync(connection, transaction);
    }
}
