using System.Globalization;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations.Desk;
using Manzil.SignIn;
using Manzil.Staff;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Access;

/// <summary>
/// A page about one worker that can have two doors: the worker's own, and the desk, where a clerk does the same for a worker who
/// is there. Which one it is, its folder says (<see cref="AccessRules"/>). <see cref="Worker"/> stands before a handler runs.
/// </summary>
public abstract class PersonPage : PageModel
{
    Session? _session;

    public Worker Worker { get; private set; } = null!;

    /// <summary>The sitting at the desk; null where the worker came in by their own door.</summary>
    public Served? Served { get; private set; }

    /// <summary>Where the question before this one is; null where the page is the first, or the only one.</summary>
    public virtual string? StepBack => null;

    /// <summary>What stands before the paths of this door's pages.</summary>
    public string Root => Served?.Root ?? "";

    protected RecordChannel RecordedAs => Served is null ? RecordChannel.Web : RecordChannel.Desk;

    /// <summary>SHA-256 of the token of whoever sits before the browser.</summary>
    protected byte[] SessionHash => _session?.TokenHash ?? HttpContext.RequestServices.GetRequiredService<StaffSessions>().HashOf(HttpContext)!;

    /// <summary>True where a passkey or code was shown in the last minutes. At the desk the document was.</summary>
    protected bool IsFresh => _session is null || HttpContext.RequestServices.GetRequiredService<Sessions>().IsFresh(_session);

    /// <summary>Asks for a fresh passkey or code; the reader comes back to this page.</summary>
    protected IActionResult AskFresh() => WorkerPage.ToFresh(Request, null);

    /// <summary>The key of an act, which is the worker's own or the clerk's.</summary>
    protected IdempotencyKey KeyOf(string key) => Served is null ? IdempotencyKey.OfWorker(Worker.Id, RecordChannel.Web, key) : Served.KeyOf(key);

    // A filter, and not what its name would make it: a handler for a method called PAGE.
    [NonHandler]
    public sealed override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        context.Result = AccessRules.OfPage(context.ActionDescriptor.ViewEnginePath)?.Door switch
        {
            Door.Worker => EnterAsWorker(),
            Door.Staff => StaffPage.Refuse(context) ?? await EnterAtDeskAsync(),
            _ => NotFound(),
        };
        if (context.Result is null) await next();
    }

    IActionResult? EnterAsWorker()
    {
        if (SignedIn.Of(HttpContext) is not { } signedIn) return SignedOut.Result(HttpContext);
        (_session, Worker) = signedIn;
        return null;
    }

    async Task<IActionResult?> EnterAtDeskAsync()
    {
        var staff = HttpContext.Features.Get<StaffMember>()!;
        if (!long.TryParse(RouteData.Values["look"] as string, CultureInfo.InvariantCulture, out var look)) return NotFound();
        if (await HttpContext.RequestServices.GetRequiredService<Serving>().FindAsync(staff, look) is not { } served) return await OverAtAsync(look);
        (Served, Worker) = (served, served.Worker);
        return null;
    }

    // What was typed goes along, so that it is not lost with the sitting.
    async Task<IActionResult> OverAtAsync(long look)
    {
        var root = Served.RootOf(look);
        var again = $"{root}/again{QueryString.Create("to", Request.Path.Value![root.Length..]).ToUriComponent()}";
        if (HttpMethods.IsPost(Request.Method)) return RedirectPreserveMethod(again);
        var drafts = HttpContext.RequestServices.GetRequiredService<Drafts>();
        return ShownTo.AskerOf(HttpContext) is { } owner && await drafts.FindAsync(HttpContext, owner, Request.Path.Value!) is not null ? Redirect(again) : Redirect("/staff/desk/serve");
    }
}

/// <summary>A page about one worker that stands at the desk alone: <see cref="Officer"/> and the sitting are there before a handler runs.</summary>
public abstract class ServedPage : PersonPage
{
    public StaffMember Officer => Served!.Officer;
}
