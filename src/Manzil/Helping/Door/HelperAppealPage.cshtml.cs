using Manzil.Cases.Mine;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using NodaTime;

namespace Manzil.Helping.Door;

public sealed class HelperAppealPage(Database database, CurrentRules current, CaseForms forms, Looks looks, Texts texts, IClock clock) : HelperFormPage(database, current, forms, looks, texts, clock)
{
    protected override CaseAct Act => CaseAct.Appeal;
}
