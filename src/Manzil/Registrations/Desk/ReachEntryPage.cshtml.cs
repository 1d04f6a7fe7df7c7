using System.Security.Cryptography;
using System.Text;
using Dapper;
using Manzil.Cases.Desk;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using NodaTime;

namespace Manzil.Registrations.Desk;

/// <summary>One entry of the list: first the reason for opening it, then who it is and how they can be reached, and the act itself.</summary>
public sealed class ReachEntryPage(ToBeReached list, WorkerReader workers, NoticeBook book, BatchWriter writer, Database database, Telling telling, IClock clock, Texts texts)
    : StaffPage, IActOutcome
{
    [FromRoute(Name = "entry"), Typed(TextKind.Number)]
    public string Number { get; set; } = "";

    [BindProperty, Typed(TextKind.Made)]
    public string? Key { get; set; }

    /// <summary>Why the clerk opens the entry. Never prefilled.</summary>
    [BindProperty, Typed(TextKind.Line, Max = Looks.MaxReason)]
    public string? Reason { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? How { get; set; }

    [BindProperty, Typed(TextKind.Long, Max = RecordReached.MaxWords)]
    public string? Words { get; set; }

    public ReachEntry Entry { get; private set; } = null!;

    /// <summary>Null where no look of this clerk stands: then nothing of a person is shown.</summary>
    public Sitting? Sitting { get; private set; }

    public Worker Worker { get; private set; } = null!;

    /// <summary>Which language to speak, in that language's own name.</summary>
    public string Language => Layout.Language.NameOf(Worker.Language);

    public RecordAddress? Address { get; private set; }

    /// <summary>The reminders of this period, and what became of each.</summary>
    public IReadOnlyList<string> Told { get; private set; } = [];

    /// <summary>The last day before a case may open, were the person reached today; null where no calendar covers it.</summary>
    public LocalDate? Until { get; private set; }

    /// <summary>True where half an hour went by while something was written.</summary>
    public bool IsOver => Sitting is null && (How is not null || Words is not null);

    /// <summary>True where the number is no entry of this centre's list, or not any more.</summary>
    public bool IsGone { get; private set; }

    public bool IsBusy { get; private set; }

    public string? Filed { get; private set; }

    public string FiledPath => $"/staff/desk/receipts/{Filed}";

    public string? NotNow => null;

    public string When(Instant at) => Dates.InWords(at, list.Rules.Zone, texts.Lang);

    public async Task<IActionResult> OnGetAsync()
    {
        if (await list.FindAsync(Staff.Office, Number) is not { } entry) return Gone();
        await ReadAsync(entry);
        Key ??= IdempotencyKey.New();
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        // What was sent already is answered with its receipt, also after the entry has left the list.
        if (Key is not null && !IdempotencyKey.IsFromForm(Key)) return BadRequest();
        if (await list.FindAsync(Staff.Office, Number) is not { } entry)
            return Key is not null && await SentAsync(Key) is { } sent ? LocalRedirect($"/staff/desk/receipts/{sent}?done=1") : Gone();
        await ReadAsync(entry);
        if (Sitting is null) return await OpenAsync();
        if (Reason is not null) return LocalRedirect($"/staff/desk/reach/{entry.Number}");
        if (Key is null) return BadRequest();
        if (!IsWritten(out var words)) return Page();
        var act = new RecordReached(Staff.Actor, Staff.Office, How!, words, list.Rules, telling)
        {
            ReceivedAt = clock.GetCurrentInstant(),
            Channel = RecordChannel.Desk,
            WorkerId = entry.WorkerId,
            IdempotencyKey = KeyOf(Key),
            ContentHash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', "reached", How, words))),
        };
        switch (await writer.SubmitAsync(act))
        {
            case ActResult.Accepted accepted:
                return LocalRedirect($"/staff/desk/receipts/{accepted.Number}?done=1");
            case ActResult.KeyUsed used:
                Filed = used.Number.ToString();
                Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return Page();
            case ActResult.Unavailable:
                IsBusy = true;
                ActOutcomes.SayBusy(Response);
                return Page();
            default:
                // Confirmed, or reached, while this was written.
                return Gone();
        }
    }

    /// <summary>Sent twice, it is one opening.</summary>
    async Task<IActionResult> OpenAsync()
    {
        if (!Looks.IsReason(Reason) || TypedBinder.IsWrong(ModelState, nameof(Reason)))
        {
            ModelState.AddModelError(nameof(Reason), texts["desk.look.reason-length", ("least", Looks.MinReason), ("most", Looks.MaxReason)]);
            return Page();
        }

        var wasWritten = IsOver;
        await list.OpenAsync(Staff, Entry, Reason!);
        if (!wasWritten) return LocalRedirect($"/staff/desk/reach/{Entry.Number}");
        await ReadAsync(Entry);
        return Page();
    }

    bool IsWritten(out string words)
    {
        words = Words ?? "";
        if (How is null || !RecordReached.Ways.Contains(How)) ModelState.AddModelError(nameof(How), texts["reach.how-missing"]);
        if (words.Length is < RecordReached.MinWords or > RecordReached.MaxWords)
            ModelState.AddModelError(nameof(Words), texts["reach.words-length", ("least", RecordReached.MinWords), ("most", RecordReached.MaxWords)]);
        return ModelState.IsValid;
    }

    // Nothing of a person is read before a look stands.
    async Task ReadAsync(ReachEntry entry)
    {
        (Entry, Number) = (entry, entry.Number);
        Sitting = await list.SittingAsync(Staff, entry);
        if (Sitting is null || await workers.FindAsync(entry.WorkerId) is not { } worker) return;
        Worker = worker;
        Address = await book.AddressOfAsync(worker);
        Until = Manzil.Rules.Deadlines.SilenceEnds(entry.Due, list.Today, list.Rules.WorkersCalendar, list.Rules.Intervals);
        await using var connection = await database.OpenAsync();
        var reminders = await connection.QueryAsync<Message>(
            """
            select channel_kind as ChannelKind, address, created_at as CreatedAt, sent_at as SentAt, delivered_at as DeliveredAt, failed_at as FailedAt, bounced_at as BouncedAt
            from message where worker_id = @WorkerId and reminds_of = @due order by id
            """,
            new { entry.WorkerId, due = IsoDate.Write(entry.Due) });
        Told = [.. reminders.Select(ToldOf)];
    }

    string ToldOf(Message message)
    {
        var (channel, to) = (texts[$"account.channel-{message.ChannelKind}"], message.Address);
        string At(long at) => When(Instant.FromUnixTimeMilliseconds(at));
        return message switch
        {
            { BouncedAt: { } at } => texts["desk.told.bounced", ("channel", channel), ("to", to), ("date", At(at))],
            { FailedAt: { } at } => texts["desk.told.failed", ("channel", channel), ("to", to), ("date", At(at))],
            { SentAt: { } at } => texts["desk.told.sent", ("channel", channel), ("to", to), ("date", At(at))],
            _ => texts["desk.told.waiting", ("channel", channel), ("to", to)],
        };
    }

    async Task<string?> SentAsync(string key)
    {
        await using var connection = await database.OpenAsync();
        return (await KeyedActs.FindAsync(connection, null, KeyOf(key)))?.Number;
    }

    IdempotencyKey KeyOf(string key) => IdempotencyKey.OfOfficer(Staff.Number, key);

    PageResult Gone()
    {
        IsGone = true;
        Response.StatusCode = StatusCodes.Status409Conflict;
        return Page();
    }
}
