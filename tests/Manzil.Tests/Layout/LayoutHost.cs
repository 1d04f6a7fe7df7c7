using Manzil.Layout;
using Manzil.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;

namespace Manzil.Tests.Layout;

/// <summary>The layout alone, with nothing of any feature behind it.</summary>
public sealed class LayoutHost : IAsyncLifetime
{
    WebApplication? app;

    public static string Root { get; } = FindRoot();

    public static Jurisdiction Demo { get; } = Jurisdiction.Load(Path.Combine(Root, "rules", "demo.json"));

    public HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "manzil" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddLayout(new ServiceFacts(Demo, new Uri("https://manzil.example")));
        app = builder.Build();
        app.UseLayout();
        app.MapPost("/api/v1/numbers", (Dictionary<string, int> numbers) => numbers.Count);
        app.MapGet("/api/v1/broken", () => { throw new InvalidOperationException("planted"); });
        app.MapGet("/broken", () => { throw new InvalidOperationException("planted"); });
        app.MapGet("/status/{code:int}", (int code) => Results.StatusCode(code));
        // As somebody would write it past the class of redirects.
        app.MapGet("/planted/{way}", (HttpContext context, string way, string to) =>
        {
            switch (way)
            {
                case "result":
                    return Results.Redirect(to);
                case "response":
                    context.Response.Redirect(to);
                    break;
                default:
                    context.Response.Headers[way] = to;
                    break;
            }

            return Results.Empty;
        });
        app.MapPost("/api/v1/known", (HttpContext context) => Problems.Result(context, Problems.TooLarge));
        await app.StartAsync();
        var server = app.GetTestServer();
        server.BaseAddress = new Uri("https://manzil.example");
        Client = server.CreateClient();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app!.DisposeAsync();
    }

    static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "global.json")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run inside the repository.");
        }
        return folder;
    }
}
