using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.Routing;

namespace Manzil.Layout;

/// <summary>
/// Writes the redirects of all pages in place of the framework's own, which hand a path to the header as it is: one letter beyond
/// ASCII there is a failure after everything was done. None leads to another host: what an address says would go along.
/// </summary>
sealed class Redirects(IUrlHelperFactory urls) : IActionResultExecutor<LocalRedirectResult>, IActionResultExecutor<RedirectResult>
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<IActionResultExecutor<LocalRedirectResult>, Redirects>();
        services.AddSingleton<IActionResultExecutor<RedirectResult>, Redirects>();
    }

    public Task ExecuteAsync(ActionContext context, LocalRedirectResult result) => WriteAsync(context, result.Url, result.Permanent, result.PreserveMethod);

    public Task ExecuteAsync(ActionContext context, RedirectResult result) => WriteAsync(context, result.Url, result.Permanent, result.PreserveMethod);

    /// <summary>Whether a browser that is told so stays at this service: the one form that no reading of an address leads elsewhere.</summary>
    public static bool IsHere(string? location) => location is ['/'] or ['/', not ('/' or '\\'), ..] && !location.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>Just before an answer goes out: a header that leads elsewhere, whoever wrote it, does not go along.</summary>
    public static void Hold(HttpResponse response)
    {
        if (response.Headers.Location is { Count: > 0 } location && (location.Count > 1 || !IsHere(location[0])))
        {
            response.Headers.Location = default;
            response.StatusCode = StatusCodes.Status500InternalServerError;
        }

        // Nothing here sends a browser on by time.
        response.Headers.Remove("Refresh");
    }

    Task WriteAsync(ActionContext context, string to, bool permanent, bool preservesMethod)
    {
        var (url, response) = (urls.GetUrlHelper(context), context.HttpContext.Response);
        // Where it leads is checked before a page asks for it; that it stays here is held in any case.
        if (!url.IsLocalUrl(to)) throw new InvalidOperationException("A redirect to somewhere else was asked for.");
        response.StatusCode = (permanent, preservesMethod) switch
        {
            (true, true) => StatusCodes.Status308PermanentRedirect,
            (true, false) => StatusCodes.Status301MovedPermanently,
            (false, true) => StatusCodes.Status307TemporaryRedirect,
            _ => StatusCodes.Status302Found,
        };
        response.Headers.Location = ReturnPath.ToHeader(url.Content(to));
        return Task.CompletedTask;
    }
}

/// <summary>The answer to a form that is shown at an address of its own: Back and reload then ask nothing.</summary>
sealed class SeeOther(string path) : IActionResult
{
    public Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.StatusCode = StatusCodes.Status303SeeOther;
        // A path that a request came by: of "//elsewhere" a browser would make another host.
        response.Headers.Location = ReturnPath.ToHeader("/" + path.TrimStart('/', '\\'));
        return Task.CompletedTask;
    }
}
