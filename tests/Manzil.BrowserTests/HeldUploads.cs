using System.Net.Sockets;
using System.Text;

namespace Manzil.BrowserTests;

/// <summary>Two forms with files that never end: as many as one person may send at once, so that the next is turned away.</summary>
sealed class HeldUploads : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly List<Task> _sending = [];

    /// <param name="phone">Whose they are.</param>
    /// <param name="path">Where they are sent.</param>
    public static async Task<HeldUploads> BeginAsync(Phone phone, string path)
    {
        var held = new HeldUploads();
        var url = new Uri(phone.Service.Url);
        var cookies = string.Join("; ", (await phone.Context.CookiesAsync([phone.Service.Url + path])).Select(c => $"{c.Name}={c.Value}"));
        for (var i = 0; i < 2; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(url.Host, url.Port);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: {url.Authority}\r\nCookie: {cookies}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 30000000\r\nExpect: 100-continue\r\n\r\n"));
            // It has its place when its body is asked for.
            var answer = new byte[256];
            Assert.StartsWith("HTTP/1.1 100", Encoding.ASCII.GetString(answer, 0, await stream.ReadAsync(answer)), StringComparison.Ordinal);
            held._sending.Add(held.SendAsync(client));
        }

        return held;
    }

    // Whoever sends nothing at all is cut off.
    async Task SendAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await client.GetStream().WriteAsync("--b\r\nContent-Disposition: form-data; name=\"Files\"; filename=\"a\"\r\n\r\n"u8.ToArray(), _stop.Token);
                while (true)
                {
                    await client.GetStream().WriteAsync(new byte[1000], _stop.Token);
                    await Task.Delay(200, _stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_sending);
        _stop.Dispose();
    }
}
