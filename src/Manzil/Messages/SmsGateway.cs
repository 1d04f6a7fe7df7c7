using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Manzil.Outgoing;
using NodaTime;

namespace Manzil.Messages;

/// <summary>SMS by a gateway that speaks the contract of docs/messages.md. Only the status line of its answer counts; nothing else of it is read or kept.</summary>
public sealed class SmsGateway(SmsSettings settings, IClock clock) : IMessageSender, IDisposable
{
    static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Only the status line of an answer counts.
    const int MaxAnswer = 64 * 1024;

    // Polly sees to the time.
    readonly HttpClient _client = new OutgoingGate(Destination.Of(settings)).Http(Timeout.InfiniteTimeSpan, MaxAnswer);

    public async Task<Attempt> SendAsync(WaitingMessage message, CancellationToken cancellation)
    {
        if (message.To is not { Kind: "sms" } to) return Attempt.ToNobody;
        var body = JsonSerializer.SerializeToUtf8Bytes(new { id = message.Name, to = to.Address, text = message.Body }, Json);
        var (timestamp, signature) = GatewaySignature.Sign(settings.Secret, body, clock.GetCurrentInstant());
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(GatewaySignature.TimestampHeader, timestamp);
        request.Headers.Add(GatewaySignature.SignatureHeader, signature);
        try
        {
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return Read(answer);
        }
        catch (HttpRequestException e)
        {
            return new Attempt(Outcome.Trouble, e.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "the gateway's name is not known",
                HttpRequestError.ConnectionError => "the gateway cannot be connected to",
                HttpRequestError.SecureConnectionError => "no secure connection to the gateway could be made",
                HttpRequestError.ResponseEnded => "the gateway cut the line",
                _ => "the gateway's answer is not HTTP, or broke off",
            });
        }
        catch (IOException)
        {
            return new Attempt(Outcome.Trouble, "the gateway cut the line");
        }
    }

    Attempt Read(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        return answer.StatusCode switch
        {
            _ when answer.IsSuccessStatusCode => Attempt.Taken,
            // These say something about the service or its configuration, and nothing about the message.
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.ProxyAuthenticationRequired
                or HttpStatusCode.RequestTimeout or HttpStatusCode.MisdirectedRequest or (HttpStatusCode)425 or HttpStatusCode.TooManyRequests => Trouble(),
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => new Attempt(Outcome.Refused, $"the gateway refused it ({status})"),
            _ => Trouble(),
        };

        Attempt Trouble() => new(Outcome.Trouble, $"the gateway answered {status}", After(answer.Headers.RetryAfter));
    }

    Duration? After(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } delta } => Duration.FromTimeSpan(delta),
        { Date: { } date } => Duration.Max(Duration.Zero, Instant.FromDateTimeOffset(date) - clock.GetCurrentInstant()),
        _ => null,
    };

    public Task RestAsync() => Task.CompletedTask;

    public void Dispose() => _client.Dispose();
}
