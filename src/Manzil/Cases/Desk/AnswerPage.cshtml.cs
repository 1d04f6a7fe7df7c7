using Dapper;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Cases.Desk;

/// <summary>What the worker said, opened by itself: the look is written before it shows.</summary>
public sealed class AnswerPage(CaseDesk desk, Database database, Timeline timeline, Texts texts) : DeskPage(desk)
{
    [FromRoute, Typed(TextKind.Number)]
    public string Answer { get; set; } = "";

    public TimelineEntry Entry { get; private set; } = null!;

    public string When(Instant at) => Dates.InWords(at, Open.Rules.Zone, texts.Lang);

    public async Task<IActionResult> OnGetAsync()
    {
        if (await ReadAsync() is { } elsewhere) return elsewhere;
        if (await FindAnswerAsync() is not { } answer) return NotFound();
        if (!Open.IsOpened(Looks.Answer, answer)) return LocalRedirect($"/staff/cases/{Open.File.Number}");
        Entry = (await timeline.ReadAsync(Open, texts)).Single(e => e.IsAnswer && e.Number == answer);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (await ReadAsync() is { } elsewhere) return elsewhere;
        if (await FindAnswerAsync() is not { } answer) return NotFound();
        await Desk.OpenItemAsync(Staff, Open, Looks.Answer, answer);
        return LocalRedirect($"/staff/cases/{Open.File.Number}/answers/{answer}");
    }

    // Of this very person: any other number is as unknown as one that does not exist.
    async Task<string?> FindAnswerAsync()
    {
        if (!ReceiptNumber.TryParse(Answer, out var number)) return null;
        await using var connection = await database.OpenAsync();
        var row = await connection.QuerySingleOrDefaultAsync<(int Kind, long GivenAt)?>(
            $"select a.kind, a.given_at from act a where a.number = @number and a.worker_id = @WorkerId and {Reissues.None("a")}", new { number = number.ToString(), Open.File.WorkerId });
        return row is { } r && Open.IsAnswer((StatementKind)r.Kind, r.GivenAt) ? number.ToString() : null;
    }
}
