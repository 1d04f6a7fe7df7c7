using Dapper;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Cases.Desk;

/// <summary>
/// An officer's receipt for an act that they did. It names nobody: the statement proves the act, and whom it is about stands in the
/// file, behind a look.
/// </summary>
public sealed class ReceiptPage(Database database, CaseDesk desk, Texts texts) : StaffPage
{
    public Record Record { get; private set; } = null!;

    public byte[] Statement { get; private set; } = [];

    public string Code { get; private set; } = "";

    public bool IsDone { get; private set; }

    public string When => Dates.InWords(Record.IssuedAt, desk.Rules.Zone, texts.Lang);

    /// <summary>The case that the act is about, or opened.</summary>
    public string? Case => Record.Kind == StatementKind.CaseOpened ? Record.Number.ToString() : Record.Particulars.GetValueOrDefault("case");

    /// <summary>Whether an officer did this, so that its receipt is theirs too.</summary>
    public static bool IsOf(Record record, StaffMember staff) =>
        record.Particulars.GetValueOrDefault(OfficersOwn.Officer) == staff.Number || record.Particulars.GetValueOrDefault(ReissueReceipt.IssuedBy) == staff.Number;

    public async Task<IActionResult> OnGetAsync([Typed(TextKind.Number)] string number, [Typed(TextKind.Number)] string? done)
    {
        if (!ReceiptNumber.TryParse(number, out var parsed)) return NotFound();
        await using var connection = await database.OpenAsync();
        var row = await connection.QuerySingleOrDefaultAsync<(byte[] Statement, byte[] Record)?>(
            "select statement, record from act where number = @number and length(record) > 0", new { number = parsed.ToString() });
        if (row is not { } act) return NotFound();
        Record = Record.Decode(act.Record);
        // Somebody else's act is as unknown here as one that does not exist.
        if (!IsOf(Record, Staff)) return NotFound();
        Statement = act.Statement;
        Code = QrSvg.Draw(QrText.FormatStatement(Statement), texts["receipt.code-1"]);
        IsDone = done is not null;
        return Page();
    }
}
