using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Manzil.Receipts;
using Manzil.Register;

namespace Manzil.Tests.Faults;

// The real program as a process of its own, which a test may kill.
public sealed class ServerProcess : IAsyncDisposable
{
    public const string PublicUrl = "http://localhost:8080";

    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "manzil.dll");

    readonly Process process;
    readonly StringBuilder errors;
    bool disposed;

    ServerProcess(Process process, StringBuilder errors, int port)
    {
        this.process = process;
        this.errors = errors;
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public HttpClient Client { get; }

    public int Id => process.Id;

    public string Errors
    {
        get
        {
            lock (errors) return errors.ToString();
        }
    }

    public static string[] Where(string data, string database, string? rules = null) =>
        ["--data", data, "--database", database, "--rules", rules ?? ServiceOptions.DemoRules, "--public-url", PublicUrl];

    // Starts it and waits until it listens.
    public static async Task<ServerProcess> StartAsync(string data, string database, string[]? launcher = null, string? rules = null, string? messages = null)
    {
        for (var attempt = 0; ; attempt++)
        {
            var port = FreePort();
            var process = Start(launcher ?? [], ["serve", .. Where(data, database, rules), "--urls", $"http://127.0.0.1:{port}", .. messages is null ? (string[])[] : ["--messages", messages]]);
            var errors = new StringBuilder();
            process.ErrorDataReceived += (_, line) =>
            {
                lock (errors) errors.AppendLine(line.Data);
            };
            process.BeginErrorReadLine();
            if (await process.StandardOutput.ReadLineAsync() is { } said && said.StartsWith("Manzil serves", StringComparison.Ordinal))
                return new ServerProcess(process, errors, port);
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            // Between choosing a port and binding it, somebody else may have taken it.
            if (attempt == 4 || !errors.ToString().Contains("listens on", StringComparison.Ordinal))
                throw new InvalidOperationException($"The server did not start: {errors}");
        }
    }

    // Runs a command to its end.
    public static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync([], arguments);

    public static async Task<(int Code, string Output, string Errors)> RunAsync(string[] launcher, string[] arguments)
    {
        using var process = Start(launcher, arguments);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // SIGKILL.
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    // SIGTERM, as a service manager does.
    public async Task StopAsync()
    {
        using (var kill = Process.Start("/bin/kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
    }

    public Task<HttpResponseMessage> PostNoticeAsync(Person person, string json, string key) => PostNoticeAsync(Client, person, json, key);

    public static async Task<HttpResponseMessage> PostNoticeAsync(HttpClient client, Person person, string json, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/notices") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", person.Token);
        request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    public async Task<HttpResponseMessage> GetAsync(string path, Person? person = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (person is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", person.Token);
        return await Client.SendAsync(request);
    }

    public async Task<KeySet> KeysAsync() => KeySet.Parse(await Client.GetByteArrayAsync("/.well-known/manzil/keys.json"));

    public async Task<(int Status, string? Trouble)> ReadyAsync()
    {
        using var answer = await GetAsync("/health/ready");
        var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync()).RootElement;
        return ((int)answer.StatusCode, json.GetProperty("trouble").GetString());
    }

    // Until health says that it can write; it has to come to this by itself.
    public async Task BecomesReadyAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await ReadyAsync() is not (200, _))
        {
            Assert.False(patience.IsCancellationRequested, $"It does not become ready: {await ReadyAsync()} {Errors}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    // The program with these arguments, for whoever waits for something else than a service's first words.
    internal static Process Start(string[] launcher, string[] arguments)
    {
        string[] command = [.. launcher, Environment.ProcessPath is { } dotnet && Path.GetFileName(dotnet) == "dotnet" ? dotnet : "dotnet", Program, .. arguments];
        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        disposed = true;
        Client.Dispose();
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
