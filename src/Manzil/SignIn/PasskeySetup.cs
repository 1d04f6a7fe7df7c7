using Manzil.Layout;
using Manzil.Register;
using Microsoft.AspNetCore.Identity;

namespace Manzil.SignIn;

public static class PasskeySetup
{
    public static IServiceCollection AddPasskeys(this IServiceCollection services, ServiceFacts facts)
    {
        services.AddPasskeysOf<Worker, WorkerPasskeyStore>().AddScoped<Passkeys>();
        services.Configure<IdentityPasskeyOptions>(o =>
        {
            o.ServerDomain = facts.PublicUrl?.Host;
            o.UserVerificationRequirement = "required";
            o.ResidentKeyRequirement = "required";
            o.AttestationConveyancePreference = "none";
            // Never the Host header: what the browser says must be where people reach the service.
            var origin = facts.PublicUrl?.GetLeftPart(UriPartial.Authority);
            o.ValidateOrigin = context => ValueTask.FromResult(context.Origin == origin && !context.CrossOrigin);
        });
        return services;
    }

    public static IServiceCollection AddPasskeysOf<TPerson, TStore>(this IServiceCollection services)
        where TPerson : class
        where TStore : PasskeyStore<TPerson>
    {
        services.AddIdentityCore<TPerson>().AddUserStore<TStore>();
        return services.AddScoped<PasskeyStore<TPerson>, TStore>().AddScoped<IPasskeyHandler<TPerson>, PasskeyHandler<TPerson>>();
    }

    /// <summary>A form of another site cannot send this header without asking first.</summary>
    public static bool IsFromOurScript(HttpContext http) => http.Request.Headers["X-Requested-With"] == "manzil";

    /// <summary>What the script reads: the sealed challenge, and what the browser needs.</summary>
    public static async Task AnswerAsync<TPerson>(HttpContext http, PasskeyCeremonies<TPerson> passkeys, string purpose, TPerson? person)
        where TPerson : class
    {
        var (challenge, options) = await passkeys.BeginAsync(http, purpose, person);
        await Results.Text($$"""{"challenge":"{{challenge}}","options":{{options}}}""", "application/json").ExecuteAsync(http);
    }

    /// <summary>POST /sign-in/passkey/{purpose}: what the browser needs to make or use a passkey, and the challenge, sealed.</summary>
    public static void MapPasskeys(this IEndpointRouteBuilder app) => app.MapPost("/sign-in/passkey/{purpose}", (RequestDelegate)BeginAsync);

    static async Task BeginAsync(HttpContext http)
    {
        var services = http.RequestServices;
        var passkeys = services.GetRequiredService<Passkeys>();
        var purpose = (string?)http.GetRouteValue("purpose");
        if (!passkeys.AreUsable || !IsFromOurScript(http) || purpose is not (Passkeys.ToSignIn or Passkeys.ToShowAgain or Passkeys.ToAdd))
        {
            await Problems.Result(http, Problems.NotFound).ExecuteAsync(http);
            return;
        }

        Worker? worker = null;
        if (purpose != Passkeys.ToSignIn)
        {
            if (await services.GetRequiredService<WebSession>().FindAsync(http) is not { } session
                || await services.GetRequiredService<WorkerReader>().FindAsync(session.WorkerId) is not { } signedIn)
            {
                await Problems.Result(http, Problems.SignInNeeded).ExecuteAsync(http);
                return;
            }

            if (purpose == Passkeys.ToAdd && !services.GetRequiredService<Sessions>().IsFresh(session))
            {
                await Problems.Result(http, SignInProblems.FreshSignInNeeded).ExecuteAsync(http);
                return;
            }

            worker = signedIn;
        }

        await AnswerAsync(http, passkeys, purpose, worker);
    }
}
