using System.Security.Cryptography;
using System.Text;
using Manzil.Access;
using Manzil.Cases.Desk;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using Record = Manzil.Receipts.Record;

namespace Manzil.Registrations.Desk;

/// <summary>A renewed document or a changed name of whoever is at the desk: written, checked beside what stood before, and then done.</summary>
public sealed class DetailsPage(NoticeBook book, BatchWriter writer, CurrentRules current, Telling telling, IClock clock, Texts texts) : ServedPage, IActOutcome, IHasSteps
{
    public const string Check = "check", Do = "do", Edit = "edit";
    public const int MaxName = 200, MaxTyped = CardNumber.MaxTyped;

    [BindProperty, Typed(TextKind.Made)]
    public string? Key { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? Go { get; set; }

    [BindProperty, Typed(TextKind.Line, Max = MaxName)]
    public string? Name { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = MaxTyped)]
    public string? State { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = MaxTyped)]
    public string? Number { get; set; }

    [BindProperty]
    public DateEntry BirthDate { get; set; } = new();

    /// <summary>What will count, once it was read whole; null while it is being written.</summary>
    public (string Name, IdentityDocument Document)? New { get; private set; }

    /// <summary>Receipts that show an older document or name and can be issued anew.</summary>
    public IReadOnlyList<ListedNotice> OutOfDate { get; private set; } = [];

    public bool IsBusy { get; private set; }

    public string? Filed { get; private set; }

    public string FiledPath => $"/staff/desk/receipts/{Filed}";

    public string? NotNow => null;

    public string In(BirthDate date) => Dates.InWords(date, texts);

    public async Task OnGetAsync()
    {
        Key ??= IdempotencyKey.New();
        (Name, State, Number) = (Worker.Name, Worker.Document?.State, Worker.Document?.Number);
        if (Worker.Document is { } document) BirthDate = DateEntry.Of(document.BirthDate);
        var acts = await book.ListAsync(Worker.Id);
        var replaced = acts.Select(a => a.Replaces).ToHashSet();
        var old = acts.Where(a => !replaced.Contains(a.Number) && Record.Decode(a.Record) is var record && Served!.Shows(record) && ReissueReceipt.IsOutOfDate(record, Worker));
        OutOfDate = ListedNotice.Of([.. old], current.Now, texts, Root);
    }

    public string FirstStep => Edit;

    public Task<IActionResult> OnPostAsync() => StepAsync(acts: true);

    public Task<IActionResult> OnPostShowAsync() => StepAsync(acts: false);

    async Task<IActionResult> StepAsync(bool acts)
    {
        if (!IdempotencyKey.IsFromForm(Key)) return BadRequest();
        if (Go == Edit) return Page();
        if (Read() is not { } read) return Page();
        if (Go != Do && read.Name == TypedText.TextOf(TextKind.Line, Worker.Name) && read.Document == Worker.Document)
        {
            ModelState.AddModelError(nameof(Number), texts["details.same"]);
            return Page();
        }

        if (Go == Do && acts) return await DoAsync(read.Name, read.Document);
        New = read;
        return Page();
    }

    async Task<IActionResult> DoAsync(string name, IdentityDocument document)
    {
        // Never on the writer's thread: making it takes a tenth of a second.
        var stretched = document == Worker.Document ? Worker.StretchedDocument! : document.Stretch();
        var act = new ChangeDetails(Officer.Actor, Officer.Office, name, document, stretched, current.Now, telling)
        {
            ReceivedAt = clock.GetCurrentInstant(),
            Channel = RecordedAs,
            WorkerId = Worker.Id,
            IdempotencyKey = KeyOf(Key!),
            ContentHash = SHA256.HashData(Encoding.UTF8.GetBytes($"details\0{name}\0{document}")),
        };
        switch (await writer.SubmitAsync(act, Worker))
        {
            case ActResult.Accepted accepted:
                return LocalRedirect($"{Root}/notices/{accepted.Number}?done=1");
            case ActResult.KeyUsed used:
                Filed = used.Number.ToString();
                Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                break;
            case ActResult.Refused { Reason: ChangeDetails.Known }:
                ModelState.AddModelError(nameof(Number), texts["details.known"]);
                Response.StatusCode = StatusCodes.Status409Conflict;
                break;
            case ActResult.Refused:
                ModelState.AddModelError(nameof(Number), texts["details.same"]);
                Response.StatusCode = StatusCodes.Status409Conflict;
                break;
            case ActResult.Unavailable:
                IsBusy = true;
                ActOutcomes.SayBusy(Response);
                New = (name, document);
                break;
        }

        return Page();
    }

    (string Name, IdentityDocument Document)? Read()
    {
        var name = Name ?? "";
        if (name.EnumerateRunes().Count() is < 1 or > MaxName) ModelState.AddModelError(nameof(Name), texts["details.name-length", ("most", MaxName)]);
        var (state, fault) = CardNumber.ReadState(State);
        if (fault is not null) ModelState.AddModelError(nameof(State), texts[fault]);
        var number = ReadNumber();
        var born = this.ReadBirthDate(nameof(BirthDate), BirthDate, texts, isTicked: true);
        return ModelState.IsValid ? (name, new IdentityDocument(state!, number!, born!)) : null;
    }

    string? ReadNumber()
    {
        var (number, fault) = CardNumber.ReadField(Number, "desk.number-missing");
        if (fault is not null) ModelState.AddModelError(nameof(Number), texts[fault]);
        return number;
    }
}
