using System.Text.RegularExpressions;
using Manzil.Cases.Files;
using Manzil.Cases.Mine;
using Manzil.Helping;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;

namespace Manzil.Access;

/// <summary>
/// A form of several questions. Its handler <c>Show</c> shows the step that <c>Go</c> leads to with what was typed, does nothing by it,
/// and is what is run where such a step is opened by its address.
/// </summary>
public interface IHasSteps
{
    /// <summary>What leads to the first step.</summary>
    string FirstStep { get; }

    Task<IActionResult> OnPostShowAsync();
}

/// <summary>A page that may have something to say once, in the answer to its form: what is not shown again, or was found by looking.</summary>
public interface IAnswersAtOnce
{
    bool AnswersAtOnce { get; }
}

/// <summary>A page that sees to what was typed by itself.</summary>
public interface IKeepsItself;

/// <summary>
/// What is typed into any form outlives the page. A form that leads to another question, or comes back with an error, is kept for its owner
/// and answered with a redirect, so that Back and reload ask nothing; so is one that is sent to be shown in another language. Opened by its
/// address, the page has the words again. Pages need not think of it (docs/decisions/0054-what-was-typed-outlives-the-page.md).
/// </summary>
public sealed partial class FormsKept : IAsyncPageFilter, IOrderedFilter
{
    /// <summary>Of the address: which step is shown, or that a form of one page is shown again.</summary>
    public const string At = "at", Again = "again";

    // Outside a page's own filter, which says who may open it.
    public int Order => int.MinValue;

