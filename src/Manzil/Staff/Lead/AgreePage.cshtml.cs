using Manzil.Layout;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Staff.Lead;

/// <summary>One named person: a lead reviewer agrees to their invitation or new role, or does not. Never their own.</summary>
public sealed class AgreePage(Officers officers, Appointments appointments, Jurisdiction rules, Texts texts) : StaffPage
{
    [BindProperty(SupportsGet = true)]
    public long Id { get; set; }

    /// <summary>The invitation or change of role that was shown: by now there may be another.</summary>
    [BindProperty]
    public long Change { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? Answer { get; set; }

    public Officer Officer { get; private set; } = null!;

    public string Since => Dates.InWords(Officer.ChangedAt, rules.Zone, texts.Lang);

    public async Task<IActionResult> OnGetAsync() => await FindAsync() ? Page() : NotFound();

    public async Task<IActionResult> OnPostAsync()
    {
        var decided = Answer switch
        {
            "yes" => await appointments.AgreeAsync(Staff, Id, Change),
            "no" => await appointments.RefuseAsync(Staff, Id, Change),
            _ => (bool?)null,
        };
        if (decided is true) return Redirect("/staff/lead");
        if (!await FindAsync()) return NotFound();
        ModelState.Clear();
        if (decided is null) ModelState.AddModelError(nameof(Answer), texts["lead.answer-missing"]);
        else ModelState.AddModelError("", texts["lead.changed-meanwhile"]);
        Response.StatusCode = decided is null ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict;
        return Page();
    }

    async Task<bool> FindAsync()
    {
        if ((await officers.WaitingAsync()).FirstOrDefault(o => o.Id == Id) is not { } officer) return false;
        Officer = officer;
        return true;
    }
}
