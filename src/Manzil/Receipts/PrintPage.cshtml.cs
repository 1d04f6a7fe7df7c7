using Manzil.Access;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Receipts;

/// <summary>A receipt as one sheet of paper: both codes, black on white; at the desk in the language of whoever takes it home.</summary>
public sealed class PrintPage(NoticeBook book, ReceiptFiles files, Jurisdiction rules, Texts texts) : PersonPage
{
    RecordAddress? _confirmed;

    public ActResult.Accepted Receipt { get; private set; } = null!;

    Record Record => Record.Decode(Receipt.Record);

    public string Sheet => ReceiptFiles.Sheet(Receipt, Record, _confirmed, rules, Words);

    /// <summary>How many sheets it takes at most.</summary>
    public int Sheets => ReceiptFiles.Sheets(Receipt, Record, _confirmed, rules, Words);

    public Texts Words => Served is null ? texts : Texts.For(Worker.Language);

    public async Task<IActionResult> OnGetAsync([Typed(TextKind.Number)] string number)
    {
        if (!ReceiptNumber.TryParse(number, out var parsed) || await book.FindAsync(Worker.Id, parsed) is not { } act) return NotFound();
        if (Served?.Shows(Record.Decode(act.Record)) == false) return NotFound();
        Receipt = await book.ReceiptAsync(act);
        _confirmed = await files.ConfirmedAsync(Record);
        return Page();
    }
}
