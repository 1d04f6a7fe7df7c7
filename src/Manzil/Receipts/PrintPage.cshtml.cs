using Manzil.Layout;
using Manzil.Notices;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Receipts;

/// <summary>A receipt as one sheet of paper: both codes, black on white.</summary>
public sealed class PrintPage(NoticeBook book, Jurisdiction rules, Texts texts) : WorkerPage
{
    public ActResult.Accepted Receipt { get; private set; } = null!;

    public string Sheet => ReceiptFiles.Sheet(Receipt, Record.Decode(Receipt.Record), rules, texts);

    public async Task<IActionResult> OnGetAsync(string number)
    {
        if (!ReceiptNumber.TryParse(number, out var parsed) || await book.FindAsync(Worker.Id, parsed) is not { } act) return NotFound();
        Receipt = await book.ReceiptAsync(act);
        return Page();
    }
}
