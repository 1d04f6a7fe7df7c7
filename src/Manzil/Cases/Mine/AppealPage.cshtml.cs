using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases.Mine;

/// <summary>I appeal. That is never hard: no fresh sign-in, no words and no files are asked for while there is time.</summary>
public sealed class AppealPage(Database database, CurrentRules current, CaseForms forms, Texts texts, IClock clock) : MyCaseFormPage(database, current, forms, texts, clock)
{
    protected override CaseAct Act => CaseAct.Appeal;
}
