using Manzil.Rules;
using Manzil.Staff;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Cases.Desk;

/// <summary>The one person whom a search found, under the look that was written for it.</summary>
public sealed class FoundPage(Searches searches) : StaffPage
{
    public FoundPerson Found { get; private set; } = null!;

    public bool CanOpenCase => Staff.Role == StaffRole.Caseworker && Found.Facts.Stage == CaseStage.None && Found.Standing == Standing.Registered;

    public async Task<IActionResult> OnGetAsync(long look)
    {
        if (await searches.ReadAsync(Staff, look) is not { } found) return LocalRedirect("/staff/search");
        Found = found;
        return Page();
    }
}
