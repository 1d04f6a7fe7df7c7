using Microsoft.Net.Http.Headers;

namespace Manzil.Layout;

/// <summary>
/// Which language a request is answered in: what the reader chose on this phone, else what the signed-in
/// worker's card says, else what the browser asks for, else the first language of the rules.
/// </summary>
public static class LanguageChoice
{
    const string cookie = "lang";
    static readonly object preferred = new(), chosen = new();

    public static string Of(HttpContext context)
    {
        var facts = context.RequestServices.GetRequiredService<ServiceFacts>();
        var languages = facts.Languages;
        return context.Items[chosen] as string
            ?? Known(context.Request.Cookies[facts.CookieName(cookie)], languages)
            ?? Known(context.Items[preferred] as string, languages)
            ?? Asked(context.Request, languages)
            ?? languages[0];
    }

    /// <summary>Call after authentication with the signed-in worker's own language.</summary>
    public static void Prefer(HttpContext context, string lang) => context.Items[preferred] = lang;

    /// <summary>Keeps the reader's choice on this phone for a year; false where the rules do not have the language.</summary>
    public static bool Keep(HttpContext context, string? lang)
    {
        var facts = context.RequestServices.GetRequiredService<ServiceFacts>();
        if (Known(lang, facts.Languages) is not { } known)
        {
            return false;
        }
        context.Items[chosen] = known;
        context.Response.Cookies.Append(facts.CookieName(cookie), known, new()
        {
            MaxAge = TimeSpan.FromDays(365),
            SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Lax,
            HttpOnly = true,
            // Never by the request: behind a proxy it came on HTTP.
            Secure = facts.IsHttps,
            Path = "/",
        });
        return true;
    }

    /// <summary>Whether a form was sent to be shown in another language, and to do nothing.</summary>
    public static bool IsAsked(HttpRequest request) => request.Query.ContainsKey("lang");

    /// <summary>A link such as <c>/help?lang=kk</c> keeps the choice and comes back to the page without it.</summary>
    public static Task FollowLink(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        // A form that is to be shown in another language: the page keeps what was typed (FormsKept).
        if (HttpMethods.IsPost(request.Method) && IsAsked(request)) Keep(context, request.Query["lang"]);
        if (HttpMethods.IsGet(request.Method) && request.Query.TryGetValue("lang", out var lang) && Keep(context, lang))
        {
            var rest = QueryString.Create(request.Query.Where(q => q.Key != "lang"));
            // A path of "//elsewhere" would lead to another host.
            context.Response.Headers.Location = "/" + (request.PathBase + request.Path).ToUriComponent().TrimStart('/', '\\') + rest;
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            return Task.CompletedTask;
        }
        return next(context);
    }

    static string? Asked(HttpRequest request, IReadOnlyList<string> languages)
    {
        var header = request.Headers.AcceptLanguage;
        if (header.Count == 0 || header.ToString().Length > 500 || !StringWithQualityHeaderValue.TryParseList(header, out var asked))
        {
            return null;
        }
        return asked.Where(a => a.Quality is not 0).OrderByDescending(a => a.Quality ?? 1)
            .Select(a => Known(a.Value.Value, languages) ?? languages.FirstOrDefault(l => Primary(l) == Primary(a.Value.Value!)))
            .FirstOrDefault(l => l is not null);
    }

    static string? Known(string? lang, IReadOnlyList<string> languages) =>
        languages.FirstOrDefault(l => string.Equals(l, lang, StringComparison.OrdinalIgnoreCase));

    static string Primary(string tag) => tag.Split('-')[0].ToLowerInvariant();
}
