using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Manzil.Access;
using Manzil.Tests.Databases;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Access;

/// <summary>
/// The proxy block of the guide, run by the real nginx: a visitor's address, the path of an invitation and what is sent and answered are
/// searched for in all that nginx writes. Each line that keeps them away is left out once, and then something is found.
/// </summary>
public class ProxyBlockTests
{
    const string Address = "127.9.8.7", Invitation = "S3nt1nel-0f-an-1nv1tat10n-that-w0rks-once_43", Upload = "sentinel-of-a-file-before-it-was-cleaned", Answer = "sentinel-of-an-answer";
    static readonly string[] Traces = [Address, Invitation, Upload, Answer];

    [Fact]
    public async Task Guide_WithTheServiceThereAndGone_KeepsNothingOfAVisitor() => Assert.Empty(await KeptAsync(NginxProxy.Block()));

    [Theory]
    [InlineData("    access_log off;")]
    [InlineData("    error_log /dev/null;")]
    [InlineData("        proxy_request_buffering off;")]
    [InlineData("        proxy_http_version 1.1;")]
    [InlineData("        proxy_max_temp_file_size 0;")]
    public async Task Guide_WithoutALine_KeepsSomething(string line)
    {
        Assert.Contains(line + "\n", NginxProxy.Block(), StringComparison.Ordinal);
        Assert.NotEmpty(await KeptAsync(NginxProxy.Block().Replace(line + "\n", "", StringComparison.Ordinal)));
    }

