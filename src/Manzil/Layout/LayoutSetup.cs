using System.Text.Encodings.Web;
using System.Text.Unicode;
using Manzil.Access;
using Manzil.Typing;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding.Metadata;
using Microsoft.AspNetCore.Mvc.Razor;
using Microsoft.Extensions.WebEncoders;

namespace Manzil.Layout;

public static class LayoutSetup
{
    public static IServiceCollection AddLayout(this IServiceCollection services, ServiceFacts facts)
    {
        services.AddSingleton(facts);
        services.AddHttpContextAccessor();
        services.AddScoped(s => Texts.For(LanguageChoice.Of(s.GetRequiredService<IHttpContextAccessor>().HttpContext!)));
        services.AddRazorPages(o => o.RootDirectory = "/");
        Redirects.AddTo(services);
        services.Configure<RazorViewEngineOptions>(o => o.PageViewLocationFormats.Insert(0, "/Layout/{0}.cshtml"));
        services.Configure<MvcOptions>(o =>
        {
            // Whether a field may be empty is for the page to say, in the reader's language.
            o.SuppressImplicitRequiredAttributeForNonNullableReferenceTypes = true;
            Translate(o.ModelBindingMessageProvider);
            FieldsOfForms.Use(o);
            TypedBinder.Use(o);
            o.Filters.Add(new FormsKept());
        });
        // Cyrillic, Armenian and Georgian letters as they are: escaped, they weigh three times as much.
        services.Configure<WebEncoderOptions>(o => o.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        // A request that cannot be read is the sender's error in every environment.
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = false);
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = facts.CookieName("form");
            o.Cookie.Path = "/";
            o.Cookie.SecurePolicy = facts.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
            o.SuppressXFrameOptionsHeader = true;
        });
        services.AddSingleton<IAntiforgeryAdditionalDataProvider, ShownTo>().AddSingleton<Drafts>();
        return services;
    }

    /// <summary>Headers, failures, languages, routing, files and pages. What every page needs comes after it; a short-circuited route goes without.</summary>
    public static WebApplication UseLayout(this WebApplication app)
    {
        var isHttps = app.Services.GetRequiredService<ServiceFacts>().IsHttps;
        // The proxy ends TLS. What people see is by --public-url, not by the last piece of the way: without this no form would work.
        if (isHttps) app.Use(HttpsAtThePublicUrl);
        app.Use(SecurityHeaders.Adding(isHttps));
        app.UseMiddleware<Failures>();
        app.Use(OnlyOurMethods);
        app.Use(LanguageChoice.FollowLink);
        app.UseRouting();
        // Named here, or they would be put first, before everything above.
        app.UseAuthentication().UseAuthorization();
        app.MapStaticAssets();
        app.MapRazorPages().WithStaticAssets();
        return app;
    }

    static Task HttpsAtThePublicUrl(HttpContext context, RequestDelegate next)
    {
        context.Request.Scheme = Uri.UriSchemeHttps;
        return next(context);
    }

    /// <summary>A page without a handler for a method would answer as to a GET: what nothing here has is turned away.</summary>
    static Task OnlyOurMethods(HttpContext context, RequestDelegate next)
    {
        var method = context.Request.Method;
        if (method is "GET" or "HEAD" or "POST" || (method == "DELETE" && context.Request.Path.StartsWithSegments("/api"))) return next(context);
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = "GET, HEAD, POST";
        return Task.CompletedTask;
    }

    static void Translate(DefaultModelBindingMessageProvider messages)
    {
        messages.SetAttemptedValueIsInvalidAccessor((_, _) => Unreadable());
        messages.SetMissingBindRequiredValueAccessor(_ => Unreadable());
        messages.SetMissingKeyOrValueAccessor(Unreadable);
        messages.SetMissingRequestBodyRequiredValueAccessor(Unreadable);
        messages.SetNonPropertyAttemptedValueIsInvalidAccessor(_ => Unreadable());
        messages.SetNonPropertyUnknownValueIsInvalidAccessor(Unreadable);
        messages.SetNonPropertyValueMustBeANumberAccessor(Unreadable);
        messages.SetUnknownValueIsInvalidAccessor(_ => Unreadable());
        messages.SetValueIsInvalidAccessor(_ => Unreadable());
        messages.SetValueMustBeANumberAccessor(_ => Unreadable());
        messages.SetValueMustNotBeNullAccessor(_ => Unreadable());
    }

    static string Unreadable() =>
        new HttpContextAccessor().HttpContext is { } context ? Texts.For(LanguageChoice.Of(context))["field.unreadable"] : "";
}
