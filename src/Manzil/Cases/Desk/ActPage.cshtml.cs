using Dapper;
using Manzil.Access;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Cases.Desk;

/// <summary>
/// One act in a case: what is asked for is written, checked as it will be stated, and then done. What was written travels in the
/// form, and stays there while it still matters; nothing is ever filled in for the officer.
/// </summary>
public sealed class ActPage(CaseDesk desk, DeskActs does, Database database, Texts texts) : DeskPage(desk), IActOutcome, IHasSteps
{
    public const string Check = "check", Do = "do", Edit = "edit";

    public enum Step
    {
        /// <summary>Something is asked for.</summary>
        Write,

        /// <summary>What will be stated, to read once more.</summary>
        Check,

        /// <summary>Not possible, or not any more.</summary>
        Refused,

        /// <summary>The sitting ended while something was written: a reason is asked again, and the rest is kept.</summary>
        OpenAgain,
    }

    [FromRoute(Name = "slug"), Typed(TextKind.Made)]
    public string Slug { get; set; } = "";

    [BindProperty, Typed(TextKind.Made)]
    public string? Key { get; set; }

    /// <summary>The case as it was when the page was first shown.</summary>
    [BindProperty, Typed(TextKind.Made)]
    public string? Seen { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? Go { get; set; }

    [BindProperty, Typed(TextKind.Long, Max = DeskAct.MaxReason)]
    public string? Reason { get; set; }

    [BindProperty, Typed(TextKind.Made)]
    public string? Ground { get; set; }

    [BindProperty, Typed(TextKind.Long, Max = DeskAct.MaxReason)]
    public string? Facts { get; set; }

    [BindProperty, Typed(TextKind.Long, Max = DeskAct.MaxChange)]
    public string? Change { get; set; }

    [BindProperty, Typed(TextKind.Line, Max = Looks.MaxReason)]
    public string? LookReason { get; set; }

    public DeskAct What { get; private set; } = null!;

    public Step Now { get; private set; }

    public bool IsBusy { get; private set; }

    public string? Filed { get; private set; }

    public string? NotNow { get; private set; }

    /// <summary>True where the case moved on while the officer wrote.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>The proposal that this act is about; null where there is none.</summary>
    public Record? Proposal { get; private set; }

    public string Title => texts[$"desk.act.{What.Slug}.title"];

    public bool IsProposal => What.Act == CaseAct.ProposeRemoval;

    /// <summary>What was written, for reading: labels and texts.</summary>
    public IReadOnlyList<(string Label, string Text)> Written
    {
        get
        {
            (string Label, string? Text)[] all =
            [
                (texts["desk.fact.ground"], Ground is null ? null : ActWords.Ground(Ground, Desk.Rules, texts)),
                (texts["desk.facts"], Facts),
                (texts["desk.fact.change"], Change),
                (texts["desk.reason"], Reason),
            ];
            return [.. all.Where(w => w.Text is not null).Select(w => (w.Label, w.Text!))];
        }
    }

    DeskWords Words => new(Reason, Ground, Facts, Change);

    public async Task<IActionResult> OnGetAsync()
    {
        if (DeskAct.Find(Slug) is not { } what) return NotFound();
        What = what;
        if (await ReadAsync() is { } elsewhere) return elsewhere;
        (Key, Seen) = (Key ?? IdempotencyKey.New(), Seen ?? Open.File.Mark);
        if (Refusal() is { } refusal) Refuse(refusal);
        else await ShowAsync(Step.Write);
        return Page();
    }

    public string FirstStep => Edit;

    public Task<IActionResult> OnPostAsync() => StepAsync(acts: true);

    public Task<IActionResult> OnPostShowAsync() => StepAsync(acts: false);

    async Task<IActionResult> StepAsync(bool acts)
    {
        if (DeskAct.Find(Slug) is not { } what) return NotFound();
        What = what;
        if (!IdempotencyKey.IsFromForm(Key) || Seen is not { Length: <= 100 }) return BadRequest();
        if (await FindAsync() is not { } file) return NotFound();
        if (!await TryReadAsync(file) && !await OpenAgainAsync(file, acts))
        {
            Now = Step.OpenAgain;
            return Page();
        }

        if (!IsWritten())
        {
            await ShowAsync(Step.Write);
            return Page();
        }

        if (Go == Do && acts) return await DoAsync();
        HasChanged = Seen != Open.File.Mark;
        if (HasChanged || (Refusal() is { } never && IsForGood(never))) Refuse(Refusal() ?? CaseRefusal.NotAtThisStage);
        else if (Refusal() is { } refusal) await KeepAsync(refusal);
        else await ShowAsync(Go is Check or Do ? Step.Check : Step.Write);
        return Page();
    }

    async Task<IActionResult> DoAsync()
    {
        switch (await does.DoAsync(What, Staff.Actor, Open.File.WorkerId, Seen!, Words, Key!))
        {
            case ActResult.Accepted accepted:
                return ActOutcomes.Receipt(accepted);
            case ActResult.KeyUsed used:
                Filed = used.Number.ToString();
                Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                await ShowAsync(Step.Check);
                break;
            case ActResult.Refused refused when RefusalWords.Parse(refused.Reason) is { } refusal:
                // Shown as it is now: the worker, or another officer, was there first.
                if (await ReadAsync() is { } elsewhere) return elsewhere;
                HasChanged = Seen != Open.File.Mark || refusal == CaseRefusal.NotAtThisStage;
                if (HasChanged || IsForGood(refusal)) Refuse(refusal);
                else await KeepAsync(refusal);
                break;
            case ActResult.Unavailable:
                IsBusy = true;
                ActOutcomes.SayBusy(Response);
                await ShowAsync(Step.Check);
                break;
            default:
                return NotFound();
        }

        return Page();
    }

    CaseRefusal? Refusal() => !Open.IsNewest ? CaseRefusal.NotAtThisStage : Open.WouldRefuse(What.Act, Staff.Actor);

    /// <summary>Whether nothing that this officer could do first would make it possible.</summary>
    static bool IsForGood(CaseRefusal refusal) => refusal is CaseRefusal.NotAtThisStage or CaseRefusal.NotForThisRole or CaseRefusal.SamePerson or CaseRefusal.NotTheProposer;

    void Refuse(CaseRefusal refusal)
    {
        Now = Step.Refused;
        NotNow = RefusalWords.Of(refusal, Open, texts);
        Response.StatusCode = StatusCodes.Status409Conflict;
    }

    /// <summary>Not possible yet, such as before a new answer was opened: what was written stays in the form.</summary>
    async Task KeepAsync(CaseRefusal refusal)
    {
        NotNow = RefusalWords.Of(refusal, Open, texts);
        Response.StatusCode = StatusCodes.Status409Conflict;
        await ShowAsync(Step.Write);
    }

    async Task<bool> OpenAgainAsync(CaseFile file, bool acts)
    {
        if (LookReason is null) return false;
        if (!Looks.IsReason(LookReason) || TypedBinder.IsWrong(ModelState, nameof(LookReason)))
        {
            ModelState.AddModelError(nameof(LookReason), texts["desk.look.reason-length", ("least", Looks.MinReason), ("most", Looks.MaxReason)]);
            return false;
        }

        if (!acts) return false;
        await Desk.OpenFileAsync(Staff, file, LookReason);
        Go = Edit;
        return await TryReadAsync(file);
    }

    bool IsWritten()
    {
        // To go back and change something needs nothing to be whole.
        if (Go is not (Check or Do)) return true;
        if (IsProposal)
        {
            if (!Words.For(Open.Rules).GroundIsKnown) ModelState.AddModelError(nameof(Ground), texts["desk.refused.ground-missing"]);
            if (Has(nameof(Facts), Words.Facts, DeskAct.MaxReason, texts["desk.refused.facts-too-short", ("count", Open.Rules.Intervals.FactsMinCharacters)])
                && Words.Facts!.Length < Open.Rules.Intervals.FactsMinCharacters)
                ModelState.AddModelError(nameof(Facts), texts["desk.facts-length", ("count", Open.Rules.Intervals.FactsMinCharacters), ("written", Words.Facts.Length)]);
            Has(nameof(Change), Words.Change, DeskAct.MaxChange, texts["desk.refused.change-missing"]);
        }
        else if (What.AsksReason)
        {
            Has(nameof(Reason), Words.Reason, DeskAct.MaxReason, What.NeedsReason ? texts["desk.refused.reason-missing"] : null);
        }

        return ModelState.IsValid;
    }

    bool Has(string field, string? text, int most, string? whereMissing)
    {
        if (text is null && whereMissing is not null) ModelState.AddModelError(field, whereMissing);
        else if (text?.Length > most) ModelState.AddModelError(field, texts["desk.text-length", ("count", most)]);
        else return text is not null;
        return false;
    }

    async Task ShowAsync(Step step)
    {
        Now = step;
        if (IsProposal || Open.File.ProposedAct is not { } proposed || What.Act == CaseAct.Keep) return;
        await using var connection = await database.OpenAsync();
        var record = await connection.QuerySingleOrDefaultAsync<byte[]?>(
            "select record from act where number = @proposed and worker_id = @WorkerId", new { proposed, Open.File.WorkerId });
        Proposal = record is null ? null : Record.Decode(record);
    }
}
