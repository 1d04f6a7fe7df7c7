using Manzil.Access;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Layout;

public sealed class LanguagePage(Texts texts) : PageModel, IKeepsItself
{
    [BindProperty(SupportsGet = true), Typed(TextKind.Made)]
    public string? Return { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? Lang { get; set; }

    public IActionResult OnPost()
    {
        if (!LanguageChoice.Keep(HttpContext, Lang))
        {
            ModelState.AddModelError(nameof(Lang), texts["language.choose"]);
            return Page();
        }
        return LocalRedirect(ReturnPath.Of(Url, Return, "/"));
    }
}
