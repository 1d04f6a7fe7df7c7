using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Rules;

namespace Manzil.Cases;

/// <summary>What a caseworker writes to propose removal: the ground, the facts of this case, and what would change the decision. Never prefilled.</summary>
public sealed record Proposal(string? Ground, string? Facts, string? Change);

/// <summary>A caseworker proposes removal (kind 34). Nothing is decided: another caseworker must agree.</summary>
public sealed class ProposeRemoval(Actor actor, Proposal proposal, Jurisdiction rules, Telling telling) : CaseStep(CaseAct.ProposeRemoval, actor, rules, telling)
{
    private protected override CaseWords Words => new()
    {
        GroundIsKnown = Rules.Grounds.Any(g => g.Code == proposal.Ground),
        Facts = proposal.Facts,
        Change = proposal.Change,
    };

    private protected override Said Say() => new(StatementKind.RemovalProposed, "message.removal-proposed")
    {
        Particulars = With(("ground", proposal.Ground), ("change", proposal.Change?.Trim())),
        Reason = proposal.Facts!.Trim(),
    };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await NoteTimeIsOverAsync(connection, transaction, File!.Number, Facts.OpeningTold!.Value, Facts.AnswerUntil(Rules)!.Value);
        await connection.ExecuteAsync(
            "update case_file set proposed_by = @StaffNumber, proposed_act = @number, agreed_by = null, agreed_act = null where id = @Id",
            new { File.Id, Actor.StaffNumber, number = Number.ToString() }, transaction);
        await base.WriteAsync(connection, transaction);
    }
}
