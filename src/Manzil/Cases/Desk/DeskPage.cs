using Manzil.Receipts;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Cases.Desk;

/// <summary>A page about one case, which shows something of a person only while the officer's look at it stands.</summary>
public abstract class DeskPage(CaseDesk desk) : StaffPage
{
    [FromRoute, Typed(TextKind.Number)]
    public string Number { get; set; } = "";

    /// <summary>The open file; there where <see cref="ReadAsync"/> gave no other answer.</summary>
    public DeskFile Open { get; private set; } = null!;

    protected CaseDesk Desk => desk;

    protected async Task<CaseFile?> FindAsync() =>
        ReceiptNumber.TryParse(Number, out var number) ? await desk.FindAsync(number.ToString()) : null;

    /// <summary>Reads the file; where no look stands, the officer is asked for a reason first.</summary>
    /// <returns>Null where the file is open.</returns>
    protected async Task<IActionResult?> ReadAsync()
    {
        if (await FindAsync() is not { } file) return NotFound();
        return await TryReadAsync(file) ? null : LocalRedirect($"/staff/cases/{file.Number}");
    }

    protected async Task<bool> TryReadAsync(CaseFile file)
    {
        if (await desk.ReadAsync(Staff, file) is not { } open) return false;
        Open = open;
        return true;
    }
}
