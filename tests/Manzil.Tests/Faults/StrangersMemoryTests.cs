using System.Globalization;
using System.Net;
using System.Text;
using Manzil.Tests.Databases;

namespace Manzil.Tests.Faults;

/// <summary>found.md 46: what people hold whom nobody knows is bounded, in bytes and in number.</summary>
public class StrangersMemoryTests
{
    const int Forms = 200, MayGrow = 50 * 1024 * 1024;

    static readonly string[] Small = ["/sign-in", "/sign-in/document", "/sign-in/recovery", "/not-mine", "/helper", "/language"];

    [Fact]
    public async Task Forms_TwoHundredHalfSent_HoldLessThanFiftyMegabytes()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (await Population.OpenCoreAsync(database.DataFolder, database.Argument)) { }
        await using var server = await ServerProcess.StartAsync(database.DataFolder, database.Argument);
        // What the first page and the first check cost by themselves, code that is compiled then, is nothing that strangers hold.
        await AnswersAsync(server);
        var before = Resident(server);
        using var forms = new Batch();
        var sending = forms.SendAsync(server, Forms);
        var most = before;
        while (!sending.IsCompleted)
        {
            most = Math.Max(most, Resident(server));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await sending;
        most = Math.Max(most, Resident(server));
        Assert.True(most - before <= MayGrow, $"It grew from {before / 1024:N0} KB by {(most - before) / 1024:N0} KB.");
        await AnswersAsync(server);
    }

    static async Task AnswersAsync(ServerProcess server)
    {
        using var page = await server.GetAsync("/sign-in");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var form = new MultipartFormDataContent { { new StringContent("MNZ1:ABC"), "Text" } };
        using var answer = await server.Client.PostAsync("/verify", form, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    static long Resident(ServerProcess server) =>
        long.Parse(File.ReadLines($"/proc/{server.Id}/status").Single(l => l.StartsWith("RssAnon:", StringComparison.Ordinal))[8..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;

    sealed class Batch : IDisposable
    {
        readonly List<HalfSent> _all = [];

        // Half of them to the page that takes files, half to the others; with the length told, and in chunks.
        public async Task SendAsync(ServerProcess server, int count)
        {
            var sending = new List<Task>();
            for (var i = 0; i < count; i++)
            {
                var verify = i % 2 == 0;
                var length = verify ? 2_900_000 : 250_000;
                var path = verify ? "/verify" : Small[i / 2 % Small.Length];
                var file = $"--b\r\nContent-Disposition: form-data; name=\"{(verify ? "File\"; filename=\"a" : "Code")}\"\r\n\r\n";
                byte[] body = [.. Encoding.ASCII.GetBytes(file), .. Enumerable.Repeat((byte)'x', length)];
                var chunked = i % 4 >= 2;
                var half = await HalfSent.BeginAsync(
                    server.Client.BaseAddress!, path, "Content-Type: multipart/form-data; boundary=b", chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {body.Length + 1000}");
                _all.Add(half);
                sending.Add(half.SendWhatGoesAsync(chunked ? (byte[])[.. Encoding.ASCII.GetBytes($"{body.Length + 1000:x}\r\n"), .. body] : body));
            }

            await Task.WhenAll(sending);
        }

        public void Dispose() => _all.ForEach(h => h.Dispose());
    }
}
