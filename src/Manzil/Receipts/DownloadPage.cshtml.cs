using Manzil.Layout;
using Manzil.Notices;
using Manzil.SignIn;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Receipts;

/// <summary>The receipt file, for the signed-in browser.</summary>
public sealed class DownloadPage(NoticeBook book, ReceiptFiles files, Texts texts) : WorkerPage
{
    public async Task<IActionResult> OnGetAsync([Typed(TextKind.Number)] string number)
    {
        if (!ReceiptNumber.TryParse(number, out var parsed) || await book.FindAsync(Worker.Id, parsed) is not { } act) return NotFound();
        var receipt = await book.ReceiptAsync(act);
        return File(await files.ZipAsync(receipt, texts), "application/zip", $"manzil-{receipt.Number}.zip");
    }
}
