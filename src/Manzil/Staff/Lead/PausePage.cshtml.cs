using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Status;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Staff.Lead;

/// <summary>The circuit breaker: whether removals are paused and why, and the lead reviewer's act that lifts the pause (kind 43).</summary>
public sealed class PausePage(Database database, BatchWriter writer, CurrentRules current, IClock clock, Texts texts) : StaffPage
{
    public const int MaxReason = 2000;

    [BindProperty, Typed(TextKind.Long, Max = MaxReason)]
    public string? Reason { get; set; }

    /// <summary>The receipt of the lifting, once it was done.</summary>
    [BindProperty(SupportsGet = true), Typed(TextKind.Number)]
    public string? Lifted { get; set; }

    /// <summary>Newest first; the first stands where it is not lifted.</summary>
    public IReadOnlyList<Pause> Pauses { get; private set; } = [];

    public bool IsPaused => Pauses is [{ Lift: null }, ..];

    /// <summary>The decided appeals call for a pause that is stated within the next minute; it holds already.</summary>
    public bool IsDue { get; private set; }

    public Jurisdiction Rules => current.Now;

    public async Task OnGetAsync() => await ReadAsync();

    public async Task<IActionResult> OnPostAsync()
    {
        var reason = Reason ?? "";
        if (!ModelState.IsValid) return await AgainAsync(null, StatusCodes.Status400BadRequest);
        if (reason.Length is 0 or > MaxReason) return await AgainAsync(texts[reason.Length == 0 ? "lead.reason-missing" : "fault.text-too-long"], StatusCodes.Status400BadRequest);
        var act = new LiftPause(Staff.Actor, reason, Rules) { ReceivedAt = clock.GetCurrentInstant(), Channel = RecordChannel.Desk };
        return await writer.SubmitAsync(act) switch
        {
            ActResult.Accepted accepted => Redirect("/staff/lead/pause?lifted=" + accepted.Number),
            ActResult.Unavailable => await AgainAsync(texts["problem.unavailable.detail"], StatusCodes.Status503ServiceUnavailable),
            _ => await AgainAsync(texts["lead.changed-meanwhile"], StatusCodes.Status409Conflict),
        };
    }

    async Task<IActionResult> AgainAsync(string? error, int status)
    {
        if (error is not null) ModelState.AddModelError(nameof(Reason), error);
        Response.StatusCode = status;
        await ReadAsync();
        return Page();
    }

    async Task ReadAsync()
    {
        await using var connection = await database.OpenAsync();
        Pauses = await Pause.ListAsync(connection);
        IsDue = !IsPaused && await Removals.ArePausedAsync(connection, null, Rules);
    }
}
