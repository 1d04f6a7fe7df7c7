using System.Globalization;
using Manzil.Access;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Helping.Mine;

/// <summary>I name somebody who helps me, after a fresh passkey or code; the page shows once what I hand them.</summary>
public sealed class NewHelperPage(HelperGrants grants, ServiceSettings settings, Texts texts) : WorkerPage, IAnswersAtOnce
{
    [BindProperty, Typed(TextKind.Made)]
    public string? Key { get; set; }

    [BindProperty, Typed(TextKind.Line, Max = HelperGrant.MaxName)]
    public string? Name { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? Scope { get; set; }

    [BindProperty, Typed(TextKind.Digits, Max = 3)]
    public string? Days { get; set; }

    /// <summary>Shown once: nobody can read it again.</summary>
    public string? Code { get; private set; }

    /// <summary>The receipt's number, once it is done.</summary>
    public string? Number { get; private set; }

    /// <summary>The code is shown once.</summary>
    public bool AnswersAtOnce => Number is not null;

    public LocalDate Until { get; private set; }

    public string Where => new Uri(settings.PublicUrl, HelperSessions.Folder).ToString();

    public bool HasCase => Worker.Entry.Standing is Standing.UnderReview or Standing.RemovalPending or Standing.Removed;

    public IActionResult OnGet()
    {
        if (!IsFresh) return AskFresh();
        Key ??= IdempotencyKey.New();
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!IdempotencyKey.IsFromForm(Key)) return BadRequest();
        if (!IsFresh) return AskFresh();
        var name = Name ?? "";
        if (name.Length == 0) ModelState.AddModelError(nameof(Name), texts["helping.name-missing"]);
        else if (name.Length > HelperGrant.MaxName || name.Any(char.IsSurrogate)) ModelState.AddModelError(nameof(Name), texts["helping.name-wrong", ("count", HelperGrant.MaxName)]);
        if (Scope is not (HelperGrant.See or HelperGrant.Act)) ModelState.AddModelError(nameof(Scope), texts["helping.scope-missing"]);
        if (!int.TryParse(Days, NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days is < HelperGrant.MinDays or > HelperGrant.MaxDays)
            ModelState.AddModelError(nameof(Days), texts["helping.days-wrong", ("min", HelperGrant.MinDays), ("max", HelperGrant.MaxDays)]);
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }

        var (result, code) = await grants.GiveAsync(Worker, name, Scope!, days, Key!);
        switch (result)
        {
            case ActResult.Accepted accepted:
                (Number, Code, Name, Until) = (accepted.Number.ToString(), code, name, grants.UntilAfter(days));
                Response.Headers.CacheControl = "no-store";
                return Page();
            case ActResult.KeyUsed used:
                Number = used.Number.ToString();
                return Page();
            case ActResult.Refused { Reason: GiveHelp.NoCase }:
                ModelState.AddModelError(nameof(Scope), texts["helping.no-case"]);
                Response.StatusCode = StatusCodes.Status409Conflict;
                return Page();
            default:
                return StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }
}
