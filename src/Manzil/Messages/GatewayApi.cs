using System.Text.Json;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Typing;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Messages;

/// <summary>
/// What the SMS gateway and the mail server's helper hand in: reports, bounces, SMS that came in (docs/messages.md). Signed like what
/// goes out. Each answer is the same whatever is known here, so that a gateway learns nothing from it.
/// </summary>
public static class GatewayApi
{
    const int MaxBytes = 16 * 1024, MaxId = 100, MaxFrom = 40, MaxText = 2000;

    static readonly Problem SignatureWrong = Problem.Of("gateway-signature-wrong", StatusCodes.Status401Unauthorized);
    static readonly JsonDocumentOptions Strict = new() { MaxDepth = 2, AllowDuplicateProperties = false };

    static readonly TypedMembers Members = new(("id", TextKind.Made), ("status", TextKind.Made), ("at", TextKind.Made), ("from", TextKind.Phone), ("text", TextKind.Message));

    public static void MapGateway(this IEndpointRouteBuilder app)
    {
        app.MapPost("/gateway/sms/reports", (RequestDelegate)SmsReportAsync);
        app.MapPost("/gateway/sms/incoming", (RequestDelegate)SmsAsync);
        app.MapPost("/gateway/email/bounces", (RequestDelegate)EmailBounceAsync);
    }

    static async Task SmsReportAsync(HttpContext http)
    {
        if (await ReadAsync(http, ["id", "status"], "at") is not { } said) return;
        var faults = new List<(string Field, string Reason)>();
        if (said["status"] is not ("delivered" or "failed")) faults.Add(("status", "value-unknown"));
        var at = Now(http);
        if (said.TryGetValue("at", out var text))
        {
            if (InstantPattern.ExtendedIso.Parse(text) is { Success: true, Value: var parsed }) at = parsed;
            else faults.Add(("at", "instant-malformed"));
        }

        if (faults.Count > 0) await Problems.Result(http, Problems.Malformed, faults).ExecuteAsync(http);
        else await ReportAsync(http, said["id"], "sms", said["status"] == "delivered", at);
    }

    static async Task EmailBounceAsync(HttpContext http)
    {
        if (await ReadAsync(http, ["id"]) is { } said) await ReportAsync(http, said["id"], "email", arrived: false, Now(http));
    }

    static async Task ReportAsync(HttpContext http, string id, string kind, bool arrived, Instant at)
    {
        if (MessageName.Parse(id) is { } message)
            await http.RequestServices.GetRequiredService<Deliveries>().ReportedAsync(message, kind, arrived, at, Now(http));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    static async Task SmsAsync(HttpContext http)
    {
        if (await ReadAsync(http, ["id", "from", "text"]) is not { } said) return;
        if (await http.RequestServices.GetRequiredService<IncomingSms>().TakeAsync(said["id"], said["from"], said["text"])) http.Response.StatusCode = StatusCodes.Status204NoContent;
        else await Busy.AnswerAsync(http);
    }

    static Instant Now(HttpContext http) => http.RequestServices.GetRequiredService<IClock>().GetCurrentInstant();

    /// <summary>A signed object of exactly these text members; null where it is not, and then that has been answered.</summary>
    static async Task<Dictionary<string, string>?> ReadAsync(HttpContext http, string[] names, string? mayHave = null)
    {
        if (http.RequestServices.GetRequiredService<MessagingFile>().Sms is not { } gateway)
        {
            await Problems.Result(http, Problems.NotFound).ExecuteAsync(http);
            return null;
        }

        if (await JsonBody.ReadAsync(http, MaxBytes) is not { } body) return null;
        var headers = http.Request.Headers;
        if (!GatewaySignature.Verify(gateway.Secret, body, headers[GatewaySignature.TimestampHeader], headers[GatewaySignature.SignatureHeader], Now(http)))
        {
            await Problems.Result(http, SignatureWrong).ExecuteAsync(http);
            return null;
        }

        var faults = new List<(string Field, string Reason)>();
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            Read(document.RootElement, names, mayHave, said, faults);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            faults.Add(("", "malformed-json"));
        }

        if (faults.Count == 0) return said;
        await Problems.Result(http, Problems.Malformed, faults).ExecuteAsync(http);
        return null;
    }

    static void Read(JsonElement root, string[] names, string? mayHave, Dictionary<string, string> said, List<(string Field, string Reason)> faults)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            faults.Add(("", "malformed-json"));
            return;
        }

        foreach (var member in root.EnumerateObject())
        {
            var max = member.Name switch { "text" => MaxText, "from" => MaxFrom, _ => MaxId };
            if (!names.Contains(member.Name) && member.Name != mayHave) faults.Add((member.Name.Length > 60 ? member.Name[..60] : member.Name, "member-unknown"));
            else if (member.Value.TextOf(Members, member.Name, faults) is not { } text) continue;
            else if (text.Length > max) faults.Add((member.Name, "text-too-long"));
            else if (member.Name == "id" && (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('!', '~'))) faults.Add((member.Name, "id-malformed"));
            else said[member.Name] = text;
        }

        foreach (var name in names)
        {
            if (!said.ContainsKey(name) && !faults.Exists(f => f.Field == name)) faults.Add((name, "member-missing"));
        }
    }
}
