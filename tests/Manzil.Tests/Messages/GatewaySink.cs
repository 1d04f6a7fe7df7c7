using System.Collections.Concurrent;
using System.Text.Json;
using Manzil.Messages;
using Manzil.Register;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using NodaTime;

namespace Manzil.Tests.Messages;

public sealed record TakenSms(string Id, string To, string Text);

/// <summary>An SMS gateway on loopback, written from docs/messages.md: it checks each signature and keeps what it took.</summary>
public sealed class GatewaySink : IAsyncDisposable
{
    public const string Secret = "a secret of the tests, 32 or more";

    readonly CancellationTokenSource _stop = new();
    readonly WebApplication _app;
    int _requests, _elsewhere;

    GatewaySink(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single() + "/send");

    public SmsSettings Settings => new(Url, System.Text.Encoding.UTF8.GetBytes(Secret));

    /// <summary>What to answer instead of taking the message; a task that answers nothing takes it.</summary>
    public Func<HttpContext, TakenSms, Task<bool>> Script { get; set; } = (_, _) => Task.FromResult(false);

    public ConcurrentQueue<TakenSms> Taken { get; } = new();

    public int Requests => _requests;

    /// <summary>Everything of each request but its body: the names of its headers, in order.</summary>
    public ConcurrentQueue<string> Headers { get; } = new();

    /// <summary>Requests to any other path, or with a signature that is not right.</summary>
    public int Elsewhere => _elsewhere;

    /// <summary>Ends with the test: what hangs, hangs on this.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <param name="clock">The service's, since the time is signed.</param>
    public static async Task<GatewaySink> StartAsync(IClock clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var sink = new GatewaySink(builder.Build());
        sink._app.Run(context => sink.ServeAsync(context, clock));
        await sink._app.StartAsync();
        return sink;
    }

    async Task ServeAsync(HttpContext context, IClock clock)
    {
        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes);
        var (body, headers) = (bytes.ToArray(), context.Request.Headers);
        if (context.Request.Path != "/send" || context.Request.Method != "POST" || context.Request.ContentType != "application/json"
            || !GatewaySignature.Verify(System.Text.Encoding.UTF8.GetBytes(Secret), body, headers["Manzil-Timestamp"], headers["Manzil-Signature"], clock.GetCurrentInstant()))
        {
            Interlocked.Increment(ref _elsewhere);
            context.Response.StatusCode = 418;
            return;
        }

        Interlocked.Increment(ref _requests);
        Headers.Enqueue(string.Join(' ', headers.Keys.Order(StringComparer.Ordinal)) + context.Request.QueryString);
        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal(["id", "to", "text"], json.EnumerateObject().Select(m => m.Name));
        var sms = new TakenSms(json.GetProperty("id").GetString()!, json.GetProperty("to").GetString()!, json.GetProperty("text").GetString()!);
        try
        {
            if (await Script(context, sms)) return;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Taken.Enqueue(sms);
        context.Response.StatusCode = 202;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
    }
}
