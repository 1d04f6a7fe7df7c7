using Manzil.Helping;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.SignIn;
using Manzil.Staff;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Access;

/// <summary>
/// What is answered to somebody who is not signed in, or not any more: a program 401; a browser the page on which to sign in, or, where
/// a worker's notice or answer would be lost with it, a page that keeps what was typed (<see cref="KeptForm"/>).
/// </summary>
public static class SignedOut
{
    /// <summary>In a page, before its handler runs.</summary>
    public static IActionResult Result(HttpContext http) => KeptForm.IsKept(http) ? new StatusCodeResult(StatusCodes.Status401Unauthorized) : new RedirectResult(PageFor(http.Request));

    /// <summary>Wherever it turns out, on an answer that holds nothing yet.</summary>
    public static void Answer(HttpContext http)
    {
        var response = http.Response;
        if (http.Request.Path.StartsWithSegments("/api"))
        {
            response.Headers.WWWAuthenticate = "Bearer";
            response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else if (KeptForm.IsKept(http))
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            response.StatusCode = StatusCodes.Status302Found;
            response.Headers.Location = ReturnPath.ToHeader(PageFor(http.Request));
        }
    }

    /// <summary>Where a request's sender can sign in.</summary>
    public static string SignInFor(HttpRequest request) => request.Path.StartsWithSegments(StaffSessions.Folder) ? "/staff/sign-in" : "/sign-in";

    // A helper who is out has no other way in.
    static string PageFor(HttpRequest request) => request.Path.StartsWithSegments(HelperSessions.Folder)
        ? "/helper?ended=1"
        : request.Path.StartsWithSegments(StaffSessions.Folder)
            ? SignInFor(request) + QueryString.Create("return", (request.PathBase + request.Path).ToUriComponent()).ToUriComponent()
            : WorkerPage.SignInAndBack(request);
}
