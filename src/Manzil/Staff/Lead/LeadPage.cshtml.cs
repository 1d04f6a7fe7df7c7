using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Register;
using NodaTime;

namespace Manzil.Staff.Lead;

/// <summary>/staff/lead: who waits for a lead reviewer's word, and whether removals are paused.</summary>
public sealed class LeadPage(Officers officers, Database database, CurrentRules current, Texts texts) : StaffPage
{
    public IReadOnlyList<Officer> Waiting { get; private set; } = [];

    public bool IsPaused { get; private set; }

    public string DateOf(Instant instant) => Dates.InWords(current.Now.DateOf(instant), texts.Lang);

    public async Task OnGetAsync()
    {
        Waiting = await officers.WaitingAsync();
        await using var connection = await database.OpenAsync();
        IsPaused = await Removals.ArePausedAsync(connection, null, current.Now);
    }
}
