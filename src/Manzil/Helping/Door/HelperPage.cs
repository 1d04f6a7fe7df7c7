using Manzil.Access;
using Manzil.Cases.Mine;
using Manzil.Register;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Helping.Door;

/// <summary>
/// A page for a helper whose access is in force: <see cref="Grant"/> and <see cref="Worker"/> stand before a handler runs. Anybody
/// else is told that it has ended, and no more. No page of this kind is stored anywhere.
/// </summary>
public abstract class HelperPage : PageModel
{
    public HelperGrant Grant { get; private set; } = null!;

    public Worker Worker { get; private set; } = null!;

    /// <summary>What of the worker's cases is shown: in scope "act" the one case, and no other.</summary>
    public long? Only => Grant.Scope == HelperGrant.Act ? Grant.CaseId : null;

    public bool MayAct => Grant.Scope == HelperGrant.Act;

    // A filter, and not what its name would make it: a handler for a method called PAGE.
    [NonHandler]
    public sealed override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var services = HttpContext.RequestServices;
        Response.Headers.CacheControl = "no-store";
        var sessions = services.GetRequiredService<HelperSessions>();
        if (await sessions.FindAsync(HttpContext) is not { } grant
            || await services.GetRequiredService<WorkerReader>().FindAsync(grant.WorkerId) is not { } worker)
        {
            var had = sessions.IsHeld(HttpContext);
            if (had) sessions.Forget(HttpContext);
            context.Result = Redirect(had ? "/helper?ended=1" : "/helper");
            return;
        }

        (Grant, Worker) = (grant, worker);
        AskedIn.Note(HttpContext, sessions.HashOf(HttpContext));
        await next();
    }
}
