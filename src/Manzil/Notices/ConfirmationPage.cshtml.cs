using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Notices;

public sealed class ConfirmationPage(NoticeBook book, Texts texts) : GivingPage(book, texts)
{
    public override string Title => Texts["confirmation.title"];

    /// <summary>The residence notice whose address the reader saw.</summary>
    [BindProperty, Typed(TextKind.Made)]
    public string? Shown { get; set; }

    public RecordAddress? Address { get; private set; }

    public async Task OnGetAsync()
    {
        Begin();
        MayGive(NoticeKind.Confirmation);
        Address = await Book.AddressOfAsync(Worker);
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!HasKey) return BadRequest();
        Address = await Book.AddressOfAsync(Worker);
        // The address was changed from elsewhere after this form was shown: a "yes" must be to what was seen.
        if (Address is not null && Shown != Worker.Entry.ResidenceNumber)
        {
            ModelState.Clear();
            return Page();
        }

        return await GiveAsync(new Notice.Confirmation());
    }
}
