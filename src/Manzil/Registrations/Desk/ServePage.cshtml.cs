using Manzil.Cases.Desk;
using Manzil.Layout;
using Manzil.Staff;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Registrations.Desk;

/// <summary>Who is at the desk: one exact number and a reason. The number is in no address and in no log.</summary>
public sealed class ServePage(Searches searches, Texts texts) : StaffPage
{
    [BindProperty]
    public string? Kind { get; set; }

    [BindProperty]
    public string? Exact { get; set; }

    [BindProperty]
    public string? Reason { get; set; }

    public bool IsNothing { get; private set; }

    public bool IsTooMany { get; private set; }

    public void OnGet()
    {
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (Kind is null || !Serving.Kinds.Contains(Kind)) ModelState.AddModelError(nameof(Kind), texts["desk.search.kind-missing"]);
        else if (!Searches.IsWhole(Kind, Exact)) ModelState.AddModelError(nameof(Exact), texts["desk.search.not-whole"]);
        if (!Looks.IsReason(Reason)) ModelState.AddModelError(nameof(Reason), texts["desk.look.reason-length", ("least", Looks.MinReason), ("most", Looks.MaxReason)]);
        if (!ModelState.IsValid) return Page();
        if (!await searches.CountAsync(Staff))
        {
            IsTooMany = true;
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Page();
        }

        if (await searches.FindAsync(Staff, Kind!, Exact!, Reason!, Looks.Desk) is { } look) return LocalRedirect(Served.RootOf(look));
        IsNothing = true;
        return Page();
    }
}
