using Manzil.Access;
using Manzil.Layout;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Cases.Desk;

/// <summary>Whom an officer has in hand: one exact number and a reason. The number is in no address and in no log.</summary>
public abstract class ExactNumberPage(Searches searches, Texts texts) : StaffPage, IAnswersAtOnce
{
    [BindProperty, Typed(TextKind.Made)]
    public string? Kind { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = Searches.MaxLength)]
    public string? Exact { get; set; }

    [BindProperty, Typed(TextKind.Line, Max = Looks.MaxReason)]
    public string? Reason { get; set; }

    public bool IsNothing { get; private set; }

    public bool IsTooMany { get; private set; }

    /// <summary>That nobody was found is the answer to this very search.</summary>
    public bool AnswersAtOnce => IsNothing;

    /// <summary>The kinds of number that find somebody here.</summary>
    public abstract IReadOnlyList<string> Kinds { get; }

    public abstract string Button { get; }

    /// <summary>What kind of look is recorded, before anything shows.</summary>
    protected abstract string What { get; }

    protected abstract string RootOf(long look);

    public void OnGet()
    {
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (Kind is null || !Kinds.Contains(Kind)) ModelState.AddModelError(nameof(Kind), texts["desk.search.kind-missing"]);
        else if (!Searches.IsWhole(Kind, Exact)) ModelState.AddModelError(nameof(Exact), texts["desk.search.not-whole"]);
        if (!Looks.IsReason(Reason)) ModelState.AddModelError(nameof(Reason), texts["desk.look.reason-length", ("least", Looks.MinReason), ("most", Looks.MaxReason)]);
        if (!ModelState.IsValid) return Page();
        if (!await searches.CountAsync(Staff))
        {
            IsTooMany = true;
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Page();
        }

        if (await searches.FindAsync(Staff, Kind!, Exact!, Reason!, What) is { } look) return LocalRedirect(RootOf(look));
        IsNothing = true;
        return Page();
    }
}
