using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Rules;

namespace Manzil.Cases;

/// <summary>A caseworker closes the case: the worker stays registered (kind 38).</summary>
public sealed class KeepWorker(Actor actor, string reason, Jurisdiction rules, Telling telling) : CaseStep(CaseAct.Keep, actor, rules, telling)
{
    private protected override CaseWords Words => new() { Reason = reason };

    private protected override Said Say() => new(StatementKind.CaseClosed, "message.case-kept") { Particulars = With(("outcome", "kept")), Reason = reason.Trim() };
}
