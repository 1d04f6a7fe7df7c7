using System.Security.Cryptography;
using System.Text;
using Manzil.Access;
using Manzil.Cases.Desk;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Registrations.Desk;

/// <summary>
/// A worker whom no centre knows yet: one form, everything to check, then the act and the slip. What was typed travels in hidden
/// fields and is kept for the clerk between the pages, so it is in no address.
/// </summary>
public sealed class EnrolPage(BatchWriter writer, Jurisdiction rules, IClock clock, Texts texts, Serving serving) : StaffPage, IHasSteps, IAnswersAtOnce
{
    public const string Check = "check", Do = "do", Edit = "edit";
    public const int NameMax = 200, MaxTyped = CardNumber.MaxTyped, EmailMax = 254;

    [BindProperty, Typed(TextKind.Made)]
    public string? Key { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? Go { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = MaxTyped)]
    public string? State { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = MaxTyped)]
    public string? Number { get; set; }

    [BindProperty]
    public DateEntry BirthDate { get; set; } = new();

    [BindProperty, Typed(TextKind.Line, Max = NameMax)]
    public string? Name { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = MaxTyped)]
    public string? Card { get; set; }

    [BindProperty, Typed(TextKind.Phone, Max = MaxTyped)]
    public string? Phone { get; set; }

    [BindProperty, Typed(TextKind.Email, Max = EmailMax)]
    public string? Email { get; set; }

    /// <summary>Of messages and of the slip. Not chosen for anybody.</summary>
    [BindProperty, Typed(TextKind.Made)]
    public string? Spoken { get; set; }

    /// <summary>As it will be stated; null where something is still wrong.</summary>
    public Enrolment? Checked { get; private set; }

    public bool IsBusy { get; private set; }

    /// <summary>There once, in the answer to the form that enrolled.</summary>
    public Slip? Slip { get; private set; }

    /// <summary>The receipt where this very form has enrolled somebody already; <see cref="IsOther"/> where with other content.</summary>
    public string? Done { get; private set; }

    public bool IsOther { get; private set; }

    public IReadOnlyList<string> Languages => rules.Languages;

    public string Office => rules.Offices.FirstOrDefault(o => o.Code.Value == Staff.Office)?.Name.In(texts.Lang) ?? Staff.Office;

    public void OnGet() => Key ??= IdempotencyKey.New();

    /// <summary>The slip is shown once.</summary>
    public bool AnswersAtOnce => Slip is not null || Done is not null;

    public string FirstStep => Edit;

    public Task<IActionResult> OnPostAsync() => StepAsync(acts: true);

    public Task<IActionResult> OnPostShowAsync() => StepAsync(acts: false);

    /// <summary>Serves whoever this clerk has just enrolled: the enrolment is the reason, and the worker reads it as one.</summary>
    public async Task<IActionResult> OnPostServeAsync([Typed(TextKind.Number)] string? receipt) =>
        LocalRedirect(ReceiptNumber.TryParse(receipt, out var number) && await serving.BeginWithEnrolledAsync(Staff, number) is { } look ? Served.RootOf(look) : "/staff/desk/serve");

    async Task<IActionResult> StepAsync(bool acts)
    {
        if (!IdempotencyKey.IsFromForm(Key)) return BadRequest();
        if (Go == Edit) return Page();
        if (Read() is not { } enrolment)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }

        Checked = enrolment;
        if (Go == Do && acts) await EnrolAsync(enrolment);
        return Page();
    }

    async Task EnrolAsync(Enrolment enrolment)
    {
        var act = new Enrol(enrolment, rules)
        {
            ReceivedAt = clock.GetCurrentInstant(),
            Channel = RecordChannel.Desk,
            Officer = Staff.Actor,
            IdempotencyKey = IdempotencyKey.OfOfficer(Staff.Number, Key!),
            ContentHash = ContentOf(enrolment),
        };
        switch (await writer.SubmitAsync(act))
        {
            // A repeated one made a code too, which was never committed.
            case ActResult.Accepted { Repeated: false } accepted:
                Slip = new Slip(enrolment.Name, enrolment.CardNumber, act.ActivationCode, rules.DateOf(act.CodeExpires), enrolment.Language, accepted.Number);
                break;
            case ActResult.Accepted accepted:
                Done = accepted.Number.ToString();
                break;
            case ActResult.KeyUsed used:
                (Done, IsOther) = (used.Number.ToString(), true);
                Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                break;
            case ActResult.Refused:
                // Whose card or document it is is told to nobody.
                Checked = null;
                Response.StatusCode = StatusCodes.Status409Conflict;
                ModelState.AddModelError("", texts["enrol.known"]);
                break;
            default:
                IsBusy = true;
                ActOutcomes.SayBusy(Response);
                break;
        }
    }

    Enrolment? Read()
    {
        var state = Taken(nameof(State), CardNumber.ReadState(State));
        var number = Taken(nameof(Number), CardNumber.ReadField(Number, "desk.number-missing"));
        if (Name is null) Wrong(nameof(Name), "enrol.name-missing");
        else if (Name.Length > NameMax) Wrong(nameof(Name), "fault.text-too-long");
        var born = this.ReadBirthDate(nameof(BirthDate), BirthDate, texts, isTicked: true);
        var card = Taken(nameof(Card), CardNumber.ReadField(Card, "desk.card-missing", CardNumber.MinLength));
        var phone = string.IsNullOrWhiteSpace(Phone) ? null : ContactAddress.Phone(Phone, rules);
        if (phone is null && !string.IsNullOrWhiteSpace(Phone)) Wrong(nameof(Phone), "channel.wrong");
        var email = string.IsNullOrWhiteSpace(Email) ? null : ContactAddress.Email(Email);
        if (email is null && !string.IsNullOrWhiteSpace(Email)) Wrong(nameof(Email), "channel.wrong");
        if (Spoken is null || !rules.Languages.Contains(Spoken)) Wrong(nameof(Spoken), "enrol.language-missing");
        if (!ModelState.IsValid) return null;
        return new Enrolment(card!, Name!, new IdentityDocument(state!, number!, born!), Staff.Office, Spoken!, phone, email);
    }

    string? Taken(string field, (string? Text, string? Fault) read)
    {
        if (read.Fault is { } fault) Wrong(field, fault);
        return read.Text;
    }

    void Wrong(string field, string key) => ModelState.AddModelError(field, texts[key]);

    static byte[] ContentOf(Enrolment e) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', e.CardNumber, e.Name, e.Document.State, e.Document.Number, e.Document.BirthDate, e.Language, e.Phone, e.Email)));
}
