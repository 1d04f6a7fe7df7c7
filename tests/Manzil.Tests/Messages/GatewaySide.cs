using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Register;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

/// <summary>The gateway's side of a running service: signs what it hands in, and knows which messages it was given.</summary>
sealed class GatewaySide(TestService service)
{
    const string Secret = "a secret of the tests, 32 characters or more";

    public static readonly MessagingFile File = MessagingFile.Parse(JsonSerializer.Serialize(new { sms = new { url = "http://127.0.0.1:9/", secret = Secret } }));

    public static Task<TestService> StartServiceAsync(DatabaseKind kind) => TestService.StartAsync(kind, demo: false, messaging: File);

    public Instant Now => service.Clock.GetCurrentInstant();

    public Task<HttpResponseMessage> PostAsync(string path, object body) => PostAsync(path, JsonSerializer.Serialize(body));

    public async Task<HttpResponseMessage> PostAsync(string path, string body, string secret = Secret, Duration age = default, string type = "application/json")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var (timestamp, signature) = GatewaySignature.Sign(Encoding.UTF8.GetBytes(secret), bytes, Now - age);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        request.Headers.Add(GatewaySignature.TimestampHeader, timestamp);
        request.Headers.Add(GatewaySignature.SignatureHeader, signature);
        return await service.Client.SendAsync(request);
    }

    public async Task ReportAsync(long message, string status, Instant? at = null)
    {
        var id = await NameAsync(message);
        await TakenAsync("/gateway/sms/reports", at is { } t ? new { id, status, at = t.ToString() } : new { id, status });
    }

    public async Task BounceEmailAsync(long message) => await TakenAsync("/gateway/email/bounces", new { id = await NameAsync(message) });

    /// <summary>What the gateway knows a message by.</summary>
    public async Task<string> NameAsync(long message) =>
        MessageName.Of(message, Instant.FromUnixTimeMilliseconds(await AskAsync<long>("select created_at from message where id = @message", new { message })));

    public Task SmsAsync(string id, string from, string text) => TakenAsync("/gateway/sms/incoming", new { id, from, text });

    async Task TakenAsync(string path, object body)
    {
        using var answer = await PostAsync(path, body);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    /// <summary>What waits in the outbox has been handed over.</summary>
    public async Task SendAllAsync()
    {
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync("update message set sent_at = @now, attempts = 1 where sent_at is null", new { now = Now.ToUnixTimeMilliseconds() });
    }

    /// <summary>A day's timed steps, without heartbeats since the clock jumps here; then the outbox goes out.</summary>
    public async Task StepAsync()
    {
        await service.Core.CurrentRules.RefreshAsync(service.Core.Database);
        await service.Services.GetRequiredService<MoveDeadlines>().RunAsync(Now);
        await service.Services.GetRequiredService<SendReminders>().RunAsync(Now);
        await service.Services.GetRequiredService<OpenSilentCases>().RunAsync(Now);
        await service.Services.GetRequiredService<NoteDepartures>().RunAsync(Now);
        await SendAllAsync();
    }

    public async Task PassDaysAsync(int days)
    {
        for (var i = 0; i < days; i++)
        {
            service.Clock.AdvanceDays(1);
            await StepAsync();
        }
    }

    public async Task<IReadOnlyList<SentMessage>> MessagesAsync(long worker, bool remindersOnly = false)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return [.. await connection.QueryAsync<SentMessage>(
            $"""
            select id, act_number as ActNumber, channel_kind as Kind, body, created_at as CreatedAt, delivered_at as DeliveredAt, arrived_at as ArrivedAt,
                   opened_at as OpenedAt, bounced_at as BouncedAt, reply_code as ReplyCode, reminds_of as RemindsOf
            from message where worker_id = @worker {(remindersOnly ? "and reminds_of is not null" : "")} order by id
            """,
            new { worker })];
    }

    public async Task<T?> AskAsync<T>(string sql, object? values = null)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<T>(sql, values);
    }

    /// <summary>Registered and told where they live, on a phone of their own unless one is given, or an address alone.</summary>
    public async Task<SignedInWorker> ToldAsync(string? phone = null, string? email = null, string language = "en", bool hasPhone = true)
    {
        var worker = await service.EnrolAsync(language, hasPhone ? phone ?? $"+7000{Interlocked.Increment(ref _phones):D7}" : null, email);
        var signedIn = new SignedInWorker(service, worker, await service.SignInAsync(worker));
        await signedIn.GiveAsync("""{"kind":"registration"}""");
        await signedIn.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        return signedIn;
    }

    static int _phones = 5000;

    public string Day(Instant at) => IsoDate.Write(service.Core.Rules.DateOf(at))!;
}

sealed record SentMessage
{
    public long Id { get; init; }
    public string? ActNumber { get; init; }
    public string Kind { get; init; } = "";
    public string Body { get; init; } = "";
    public long CreatedAt { get; init; }
    public long? DeliveredAt { get; init; }
    public long? ArrivedAt { get; init; }
    public long? OpenedAt { get; init; }
    public long? BouncedAt { get; init; }
    public string? ReplyCode { get; init; }
    public string? RemindsOf { get; init; }
}
