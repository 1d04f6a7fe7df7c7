using Manzil.Access;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Register;
using Microsoft.AspNetCore.Mvc.RazorPages;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>Who asks for a page: the session, and the worker as they stand in the database now.</summary>
public sealed record SignedIn(Session Session, Worker Worker)
{
    /// <summary>Null where nobody is signed in.</summary>
    public static SignedIn? Of(HttpContext context) => context.Features.Get<SignedIn>();

    /// <summary>Comes after routing and before the page, so that its language can be the worker's.</summary>
    public static async Task FindAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>() is not null && Of(context) is null)
        {
            try
            {
                await FindAsync(context);
            }
            catch (Exception e) when (Database.IsUnavailable(e) && context.Response.StatusCode >= 400)
            {
                // The page about this very failure is shown to nobody in particular.
            }
        }

        if (Of(context) is { } signedIn) LanguageChoice.Prefer(context, signedIn.Worker.Language);
        await next(context);
    }

    /// <summary>Call once the body has come: whoever was signed out meanwhile is so for all that follows.</summary>
    public static async Task FindAgainAsync(HttpContext context)
    {
        if (Of(context) is null || await context.RequestServices.GetRequiredService<WebSession>().FindAsync(context) is not null) return;
        context.Features.Set<SignedIn>(null);
        AskedIn.Note(context, null);
    }

    static async Task FindAsync(HttpContext context)
    {
        var services = context.RequestServices;
        if (await services.GetRequiredService<WebSession>().FindAsync(context) is { } session
            && await services.GetRequiredService<WorkerReader>().FindAsync(session.WorkerId) is { } worker)
        {
            context.Features.Set(new SignedIn(session, worker));
            AskedIn.Note(context, session.TokenHash);
            var now = services.GetRequiredService<IClock>().GetCurrentInstant();
            await services.GetRequiredService<Deliveries>().OpenedAsync(worker.Id, now);
            await services.GetRequiredService<MoveDeadlines>().ShowAsync(worker, now);
        }
    }
}
