using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Manzil.Bench;

/// <summary>How long an honest sign-in takes beside guessers by the hundred, on the published server in its demo, which has people with codes.</summary>
static class GuessingBench
{
    const string Guessers = "203.0.113.7", Elsewhere = "198.51.100.4";

    sealed record Person(string CardNumber, string BirthDate, string ActivationCode);

    public static async Task<int> RunAsync(string server, string folder)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        string[] arguments = [server, "serve", "--demo", "--data", folder, "--urls", url, "--trusted-proxy", "127.0.0.1"];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        try
        {
            // Written when people can be served.
            var file = Path.Combine(folder, "demo-credentials.json");
            _ = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start.");
            _ = process.StandardOutput.ReadToEndAsync();
            while (!File.Exists(file)) await Task.Delay(100);
            using var document = JsonDocument.Parse(await File.ReadAllTextAsync(file));
            var people = document.RootElement.GetProperty("workers").Deserialize<List<Person>>(JsonSerializerOptions.Web)!;
            using var client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(5) };
            // Warm, as a server that runs is.
            for (var i = 0; i < 20; i++) await TryAsync(client, "198.51.100.9", new Person($"WARM{i}", "1990-05-17", "AAAAA-AAAAA"));
            Print("alone", await TimedAsync(client, Elsewhere, people[0]));

            var guesses = Start(1000, i => TryAsync(client, Guessers, new Person($"NONE{i}", people[0].BirthDate, "AAAAA-AAAAA")));
            var (beside, resident) = (TimedAsync(client, Elsewhere, people[1]), TimedAsync(client, Guessers, people[2]));
            Print("beside 1,000 guesses at once from one address, from elsewhere", await beside);
            Print("beside them, from the same address", await resident);
            await PrintAsync("the 1,000", guesses);

            guesses = Start(400, i => TryAsync(client, $"10.0.{i / 250}.{i % 250}", people[3] with { ActivationCode = $"AAAAA-{i:D5}" }));
            Print("beside 400 guesses at once at one card, with another card", await TimedAsync(client, Elsewhere, people[4]));
            await PrintAsync("the 400", guesses);
            return 0;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    static (long Began, List<Task<HttpStatusCode>> All) Start(int count, Func<int, Task<HttpStatusCode>> send) =>
        (Stopwatch.GetTimestamp(), [.. Enumerable.Range(0, count).Select(send)]);

    static async Task PrintAsync(string what, (long Began, List<Task<HttpStatusCode>> All) guesses)
    {
        var answers = await Task.WhenAll(guesses.All);
        var counts = answers.CountBy(a => (int)a).OrderBy(a => a.Key).Select(a => $"{a.Value} × {a.Key}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what} were answered within {Stopwatch.GetElapsedTime(guesses.Began).TotalMilliseconds:F0} ms: {string.Join(", ", counts)}"));
    }

    static void Print(string what, (HttpStatusCode Status, TimeSpan Took) answer) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a sign-in {what}: {answer.Took.TotalMilliseconds:F0} ms ({(int)answer.Status})"));

    static async Task<(HttpStatusCode Status, TimeSpan Took)> TimedAsync(HttpClient client, string address, Person person)
    {
        var began = Stopwatch.GetTimestamp();
        var status = await TryAsync(client, address, person);
        return (status, Stopwatch.GetElapsedTime(began));
    }

    static async Task<HttpStatusCode> TryAsync(HttpClient client, string address, Person person)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions") { Content = JsonContent.Create(person) };
        request.Headers.Add("X-Forwarded-For", address);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
