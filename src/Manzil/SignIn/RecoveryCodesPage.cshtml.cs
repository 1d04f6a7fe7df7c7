using Manzil.Access;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>Ten codes to print, shown once.</summary>
public sealed class RecoveryCodesPage(Texts texts, RecoveryCodes codes, ServiceFacts facts, Jurisdiction rules, IClock clock) : WorkerPage, IAnswersAtOnce
{
    /// <summary>When the set was made that the reader saw; zero for none.</summary>
    [BindProperty]
    public long Before { get; set; }

    public RecoveryCodes.Standing Now { get; private set; } = new(0, 0);

    /// <summary>The new codes; null where none were made just now.</summary>
    public IReadOnlyList<string>? Made { get; private set; }

    /// <summary>The codes are shown once.</summary>
    public bool AnswersAtOnce => Made is not null;

    public LocalDate Today => rules.DateOf(clock.GetCurrentInstant());

    public string SignInAddress => facts.Address + "/sign-in/recovery";

    public async Task<IActionResult> OnGetAsync()
    {
        if (!IsFresh) return AskFresh();
        Now = await codes.StandingAsync(Worker.Id);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!IsFresh) return AskFresh();
        if (await codes.MakeAsync(Worker, Before) is not { } made) return Busy.TurnAway(Response);
        if (made.Count > 0)
        {
            Made = made;
            return Page();
        }

        ModelState.AddModelError("", texts["recovery.made-already"]);
        Response.StatusCode = StatusCodes.Status409Conflict;
        Now = await codes.StandingAsync(Worker.Id);
        ModelState.Remove(nameof(Before));
        return Page();
    }
}
