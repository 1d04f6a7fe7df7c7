using System.Text.RegularExpressions;
using Manzil.Access;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Manzil.Tests.Access;

/// <summary>One thing that can be asked of the service: a route with a method, or a page with one of its handlers.</summary>
/// <param name="Pattern">As the service declares it, with a slash before it.</param>
sealed record Asked(string Method, string Pattern, string? Handler, AccessRule? Rule, RouteEndpoint Endpoint)
{
    /// <summary>True where the path names something that belongs to somebody.</summary>
    public bool HasParameter => Pattern.Contains('{', StringComparison.Ordinal);

    public override string ToString() => $"{Method} {Pattern}{(Handler is null ? "" : "?handler=" + Handler)}";
}

static partial class Routes
{
    /// <summary>Everything that the running service answers to, from its own list of endpoints.</summary>
    public static async Task<IReadOnlyList<Asked>> AllAsync(TestService service)
    {
        var loader = service.Services.GetRequiredService<PageLoader>();
        var all = new List<Asked>();
        foreach (var endpoint in service.Services.GetRequiredService<EndpointDataSource>().Endpoints)
        {
            var route = Assert.IsType<RouteEndpoint>(endpoint);
            var (pattern, rule) = ("/" + route.RoutePattern.RawText?.TrimStart('/'), AccessRules.Of(route));
            if (route.Metadata.GetMetadata<PageActionDescriptor>() is { } page)
            {
                var compiled = await loader.LoadAsync(page, route.Metadata);
                var handlers = compiled.HandlerMethods.Select(h => (Method: h.HttpMethod.ToUpperInvariant(), h.Name)).Append(("GET", null)).Distinct();
                all.AddRange(handlers.Select(h => new Asked(h.Method, pattern, h.Name, rule, route)));
            }
            else
            {
                all.AddRange((route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Where(m => m != "HEAD").Select(m => new Asked(m, pattern, null, rule, route)));
            }
        }

        return all;
    }

    /// <summary>The path with its parameters filled in.</summary>
    public static string Fill(Asked asked, IReadOnlyDictionary<string, string> values)
    {
        var path = Parameter().Replace(asked.Pattern, m => values.TryGetValue(m.Groups[1].Value, out var value)
            ? value
            : throw new InvalidOperationException($"RouteSetting.ValuesAsync has no value for {m.Value} of {asked}: add one that is valid for the first worker."));
        return asked.Handler is null ? path : path + "?handler=" + asked.Handler;
    }

    [GeneratedRegex(@"\{\*{0,2}(\w+)[^}]*\}", RegexOptions.None, 5000)]
    private static partial Regex Parameter();
}
