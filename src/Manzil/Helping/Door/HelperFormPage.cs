using Manzil.Cases.Files;
using Manzil.Cases.Mine;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace Manzil.Helping.Door;

/// <summary>Where a helper writes in the one case that they were given; the record says that a helper did.</summary>
public abstract class HelperFormPage(Database database, CurrentRules current, CaseForms forms, Looks looks, Texts texts, IClock clock) : HelperPage, ITakesFiles, IKeepsForm
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
        if (!MayAct) return NotFound();
        Key ??= IdempotencyKey.New();
        return await ShowAsync();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!MayAct) return NotFound();
        if (!IdempotencyKey.IsFromForm(Key)) return BadRequest();
        if ((await FindAsync())?.File.Id != Grant.CaseId) return NotFound();
        var files = new List<byte[]>();
        foreach (var file in Files) files.Add(await CaseForms.ReadAsync(file));
        // What the door has named stands beside the field, and nothing is filed.
        var sent = TypedBinder.IsWrong(ModelState, nameof(Text)) || Uploads.AreFilesLeftOut(HttpContext) ? CaseForms.Unsent(HttpContext) : await forms.SendAsync(CaseSender.Helper(Worker.Id, Grant.CaseId), Act, Text, files, IdempotencyKey.OfHelper(Grant.Id, Key), KeptForm.SentEarlier(HttpContext), RecordChannel.Web);
        if (sent is CaseSent.Busy) return Busy.TurnAway(Response);
        return CaseFormAnswer.Say(this, sent, files.Count, texts) is { } number ? LocalRedirect($"/helper/file?done={number}") : await ShowAsync(sent);
    }

    Task<MyCase?> FindAsync() => MyCase.FindAsync(database, Worker, current.Now, current.Now.DateOf(clock.GetCurrentInstant()));

    async Task<IActionResult> ShowAsync(CaseSent? sent = null)
    {
        // The page names the worker and says where the case is: a look like that at the file.
        // What came with a fault is shown by the page that this form is answered with, and is one look.
        if (sent is not CaseSent.Faulty) await looks.RecordHelperAsync(Grant.Name, Worker.Id, Looks.File, null, HelperLook.Reason(Grant, Worker));
        Refused = CaseFormAnswer.RefusedOf(sent);
        var now = await FindAsync() is { } found && found.File.Id == Grant.CaseId ? found : null;
        if (Refused is null && sent is null && !(Act == CaseAct.Answer ? now?.CanAnswer : now?.CanAppeal).GetValueOrDefault())
        {
            Refused = new(CaseProblems.NotAtThisStage, null);
            Response.StatusCode = CaseProblems.NotAtThisStage.Status;
        }

        Form = new CaseForm(Act, Key!, Text, Act == CaseAct.Appeal && now?.IsLate == true);
        return Page();
    }
}
