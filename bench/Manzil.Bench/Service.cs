using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Manzil.Receipts;

namespace Manzil.Bench;

/// <summary>The published server as a process of its own.</summary>
sealed class Service : IAsyncDisposable
{
    readonly Process _process;

    Service(Process process, IPEndPoint endPoint)
    {
        _process = process;
        EndPoint = endPoint;
    }

    public IPEndPoint EndPoint { get; }

    public int ProcessId => _process.Id;

    public static async Task<Service> StartAsync(WriteOptions options, string database, params IEnumerable<string> environment)
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
        // A version from before there were two roles, to compare with, runs as the owner.
        if (options.Postgres && await RunAsync(options.Server, "database", "prepare", "--database", database, "--role", "manzil") == 0)
            database = database.Replace("postgres://postgres@", "postgres://manzil@", StringComparison.Ordinal);
        string[] arguments =
        [
            options.Server, "serve", "--data", Path.Combine(options.Folder, options.DataFolder), "--database", database, "--rules", options.Rules,
            "--public-url", "http://bench.example", "--urls", $"http://{endPoint}",
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        foreach (var setting in environment) start.Environment[setting.Split('=')[0]] = setting.Split('=')[1];
        var process = Process.Start(start)!;
        if (await process.StandardOutput.ReadLineAsync() is null) throw new InvalidOperationException("The server did not start.");
        _ = process.StandardOutput.ReadToEndAsync();
        return new Service(process, endPoint);
    }

    static async Task<int> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>The public keys, fetched apart from any receipt.</summary>
    public async Task<KeySet> KeysAsync()
    {
        using var client = new HttpClient();
        return KeySet.Parse(await client.GetByteArrayAsync(new Uri($"http://{EndPoint}/.well-known/manzil/keys.json")));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            await _process.WaitForExitAsync(patience.Token);
        }

        _process.Dispose();
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
