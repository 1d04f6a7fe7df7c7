using Manzil.Layout;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.SignIn;

public sealed class ExportPage(Texts texts, Export export, Jurisdiction rules, IClock clock) : WorkerPage
{
    public IActionResult OnGet() => IsFresh ? Page() : AskFresh();

    public async Task<IActionResult> OnPostAsync()
    {
        if (!IsFresh) return AskFresh();
        var today = Register.IsoDate.Write(rules.DateOf(clock.GetCurrentInstant()));
        return File(await export.ZipAsync(Worker, texts), "application/zip", $"manzil-{today}.zip");
    }
}
