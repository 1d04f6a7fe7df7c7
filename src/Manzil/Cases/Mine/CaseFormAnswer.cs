using Manzil.Cases.Files;
using Manzil.Layout;
using Manzil.Notices;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Cases.Mine;

/// <summary>What a page says about what was sent: the same for the worker and for a helper.</summary>
public static class CaseFormAnswer
{
    /// <returns>The receipt's number where it was done; null where the page is to be shown again, with what is wrong. Who was turned away is answered elsewhere (<see cref="Busy.TurnAway"/>).</returns>
    public static string? Say(PageModel page, CaseSent sent, int files, Texts texts)
    {
        var state = page.ModelState;
        switch (sent)
        {
            case CaseSent.Done done:
                return done.Receipt.Number.ToString();
            case CaseSent.Faulty faulty:
                page.Response.StatusCode = StatusCodes.Status400BadRequest;
                // One error a field stands beside it: of several files, all that is wrong.
                foreach (var field in faulty.Faults.GroupBy(f => f.Field))
                    state.AddModelError(field.Key, string.Join(" ", field.Select(f => f.InWords(texts))));
                if (files > 0 && !faulty.Faults.Any(f => FileLimits.IsOf(f.Reason))) Again(CaseForms.FilesField);
                break;
            case CaseSent.Refused refused:
                page.Response.StatusCode = refused.Problem.Status;
                break;
            case CaseSent.KeyUsed:
                page.Response.StatusCode = NoticeProblems.IdempotencyKeyUsed.Status;
                break;
        }

        return null;

        void Again(string field)
        {
            if (state[field]?.Errors is { Count: > 0 } errors)
            {
                var said = errors[0].ErrorMessage;
                errors.Clear();
                state.AddModelError(field, $"{said} {texts["case-form.choose-again"]}");
            }
            else
            {
                state.AddModelError(field, texts["case-form.choose-again"]);
            }
        }
    }

    public static CaseRefused? RefusedOf(CaseSent? sent) => sent switch
    {
        CaseSent.Refused refused => new CaseRefused(refused.Problem, null),
        CaseSent.KeyUsed used => new CaseRefused(null, used.Number.ToString()),
        _ => null,
    };
}
