using System.Net;
using System.Net.Sockets;

namespace Manzil.BrowserTests;

/// <summary>Stands between browser and service and keeps what the browser sends, byte by byte: a browser tells no test what is in a form with files.</summary>
sealed class Relay : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly List<Task> _passing = [];
    readonly MemoryStream _sent = new();
    readonly Task _accepting;
    readonly Uri _to;

    public Relay(string to)
    {
        _to = new Uri(to);
        _listener.Start();
        Url = $"http://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    public string Url { get; }

    /// <summary>All that was sent so far.</summary>
    public byte[] Sent
    {
        get
        {
            lock (_sent) return _sent.ToArray();
        }
    }

    public void Forget()
    {
        lock (_sent) _sent.SetLength(0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_passing);
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true) _passing.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    async Task PassAsync(TcpClient browser)
    {
        using var service = new TcpClient();
        using (browser)
        {
            await service.ConnectAsync(_to.Host, _to.Port, _stop.Token);
            await Task.WhenAny(CopyAsync(browser.GetStream(), service.GetStream(), keep: true), CopyAsync(service.GetStream(), browser.GetStream(), keep: false));
        }
    }

    async Task CopyAsync(NetworkStream from, NetworkStream to, bool keep)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int count; (count = await from.ReadAsync(buffer, _stop.Token)) > 0;)
            {
                if (keep)
                {
                    lock (_sent) _sent.Write(buffer, 0, count);
                }

                await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Either side hung up.
        }
    }
}
