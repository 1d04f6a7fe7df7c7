namespace Manzil.Layout;

/// <summary>
/// Set on every answer. A page that needs more (a camera, WebAssembly) sets its own header before it answers,
/// and that one stands.
/// </summary>
public static class SecurityHeaders
{
    public const string ContentSecurityPolicy =
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    const string otherPermissions =
        "accelerometer=(), autoplay=(), bluetooth=(), display-capture=(), encrypted-media=(), fullscreen=(), gyroscope=(), hid=(), "
        + "magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()";

    public const string PermissionsPolicy = "geolocation=(), camera=(), " + otherPermissions;

    /// <summary>For the one page that compares positions on the phone itself.</summary>
    public const string PermissionsPolicyWithGeolocation = "geolocation=(self), camera=(), " + otherPermissions;

    /// <summary>For the page that reads a receipt's code.</summary>
    public const string PermissionsPolicyWithCamera = "geolocation=(), camera=(self), " + otherPermissions;

    /// <summary>On signing out: what this browser still holds of our pages goes, also where somebody presses Back.</summary>
    public static void Forget(HttpResponse response) => response.Headers["Clear-Site-Data"] = "\"cache\"";

    /// <summary>For the public keys and the public log alone: a page of any origin may read them, since anybody is invited to check.</summary>
    public static void ForEveryOrigin(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    }

    /// <summary>The middleware; on HTTPS it also keeps browsers there.</summary>
    internal static Func<HttpContext, RequestDelegate, Task> Adding(bool isHttps)
    {
        Func<object, Task> add = isHttps ? AddWithTransport : Add;
        return (context, next) =>
        {
            context.Response.OnStarting(add, context.Response);
            return next(context);
        };
    }

    static Task AddWithTransport(object response)
    {
        ((HttpResponse)response).Headers.TryAdd("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
        return Add(response);
    }

    static Task Add(object response)
    {
        Redirects.Hold((HttpResponse)response);
        var headers = ((HttpResponse)response).Headers;
        // Our files are UTF-8, and the list of assets does not say so.
        if (headers.ContentType.ToString() is "text/css" or "text/javascript") headers.ContentType += "; charset=utf-8";
        headers.TryAdd("Content-Security-Policy", ContentSecurityPolicy);
        headers.TryAdd("Permissions-Policy", PermissionsPolicy);
        headers.TryAdd("Referrer-Policy", "no-referrer");
        headers.TryAdd("X-Content-Type-Options", "nosniff");
        headers.TryAdd("Cross-Origin-Opener-Policy", "same-origin");
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
        // Phones are shared: what was shown must not come back from the browser's store.
        headers.TryAdd("Cache-Control", "no-store");
        return Task.CompletedTask;
    }
}
