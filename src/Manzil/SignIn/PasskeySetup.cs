using Manzil.Layout;
using Manzil.Register;
using Microsoft.AspNetCore.Identity;

namespace Manzil.SignIn;

public static class PasskeySetup
{
    public static IServiceCollection AddPasskeys(this IServiceCollection services, ServiceFacts facts)
    {
        services.AddIdentityCore<Worker>().AddUserStore<PasskeyStore>();
        services.AddScoped<IPasskeyHandler<Worker>, PasskeyHandler<Worker>>().AddScoped<Passkeys>();
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

    /// <summary>POST /sign-in/passkey/{purpose}: what the browser needs to make or use a passkey, and the id of the challenge.</summary>
    public static void MapPasskeys(this IEndpointRouteBuilder app) => app.MapPost("/sign-in/passkey/{purpose}", (RequestDelegate)BeginAsync);

    static async Task BeginAsync(HttpContext http)
    {
        var services = http.RequestServices;
        var passkeys = services.GetRequiredService<Passkeys>();
        var purpose = (string?)http.GetRouteValue("purpose");
        // A form of another site cannot send this header without asking first.
        if (!passkeys.AreUsable || http.Request.Headers["X-Requested-With"] != "manzil" || purpose is not (Passkeys.ToSignIn or Passkeys.ToShowAgain or Passkeys.ToAdd))
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

        var (id, options) = await passkeys.BeginAsync(http, purpose, worker);
        await Results.Text($$"""{"challenge":"{{id}}","options":{{options}}}""", "application/json").ExecuteAsync(http);
    }
}
