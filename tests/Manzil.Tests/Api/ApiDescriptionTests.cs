using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Manzil.Layout;
using Manzil.Notices;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TurnedAwayTokens = Manzil.Register.TurnedAwayTokens;

namespace Manzil.Tests.Api;

public partial class ApiDescriptionTests
{
    [Fact]
    public async Task Description_Routes_AreThoseUnderApiAndNoOthers()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var served = service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/api/v1", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods, (e, method) => $"{method} {e.RoutePattern.RawText}")
            .Order(StringComparer.Ordinal).ToList();
        var document = await ReadAsync(service);
        var described = Operations(document).Select(o => $"{o.Method} {o.Path}").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(served, described);
        Assert.NotEmpty(served);
    }

    [Fact]
    public async Task Description_EachOperation_TellsItsAnswersAndItsSecurity()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var document = await ReadAsync(service);
        Assert.Equal("http://localhost:8080", document["servers"]![0]!["url"]!.GetValue<string>());
        Assert.Equal("bearer", document["components"]!["securitySchemes"]!["session"]!["scheme"]!.GetValue<string>());
        Assert.NotEmpty(document["security"]!.AsArray());
        foreach (var (method, path, operation) in Operations(document))
        {
            var responses = operation["responses"]!.AsObject();
            Assert.Contains(responses, r => r.Key[0] == '2');
            // Asking for a code is answered in one way, whoever asks.
            Assert.Equal(path != "/api/v1/sessions/sent-code", responses.ContainsKey("401"));
            Assert.Contains(responses, r => r.Key is "503");
            Assert.False(string.IsNullOrEmpty(operation["summary"]?.GetValue<string>()), $"{method} {path}");
            foreach (var (status, response) in responses)
            {
                var meant = response!["$ref"] is { } reference ? Follow(document, reference) : response;
                if (status[0] is '4' or '5') Assert.NotNull(meant["content"]!["application/problem+json"]);
            }
        }

        var post = document["paths"]!["/api/v1/notices"]!["post"]!;
        Assert.Equal(
            ["Idempotency-Key", TurnedAwayTokens.Header, SessionKeys.SignedAtHeader, SessionKeys.SignatureHeader],
            post["parameters"]!.AsArray().Select(p => p!["name"]!.GetValue<string>()));
        var header = post["parameters"]![0]!;
        Assert.Equal(("Idempotency-Key", "header", true), (header["name"]!.GetValue<string>(), header["in"]!.GetValue<string>(), header["required"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Description_References_LeadSomewhere()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var document = await ReadAsync(service);
        var references = Reference().Matches(document.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.True(references.Count > 40);
        Assert.All(references, match => Assert.NotNull(Follow(document, JsonValue.Create(match.Groups[1].Value)!)));
    }

    // Every problem that the API's code can name stands in the description.
    [Fact]
    public async Task Description_Problems_AreAllThere()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var text = (await ReadAsync(service)).ToJsonString();
        var code = Repository.Read("src/Manzil/Notices/NoticeApi.cs") + Repository.Read("src/Manzil/SignIn/SessionApi.cs") + Repository.Read("src/Manzil/SignIn/ApiSession.cs");
        var named = Named().Matches(code).Select(m => (m.Groups[1].Value, m.Groups[2].Value)).Where(n => n.Item2 is not ("Result" or "Of")).Distinct()
            .Select(n => (Problem)(n.Item1 switch { "SignInProblems" => typeof(SignInProblems), "NoticeProblems" => typeof(NoticeProblems), _ => typeof(Problems) }).GetField(n.Item2)!.GetValue(null)!)
            .Concat(Enum.GetValues<NoticeRefusal>().Select(refusal => NoticeProblems.Of(refusal.Name()))).Select(p => p.Type).Distinct().ToList();
        Assert.True(named.Count > 15);
        Assert.Empty(named.Where(type => !Regex.IsMatch(text, Regex.Escape(type) + "[.,]", RegexOptions.None, TimeSpan.FromSeconds(5))));
    }

    [Theory, EachDatabase]
    public async Task Description_ExampleOfEachKind_IsAccepted(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var document = await ReadAsync(service);
        var examples = document["paths"]!["/api/v1/notices"]!["post"]!["requestBody"]!["content"]!["application/json"]!["examples"]!.AsObject();
        var kinds = document["components"]!["schemas"]!["Notice"]!["discriminator"]!["mapping"]!.AsObject().Select(m => m.Key);
        Assert.Equal(kinds.Order(StringComparer.Ordinal), examples.Select(e => KindOf(e.Value!)).Distinct().Order(StringComparer.Ordinal));
        var members = document["components"]!["schemas"]!["Receipt"]!["properties"]!.AsObject().Select(p => p.Key).ToList();

        var token = await service.SignInAsync(await service.EnrolAsync());
        var numbers = new Dictionary<string, string>();
        foreach (var name in new[] { "registration", "residence", "residenceWithoutStreet", "correction", "confirmation", "departure", "withdrawal" })
        {
            var notice = examples[name]!["value"]!.AsObject();
            if (notice.ContainsKey("replaces")) notice["replaces"] = numbers[name == "withdrawal" ? "departure" : "residenceWithoutStreet"];
            using var answer = await service.PostNoticeAsync(token, notice.ToJsonString());
            var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{name}: {body}");
            var receipt = JsonNode.Parse(body)!.AsObject();
            Assert.Equal(members, receipt.Select(m => m.Key));
            numbers[name] = receipt["number"]!.GetValue<string>();
        }

        Assert.Equal(examples.Count, numbers.Count);
        await AssertMembersAsync(service, token, document, "/api/v1/me", "Me");
        await AssertMembersAsync(service, token, document, "/api/v1/notices", "NoticeList");
    }

    static async Task AssertMembersAsync(TestService service, string token, JsonNode document, string path, string schema)
    {
        using var answer = await service.GetAsync(token, path);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();
        var described = document["components"]!["schemas"]![schema]!["properties"]!.AsObject().Select(p => p.Key);
        Assert.Equal(described.Order(StringComparer.Ordinal), body.Select(m => m.Key).Order(StringComparer.Ordinal));
    }

    static string KindOf(JsonNode example) => example["value"]!["kind"]!.GetValue<string>();

    static async Task<JsonNode> ReadAsync(TestService service) =>
        JsonNode.Parse(await service.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;

    static IEnumerable<(string Method, string Path, JsonNode Operation)> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!);

    static JsonNode Follow(JsonNode document, JsonNode reference) =>
        reference.GetValue<string>()["#/".Length..].Split('/').Aggregate(document, (node, step) => node[step]!);

    [GeneratedRegex("\"(#/components/[^\"]+)\"", RegexOptions.None, 5000)]
    private static partial Regex Reference();

    [GeneratedRegex(@"\b(SignInProblems|NoticeProblems|Problems)\.(\w+)", RegexOptions.None, 5000)]
    private static partial Regex Named();
}
