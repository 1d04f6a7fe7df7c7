using Manzil.Access;
using Manzil.Cases.Files;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Cases.Mine;

/// <summary>
/// Where a worker writes to the authority about their case, or hands it in at the desk. What is wrong is said beside the field, and the text stays; files
/// cannot stay in a form, so the page says that they have to be chosen again.
/// </summary>
public abstract class MyCaseFormPage(Database database, CurrentRules current, CaseForms forms, Texts texts, IClock clock) : PersonPage, ITakesFiles, IKeepsForm
{
    [BindProperty, Typed(TextKind.Made)]
    public string? Key { get; set; }

    [BindProperty, Typed(TextKind.Long, Max = CaseForms.MaxText)]
    public string? Text { get; set; }

    [BindProperty]
    public List<IFormFile> Files { get; set; } = [];

    public CaseRefused? Refused { get; private set; }

    public CaseForm Form { get; private set; } = null!;

    protected abstract CaseAct Act { get; }

    public async Task<IActionResult> OnGetAsync()
    {
        Key ??= IdempotencyKey.New();
        return await ShowAsync();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!IdempotencyKey.IsFromForm(Key)) return BadRequest();
        var files = new List<byte[]>();
        foreach (var file in Files) files.Add(await CaseForms.ReadAsync(file));
        var sender = Served is null ? CaseSender.Self(Worker.Id) : CaseSender.AtDesk(Worker.Id);
        // What the door has named stands beside the field, and nothing is filed.
        var sent = TypedBinder.IsWrong(ModelState, nameof(Text)) || Uploads.AreFilesLeftOut(HttpContext) ? CaseForms.Unsent(HttpContext) : await forms.SendAsync(sender, Act, Text, files, KeyOf(Key), KeptForm.SentEarlier(HttpContext), RecordedAs);
        if (sent is CaseSent.Busy) return Busy.TurnAway(Response);
        return CaseFormAnswer.Say(this, sent, files.Count, texts) is { } number ? LocalRedirect($"{Root}/notices/{number}?done=1") : await ShowAsync(sent);
    }

    async Task<IActionResult> ShowAsync(CaseSent? sent = null)
    {
        Refused = CaseFormAnswer.RefusedOf(sent);
        var rules = current.Now;
        var now = await MyCase.FindAsync(database, Worker, rules, rules.DateOf(clock.GetCurrentInstant()));
        if (Refused is null && sent is null && !(Act == CaseAct.Answer ? now?.CanAnswer : now?.CanAppeal).GetValueOrDefault())
        {
            Refused = new(CaseProblems.NotAtThisStage, null);
            Response.StatusCode = CaseProblems.NotAtThisStage.Status;
        }

        Form = new CaseForm(Act, Key!, Text, Act == CaseAct.Appeal && now?.IsLate == true);
        return Page();
    }
}
