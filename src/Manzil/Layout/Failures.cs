using Manzil.Access;
using Manzil.Notices;
using Manzil.Register;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Manzil.Layout;

/// <summary>Gives every failure that has no body one: a page for people, a problem document for programs.</summary>
public sealed class Failures(RequestDelegate next, ILogger<Failures> logger)
{
    static readonly string[] forPrograms = ["/api", "/log", "/.well-known", "/openapi", "/health", "/gateway"];

    public async Task InvokeAsync(HttpContext context)
    {
        await Try(context, () => next(context));
        SecurityEvents.Refused(context);
        var response = context.Response;
        if (response.HasStarted || response.StatusCode is < 400 or StatusCodes.Status499ClientClosedRequest || response.ContentLength is not null || response.ContentType is not null)
        {
            return;
        }
        if (context.Features.Get<Problem>() is { } exact) response.StatusCode = exact.Status;
        var status = response.StatusCode;
        if (forPrograms.Any(p => context.Request.Path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase)))
        {
            await Problems.Write(context, Problems.OfStatus(status), status, []);
            return;
        }
        await Try(context, async () =>
        {
            if (status == StatusCodes.Status401Unauthorized && SignedOut.IsKept(context))
            {
                await SignedOut.KeepAsync(context);
                return;
            }

            if (status == StatusCodes.Status503ServiceUnavailable) await KeptForm.KeepAsync(context);
            await ShowPage(context);
        });
    }

    async Task Try(HttpContext context, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (HungUp(context, failure))
        {
            // Nobody is there to be answered, and nothing of ours failed.
            if (!context.Response.HasStarted) context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            context.Abort();
        }
        catch (SessionEndedException) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            SignedOut.Answer(context);
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            var status = StatusOf(failure);
            context.Response.Clear();
            context.Response.StatusCode = status;
            if (status == StatusCodes.Status503ServiceUnavailable)
            {
                context.Response.Headers.RetryAfter = "5";
                LogEvents.DatabaseDidNotAnswer(logger, LogCause.Of(failure));
            }
            else if (status >= 500 && !context.RequestAborted.IsCancellationRequested)
            {
                LogEvents.RequestFailed(logger, LogCause.Of(failure, place: true));
            }
        }
    }

    /// <summary>
    /// True where a request broke off because its sender hung up: what then fails to be read or written is theirs, though the exceptions
    /// are of the kinds that a database gives which does not answer.
    /// </summary>
    public static bool HungUp(HttpContext context, Exception failure) => failure switch
    {
        ConnectionResetException or ConnectionAbortedException => true,
        // Said of a body that ends too early; every other bad request is answered.
        BadHttpRequestException or OperationCanceledException => context.RequestAborted.IsCancellationRequested,
        System.Data.Common.DbException => false,
        IOException => context.RequestAborted.IsCancellationRequested,
        _ => false,
    };

    /// <summary>Runs the pipeline again for the error page, as a GET without the body that may be what failed.</summary>
    async Task ShowPage(HttpContext context)
    {
        var (request, status) = (context.Request, context.Response.StatusCode);
        var (path, query, method) = (request.Path, request.QueryString, request.Method);
        context.SetEndpoint(null);
        context.Features.Get<IRouteValuesFeature>()?.RouteValues.Clear();
        context.Features.Set<IFormFeature>(null);
        (request.Path, request.QueryString, request.Method) = ("/error", QueryString.Empty, HttpMethods.IsHead(method) ? method : HttpMethods.Get);
        try
        {
            await next(context);
        }
        finally
        {
            (request.Path, request.QueryString, request.Method) = (path, query, method);
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = status;
            }
        }
    }

    static int StatusOf(Exception failure) => failure switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        // A form that is not what its content type says, or has more fields than any of ours.
        AntiforgeryValidationException or InvalidDataException => StatusCodes.Status400BadRequest,
        _ when Database.IsUnavailable(failure) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
