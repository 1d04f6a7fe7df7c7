using Manzil.Layout;
using Manzil.Rules;

namespace Manzil.Cases.Mine;

/// <summary>A form that answers or appeals, as a page draws it.</summary>
public sealed record CaseForm(CaseAct Act, string Key, string? Text, bool IsLate)
{
    /// <summary>answer or appeal, as in the texts.</summary>
    public string Name => Act == CaseAct.Answer ? "answer" : "appeal";
}

/// <summary>What such a page says instead of its form, where it cannot be sent.</summary>
public sealed record CaseRefused(Problem? Problem, string? Filed);
