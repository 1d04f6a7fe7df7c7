using Manzil.Rules;
using Manzil.Status;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Staff.Desk;

/// <summary>/staff, the home of every role: what can I do here.</summary>
public sealed class DeskPage(Officers officers, Readiness readiness) : StaffPage
{
    /// <summary>Those that this officer's role opens.</summary>
    public IReadOnlyList<StaffWork> Mine { get; private set; } = [];

    /// <summary>How many invitations and changes of role wait for a lead reviewer.</summary>
    public int Waiting { get; private set; }

    /// <summary>How the service is, for an operator; null for every other role.</summary>
    public Ready? Ready { get; private set; }

    public async Task OnGetAsync()
    {
        if (Staff.Role == StaffRole.Operator) Ready = await readiness.ReadAsync();
        Mine = [.. StaffWork.Of(Staff.Role)];
        if (Mine.Any(w => w.Name == "lead")) Waiting = (await officers.WaitingAsync()).Count;
    }
}
