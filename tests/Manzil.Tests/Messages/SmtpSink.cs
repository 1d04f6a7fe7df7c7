using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MimeKit;

namespace Manzil.Tests.Messages;

public enum Phase
{
    Greeting,
    Hello,
    From,
    To,
    Data,
    Content,
}

/// <summary>A small SMTP server on loopback that keeps what it took, and does at each phase what a test tells it.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    public const string Hang = "hang", Cut = "cut";

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly X509Certificate2? _certificate;
    readonly bool _tlsAtOnce;
    readonly Task _accepting;
    int _connections;

    /// <param name="certificate">With it the server offers STARTTLS, or speaks TLS at once.</param>
    /// <param name="tlsAtOnce">TLS from the first byte.</param>
    public SmtpSink(X509Certificate2? certificate = null, bool tlsAtOnce = false)
    {
        (_certificate, _tlsAtOnce) = (certificate, tlsAtOnce);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What to do instead of going on, given the phase and the client's line: null to go on, Hang, Cut, or an answer.</summary>
    public Func<Phase, string, string?> Script { get; set; } = (_, _) => null;

    /// <summary>How long to wait before each byte of each answer.</summary>
    public TimeSpan Pause { get; set; }

    public ConcurrentQueue<MimeMessage> Taken { get; } = new();

    public ConcurrentQueue<byte[]> Raw { get; } = new();

    /// <summary>Every line of every client that came before the content, TLS or not.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    public int Connections => _connections;

    /// <summary>The messages' names, with their copies.</summary>
    public IEnumerable<string> Names => Taken.Select(m => m.MessageId!.Split('@')[0]);

    async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(Task.Run(() => ServeAsync(client)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await TalkAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The client is gone, or the test is over.
        }
    }

    async Task TalkAsync(Stream stream)
    {
        if (_tlsAtOnce) stream = await SecureAsync(stream);
        var lines = new LineReader(stream, _stop.Token);
        if (!await AnswerAsync(stream, Phase.Greeting, "", "220 sink ESMTP")) return;
        var recipient = false;
        while (await lines.ReadAsync() is { } bytes)
        {
            var line = Encoding.UTF8.GetString(bytes);
            Lines.Enqueue(line);
            var goesOn = line.Split(' ', ':')[0].ToUpperInvariant() switch
            {
                "EHLO" or "HELO" => await AnswerAsync(stream, Phase.Hello, line, $"250-sink\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n{(_certificate is not null && stream is not SslStream ? "250-STARTTLS\r\n" : "")}250 AUTH PLAIN"),
                "MAIL" => await AnswerAsync(stream, Phase.From, line, "250 2.1.0 ok"),
                "RCPT" => recipient = await AnswerAsync(stream, Phase.To, line, "250 2.1.5 ok"),
                "DATA" => Script(Phase.Data, line) is { } instead ? await DoAsync(stream, instead, "") : await WriteAsync(stream, "354 go on") && await TakeAsync(stream, lines),
                "AUTH" => await WriteAsync(stream, line.EndsWith(Convert.ToBase64String("\0manzil\0right"u8), StringComparison.Ordinal) ? "235 2.7.0 ok" : "535 5.7.8 no"),
                "STARTTLS" => await WriteAsync(stream, "220 go on"),
                "QUIT" => false,
                _ => await WriteAsync(stream, "250 ok"),
            };
            if (line == "STARTTLS")
            {
                stream = await SecureAsync(stream);
                lines = new LineReader(stream, _stop.Token);
            }

            if (!goesOn) return;
        }
    }

    async Task<bool> TakeAsync(Stream stream, LineReader lines)
    {
        using var content = new MemoryStream();
        while (true)
        {
            if (await lines.ReadAsync() is not { } line) return false;
            if (line is [(byte)'.']) break;
            content.Write(line is [(byte)'.', ..] ? line.AsSpan(1) : line);
            content.Write("\r\n"u8);
        }

        var instead = Script(Phase.Content, Encoding.UTF8.GetString(content.ToArray()));
        // It is taken from this moment on, whatever the client learns of it; a refusal is none.
        if (instead is null or Hang or Cut)
        {
            content.Position = 0;
            Raw.Enqueue(content.ToArray());
            Taken.Enqueue(await MimeMessage.LoadAsync(content));
        }

        return await DoAsync(stream, instead, "250 2.0.0 taken");
    }

    async Task<bool> AnswerAsync(Stream stream, Phase phase, string line, string answer) => await DoAsync(stream, Script(phase, line), answer);

    async Task<bool> DoAsync(Stream stream, string? instead, string answer)
    {
        if (instead == Cut) return false;
        if (instead == Hang) await Task.Delay(Timeout.Infinite, _stop.Token);
        return await WriteAsync(stream, instead ?? answer);
    }

    async Task<bool> WriteAsync(Stream stream, string answer)
    {
        var bytes = Encoding.UTF8.GetBytes(answer + "\r\n");
        for (var i = 0; i < bytes.Length && Pause > TimeSpan.Zero; i++)
        {
            await Task.Delay(Pause, _stop.Token);
            await stream.WriteAsync(bytes.AsMemory(i, 1), _stop.Token);
        }

        if (Pause == TimeSpan.Zero) await stream.WriteAsync(bytes, _stop.Token);
        return true;
    }

    async Task<SslStream> SecureAsync(Stream stream)
    {
        var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        return secure;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    sealed class LineReader(Stream stream, CancellationToken stop)
    {
        readonly byte[] _buffer = new byte[4096];
        int _at, _end;

        public async Task<byte[]?> ReadAsync()
        {
            using var line = new MemoryStream();
            while (true)
            {
                if (_at == _end)
                {
                    (_at, _end) = (0, await stream.ReadAsync(_buffer, stop));
                    if (_end == 0) return null;
                }

                var b = _buffer[_at++];
                if (b != '\n')
                {
                    line.WriteByte(b);
                    continue;
                }

                var bytes = line.ToArray();
                // A line feed of its own must not stand in SMTP.
                if (bytes is not [.. var rest, (byte)'\r']) throw new IOException("A line without CR.");
                return rest;
            }
        }
    }
}
