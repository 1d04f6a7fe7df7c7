using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Manzil.Tests.Databases;
using Manzil.Tests.Gates;
using Manzil.Tests.Notices;
using Manzil.Tests.SignIn;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Register;

/// <summary>Client addresses and secrets, searched for in every table, every file of the data folder, every log line, every measurement and every answer.</summary>
public class NothingKeptTests
{
    // Another loopback address than the server's own, and two of nobody's network.
    static readonly IPAddress Direct = IPAddress.Parse("127.77.66.55");
    static readonly string[] Forwarded = ["203.0.113.77", "2001:db8::7766:55"];

    [Theory, EachDatabase]
    public async Task ClientAddress_OfAnyRequest_IsNeitherStoredNorLogged(DatabaseKind kind)
    {
        using var logs = new KeptLines();
        using var measured = new Measurements();
        var answers = new StringBuilder();
        await using var service = await TestService.StartAsync(kind, trustedProxy: Direct.ToString(), logs: logs);
        using var client = ClientFrom(Direct, service.Url, answers);
        var worker = await service.EnrolAsync();
        foreach (var address in Forwarded)
        {
            // Wrong codes until the address must wait: so the address did arrive.
            var waits = false;
            for (var i = 0; i < 45 && !waits; i++) waits = await TrySignInAsync(client, address, $"NONE{i}") == HttpStatusCode.TooManyRequests;
            Assert.True(waits, address);
            Assert.Equal(HttpStatusCode.Unauthorized, await TrySignInAsync(client, "198.51.100.1", $"FREE{address.Length}"));
        }

        using (var answer = await PostAsync(client, "198.51.100.1", "/api/v1/sessions", worker.Credentials))
        {
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        foreach (var path in new[] { "/", "/nowhere", "/api/v1/nowhere", "/log/checkpoint", "/api/v1/me", "/language", "/status", "/health/ready", "/health/live", "/sign-in", "/help?lang=ru" })
        {
            foreach (var address in Forwarded)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.Add("X-Forwarded-For", address);
                using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            }
        }

        using (var broken = new TcpClient(new IPEndPoint(Direct, 0)))
        {
            await broken.ConnectAsync(service.Url.Host, service.Url.Port, TestContext.Current.CancellationToken);
            await broken.GetStream().WriteAsync("POST /api/v1/notices HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.77\r\nContent-Length: 9\r\n\r\n{"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        var kept = await EverythingAsync(service, logs);
        Assert.Contains(worker.CardNumber, kept);
        Assert.Empty(AddressForms.In(kept, [Direct.ToString(), .. Forwarded]));
        // Nor does it come back in an answer's headers or body, or reach whoever collects measurements.
        Assert.Contains("Content-Security-Policy", answers.ToString(), StringComparison.Ordinal);
        Assert.Empty(AddressForms.In(answers.ToString(), [Direct.ToString(), .. Forwarded]));
        var lines = string.Join('\n', measured.Lines);
        Assert.Contains("http.server.request.duration", lines, StringComparison.Ordinal);
        Assert.Contains("http.route=", lines, StringComparison.Ordinal);
        Assert.Empty(AddressForms.In(lines, [Direct.ToString(), .. Forwarded]));
    }

    [Theory, EachDatabase]
    public async Task Secrets_OfAWorker_AreNotStoredInClear(DatabaseKind kind)
    {
        using var logs = new KeptLines();
        await using var service = await TestService.StartAsync(kind, demo: false, logs: logs);
        var worker = await service.EnrolAsync();
        var token = await service.SignInAsync(worker);
        var unused = await service.EnrolAsync(phone: "+70000000002");
        using (var answer = await service.PostNoticeAsync(token, """{"kind":"registration"}"""))
        {
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        using var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync(phone: null));
        var recovery = await reader.MakeRecoveryCodesAsync();
        using var asked = await reader.AskAsync(worker.Document);
        await service.SettleAsync();
        var tried = reader.Cookies.GetCookies(new Uri(service.Url, BackInSteps.CodePath))["back-in"]!.Value;

        var kept = await EverythingAsync(service, logs);
        Assert.Contains("+70000000002", kept);
        foreach (var secret in new[] { token, worker.ActivationCode, unused.ActivationCode, tried }.Concat(recovery).SelectMany(Forms))
            Assert.DoesNotContain(secret, kept, StringComparison.OrdinalIgnoreCase);
    }

    static IEnumerable<string> Forms(string secret)
    {
        yield return secret;
        yield return secret.Replace("-", "");
        yield return Convert.ToHexString(Encoding.UTF8.GetBytes(secret));
        yield return Convert.ToBase64String(Encoding.UTF8.GetBytes(secret));
        if (secret.Length == 43) yield return Convert.ToHexString(System.Buffers.Text.Base64Url.DecodeFromChars(secret));
    }

    static async Task<string> EverythingAsync(TestService service, KeptLines logs)
    {
        var text = new StringBuilder(await TableDump.ReadAsync(service.Core.Database));
        foreach (var file in Directory.EnumerateFiles(service.DataFolder, "*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            text.Append('\n').Append(Encoding.Latin1.GetString(bytes.ToArray()));
        }

        return text.Append('\n').AppendJoin('\n', logs.Lines).ToString();
    }

    static async Task<HttpStatusCode> TrySignInAsync(HttpClient client, string address, string card)
    {
        using var answer = await PostAsync(client, address, "/api/v1/sessions", new { cardNumber = card, birthDate = "1990-05-17", activationCode = "AAAAA-AAAAA" });
        return answer.StatusCode;
    }

    static async Task<HttpResponseMessage> PostAsync(HttpClient client, string address, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Forwarded-For", address);
        return await client.SendAsync(request);
    }

    static HttpClient ClientFrom(IPAddress address, Uri url, StringBuilder answers) =>
        new(new Reader(answers, new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(address.MapToIPv6(), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }))
        { BaseAddress = url };

    /// <summary>Notes each answer: its headers, and its body.</summary>
    sealed class Reader(StringBuilder answers, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            answers.Append(answer.Headers).Append(answer.Content.Headers).Append(await answer.Content.ReadAsStringAsync(cancellationToken)).Append(answer.TrailingHeaders).Append('\n');
            return answer;
        }
    }
}
