using Manzil.Layout;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Notices;

public sealed class RegistrationPage(NoticeBook book, Jurisdiction rules, Texts texts) : GivingPage(book, texts)
{
    public override string Title => Texts["registration.title"];

    public Office Office => rules.Offices.FirstOrDefault(o => o.Code.Value == Worker.Office) ?? rules.DefaultOffice;

    public void OnGet()
    {
        Begin();
        MayGive(NoticeKind.Registration);
    }

    public async Task<IActionResult> OnPostAsync() => HasKey ? await GiveAsync(new Notice.Registration()) : BadRequest();
}
