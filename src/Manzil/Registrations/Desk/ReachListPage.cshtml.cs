using Manzil.Staff;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Registrations.Desk;

/// <summary>Whom the clerk's own centre is asked to reach, by dates alone. It shows no person, so it is no look at one.</summary>
public sealed class ReachListPage(ToBeReached list) : StaffPage
{
    const int MaxPage = 100_000;

    [BindProperty(SupportsGet = true, Name = "page-number")]
    public int PageNumber { get; set; } = 1;

    public IReadOnlyList<ReachEntry> Entries { get; private set; } = [];

    public bool HasMore { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        if (!ModelState.IsValid || PageNumber is < 1 or > MaxPage) return NotFound();
        (Entries, HasMore) = await list.ReadAsync(Staff.Office, PageNumber);
        return Page();
    }
}
