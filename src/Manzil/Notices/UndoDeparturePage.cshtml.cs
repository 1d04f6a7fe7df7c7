using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Notices;

public sealed class UndoDeparturePage(NoticeBook book, Texts texts) : GivingPage(book, texts)
{
    public override string Title => Texts["undo.title"];

    /// <summary>The departure notice to undo.</summary>
    [BindProperty, Typed(TextKind.Number)]
    public string? Number { get; set; }

    public void OnGet()
    {
        Begin();
        Number = Worker.Entry.DepartureNumber;
        MayGive(NoticeKind.Withdrawal, null, Number);
    }

    public async Task<IActionResult> OnPostAsync() =>
        HasKey && ReceiptNumber.TryParse(Number, out var number) ? await GiveAsync(new Notice.Withdrawal(number)) : BadRequest();
}