    // The header is the proxy's own; what a visitor writes in it changes nothing, and another visitor is another address.
    [Theory, EachDatabase]
    public async Task Guide_ForgedForwardedFor_IsNotBelieved(DatabaseKind kind)
    {
        using var logs = new KeptLines();
        await using var service = await TestService.StartAsync(kind, trustedProxy: "127.0.0.1", logs: logs);
        await using var proxy = await NginxProxy.StartAsync(NginxProxy.Block(), service.Url.Port);
        using var guesser = proxy.ClientFrom(Address);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 32; i++) answers.Add(await TryAsync(guesser, $"NONE{i}", $"203.0.113.{i}, 198.51.100.{i}"));
        Assert.Equal((30, HttpStatusCode.TooManyRequests), (answers.Count(a => a == HttpStatusCode.Unauthorized), answers[^1]));
        using var other = proxy.ClientFrom("127.9.8.6");
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(other, "NONE", Address));
        Assert.Empty(await WarningsAsync(service));
        Assert.DoesNotContain(logs.Lines, l => Traces.Any(t => l.Contains(t, StringComparison.Ordinal)));
    }

    [Theory, EachDatabase((object?)null), EachDatabase("127.77.66.55")]
    public async Task Serve_BehindAProxyThatIsNotNamed_SaysSoOnceAndBelievesNothing(DatabaseKind kind, string? named)
    {
        using var logs = new KeptLines();
        await using var service = await TestService.StartAsync(kind, trustedProxy: named, logs: logs);
        Assert.Empty(await WarningsAsync(service));
        await using var proxy = await NginxProxy.StartAsync(NginxProxy.Block(), service.Url.Port);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 32; i++)
        {
            using var visitor = proxy.ClientFrom($"127.9.8.{i + 1}");
            answers.Add(await TryAsync(visitor, $"NONE{i}", "203.0.113.9"));
        }

        // All are the proxy's address.
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.Equal([TrustedProxy.NotNamed], await WarningsAsync(service));
        Assert.Single(logs.Lines, l => l.Contains(TrustedProxy.NotNamed, StringComparison.Ordinal));
    }

    static async Task<IReadOnlyList<string>> WarningsAsync(TestService service) =>
        [.. (await service.Client.GetFromJsonAsync<JsonElement>("/health/ready", TestContext.Current.CancellationToken)).GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!).Where(w => w.Contains("proxy", StringComparison.Ordinal))];

    static async Task<HttpStatusCode> TryAsync(HttpClient client, string cardNumber, string forged)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions") { Content = JsonContent.Create(new { cardNumber, birthDate = "1990-05-17", activationCode = "AAAAA-AAAAA" }) };
        request.Headers.Add("X-Forwarded-For", forged);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    static async Task<IReadOnlyList<string>> KeptAsync(string block)
    {
        var kept = new List<string>();
        var service = await TestService.StartAsync(DatabaseKind.Sqlite, trustedProxy: "127.0.0.1");
        await using (var proxy = await NginxProxy.StartAsync(block, service.Url.Port))
        {
            await VisitAsync(proxy);
            // The service is gone: each of these is an error of nginx.
            await service.DisposeAsync();
            await VisitAsync(proxy);
            kept.AddRange(await proxy.KeptAsync(Traces));
        }

        kept.AddRange(await SlowReaderAsync(block, !block.Contains("proxy_max_temp_file_size", StringComparison.Ordinal)));
        return kept;
    }

    static async Task VisitAsync(NginxProxy proxy)
    {
        using var visitor = proxy.ClientFrom(Address);
        using var plain = proxy.ClientFrom(Address, encrypted: false);
        await TryAsync(() => visitor.GetAsync($"/staff/invitation/{Invitation}"));
        await TryAsync(() => plain.GetAsync($"/staff/invitation/{Invitation}"));
        await TryAsync(() => plain.GetAsync($"/api/v1/{Invitation}"));
        // What nginx would hold in memory is 16 KB; these are a file for it, of a length that it knows and of one that it does not.
        var file = Encoding.ASCII.GetBytes(Upload + new string('x', 150_000) + Upload);
        await TryAsync(() => visitor.PostAsync("/verify", Form(file)));
        await TryAsync(() => visitor.SendAsync(Chunked(new HttpRequestMessage(HttpMethod.Post, "/verify") { Content = Form(file) })));
        await TryAsync(() => visitor.PostAsync($"/case/{Invitation}/answer", Form([.. file, .. new byte[3_000_000]])));
        // Larger than it lets through.
        await TryAsync(() => visitor.PostAsync($"/case/{Invitation}/answer", Form([.. file, .. new byte[Manzil.Cases.Files.Uploads.MaxReadOver + 1024 * 1024]])));
    }

    static MultipartFormDataContent Form(byte[] file) => new() { { new ByteArrayContent(file), "File", "a.jpg" } };

    static HttpRequestMessage Chunked(HttpRequestMessage request)
    {
        request.Headers.TransferEncodingChunked = true;
        return request;
    }

    // Answered or cut off: what is looked for is what nginx wrote.
    static async Task TryAsync(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            using var answer = await send();
        }
        catch (HttpRequestException)
        {
        }
    }

    /// <summary>A copy of somebody's data that is fetched slowly, from a server of which only the answer matters.</summary>
    static async Task<IReadOnlyList<string>> SlowReaderAsync(string block, bool goesSomewhere)
    {
        using var behind = new TcpListener(IPAddress.Loopback, 0);
        behind.Start();
        var sent = AnswerAsync(behind);
        await using var proxy = await NginxProxy.StartAsync(block, ((IPEndPoint)behind.LocalEndpoint).Port);
        using var visitor = proxy.ClientFrom(Address);
        using var answer = await visitor.GetAsync("/account/export", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        // Where nginx keeps it on disk, it takes all of it while nobody reads; where it does not, this waits a moment for nothing.
        if (goesSomewhere) await sent;
        else await Task.WhenAny(sent, Task.Delay(300, TestContext.Current.CancellationToken));
        var kept = await proxy.KeptAsync(Traces);
        await body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        await sent;
        return [.. kept, .. await proxy.KeptAsync(Traces)];
    }

    static async Task AnswerAsync(TcpListener listener)
    {
        const int Length = 40_000_000;
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        var head = new StringBuilder();
        var buffer = new byte[4096];
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal)) head.Append(Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer)));
        var answer = new byte[Length];
        RandomNumberGenerator.Fill(answer.AsSpan(0, 64));
        Encoding.ASCII.GetBytes(Answer).CopyTo(answer, 1000);
        Encoding.ASCII.GetBytes(Answer).CopyTo(answer, Length - 100);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Length}\r\n\r\n"));
        await stream.WriteAsync(answer);
    }
}
