using System.Security.Cryptography;
using System.Text;
using Manzil.Access;
using Manzil.Cases.Desk;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.SignIn;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Registrations.Desk;

/// <summary>A new activation code for somebody whose document the clerk has seen: the old one ends, every phone and address on file is told.</summary>
public sealed class CodePage(BatchWriter writer, Sessions sessions, Telling telling, CurrentRules current, IClock clock, Texts texts) : ServedPage, IAnswersAtOnce
{
    public const string Yes = "yes", No = "no";

    [BindProperty, Typed(TextKind.Made)]
    public string? Key { get; set; }

    /// <summary>That the document was seen: ticked by the clerk, each time.</summary>
    [BindProperty, Typed(TextKind.Made)]
    public string? Seen { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = EnrolPage.MaxTyped)]
    public string? NewCard { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? EndSessions { get; set; }

    public bool IsBusy { get; private set; }

    public Slip? Slip { get; private set; }

    /// <summary>The receipt where this very form gave out a code already; <see cref="IsOther"/> where with other content.</summary>
    public string? Done { get; private set; }

    public bool IsOther { get; private set; }

    /// <summary>The slip is shown once.</summary>
    public bool AnswersAtOnce => Slip is not null || Done is not null;

    public void OnGet() => Key ??= IdempotencyKey.New();

    public async Task<IActionResult> OnPostAsync()
    {
        if (!IdempotencyKey.IsFromForm(Key)) return BadRequest();
        if (Seen != Yes) ModelState.AddModelError(nameof(Seen), texts["code.seen-missing"]);
        var card = ReadCard();
        if (EndSessions is not (Yes or No)) ModelState.AddModelError(nameof(EndSessions), texts["code.sessions-missing"]);
        if (ModelState.IsValid) await IssueAsync(card);
        else Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }

    async Task IssueAsync(string? card)
    {
        var rules = current.Now;
        var ends = EndSessions == Yes;
        var act = new IssueCode(Officer.Office, card, ends, rules, telling)
        {
            ReceivedAt = clock.GetCurrentInstant(),
            Channel = RecordedAs,
            WorkerId = Worker.Id,
            Officer = Officer.Actor,
            IdempotencyKey = KeyOf(Key!),
            ContentHash = SHA256.HashData(Encoding.UTF8.GetBytes($"code\n{card}\n{ends}")),
        };
        switch (await writer.SubmitAsync(act, Worker))
        {
            // A repeated one made a code too, which was never committed.
            case ActResult.Accepted { Repeated: false } accepted:
                if (ends) sessions.Forget(Worker.Id);
                Slip = new Slip(Worker.Name, card ?? Worker.CardNumber, act.ActivationCode, rules.DateOf(act.CodeExpires), Worker.Language, accepted.Number);
                break;
            case ActResult.Accepted accepted:
                Done = accepted.Number.ToString();
                break;
            case ActResult.KeyUsed used:
                (Done, IsOther) = (used.Number.ToString(), true);
                Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                break;
            case ActResult.Refused:
                ModelState.AddModelError(nameof(NewCard), texts["code.card-known"]);
                Response.StatusCode = StatusCodes.Status409Conflict;
                break;
            default:
                IsBusy = true;
                ActOutcomes.SayBusy(Response);
                break;
        }
    }

    string? ReadCard()
    {
        if (string.IsNullOrWhiteSpace(NewCard)) return null;
        var (number, fault) = CardNumber.ReadField(NewCard, "desk.card-missing", CardNumber.MinLength);
        if (fault is not null) ModelState.AddModelError(nameof(NewCard), texts[fault]);
        return number;
    }
}
