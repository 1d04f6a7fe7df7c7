using Manzil.Deadlines;
using Manzil.SignIn;
using Manzil.Staff;

namespace Manzil.Cases.Mine;

/// <summary>Everybody who looked at this worker's data: role, office, date and reason. For every worker, at any time.</summary>
public sealed class LooksPage(Looks looks, CaseWording wording, CurrentRules current) : WorkerPage
{
    public ShownLooks All { get; private set; } = null!;

    public int Years => current.Now.Retention.LookYears;

    public async Task OnGetAsync() => All = new(await looks.OfAsync(Worker.Id), wording);
}
