using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Manzil.Tests.Faults;

/// <summary>A request on a socket of its own, of which a test sends as much as it likes and which it cuts off when it likes.</summary>
sealed class HalfSent : IDisposable
{
    readonly TcpClient _client = new();
    readonly CancellationTokenSource _stop = new();
    Task _dripping = Task.CompletedTask;

    NetworkStream Stream => _client.GetStream();

    /// <summary>Sends the head and waits until the service asks for the body: by then it has taken whatever it takes before that.</summary>
    /// <param name="headers">Lines with their names, without line ends.</param>
    public static async Task<HalfSent> AskedForAsync(Uri url, string path, int length, params string[] headers)
    {
        var half = await BeginAsync(url, path, [$"Content-Length: {length.ToString(CultureInfo.InvariantCulture)}", "Expect: 100-continue", .. headers]);
        var answer = new byte[512];
        var said = Encoding.ASCII.GetString(answer, 0, await half.Stream.ReadAsync(answer));
        Assert.StartsWith("HTTP/1.1 100", said, StringComparison.Ordinal);
        return half;
    }

    public static async Task<HalfSent> BeginAsync(Uri url, string path, params string[] headers)
    {
        var half = new HalfSent();
        await half._client.ConnectAsync(url.Host, url.Port);
        await half.Stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {url.Authority}\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n"));
        return half;
    }

    public Task SendAsync(ReadOnlyMemory<byte> part) => Stream.WriteAsync(part).AsTask();

    /// <summary>Reads what is answered to the end, with the status before it.</summary>
    /// <remarks>The request must say "Connection: close".</remarks>
    public async Task<(int Status, string Text)> AnswerAsync()
    {
        using var answer = new MemoryStream();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            await Stream.CopyToAsync(answer, patience.Token);
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && answer.Length > 0))
        {
            // It answered, and does not wait for a body that it will not take.
        }

        var text = Encoding.UTF8.GetString(answer.ToArray());
        Assert.StartsWith("HTTP/1.1 ", text, StringComparison.Ordinal);
        return (int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), text);
    }

    /// <summary>As much of it as the service takes; that it hangs up is its right.</summary>
    public async Task SendWhatGoesAsync(ReadOnlyMemory<byte> part)
    {
        try
        {
            await Stream.WriteAsync(part, _stop.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It was turned away, or the test is over.
        }
    }

    /// <summary>Goes on sending so little that it never ends, and so much that it is not cut off for silence.</summary>
    public void Drip() => _dripping = Task.Run(async () =>
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await Stream.WriteAsync(new byte[1000], _stop.Token);
                await Task.Delay(100, _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The test is over, or the service hung up.
        }
    });

    /// <summary>Cuts it off, as a phone does that loses its network: without a farewell.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        if (_client.Connected) _client.Client.LingerState = new LingerOption(true, 0);
        _client.Dispose();
        _ = _dripping;
    }
}
