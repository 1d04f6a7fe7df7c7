using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Manzil.Tests.Access;

/// <summary>nginx with the block of the operating guide: in a folder of its own, at the log level that it has by itself.</summary>
sealed class NginxProxy : IAsyncDisposable
{
    public const string Program = "/usr/sbin/nginx";

    readonly string _folder;
    readonly Process _process;
    readonly FileSystemWatcher _watcher;
    readonly ConcurrentQueue<string> _made = new();
    readonly string _thumbprint;
    readonly int _plain, _tls;

    NginxProxy(string folder, Process process, string thumbprint, int plain, int tls)
    {
        (_folder, _process, _thumbprint, _plain, _tls) = (folder, process, thumbprint, plain, tls);
        _watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true, InternalBufferSize = 64 * 1024, EnableRaisingEvents = true };
        _watcher.Created += (_, e) => _made.Enqueue(e.FullPath);
    }

    /// <summary>The block as it stands in the guide.</summary>
    public static string Block()
    {
        var guide = Repository.Read("docs/operating.md");
        var from = guide.IndexOf("```nginx\n", StringComparison.Ordinal) + "```nginx\n".Length;
        return guide[from..guide.IndexOf("```", from, StringComparison.Ordinal)];
    }

    /// <param name="block">As in the guide; only ports, certificate and what stands behind are exchanged.</param>
    /// <param name="behind">The port of what stands behind.</param>
    public static async Task<NginxProxy> StartAsync(string block, int behind)
    {
        Assert.SkipUnless(File.Exists(Program), "nginx is not installed: ./test installs it.");
        // A port that was free a moment ago may not be any more.
        for (var left = 4; ; left--)
        {
            if (await TryStartAsync(block, behind, mayFail: left > 0) is { } proxy) return proxy;
        }
    }

    static async Task<NginxProxy?> TryStartAsync(string block, int behind, bool mayFail)
    {
        var folder = Directory.CreateTempSubdirectory("manzil-nginx-").FullName;
        foreach (var name in new[] { "logs", "body", "proxy", "other" }) Directory.CreateDirectory(Path.Combine(folder, name));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=manzil.example", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        await File.WriteAllTextAsync(Path.Combine(folder, "manzil.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "manzil.key"), key.ExportPkcs8PrivateKeyPem());
        var (plain, tls) = (FreePort(), FreePort());
        foreach (var (said, here) in new[]
            {
                ("listen 80;", $"listen 127.0.0.1:{plain};"), ("listen 443 ssl;", $"listen 127.0.0.1:{tls} ssl;"), ("/etc/ssl/manzil.pem", $"{folder}/manzil.pem"),
                ("/etc/ssl/manzil.key", $"{folder}/manzil.key"), (":8080;", $":{behind};"),
            })
        {
            Assert.Contains(said, block, StringComparison.Ordinal);
            block = block.Replace(said, here, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log logs/error.log;
            events { }
            http {
                access_log logs/access.log;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path other/1;
                uwsgi_temp_path other/2;
                scgi_temp_path other/3;
            {{block}}
            }
            """);
        var process = Process.Start(new ProcessStartInfo(Program, ["-p", folder, "-c", "nginx.conf", "-e", "logs/error.log"]) { RedirectStandardError = true })!;
        var proxy = new NginxProxy(folder, process, certificate.Thumbprint, plain, tls);
        while (!await proxy.ListensAsync())
        {
            if (process.HasExited && mayFail)
            {
                await proxy.DisposeAsync();
                return null;
            }

            Assert.False(process.HasExited, $"nginx did not start: {await process.StandardError.ReadToEndAsync()} {await File.ReadAllTextAsync(Path.Combine(folder, "logs/error.log"))}");
            await Task.Delay(20);
        }

        return proxy;
    }

    /// <summary>A browser at that address, of which each connection leads here.</summary>
    public HttpClient ClientFrom(string address, bool encrypted = true)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(IPAddress.Loopback, encrypted ? _tls : _plain, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 { Thumbprint: var thumbprint } && thumbprint == _thumbprint;
        return new HttpClient(handler) { BaseAddress = new Uri(encrypted ? "https://manzil.example" : "http://manzil.example") };
    }

    /// <summary>What it wrote that it should not have: each file made for a body or an answer, and each trace that stands in any file.</summary>
    public async Task<IReadOnlyList<string>> KeptAsync(IEnumerable<string> traces)
    {
        // What was made before this file has been told of when this one has.
        var marker = Path.Combine(_folder, $"marker-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(marker, "");
        while (!_made.Contains(marker)) await Task.Delay(10);
        var kept = _made.Where(p => Path.GetDirectoryName(p) is { } f && Path.GetFileName(f) is "body" or "proxy" or "1" or "2" or "3").Select(p => Path.GetRelativePath(_folder, p)).ToList();
        foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "nginx.conf"))
        {
            var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
            kept.AddRange(traces.Where(t => text.Contains(t, StringComparison.Ordinal)).Select(t => $"{t} in {Path.GetRelativePath(_folder, file)}"));
        }

        return kept;
    }

    async Task<bool> ListensAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _tls);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _watcher.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
