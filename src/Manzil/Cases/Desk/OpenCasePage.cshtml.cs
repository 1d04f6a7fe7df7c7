using Manzil.Access;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Cases.Desk;

/// <summary>A case opened with a written reason, about the one person whom the officer found by an exact number.</summary>
public sealed class OpenCasePage(Searches searches, DeskActs does, Texts texts) : StaffPage, IActOutcome, IHasSteps
{
    public const string Check = "check", Do = "do", Edit = "edit";

    [FromRoute]
    public long Look { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? Key { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? Go { get; set; }

    [BindProperty, Typed(TextKind.Long, Max = DeskAct.MaxReason)]
    public string? Reason { get; set; }

    public FoundPerson Found { get; private set; } = null!;

    public bool IsChecked { get; private set; }

    public bool IsBusy { get; private set; }

    public string? Filed { get; private set; }

    public string? NotNow { get; private set; }

    /// <summary>False where no case can be opened about this person.</summary>
    public bool IsPossible => Staff.Role == StaffRole.Caseworker && Found.Facts.Stage == CaseStage.None && Found.Standing == Standing.Registered;

    public async Task<IActionResult> OnGetAsync()
    {
        if (await ReadAsync() is { } elsewhere) return elsewhere;
        Key ??= IdempotencyKey.New();
        if (!IsPossible) Refuse(Staff.Role == StaffRole.Caseworker ? CaseRefusal.NotAtThisStage : CaseRefusal.NotForThisRole);
        return Page();
    }

    public string FirstStep => Edit;

    public Task<IActionResult> OnPostAsync() => StepAsync(acts: true);

    public Task<IActionResult> OnPostShowAsync() => StepAsync(acts: false);

    async Task<IActionResult> StepAsync(bool acts)
    {
        if (!IdempotencyKey.IsFromForm(Key)) return BadRequest();
        if (await ReadAsync() is { } elsewhere) return elsewhere;
        // To go back and change something needs nothing to be whole.
        if (Go == Edit && IsPossible) return Page();
        if (Reason is null) ModelState.AddModelError(nameof(Reason), texts["desk.refused.reason-missing"]);
        else if (Reason.Length > DeskAct.MaxReason) ModelState.AddModelError(nameof(Reason), texts["desk.text-length", ("count", DeskAct.MaxReason)]);
        if (!ModelState.IsValid) return Page();
        IsChecked = Go == Check || (Go == Do && !acts);
        if (Go != Do || !acts)
        {
            if (!IsPossible) Refuse(CaseRefusal.NotAtThisStage);
            return Page();
        }

        switch (await does.OpenAsync(Staff.Actor, Found.Worker.Id, Reason!, Key!))
        {
            case ActResult.Accepted accepted:
                return ActOutcomes.Receipt(accepted);
            case ActResult.KeyUsed used:
                Filed = used.Number.ToString();
                Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                break;
            case ActResult.Refused refused when RefusalWords.Parse(refused.Reason) is { } refusal:
                if (await ReadAsync() is { } away) return away;
                Refuse(refusal);
                break;
            case ActResult.Unavailable:
                (IsBusy, IsChecked) = (true, true);
                ActOutcomes.SayBusy(Response);
                break;
            default:
                return NotFound();
        }

        return Page();
    }

    async Task<IActionResult?> ReadAsync()
    {
        if (await searches.ReadAsync(Staff, Look) is not { } found) return LocalRedirect("/staff/search");
        Found = found;
        return null;
    }

    void Refuse(CaseRefusal refusal)
    {
        IsChecked = false;
        Response.StatusCode = StatusCodes.Status409Conflict;
        NotNow = refusal switch
        {
            CaseRefusal.DecidedAlready => texts["desk.refused.decided-already"],
            CaseRefusal.NotForThisRole => texts["desk.refused.role"],
            _ => texts["desk.refused.not-registered", ("standing", texts[$"desk.standing.{Found.Standing.Name()}"])],
        };
    }
}
