using Manzil.Rules;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Cases.Desk;

/// <summary>The open cases, by dates alone. It shows no person, so it is no look at one.</summary>
public sealed class QueuePage(Queue queue) : StaffPage
{
    /// <summary>The page begins behind this case.</summary>
    [BindProperty(SupportsGet = true), Typed(TextKind.Made)]
    public string? After { get; set; }

    /// <summary>The page ends before this case.</summary>
    [BindProperty(SupportsGet = true), Typed(TextKind.Made)]
    public string? Before { get; set; }

    public QueuePart Part { get; private set; } = null!;

    public bool AppealsFirst => Staff.Role != StaffRole.Caseworker;

    public async Task<IActionResult> OnGetAsync()
    {
        var (after, before) = (After is null ? null : QueuePosition.Parse(After), Before is null ? null : QueuePosition.Parse(Before));
        if ((After is not null && after is null) || (Before is not null && before is null)) return NotFound();
        Part = await queue.ReadAsync(Staff.Actor, AppealsFirst, after, before);
        return Page();
    }
}
