using Manzil.Layout;

namespace Manzil.SignIn;

/// <summary>Which try is this browser's: a cookie for ten minutes, so that no address bar and no other browser has it.</summary>
public sealed class BackInCookie(ServiceFacts facts)
{
    const string Path = "/sign-in";

    string Name => facts.CookieName("back-in", Path);

    public string? Of(HttpContext http) => http.Request.Cookies[Name];

    public void Keep(HttpContext http, string token) => http.Response.Cookies.Append(Name, token, Options(BackIn.Lifetime.ToTimeSpan()));

    public void Drop(HttpContext http) => http.Response.Cookies.Delete(Name, Options(null));

    CookieOptions Options(TimeSpan? age) =>
        new() { HttpOnly = true, Secure = facts.IsHttps, SameSite = SameSiteMode.Lax, Path = Path, MaxAge = age, IsEssential = true };
}
