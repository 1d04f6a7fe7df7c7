using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;

namespace Manzil.Cases;

/// <summary>A caseworker puts a removal in effect, by hand, once the worker's time to appeal is over (kind 40).</summary>
public sealed class PutRemovalInEffect(Actor actor, Jurisdiction rules, Telling telling) : CaseStep(CaseAct.PutInEffect, actor, rules, telling)
{
    private protected override Said Say() => new(StatementKind.RemovalInEffect, "message.removal-in-effect")
    {
        Particulars = With(("decision", File!.DecisionAct), ("proposed-by", File.ProposedBy), ("agreed-by", File.AgreedBy), ("told", IsoDate.Write(Facts.DecisionTold))),
    };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await NoteTimeIsOverAsync(connection, transaction, File!.DecisionAct!, Facts.DecisionTold!.Value, Facts.AppealUntil(Rules)!.Value);
        await connection.ExecuteAsync(
            """
            insert into removal (act_number, worker_id, case_id, proposed_by, agreed_by, put_in_effect_by, told_on, window_until, in_effect_on)
            values (@number, @WorkerId, @Id, @ProposedBy, @AgreedBy, @StaffNumber, @told, @window, @today)
            """,
            new
            {
                number = Number.ToString(),
                WorkerId,
                File.Id,
                File.ProposedBy,
                File.AgreedBy,
                Actor.StaffNumber,
                told = IsoDate.Write(Facts.DecisionTold),
                window = IsoDate.Write(Facts.AppealUntil(Rules)),
                today = IsoDate.Write(Rules.DateOf(ReceivedAt)),
            },
            transaction);
        await base.WriteAsync(connection, transaction);
    }
}
