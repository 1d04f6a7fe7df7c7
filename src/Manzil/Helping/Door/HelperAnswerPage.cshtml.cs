using Manzil.Cases.Mine;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Helping.Door;

public sealed class HelperAnswerPage(Database database, CurrentRules current, CaseForms forms, Texts texts, IClock clock) : HelperFormPage(database, current, forms, texts, clock)
{
    protected override CaseAct Act => CaseAct.Answer;
}
