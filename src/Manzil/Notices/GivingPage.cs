using Manzil.Access;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Notices;

/// <summary>
/// A page on which a worker gives a notice, or a clerk for a worker who is at the desk: the same act as the API, and everything
/// typed stays until it is done.
/// </summary>
public abstract class GivingPage(NoticeBook book, Texts texts) : PersonPage, IKeepsForm
{
    /// <summary>The idempotency key: made when the form is first shown, so that two taps are one notice.</summary>
    [BindProperty, Typed(TextKind.Made)]
    public string? Key { get; set; }

    /// <summary>Why it was not done, where that concerns no single field.</summary>
    public Problem? Refusal { get; private set; }

    /// <summary>The receipt that this very form gave earlier, with other content.</summary>
    public string? Filed { get; private set; }

    protected NoticeBook Book => book;

    protected Texts Texts => texts;

    protected bool HasKey => IdempotencyKey.IsFromForm(Key);

    /// <summary>What the page is about, or asks.</summary>
    public abstract string Title { get; }

    /// <summary>The page's title, or that of the refusal that stands in its place.</summary>
    public string TitleOrRefusal => Refusal is { } problem ? texts[$"problem.{problem.Name}.title"] : Title;

    /// <summary>Where the filed receipt can be corrected; null where its kind has nothing to correct.</summary>
    public virtual string? CorrectFiled => null;

    /// <summary>The field that a refused date belongs to; null where the page has none.</summary>
    protected virtual string? DateField => null;

    protected void Begin()
    {
        Key ??= IdempotencyKey.New();
        ModelState.Remove(nameof(Key));
    }

    /// <summary>Says at once what the rules would say in the end.</summary>
    protected bool MayGive(NoticeKind kind, LocalDate? date = null, string? replaces = null)
    {
        if (book.WouldRefuse(Worker, kind, date ?? book.Today, replaces) is not { } refusal) return true;
        Refuse(refusal.Name());
        return false;
    }

    protected void Refuse(string reason)
    {
        var problem = NoticeProblems.Of(reason);
        Response.StatusCode = problem.Status;
        if (DateField is { } field && problem.Name is "residence-too-early" or "residence-too-late" or "departure-too-early" or "departure-too-late")
            ModelState.AddModelError(field, $"{texts[$"problem.{problem.Name}.title"]}. {texts[$"problem.{problem.Name}.detail"]}");
        else
            Refusal = problem;
    }

    protected async Task<IActionResult> GiveAsync(Notice notice)
    {
        switch (await book.GiveFromPageAsync(Worker, notice, KeyOf(Key!), KeptForm.SentEarlier(HttpContext), RecordedAs))
        {
            case ActResult.Accepted accepted:
                return LocalRedirect($"{Root}/notices/{accepted.Number}?done=1");
            case ActResult.Refused refused:
                Refuse(refused.Reason);
                break;
            case ActResult.KeyUsed used:
                Filed = used.Number.ToString();
                Response.StatusCode = NoticeProblems.IdempotencyKeyUsed.Status;
                break;
            case ActResult.Unavailable:
                return Busy.TurnAway(Response);
            default:
                return NotFound();
        }

        return Page();
    }
}
