using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases.Mine;

/// <summary>I answer in my case, in words and with files.</summary>
public sealed class AnswerPage(Database database, CurrentRules current, CaseForms forms, Texts texts, IClock clock) : MyCaseFormPage(database, current, forms, texts, clock)
{
    protected override CaseAct Act => CaseAct.Answer;
}