    public async Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context)
    {
        var (http, page) = (context.HttpContext, context.ActionDescriptor);
        var request = http.Request;
        if (!HttpMethods.IsGet(request.Method) || !Keeps(page)) return;
        var (at, hasSteps) = (AtOf(request), page.ModelTypeInfo?.IsAssignableTo(typeof(IHasSteps)) == true);
        // A form of one page is empty when it is opened anew, and so is every form in which an officer says something.
        if (at is null && (!hasSteps || IsOfficers(page))) return;
        if (await OwnerAsync(http, page) is not { } owner || await DraftsOf(http).FindAsync(http, owner, request.Path.Value!) is not { } draft) return;
        var step = hasSteps ? at : null;
        var fields = draft.Fields.Where(f => step is null || f.Name != "Go").Append(step is null ? null : new DraftField("Go", step)).OfType<DraftField>();
        http.Features.Set(new Reshown(draft, at, step is not null, request.ContentType));
        // Read as the form that it was, until the page's fields are filled in.
        (request.Method, request.ContentType) = (HttpMethods.Post, "application/x-www-form-urlencoded");
        request.Form = KeptForm.FormOf(fields.Select(f => (f.Name, f.Value)));
        if (step is not null) context.HandlerMethod = page.HandlerMethods.Single(h => HttpMethods.IsPost(h.HttpMethod) && h.Name == "Show");
    }

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (context.HandlerInstance is not PageModel { ModelState: var state })
        {
            // The page about a failure.
            await next();
            return;
        }

        var (http, page) = (context.HttpContext, context.ActionDescriptor);
        if (http.Features.Get<Reshown>() is { } shown)
        {
            http.Features.Set<Reshown>(null);
            await ShowAsync(shown, http, state, next);
        }
        else if (HttpMethods.IsGet(http.Request.Method) && context.HandlerInstance is IHasSteps steps && IsOfficers(page) && AtOf(http.Request) is null)
        {
            await BeginAsync(steps, http, next);
        }
        else if (!HttpMethods.IsPost(http.Request.Method) || page.ModelTypeInfo?.IsAssignableTo(typeof(IReadsOwnForm)) == true)
        {
            await next();
        }
        else if (LanguageChoice.IsAsked(http.Request))
        {
            // Nothing is done by it, whatever the form would do.
            if ((await OwnerAsync(http, page) ?? ShownTo.LateOwnerOf(http)) is { } owner) await SaveAsync(http, owner, state, StatusCodes.Status200OK, withErrors: false);
            context.Result = new SeeOther(http.Request.Path.Value + HereWithout(http.Request, page));
        }
        else if (!Keeps(page) || context.HandlerMethod?.Name is not null || IsAnybodys(page) || await OwnerAsync(http, page) is not { } owner)
        {
            var executed = await next();
            if (Keeps(page) && IsAnybodys(page) && executed.Result is RedirectResult or LocalRedirectResult) await DraftsOf(http).DropAsync(http, Drafts.Nobody, http.Request.Path.Value!);
        }
        else
        {
            await AnswerAsync(context, owner, state, next);
        }
    }

    /// <summary>The first step has an address of its own: there Back finds what was written, and whoever begins anew finds nothing.</summary>
    async Task BeginAsync(IHasSteps steps, HttpContext http, PageHandlerExecutionDelegate next)
    {
        var executed = await next();
        if (executed.Canceled || executed.Result is not PageResult || http.Response.StatusCode != StatusCodes.Status200OK || ShownTo.AskerOf(http) is not { } owner) return;
        await DraftsOf(http).DropAsync(http, owner, http.Request.Path.Value!);
        executed.Result = new SeeOther(StepAfter(http.Request, steps.FirstStep));
    }

    async Task AnswerAsync(PageHandlerExecutingContext context, string owner, ModelStateDictionary state, PageHandlerExecutionDelegate next)
    {
        var http = context.HttpContext;
        if (TypedBinder.HasTooLong(http) && await SaveAsync(http, owner, state, StatusCodes.Status400BadRequest))
        {
            context.Result = ToStep(http.Request);
            return;
        }

        var executed = await next();
        if (executed.Canceled || executed.Exception is not null) return;
        switch (executed.Result)
        {
            case PageResult when context.HandlerInstance is not IAnswersAtOnce { AnswersAtOnce: true }:
                var status = http.Response.StatusCode;
                if (status is StatusCodes.Status200OK or StatusCodes.Status400BadRequest && await SaveAsync(http, owner, state, status)) executed.Result = ToStep(http.Request);
                break;
            case RedirectResult { Url: var url } when url.StartsWith("/sign-in/", StringComparison.Ordinal):
                // To show that it is them: afterwards they go on here.
                await SaveAsync(http, owner, state, StatusCodes.Status200OK, withErrors: false);
                break;
            case PageResult or RedirectResult or LocalRedirectResult { PreserveMethod: false }:
                await DraftsOf(http).DropAsync(http, owner, http.Request.Path.Value!);
                break;
        }
    }

    static async Task ShowAsync(Reshown shown, HttpContext http, ModelStateDictionary state, PageHandlerExecutionDelegate next)
    {
        http.Request.Method = HttpMethods.Get;
        http.Request.ContentType = shown.ContentType;
        http.Features.Set<Microsoft.AspNetCore.Http.Features.IFormFeature>(null);
        // Of one page, what was said of it stands in the draft.
        if (!shown.IsStep) Unsay(state);
        var executed = await next();
        if (executed.Canceled || executed.Result is not PageResult) return;
        var draft = shown.Draft;
        // A step says by itself what is wrong with its words, but not what came out when it was sent.
        if (shown.At is not null && draft.Lang == LanguageChoice.Of(http) && draft.Errors.Count > 0 && (!shown.IsStep || draft.ValueOf("Go") == shown.At))
        {
            Unsay(state);
            foreach (var (field, words) in draft.Errors.Select(e => (e.Name, e.Value))) state.AddModelError(field, words);
            if (http.Response.StatusCode == StatusCodes.Status200OK) http.Response.StatusCode = draft.Status;
        }

        if (draft.HadFiles && !TypedBinder.IsWrong(state, CaseForms.FilesField))
            state.AddModelError(CaseForms.FilesField, http.RequestServices.GetRequiredService<Texts>()["case-form.choose-again"]);
    }

    static void Unsay(ModelStateDictionary state)
    {
        foreach (var field in state.Values)
        {
            field.Errors.Clear();
            field.ValidationState = ModelValidationState.Skipped;
        }
    }

    Task<bool> SaveAsync(HttpContext http, string owner, ModelStateDictionary state, int status, bool withErrors = true) =>
        DraftsOf(http).SaveAsync(http, owner, http.Request.Path.Value!, DraftOf(http, http.Request.Form, state, status, withErrors));

    /// <summary>What of a form can be kept.</summary>
    /// <param name="state">What its page made of it; null where no page has read it.</param>
    public static Draft DraftOf(HttpContext http, IFormCollection form, ModelStateDictionary? state, int status, bool withErrors)
    {
        var fields = new List<DraftField>();
        foreach (var (name, values) in form.Where(f => IsKept(f.Key)))
        {
            // What the page would not show again is not kept either; but where nothing in it can be seen, it is kept to be named again.
            var isBlanked = state?.TryGetValue(name, out var entry) == true && entry.AttemptedValue is "";
            fields.AddRange(values.Select(v => new DraftField(name, isBlanked && TypedText.Of(TextKind.Long, v ?? "").Text.Length > 0 ? "" : v ?? "")));
        }

        var errors = withErrors && state is not null
            ? state.SelectMany(e => e.Value!.Errors.Take(1).Select(said => new DraftField(e.Key, said.ErrorMessage))).ToList()
            : [];
        var hadFiles = form.Files.Any(f => f.Length > 0) || form[CaseForms.FilesField].Any(name => name is { Length: > 0 });
        return new Draft(fields, errors, LanguageChoice.Of(http), status, hadFiles && !errors.Any(e => e.Name == CaseForms.FilesField));
    }

    // Asked for where one is needed: most pages have no form.
    static Drafts DraftsOf(HttpContext http) => http.RequestServices.GetRequiredService<Drafts>();

    // A code may be used up by now, and is in no page that comes back. A file's name without the file is nothing.
    static bool IsKept(string field) => field is not ("__RequestVerificationToken" or "Code" or "ActivationCode" or CaseForms.FilesField or "File");

    /// <summary>Where a page shows again what is kept of the form that it was just sent.</summary>
    public static string StepAfter(HttpRequest request, string? go) => $"{request.Path.Value}?{At}={(go is not null && Step().IsMatch(go) ? go : Again)}";

    static SeeOther ToStep(HttpRequest request) => new(StepAfter(request, request.Form["Go"]));

    static string HereWithout(HttpRequest request, PageActionDescriptor page)
    {
        var rest = request.Query.Where(q => q.Key != "lang").ToList();
        if (rest.All(q => q.Key != At) && page is CompiledPageActionDescriptor { ModelTypeInfo: { } type } && !type.IsAssignableTo(typeof(IHasSteps))) rest.Add(new(At, Again));
        return QueryString.Create(rest).ToUriComponent();
    }

    static string? AtOf(HttpRequest request) => request.Query[At].ToString() is { Length: > 0 } at && Step().IsMatch(at) ? at : null;

    static bool Keeps(CompiledPageActionDescriptor page) =>
        page.HandlerMethods.Any(h => HttpMethods.IsPost(h.HttpMethod) && h.Name is null) && page.ModelTypeInfo?.IsAssignableTo(typeof(IKeepsItself)) == false;

    static bool IsOfficers(PageActionDescriptor page) => AccessRules.OfPage(page.ViewEnginePath)?.Door == Door.Staff;

    static bool IsAnybodys(PageActionDescriptor page) => AccessRules.OfPage(page.ViewEnginePath)?.Door is null or Door.Everybody;

    // A helper is named by what the browser holds, in force or not; kept is only what one types whose grant is in force.
    static async Task<string?> OwnerAsync(HttpContext http, PageActionDescriptor page) =>
        IsAnybodys(page) ? Drafts.Nobody
        : http.Request.Path.StartsWithSegments(HelperSessions.Folder) && await http.RequestServices.GetRequiredService<HelperSessions>().FindAsync(http) is null ? null
        : ShownTo.AskerOf(http);

    [GeneratedRegex("^[a-z-]{1,30}$", RegexOptions.None, 1000)]
    private static partial Regex Step();

    sealed record Reshown(Draft Draft, string? At, bool IsStep, string? ContentType);
}
