using System.Net;
using System.Text.Json;
using Manzil.Tests.Faults;

namespace Manzil.Tests.Demo;

/// <summary>Whoever waits until the demo is ready finds its people and officers in demo-credentials.json (found.md 29).</summary>
public class DemoCredentialsTests
{
    [Fact]
    public async Task Serve_Demo_IsReadyWithTheCredentialsInItsFolder()
    {
        var folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        var url = $"http://localhost:{ServerProcess.FreePort()}";
        using var process = ServerProcess.Start([], ["serve", "--demo", "--data", folder, "--urls", url]);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        // Read on, so that it never waits for a reader.
        var said = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(url) };
            while (!await IsReadyAsync(client, patience.Token))
            {
                if (process.HasExited) Assert.Fail($"It ended: {await said.Item2}");
                await Task.Delay(20, patience.Token);
            }

            using var credentials = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "demo-credentials.json"), patience.Token));
            var workers = credentials.RootElement.GetProperty("workers");
            Assert.Equal(12, workers.GetArrayLength());
            // The README's command checks a receipt for the document of who is signed in as it says.
            Assert.Contains($"--document \"{workers[0].GetProperty("document").GetString()}\"", Repository.Read("README.md"), StringComparison.Ordinal);
            var officers = credentials.RootElement.GetProperty("staff");
            Assert.Equal(7, officers.GetArrayLength());
            using var entered = await client.GetAsync(new Uri(officers[0].GetProperty("signInUrl").GetString()!).AbsolutePath, patience.Token);
            Assert.Equal("/staff", entered.Headers.Location?.OriginalString);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellation)
    {
        try
        {
            using var answer = await client.GetAsync("/health/ready", cancellation);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }
}
