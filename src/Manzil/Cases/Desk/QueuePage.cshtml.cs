using Manzil.Rules;
using Manzil.Staff;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Cases.Desk;

/// <summary>The open cases, by dates alone. It shows no person, so it is no look at one.</summary>
public sealed class QueuePage(Queue queue) : StaffPage
{
    const int MaxPage = 100_000;

    [BindProperty(SupportsGet = true, Name = "page-number")]
    public int PageNumber { get; set; } = 1;

    public IReadOnlyList<QueuedCase> Cases { get; private set; } = [];

    public bool HasMore { get; private set; }

    public bool AppealsFirst => Staff.Role != StaffRole.Caseworker;

    public async Task<IActionResult> OnGetAsync()
    {
        if (!ModelState.IsValid || PageNumber is < 1 or > MaxPage) return NotFound();
        (Cases, HasMore) = await queue.ReadAsync(PageNumber, AppealsFirst);
        return Page();
    }
}
