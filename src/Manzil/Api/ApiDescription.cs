using Manzil.Register;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Manzil.Api;

/// <summary>
/// /openapi/v1.json: /api/v1 and nothing else. The endpoints write their answers by hand, for speed, so their types say
/// nothing: the description stands in openapi.json beside this file, and a test holds it against the routes.
/// </summary>
public static class ApiDescription
{
    public const string Resource = "openapi.json";

    public static IServiceCollection AddApiDescription(this IServiceCollection services, Uri publicUrl) =>
        services.AddOpenApi("v1", options =>
        {
            options.ShouldInclude = _ => false;
            options.AddDocumentTransformer(async (document, _, cancellation) =>
            {
                await using var stream = typeof(ApiDescription).Assembly.GetManifestResourceStream(Resource)!;
                var written = (await OpenApiDocument.LoadAsync(stream, "json", cancellationToken: cancellation)).Document
                    ?? throw new InvalidOperationException("openapi.json is not an OpenAPI document.");
                document.Info = written.Info;
                document.Servers = [new OpenApiServer { Url = ServiceSettings.IssuerOf(publicUrl) }];
                document.Paths = written.Paths;
                document.Components = written.Components;
                document.Security = written.Security;
                document.Tags = written.Tags;
            });
        });
}
