using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.Routing;

namespace Manzil.Layout;

/// <summary>
/// Writes the redirects of all pages in place of the framework's own, which hand a path to the header as it is: one letter beyond
/// ASCII there is a failure after everything was done.
/// </summary>
sealed class Redirects(IUrlHelperFactory urls) : IActionResultExecutor<LocalRedirectResult>, IActionResultExecutor<RedirectResult>
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<IActionResultExecutor<LocalRedirectResult>, Redirects>();
        services.AddSingleton<IActionResultExecutor<RedirectResult>, Redirects>();
    }

    public Task ExecuteAsync(ActionContext context, LocalRedirectResult result)
    {
        var url = urls.GetUrlHelper(context);
        // Where it leads is checked before a page asks for it; that it stays here is held in any case.
        if (!url.IsLocalUrl(result.Url)) throw new InvalidOperationException("A redirect to somewhere else was asked for.");
        Write(context.HttpContext.Response, url.Content(result.Url), result.Permanent, result.PreserveMethod);
        return Task.CompletedTask;
    }

    public Task ExecuteAsync(ActionContext context, RedirectResult result)
    {
        Write(context.HttpContext.Response, urls.GetUrlHelper(context).Content(result.Url), result.Permanent, result.PreserveMethod);
        return Task.CompletedTask;
    }

    static void Write(HttpResponse response, string path, bool permanent, bool preservesMethod)
    {
        response.StatusCode = (permanent, preservesMethod) switch
        {
            (true, true) => StatusCodes.Status308PermanentRedirect,
            (true, false) => StatusCodes.Status301MovedPermanently,
            (false, true) => StatusCodes.Status307TemporaryRedirect,
            _ => StatusCodes.Status302Found,
        };
        response.Headers.Location = ReturnPath.ToHeader(path);
    }
}
