using Manzil.Cases.Files;
using Manzil.Helping;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.SignIn;
using Manzil.Staff;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Access;

/// <summary>
/// What is answered to somebody who is not signed in, or not any more: a program 401; a browser the page on which to sign in. What they had
/// typed is kept for whoever the form was shown to, and stands in the form again once that person has signed in (<see cref="Drafts"/>).
/// </summary>
public static class SignedOut
{
    /// <summary>Of the address for signing in: that something typed waits behind it.</summary>
    public const string Kept = "kept";

    /// <summary>In a page, before its handler runs.</summary>
    public static IActionResult Result(HttpContext http) => IsKept(http) ? new StatusCodeResult(StatusCodes.Status401Unauthorized) : new RedirectResult(PageFor(http.Request));

    /// <summary>Wherever it turns out, on an answer that holds nothing yet.</summary>
    public static void Answer(HttpContext http)
    {
        var response = http.Response;
        if (http.Request.Path.StartsWithSegments("/api"))
        {
            response.Headers.WWWAuthenticate = "Bearer";
            response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else if (IsKept(http))
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            LeadTo(response, PageFor(http.Request));
        }
    }

    /// <summary>Whether this request's form is one to keep. A helper's access that has ended does not come back, and what is no page's own form is no more than a button.</summary>
    public static bool IsKept(HttpContext http) =>
        HttpMethods.IsPost(http.Request.Method) && http.Request.HasFormContentType && KeptForm.PageOf(http) is not null
        && !http.Request.Path.StartsWithSegments(HelperSessions.Folder) && !http.Request.Query.ContainsKey("handler");

    /// <summary>Call where such a request ends with 401, before its endpoint and form are forgotten: the words are kept, and the reader is asked to sign in.</summary>
    public static async Task KeepAsync(HttpContext http)
    {
        var (request, read) = (http.Request, http.Features.Get<IFormFeature>()?.Form);
        var fields = await KeptForm.FieldsAsync(http);
        var form = KeptForm.FormOf(fields, read?.Files);
        http.Features.Set<IFormFeature>(new FormFeature(form));
        var services = http.RequestServices;
        var to = PageFor(request);
        if (fields.Count > 0 && await services.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http) && ShownTo.LateOwnerOf(http) is { } owner)
        {
            var draft = FormsKept.DraftOf(http, form, null, StatusCodes.Status200OK, withErrors: false);
            // Files that were too large to be read at all cannot be kept either.
            if (read is null && KeptForm.PageOf(http)!.IsAssignableTo(typeof(ITakesFiles))) draft = draft with { HadFiles = true };
            var back = KeptForm.PageOf(http)!.IsAssignableTo(typeof(IKeepsItself)) ? request.Path.Value + request.QueryString : FormsKept.StepAfter(request, form["Go"]);
            if (await services.GetRequiredService<Drafts>().SaveAsync(http, owner, request.Path.Value!, draft))
                to = SignInFor(request) + QueryString.Create(Kept, "1").Add("return", back).ToUriComponent();
        }

        LeadTo(http.Response, to);
    }

    static void LeadTo(HttpResponse response, string page)
    {
        response.StatusCode = StatusCodes.Status302Found;
        response.Headers.Location = ReturnPath.ToHeader(page);
    }

    /// <summary>Where a request's sender can sign in.</summary>
    static string SignInFor(HttpRequest request) => request.Path.StartsWithSegments(StaffSessions.Folder) ? "/staff/sign-in" : "/sign-in";

    // A helper who is out has no other way in.
    static string PageFor(HttpRequest request) => request.Path.StartsWithSegments(HelperSessions.Folder)
        ? "/helper?ended=1"
        : request.Path.StartsWithSegments(StaffSessions.Folder)
            ? SignInFor(request) + QueryString.Create("return", (request.PathBase + request.Path).ToUriComponent()).ToUriComponent()
            : WorkerPage.SignInAndBack(request);
}
