using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>Another caseworker, who has opened every answer and document, agrees (kind 35). The worker may appeal; nothing is in effect.</summary>
public sealed class AgreeToRemoval(Actor actor, string? reason, Jurisdiction rules, Telling telling) : CaseStep(CaseAct.Agree, actor, rules, telling)
{
    LocalDate? Until => Manzil.Rules.Deadlines.AppealUntil(Rules.DateOf(ReceivedAt), Rules.WorkersCalendar, Rules.Intervals);

    private protected override Said Say() => new(StatementKind.RemovalAgreed, Until is null ? "message.removal-agreed-no-date" : "message.removal-agreed")
    {
        Until = Until,
        Particulars = With(("proposal", File!.ProposedAct)),
        Reason = string.IsNullOrWhiteSpace(reason) ? null : reason.Trim(),
    };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync(
            "update case_file set agreed_by = @StaffNumber, agreed_act = @number, decision_act = @number where id = @Id",
            new { File!.Id, Actor.StaffNumber, number = Number.ToString() }, transaction);
        await NoteToldAsync(connection, transaction, Until);
        await base.WriteAsync(connection, transaction);
    }
}

/// <summary>A proposal ends without a decision: the case is open as before, and the authority's time runs on.</summary>
public abstract class EndOfProposal : CaseStep
{
    readonly StatementKind _kind;
    readonly string _message, _reason;

    private protected EndOfProposal(CaseAct act, StatementKind kind, string message, Actor actor, string reason, Jurisdiction rules, Telling telling) : base(act, actor, rules, telling) =>
        (_kind, _message, _reason) = (kind, message, reason);

    private protected override CaseWords Words => new() { Reason = _reason };

    private protected override Said Say() => new(_kind, _message) { Particulars = With(("proposal", File!.ProposedAct)), Reason = _reason.Trim() };

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await base.WriteAsync(connection, transaction);
        // What was not agreed to, or was taken back, is no proposal any more: nothing can be built on it without proposing anew.
        await connection.ExecuteAsync("update case_file set proposed_by = null, proposed_act = null where id = @Id", new { File!.Id }, transaction);
    }
}

/// <summary>Another caseworker disagrees, with a reason (kind 41).</summary>
public sealed class DisagreeWithRemoval(Actor actor, string reason, Jurisdiction rules, Telling telling)
    : EndOfProposal(CaseAct.Disagree, StatementKind.Disagreed, "message.disagreed", actor, reason, rules, telling);

/// <summary>Whoever proposed removal takes it back before anybody agreed, with a reason (kind 45).</summary>
public sealed class WithdrawProposal(Actor actor, string reason, Jurisdiction rules, Telling telling)
    : EndOfProposal(CaseAct.WithdrawProposal, StatementKind.ProposalWithdrawn, "message.proposal-withdrawn", actor, reason, rules, telling);
