using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Manzil.Tests.Databases;
using Microsoft.AspNetCore.Http;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Layout;

/// <summary>Somebody who hangs up in the middle of a request is no fault of the database, and wakes no operator.</summary>
public class HungUpTests
{
    [Theory]
    [EachDatabase("/api/v1/notices", false), EachDatabase("/api/v1/notices", true)]
    [EachDatabase("/api/v1/sessions", false), EachDatabase("/api/v1/sessions", true)]
    [EachDatabase("/sign-in", false), EachDatabase("/sign-in", true)]
    public async Task Request_HungUpInTheBody_IsNotTheDatabasesFault(DatabaseKind kind, string path, bool resets)
    {
        using var kept = new KeptLines();
        await using var service = await TestService.StartAsync(kind, logs: kept);
        var token = await service.SignInAsync(await service.EnrolAsync());
        var mark = Guid.NewGuid().ToString("N");
        var (came, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var listening = DiagnosticListener.AllListeners.Subscribe(new Each<DiagnosticListener>(listener =>
        {
            if (listener.Name != "Microsoft.AspNetCore") return;
            listener.Subscribe(new Each<KeyValuePair<string, object?>>(said =>
            {
                if (said.Value is not HttpContext http || !http.Request.QueryString.Value!.Contains(mark, StringComparison.Ordinal)) return;
                if (said.Key.EndsWith("HttpRequestIn.Start", StringComparison.Ordinal)) came.TrySetResult();
                if (said.Key.EndsWith("HttpRequestIn.Stop", StringComparison.Ordinal)) ended.TrySetResult();
            }));
        }));

        using var phone = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await phone.ConnectAsync("127.0.0.1", service.Url.Port, TestContext.Current.CancellationToken);
        var type = path.StartsWith("/api", StringComparison.Ordinal) ? "application/json" : "application/x-www-form-urlencoded";
        await phone.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST {path}?mark={mark} HTTP/1.1\r\nHost: {service.Url.Authority}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {mark}\r\nContent-Type: {type}\r\nContent-Length: 1000\r\n\r\n{{\"kind\"")));
        await came.Task.WaitAsync(TestContext.Current.CancellationToken);
        // RST, as a phone without a network does when it comes back; otherwise FIN, as a browser does that is closed.
        if (resets) phone.LingerState = new LingerOption(true, 0);
        phone.Close();
        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);

        // Whatever is logged of a request is logged before it ends.
        Assert.DoesNotContain(kept.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.Contains("database did not answer", StringComparison.Ordinal));
        // And writing goes on: nobody was taken to be down.
        using var answer = await service.PostNoticeAsync(token, """{"kind":"registration"}""");
        Assert.Equal(System.Net.HttpStatusCode.Created, answer.StatusCode);
    }

    // A failure of the database stays one, also where its exception is of a kind that a broken connection gives.
    [Fact]
    public async Task HungUp_WhereTheDatabaseIsGone_IsFalse()
    {
        var http = new DefaultHttpContext();
        Assert.False(Manzil.Layout.Failures.HungUp(http, new IOException("No space left on device")));
        Assert.False(Manzil.Layout.Failures.HungUp(http, new OperationCanceledException()));
        using var over = new CancellationTokenSource();
        await over.CancelAsync();
        http.RequestAborted = over.Token;
        Assert.False(Manzil.Layout.Failures.HungUp(http, new Npgsql.NpgsqlException("gone", new IOException())));
        Assert.True(Manzil.Layout.Failures.HungUp(http, new OperationCanceledException()));
    }

    sealed class Each<T>(Action<T> next) : IObserver<T>
    {
        public void OnNext(T value) => next(value);

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
