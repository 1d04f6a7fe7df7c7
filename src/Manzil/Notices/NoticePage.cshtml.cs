using Manzil.Access;
using Manzil.Cases.Desk;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Notices;

/// <summary>One notice with its receipt, on the screen; at the desk, what a clerk may show and print.</summary>
public sealed class NoticePage(NoticeBook book, ReceiptFiles files, Reissuing reissuing, Jurisdiction rules, Texts texts) : PersonPage
{
    RecordAddress? _confirmed;

    public ActResult.Accepted Receipt { get; private set; } = null!;

    public Record Record { get; private set; } = null!;

    public IReadOnlyList<(string Label, string Value)> Facts => ReceiptFacts.Of(Record, rules, texts, _confirmed);

    public string Kind => texts[$"kind.{Record.Kind.Name()}"];

    public string Code => QrSvg.Draw(QrText.FormatStatement(Receipt.Statement), texts["receipt.code-1"]);

    public string? ReplacedBy { get; private set; }

    /// <summary>Where this notice can be corrected; null where it cannot.</summary>
    public string? Correct { get; private set; }

    public bool CanUndo { get; private set; }

    /// <summary>Whether what replaced it states the same, for a newer document or name.</summary>
    public bool IsReissued { get; private set; }

    /// <summary>Whether it shows an older document or name, so that it can be issued anew.</summary>
    public bool CanReissue { get; private set; }

    public bool IsDone { get; private set; }

    /// <summary>The clerk's own receipt, where the clerk who reads this did it; null otherwise.</summary>
    public string? OfficersReceipt => Served is { } served && ReceiptPage.IsOf(Record, served.Officer) ? $"/staff/desk/receipts/{Record.Number}" : null;

    public async Task<IActionResult> OnGetAsync([Typed(TextKind.Number)] string number, [Typed(TextKind.Number)] string? done)
    {
        if (!ReceiptNumber.TryParse(number, out var parsed) || await book.FindReplacedAsync(Worker.Id, parsed) is not { } notice) return NotFound();
        if (Served?.Shows(notice.Record) == false) return NotFound();
        Record = notice.Record;
        _confirmed = await files.ConfirmedAsync(Record);
        Receipt = await book.ReceiptAsync(notice.Act);
        ReplacedBy = notice.IsReplaced ? await book.ReplacedByAsync(parsed) : null;
        IsReissued = ReplacedBy is { } newer && await book.FindAsync(Worker.Id, ReceiptNumber.Parse(newer)) is { } again && ReissueReceipt.FirstGivenOf(Record.Decode(again.Record)) is not null;
        CanReissue = !notice.IsReplaced && ReissueReceipt.IsOutOfDate(Record, Worker);
        IsDone = done is not null;
        CanUndo = Worker.Entry.DepartureNumber == notice.Act.Number;
        if (!notice.IsReplaced && notice.Origin == StatementKind.Residence) Correct = $"{Root}/residence/{parsed}";
        else if (CanUndo) Correct = $"{Root}/departure/{parsed}";
        return Page();
    }

    /// <summary>Issues the receipt anew, for the newest document.</summary>
    public async Task<IActionResult> OnPostAsync([Typed(TextKind.Number)] string number)
    {
        if (!ReceiptNumber.TryParse(number, out var parsed) || await book.FindAsync(Worker.Id, parsed) is not { } act) return NotFound();
        if (Served?.Shows(Record.Decode(act.Record)) == false) return NotFound();
        switch (await reissuing.IssueAsync(Worker, act, Served?.Officer.Actor))
        {
            case ActResult.Accepted accepted:
                return LocalRedirect($"{Root}/notices/{accepted.Number}?done=1");
            case ActResult.Unavailable:
                ActOutcomes.SayBusy(Response);
                ModelState.AddModelError("", texts["giving.busy-title"]);
                break;
            default:
                Response.StatusCode = StatusCodes.Status409Conflict;
                ModelState.AddModelError("", texts["reissue.refused"]);
                break;
        }

        return await OnGetAsync(number, null);
    }
}
