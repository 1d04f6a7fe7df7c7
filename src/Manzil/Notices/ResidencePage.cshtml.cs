using Manzil.Access;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Notices;

/// <summary>
/// Where I live, then since when: one question a page, then everything to check. With a receipt number, that notice is
/// corrected. What was typed travels in hidden fields and is kept for its owner between the pages, so it is in no address bar.
/// </summary>
public sealed class ResidencePage(NoticeBook book, Texts texts) : GivingPage(book, texts), IHasSteps
{
    public const string AskFrom = "from", AskAddress = "address", Check = "check", Give = "give";

    [FromRoute, Typed(TextKind.Number)]
    public string? Replaces { get; set; }

    [BindProperty]
    public DateEntry From { get; set; } = new();

    [BindProperty, Typed(TextKind.Line, Max = AddressRules.LocalityMax)]
    public string? Locality { get; set; }

    [BindProperty, Typed(TextKind.Line, Max = AddressRules.StreetMax)]
    public string? Street { get; set; }

    [BindProperty, Typed(TextKind.Line, Max = AddressRules.BuildingMax)]
    public string? Building { get; set; }

    [BindProperty, Typed(TextKind.Line, Max = AddressRules.UnitMax)]
    public string? Unit { get; set; }

    [BindProperty, Typed(TextKind.Line, Max = AddressRules.PostcodeMax)]
    public string? Postcode { get; set; }

    [BindProperty, Typed(TextKind.Line, Max = AddressRules.NoteMax)]
    public string? Note { get; set; }

    /// <summary>Where the pressed button leads.</summary>
    [BindProperty, Typed(TextKind.Made)]
    public string? Go { get; set; }

    /// <summary>Set once everything was checked: a changed answer then leads straight back there.</summary>
    [BindProperty]
    public bool Answered { get; set; }

    public string Step { get; private set; } = AskAddress;

    public LocalDate Date { get; private set; }

    public RecordAddress? Address { get; private set; }

    public string FirstStep => AskAddress;

    public override string? StepBack => Step switch
    {
        AskAddress when !Answered => null,
        Check => Replaces is null ? FormsKept.StepAfter(Request, AskFrom) : null,
        _ => FormsKept.StepAfter(Request, Answered ? Check : AskAddress),
    };

    public bool IsFirst => Worker.Entry.ResidenceNumber is null;

    public override string Title => Texts[Step switch
    {
        AskFrom => "residence.from",
        AskAddress => "residence.address",
        _ => Replaces is null ? "residence.check" : "residence.check-correction",
    }];

    public override string? CorrectFiled => Filed is null ? null : $"{Root}/residence/{Filed}";

    protected override string DateField => nameof(From);

    public async Task<IActionResult> OnGetAsync()
    {
        Begin();
        if (Replaces is null)
        {
            MayGive(NoticeKind.Residence);
            return Page();
        }

        if (await FindAsync() is not { } replaced) return NotFound();
        Step = Check;
        if (replaced.IsReplaced) Refuse(NoticeRefusal.AlreadyReplaced.Name());
        else if (replaced.Origin != StatementKind.Residence) Refuse(NoticeRefusal.NotCorrectable.Name());
        else if (MayGive(NoticeKind.CorrectedResidence, null, replaced.Act.Number)) Fill(replaced.Record);
        return Page();
    }

    public Task<IActionResult> OnPostAsync() => StepAsync(gives: true);

    public Task<IActionResult> OnPostShowAsync() => StepAsync(gives: false);

    async Task<IActionResult> StepAsync(bool gives)
    {
        var replaced = Replaces is null ? null : await FindAsync();
        if (Replaces is not null && replaced is null) return NotFound();
        if (!HasKey) return BadRequest();

        Step = AskAddress;
        if (Go is AskAddress or ChangeAddress)
        {
            // A day that was typed already is read now: what "today" means is another day tomorrow.
            if (!From.IsEmpty && !HasDate(replaced)) Step = AskFrom;
            return Page();
        }

        if (!HasAddress()) return Page();
        Step = AskFrom;
        if (Go == AskFrom || !HasDate(replaced)) return Page();
        Step = Check;
        Answered = true;
        ModelState.Remove(nameof(Answered));
        if (Go != Give || !gives) return Page();
        if (replaced is null) return await SendAsync(new Notice.Residence(Date, Address!));

        var date = Date == replaced.Record.EffectiveFrom ? (LocalDate?)null : Date;
        var address = AddressRules.AreSame(Address!, replaced.Record.Address) ? null : Address;
        if (date is not null || address is not null)
            return await SendAsync(new Notice.Correction(ReceiptNumber.Parse(replaced.Act.Number), date, address, null));
        ModelState.AddModelError("", Texts["fault.nothing-corrected"]);
        return Page();
    }

    public const string ChangeAddress = "change-address";

    async Task<IActionResult> SendAsync(Notice notice)
    {
        var result = await GiveAsync(notice);
        // A date may have become too old while the form lay open: it is asked for again.
        if (!ModelState.IsValid) Step = AskFrom;
        return result;
    }

    bool HasDate(Replaced? replaced)
    {
        if (this.ReadDate(nameof(From), From, DateSense.OfNow, Texts) is not { } date) return false;
        Date = date;
        // From here on the form carries the day itself: what "today" or a word means changes with the day and the language.
        From = DateEntry.Of(date);
        var kind = replaced is null ? NoticeKind.Residence : NoticeKind.CorrectedResidence;
        // What else the rules say is said when it is sent: by then the same form may have been filed already.
        if (Go == Give || Book.WouldRefuse(Worker, kind, date, replaced?.Act.Number) is not { } refusal) return true;
        Refuse(refusal.Name());
        return false;
    }

    bool HasAddress()
    {
        var faults = new List<(string Field, string Reason)>();
        Address = AddressRules.Check(Locality, Street, Building, Unit, Postcode, Note, faults);
        foreach (var (field, reason) in faults)
        {
            var name = char.ToUpperInvariant(field[0]) + field[1..];
            ModelState.AddModelError(name, Texts[$"fault.{reason}"]);
        }

        return Address is not null && ModelState.IsValid;
    }

    void Fill(Record record)
    {
        Answered = true;
        Date = record.EffectiveFrom;
        Address = record.Address;
        From = DateEntry.Of(record.EffectiveFrom);
        (Locality, Street, Building, Unit, Postcode, Note) = record.Address is { } a
            ? (a.Locality, a.Street, a.Building, a.Unit, a.Postcode, a.Note)
            : (null, null, null, null, null, null);
    }

    async Task<Replaced?> FindAsync() =>
        ReceiptNumber.TryParse(Replaces, out var number) ? await Book.FindReplacedAsync(Worker.Id, number) : null;
}
