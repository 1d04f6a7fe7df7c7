using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Cases.Desk;

/// <summary>A letter that arrived, or a hand-over at the desk: the worker's time runs from it, so it is an act with a receipt.</summary>
public sealed class DeliveredPage(CaseDesk desk, DeskActs acts, Texts texts) : DeskPage(desk), IActOutcome
{
    [BindProperty, Typed(TextKind.Made)]
    public string? Key { get; set; }

    /// <summary>The act that was delivered, as the officer saw it awaited.</summary>
    [BindProperty, Typed(TextKind.Made)]
    public string? Item { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? How { get; set; }

    [BindProperty]
    public DateEntry On { get; set; } = new();

    public bool IsBusy { get; private set; }

    public string? Filed { get; private set; }

    public string? NotNow { get; private set; }

    /// <summary>False where nothing waits for a delivery.</summary>
    public bool IsPossible => Open.AwaitsDelivery && Staff.Role == StaffRole.Caseworker;

    public bool IsDecision => Open.Standing == Standing.RemovalPending;

    public async Task<IActionResult> OnGetAsync()
    {
        if (await ReadAsync() is { } elsewhere) return elsewhere;
        (Key, Item) = (Key ?? IdempotencyKey.New(), RecordDelivery.Awaited(Open.File, Open.Standing));
        if (!IsPossible) Refuse();
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!IdempotencyKey.IsFromForm(Key) || Item is not { Length: 16 }) return BadRequest();
        if (await ReadAsync() is { } elsewhere) return elsewhere;
        if (How is not (RecordDelivery.Post or RecordDelivery.Desk)) ModelState.AddModelError(nameof(How), texts["desk.delivered.how-missing"]);
        var day = this.ReadDate(nameof(On), On, DateSense.OfNow, texts);
        if (!ModelState.IsValid) return Page();
        switch (await acts.DeliveredAsync(Staff.Actor, Open.File.WorkerId, Item, How!, day!.Value, Key!))
        {
            case ActResult.Accepted accepted:
                return ActOutcomes.Receipt(accepted);
            case ActResult.KeyUsed used:
                Filed = used.Number.ToString();
                Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                break;
            case ActResult.Refused { Reason: RecordDelivery.Ahead }:
                ModelState.AddModelError(nameof(On), texts["desk.delivered.ahead"]);
                break;
            case ActResult.Refused { Reason: RecordDelivery.TooEarly }:
                ModelState.AddModelError(nameof(On), texts["desk.delivered.too-early"]);
                break;
            case ActResult.Refused:
                if (await ReadAsync() is { } away) return away;
                Refuse();
                break;
            case ActResult.Unavailable:
                IsBusy = true;
                ActOutcomes.SayBusy(Response);
                break;
            default:
                return NotFound();
        }

        return Page();
    }

    void Refuse()
    {
        NotNow = Staff.Role == StaffRole.Caseworker ? texts["desk.delivered.not-awaited"] : texts["desk.refused.role"];
        Response.StatusCode = StatusCodes.Status409Conflict;
    }
}
