using Manzil.Access;
using Manzil.Register;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.SignIn;

/// <summary>
/// A page for a signed-in worker; anyone else is asked to sign in and then brought back. <see cref="Worker"/> and
/// <see cref="Session"/> stand before a handler runs.
/// </summary>
public abstract class WorkerPage : PageModel
{
    public Worker Worker { get; private set; } = null!;

    protected Session Session { get; private set; } = null!;

    /// <summary>True where a passkey or code was shown in this session in the last minutes.</summary>
    protected bool IsFresh => HttpContext.RequestServices.GetRequiredService<Sessions>().IsFresh(Session);

    /// <summary>Asks for a fresh passkey or code; the reader comes back to this page, or to <paramref name="back"/>.</summary>
    protected IActionResult AskFresh(string? back = null) => ToFresh(Request, back);

    // A filter, and not what its name would make it: a handler for a method called PAGE.
    [NonHandler]
    public sealed override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (SignedIn.Of(HttpContext) is not { } signedIn)
        {
            context.Result = SignedOut.Result(HttpContext);
            return;
        }

        (Session, Worker) = signedIn;
        await next();
    }

    internal static string SignInAndBack(HttpRequest request) => "/sign-in" + Return(HereOf(request));

    internal static IActionResult ToFresh(HttpRequest request, string? back) => new RedirectResult("/sign-in/fresh" + Return(back ?? HereOf(request)));

    static string HereOf(HttpRequest request) => (request.PathBase + request.Path).ToUriComponent() + request.QueryString.ToUriComponent();

    static string Return(string path) => QueryString.Create("return", path).ToUriComponent();
}
