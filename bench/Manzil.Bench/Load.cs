using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Manzil.Bench;

/// <summary>What one timed run of the generator saw.</summary>
sealed record LoadResult(int Accepted, double Seconds, double[] Milliseconds, IReadOnlyList<byte[]> Sample, int Refused, string? FirstRefusal)
{
    public double PerSecond => Accepted / Seconds;

    public double Quantile(double part) => Milliseconds.Length == 0 ? double.NaN : Milliseconds[(int)((Milliseconds.Length - 1) * part)];
}

/// <summary>
/// Keeps one request under way on each of many keep-alive connections, all on one thread. Requests are templates in which
/// only the token and the Idempotency-Key change; answers are read whole, and a tenth of them is kept for verification.
/// </summary>
sealed class Load
{
    const int KeyLength = 22;

    readonly IPEndPoint _server;
    readonly byte[][] _tokens;
    readonly byte[][] _requests;
    readonly int[] _bodies;
    readonly uint[] _shuffled;
    long _key = RandomNumberGenerator.GetInt32(int.MaxValue) * 1_000_000_000L;
    int _next;

    public Load(IPEndPoint server, IReadOnlyList<string> tokens, IReadOnlyList<string> bodies)
    {
        _server = server;
        _tokens = [.. tokens.Select(Encoding.ASCII.GetBytes)];
        _requests = [.. bodies.Select(Template)];
        _bodies = [.. Enumerable.Range(0, bodies.Count)];
        _shuffled = new uint[1 << 16];
        RandomNumberGenerator.Fill(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_shuffled.AsSpan()));
    }

    static readonly int TokenAt = "POST /api/v1/notices HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ".Length;
    static readonly int KeyAt = TokenAt + 43 + "\r\nIdempotency-Key: ".Length;

    static byte[] Template(string body) => Encoding.UTF8.GetBytes(
        $"POST /api/v1/notices HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {new string('x', 43)}\r\nIdempotency-Key: {new string('x', KeyLength)}\r\n"
        + $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    sealed class Connection(Socket socket)
    {
        public Socket Socket { get; } = socket;
        public nint Handle { get; } = socket.Handle;
        public byte[] Answer { get; } = new byte[8192];
        public int Length { get; set; }
        public long SentAt { get; set; }
    }

    public LoadResult Run(int connections, TimeSpan duration)
    {
        using var epoll = new Epoll();
        var open = new Connection[connections];
        for (var i = 0; i < connections; i++)
        {
            open[i] = new Connection(Epoll.Connect(_server));
            epoll.Add(open[i].Socket, i);
        }

        var times = new List<long>(1 << 18);
        var sample = new List<byte[]>(1 << 14);
        var refused = 0;
        string? firstRefusal = null;
        var start = Stopwatch.GetTimestamp();
        var end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        foreach (var connection in open) Send(connection);
        var underWay = connections;
        var events = new Epoll.Event[connections];
        var last = start;
        while (underWay > 0)
        {
            var count = epoll.Wait(events, 10_000);
            if (count == 0) throw new TimeoutException($"{underWay} requests were not answered within ten seconds.");
            for (var i = 0; i < count; i++)
            {
                var connection = open[events[i].Data];
                var read = Epoll.Receive(connection.Handle, connection.Answer.AsSpan(connection.Length));
                if (read <= 0) throw new IOException("The server closed a connection.");
                connection.Length += read;
                var answer = connection.Answer.AsSpan(0, connection.Length);
                if (!HttpAnswer.IsWhole(answer)) continue;

                var now = Stopwatch.GetTimestamp();
                if (answer.StartsWith("HTTP/1.1 201"u8))
                {
                    // What was asked in time counts, at the time its answer took.
                    times.Add(now - connection.SentAt);
                    if (times.Count % 10 == 0) sample.Add(answer.ToArray());
                    last = now;
                }
                else
                {
                    refused++;
                    firstRefusal ??= Encoding.UTF8.GetString(answer);
                }

                if (now < end) Send(connection);
                else underWay--;
            }
        }

        foreach (var connection in open) connection.Socket.Dispose();
        var milliseconds = times.ConvertAll(t => t * 1000.0 / Stopwatch.Frequency).ToArray();
        Array.Sort(milliseconds);
        return new LoadResult(times.Count, (last - start) / (double)Stopwatch.Frequency, milliseconds, sample, refused, firstRefusal);
    }

    void Send(Connection connection)
    {
        var random = _shuffled[_next++ & (_shuffled.Length - 1)] + (uint)_next * 2654435761;
        var request = _requests[_bodies[(random >> 24) % (uint)_bodies.Length]];
        _tokens[random % (uint)_tokens.Length].CopyTo(request, TokenAt);
        (++_key).TryFormat(request.AsSpan(KeyAt, KeyLength), out _, "D22", System.Globalization.CultureInfo.InvariantCulture);
        connection.Length = 0;
        connection.SentAt = Stopwatch.GetTimestamp();
        Epoll.Send(connection.Handle, request);
    }
}
