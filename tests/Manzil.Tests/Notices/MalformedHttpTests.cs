using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Manzil.Tests.Databases;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Notices;

/// <summary>Whatever arrives, the API answers with a problem document of the 4xx kind, and nothing is written.</summary>
public class MalformedHttpTests
{
    const string Residence = """{"kind":"residence","from":"2026-11-23","address":{"locality":"Tverskoy","street":"Long Street","building":"5"}}""";
    const int Mutations = 2000;
    // A version of HTTP that is not spoken here is a 505 by the standard, before any of our code runs.
    const int NoAnswer = 0, NotSpoken = 505;

    ulong _state = 0x6d616e7a696c;

    [Theory, EachDatabase]
    public async Task Send_BodiesThatAreNoNotice_AreRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        var size = (await service.Core.Tiles.HeadAsync()).Size;
        var (deep, many) = (new string('[', 5000), string.Concat(Enumerable.Range(0, 900).Select(i => $"\"m{i}\":1,")));
        string[] bodies =
        [
            "", " ", "\0", "null", "true", "7", "\"registration\"", "[]", "{}", "{", "}", "{\"kind\"", "{\"kind\":", "{\"kind\":}", "{'kind':'registration'}",
            "{\"kind\":null}", "{\"kind\":7}", "{\"kind\":[]}", "{\"kind\":{}}", "{\"kind\":\"\"}", "{\"kind\":\"Registration\"}", "{\"kind\":\"registration\\u0000\"}",
            "{\"Kind\":\"registration\"}", "{\"kind\":\"registration\"} x", "{\"kind\":\"registration\"}{\"kind\":\"registration\"}", "{\"kind\":\"registration\",}",
            "// a comment\n{\"kind\":\"confirmation\"}", "{\"kind\":\"registration\",\"kind\":\"registration\"}", "{\"kind\":\"registration\",\"k\\u0069nd\":\"confirmation\"}",
            "{\"kind\":\"registration\",\"office\":\"NRV-02\"}", "{\"kind\":\"registration\",\"lat\":55.75}", "{\"kind\":\"registration\",\"\":1}", "{\"kind\":\"registration\",\"\\ud800\":1}",
            "{\"kind\":\"\\ud800\"}", "{\"kind\":\"\\udc00\\ud800\"}", "{\"kind\":\"\\u12\"}", "{\"kind\":\"\\x\"}", "{\"kind\":\"arrival\"}", "{\"kind\":\"enrolled\"}",
            "{\"kind\":\"departure\"}", "{\"kind\":\"departure\",\"on\":20261123}", "{\"kind\":\"departure\",\"on\":\"2026-02-30\"}", "{\"kind\":\"departure\",\"on\":\"2026-11-23T00:00:00Z\"}",
            "{\"kind\":\"departure\",\"on\":\"99999-01-01\"}", "{\"kind\":\"departure\",\"on\":\"-0001-01-01\"}", "{\"kind\":\"departure\",\"on\":1e999}",
            "{\"kind\":\"correction\"}", "{\"kind\":\"correction\",\"replaces\":7,\"from\":\"2026-11-23\"}", "{\"kind\":\"correction\",\"replaces\":\"\",\"from\":\"2026-11-23\"}",
            "{\"kind\":\"correction\",\"replaces\":\"0000000000000000\"}", "{\"kind\":\"withdrawal\"}", "{\"kind\":\"withdrawal\",\"replaces\":\"' or 1=1 --\"}",
            Residence.Replace("Tverskoy", "\\ud800"), Residence.Replace("Tverskoy", "\\u0000"), Residence.Replace("Tverskoy", "a\\u0007b"), Residence.Replace("\"Tverskoy\"", "{\"a\":{\"b\":{}}}"),
            Residence.Replace("\"Tverskoy\"", "1" + new string('0', 4000)), Residence.Replace("Tverskoy", new string('x', 17000)), Residence.Replace("Tverskoy", new string('\u00e9', 121)),
            deep, $"{{\"kind\":{deep}", string.Concat(Enumerable.Repeat("{\"a\":", 2000)), $"{{{many}\"kind\":\"registration\"}}", new string(' ', 16 * 1024) + Residence,
        ];
        foreach (var body in bodies) await AssertRefusedAsync(service, Request(worker.Token, Encoding.UTF8.GetBytes(body)), body);
        foreach (var encoding in new Encoding[] { Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32 })
            await AssertRefusedAsync(service, Request(worker.Token, encoding.GetBytes(Residence)), encoding.EncodingName);
        byte[][] notUtf8 = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x82]];
        foreach (var bytes in notUtf8)
        {
            var cut = Residence.IndexOf("Tver", StringComparison.Ordinal);
            byte[] body = [.. Encoding.ASCII.GetBytes(Residence[..cut]), .. bytes, .. Encoding.ASCII.GetBytes(Residence[cut..])];
            await AssertRefusedAsync(service, Request(worker.Token, body), Convert.ToHexString(bytes));
        }

        Assert.Equal(size, (await service.Core.Tiles.HeadAsync()).Size);
    }

    [Theory, EachDatabase]
    public async Task Send_RequestsThatAreNoHttp_AreRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        var size = (await service.Core.Tiles.HeadAsync()).Size;
        const string start = "POST /api/v1/notices HTTP/1.1\r\nHost: x\r\nConnection: close\r\n", type = "Content-Type: application/json\r\n", key = "Idempotency-Key: k\r\n";
        var (bearer, long9k, long40k) = ($"Authorization: Bearer {worker.Token}\r\n", new string('a', 9000), new string('a', 40000));
        var (all, registration) = (start + type + key + bearer, "{\"kind\":\"registration\"}");
        string[] requests =
        [
            $"{all}Content-Length: 400000\r\n\r\n{new string(' ', 400000)}",
            $"{all}Content-Length: 30000\r\n\r\n{new string(' ', 30000)}",
            $"{all}Content-Length: 99999999999999999999\r\n\r\n{registration}",
            $"{all}Content-Length: -1\r\n\r\n{registration}",
            $"{all}Content-Length: 0x17\r\n\r\n{registration}",
            $"{all}Content-Length: 23\r\nContent-Length: 24\r\n\r\n{registration}",
            $"{all}Content-Length: 50\r\n\r\n{registration}",
            $"{all}Content-Length: 5\r\n\r\n{registration}",
            $"{all}\r\n{registration}",
            $"{all}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{registration}\r\n0\r\n\r\n",
            $"{all}Transfer-Encoding: chunked\r\n\r\n-5\r\n{registration}\r\n0\r\n\r\n",
            $"{all}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{registration}\r\n0\r\n\r\n",
            $"{all}Transfer-Encoding: chunked\r\n\r\n17\r\n{registration}",
            $"{all}Transfer-Encoding: chunked\r\n\r\n5\r\n{registration}\r\n0\r\n\r\n",
            $"{all}Transfer-Encoding: chunked, identity\r\n\r\n17\r\n{registration}\r\n0\r\n\r\n",
            $"{all}Transfer-Encoding: gzip\r\n\r\n{registration}",
            $"{all}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\n{registration}\r\n0\r\n\r\n",
            $"{all}Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u001f\u008b\b\0",
            $"{all}Expect: 200-nothing\r\nContent-Length: 4\r\n\r\nnull",
            $"{start}{type}{bearer}Content-Length: 23\r\n\r\n{registration}",
            $"{start}{type}{bearer}Idempotency-Key: \r\nContent-Length: 23\r\n\r\n{registration}",
            $"{start}{type}{bearer}Idempotency-Key: a b\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{start}{type}{bearer}Idempotency-Key: {new string('k', 101)}\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{start}{type}{bearer}Idempotency-Key: \u00e9\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{start}{type}{bearer}Idempotency-Key: a\0b\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{start}{key}{bearer}Content-Length: 23\r\n\r\n{registration}",
            $"{start}{key}{bearer}Content-Type: text/plain\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{start}{key}{bearer}Content-Type: application/jsonp\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{start}{key}{bearer}Content-Type: \u00e9\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{start}{key}{bearer}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 17\r\n\r\nkind=registration",
            $"{start}{type}{key}Authorization: Bearer {long9k}\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{start}{type}{key}{bearer}{bearer}Content-Length: 23\r\n\r\n{registration}",
            $"{start}{type}{key}Authorization: Bearer \u00e9\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{start}{type}{key}Cookie: manzil={worker.Token}\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{all}X-Long: {long40k}\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{all}{string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: a\r\n"))}Content-Length: 23\r\n\r\n{registration}",
            $"{all}X Bad: a\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{all} folded\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{all}: empty\r\nContent-Length: 23\r\n\r\n{registration}",
            $"{all}Accept-Language: {long9k}, \u00e9;q=x\r\nContent-Length: 4\r\n\r\nnull",
            $"{all}Cookie: lang=\u00e9\"; ;;=\r\nContent-Length: 4\r\n\r\nnull",
            $"GET /api/v1/notices/{long9k} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}\r\n",
            $"GET /api/v1/notices/%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}\r\n",
            $"GET /api/v1/notices/%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}\r\n",
            $"GET /api/v1/notices/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}\r\n",
            $"GET /api/v1/notices/..%2f..%2fme HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}\r\n",
            $"GET /api/v1/nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}\r\n",
            $"GET /api/v1/notices HTTP/1.1\r\nConnection: close\r\n{bearer}\r\n",
            $"GET /api/v1/notices HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n{bearer}\r\n",
            $"PUT /api/v1/notices HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}Content-Length: 0\r\n\r\n",
            $"PATCH /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}Content-Length: 0\r\n\r\n",
            $"BREW /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}\r\n",
            $"TRACE /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}\r\n",
            $"CONNECT /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}\r\n",
            $"G\u00c9T /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}\r\n",
            "GET /api/v1/me\r\n\r\n", "\r\n\r\n\r\n", "GET", "\0\0\0\0\r\n\r\n", "\u0016\u0003\u0001\u0002\0\u0001\0\r\n\r\n",
        ];
        foreach (var request in requests) await AssertRefusedAsync(service, Encoding.Latin1.GetBytes(request), request);
        Assert.Equal(size, (await service.Core.Tiles.HeadAsync()).Size);
        // It still works.
        await worker.GiveAsync(registration);
    }

    [Theory, EachDatabase]
    public async Task Send_MutatedRequests_NeverFailTheServiceOrWrite(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        // Not registered, so that what stays a notice is refused by the rules.
        var worker = await SignedInWorker.NewAsync(service);
        var number = (await worker.ReadAsync("/api/v1/notices")).GetProperty("notices")[0].GetProperty("number").GetString();
        string Write(string path, string body) => Encoding.Latin1.GetString(Request(worker.Token, Encoding.UTF8.GetBytes(body), path));
        string Read(string path) => $"GET /api/v1{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {worker.Token}\r\n\r\n";
        string[] requests =
        [
            Write("/notices", Residence), Write("/notices", """{"kind":"confirmation"}"""), Write("/notices", """{"kind":"departure","on":"2026-12-01"}"""),
            Write("/notices", """{"kind":"correction","replaces":"<1>","from":"2026-11-23","address":{"locality":"Ауыл","note":"\u0431"}}""".Replace("<1>", number)),
            Write("/notices", $$"""{"kind":"withdrawal","replaces":"{{number}}"}"""),
            Write("/sessions", """{"cardNumber":"FC0000001","birthDate":"1990-05-18","activationCode":"AAAAA-BBBBB"}"""),
            Write("/sessions/fresh", """{"code":"123456"}"""), Write("/sessions/renew", ""),
            Read("/me"), Read("/notices"), Read($"/notices/{number}"), Read($"/notices/{number}/receipt.zip"),
        ];
        var size = (await service.Core.Tiles.HeadAsync()).Size;
        var statuses = new Dictionary<int, int>();
        var mutated = Enumerable.Range(0, Mutations).Select(i => Mutate(requests[i % requests.Length])).ToList();
        await Parallel.ForEachAsync(mutated.Index(), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (request, _) =>
        {
            var status = await AnswerAsync(service, request.Item, $"mutation {request.Index}: {Encoding.Latin1.GetString(request.Item)}");
            lock (statuses) statuses[status] = statuses.GetValueOrDefault(status) + 1;
        });

        Assert.Equal(size, (await service.Core.Tiles.HeadAsync()).Size);
        // Mutations that never get past the first check would tell nothing.
        Assert.All(new[] { 200, 400, 401, 404, 409 }, status => Assert.True(statuses.GetValueOrDefault(status) > 3, string.Join(", ", statuses)));
    }

    static byte[] Request(string token, byte[] body, string path = "/notices") =>
    [
        .. Encoding.ASCII.GetBytes(
            $"POST /api/v1{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
            + $"Idempotency-Key: {Guid.NewGuid():N}\r\nContent-Length: {body.Length}\r\n\r\n"),
        .. body,
    ];

    static async Task AssertRefusedAsync(TestService service, byte[] request, string what) =>
        Assert.True(await AnswerAsync(service, request, what) is NoAnswer or NotSpoken or (>= 400 and < 500), what);

    /// <summary>Sends bytes as they are and reads the answer to the first request in them: its status, or that there was none.</summary>
    static async Task<int> AnswerAsync(TestService service, byte[] request, string what)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var socket = new TcpClient();
        await socket.ConnectAsync(service.Url.Host, service.Url.Port, cancellation);
        var stream = socket.GetStream();
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(request, cancellation);
            var reading = stream.CopyToAsync(answer, cancellation);
            // A request cut short would be waited for: it is told that nothing follows. Not before, since that is how clients leave.
            if (await Task.WhenAny(reading, Task.Delay(400, cancellation)) != reading) socket.Client.Shutdown(SocketShutdown.Send);
            await reading;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // A request too large to be read is answered, and the connection closed on the rest of it.
        }

        var text = Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
        if (text.Length == 0) return NoAnswer;
        Assert.True(text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), what);
        var status = int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture);
        Assert.True(status is < 500 or NotSpoken, $"{status} for {what}");
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var sent = Encoding.Latin1.GetString(request);
        if (status is < 400 or NotSpoken || !sent.Contains(" /api/v1/", StringComparison.Ordinal) || sent.StartsWith("HEAD ", StringComparison.Ordinal)) return status;
        var head = text[..(end + 2)];
        if (head.Contains("\r\nContent-Length: 0\r\n", StringComparison.Ordinal))
        {
            // What is no request at all the server turns away itself.
            Assert.Contains(status, new[] { 400, 405, 408, 411, 413, 414, 431 });
            Assert.Contains("\r\nConnection: close\r\n", head, StringComparison.Ordinal);
            return status;
        }

        Assert.True(head.Contains("\r\nContent-Type: application/problem+json\r\n", StringComparison.Ordinal), $"{what}\n{text}");
        var json = JsonSerializer.Deserialize<JsonElement>(text[(end + 4)..].Split("HTTP/1.1 ")[0]);
        Assert.Equal(status, json.GetProperty("status").GetInt32());
        Assert.StartsWith("urn:manzil:problem:", json.GetProperty("type").GetString(), StringComparison.Ordinal);
        return status;
    }

    static readonly string[] Pieces =
        ["\r\n", "\n", "\0", "\"", "{", "}", "[", "]", ":", ",", "\\", "\\ud800", "\\u0000", "\u00ff", "\u00c3\u0028", "%00", "%ff", "/", "//", "..", "?lang=kk", "99999999999999999999", "-1", "1e999", "null", " ", ";", "HEAD", "PUT", "*"];

    // Half of the mutations keep to the body, with its length told right, so that the JSON is what is tried.
    byte[] Mutate(string request)
    {
        var cut = request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        if (cut == request.Length || Next(2) == 0) return Change(Encoding.Latin1.GetBytes(request), 1 + Next(2));
        var body = Change(Encoding.Latin1.GetBytes(request[cut..]), 1 + Next(3));
        var head = request[..request.IndexOf("Content-Length", StringComparison.Ordinal)];
        return [.. Encoding.Latin1.GetBytes($"{head}Content-Length: {body.Length}\r\n\r\n"), .. body];
    }

    byte[] Change(byte[] bytes, int times)
    {
        for (; times > 0; times--)
        {
            var (at, from) = (Next(bytes.Length), Next(bytes.Length));
            switch (Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)Next(256);
                    break;
                case 2:
                    bytes = [.. bytes[..at], .. Encoding.Latin1.GetBytes(Pieces[Next(Pieces.Length)]), .. bytes[at..]];
                    break;
                case 3:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length - 1, at + 1 + Next(8))..]];
                    break;
                default:
                    bytes = [.. bytes[..at], .. bytes[from..Math.Min(bytes.Length, from + Next(40))], .. bytes[at..]];
                    break;
            }
        }

        return bytes;
    }

    int Next(int bound)
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return (int)(_state % (ulong)bound);
    }
}
