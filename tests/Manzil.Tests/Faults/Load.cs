using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;

namespace Manzil.Tests.Faults;

// One request under its key, and the receipt that it was answered with: null while it was not acknowledged.
public sealed record Sent(Person Person, string Json, string Key)
{
    public byte[]? Receipt { get; set; }
}

// Confirmations and residences from many connections, until told to stop or the server is gone.
public sealed class Load
{
    public const string Residence = """{"kind":"residence","from":"2026-11-20","address":{"locality":"Tula","street":"Lenina","building":"7"}}""";
    const string Confirmation = """{"kind":"confirmation"}""";

    readonly ConcurrentQueue<Sent> sent = new();
    int acknowledged;

    public IReadOnlyCollection<Sent> Sent => sent;

    public int Acknowledged => acknowledged;

    public async Task RunAsync(HttpClient client, IReadOnlyList<Person> people, int connections, CancellationToken stop) =>
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => ConnectAsync(client, people, stop), CancellationToken.None)));

    // Waits until the load has had that many receipts; no time is asserted, but a server that gives none is not waited for for ever.
    public async Task HasAcknowledgedAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Volatile.Read(ref acknowledged) < count)
        {
            Assert.False(patience.IsCancellationRequested, $"Only {acknowledged} of {sent.Count} requests were acknowledged.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    async Task ConnectAsync(HttpClient client, IReadOnlyList<Person> people, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var request = new Sent(people[RandomNumberGenerator.GetInt32(people.Count)], RandomNumberGenerator.GetInt32(3) == 0 ? Residence : Confirmation, Guid.NewGuid().ToString());
            sent.Enqueue(request);
            try
            {
                using var answer = await ServerProcess.PostNoticeAsync(client, request.Person, request.Json, request.Key);
                var body = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) continue;
                Assert.True(answer.StatusCode == HttpStatusCode.Created, System.Text.Encoding.UTF8.GetString(body));
                request.Receipt = body;
                Interlocked.Increment(ref acknowledged);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return;
            }
        }
    }

    // Sends every request again under its key: what had been acknowledged is answered with the same bytes, the rest is done now.
    public static async Task RepeatAsync(ServerProcess server, IReadOnlyCollection<Sent> requests)
    {
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (request, _) =>
        {
            using var answer = await server.PostNoticeAsync(request.Person, request.Json, request.Key);
            var body = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
            Assert.True(answer.StatusCode == HttpStatusCode.Created, System.Text.Encoding.UTF8.GetString(body));
            if (request.Receipt is { } before) Assert.Equal(before, body);
            request.Receipt = body;
        });
    }

    // Taking a backup ends every connection: posts are refused until the node has found its way back.
    public static async Task<Sent> SettleAsync(ServerProcess server, Person person)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var request = new Sent(person, Confirmation, Guid.NewGuid().ToString());
        while (true)
        {
            using var answer = await server.PostNoticeAsync(person, Confirmation, request.Key);
            request.Receipt = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            if (answer.StatusCode == HttpStatusCode.Created) return request;
            Assert.False(patience.IsCancellationRequested, server.Errors);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    // One after the other, each acknowledged.
    public static async Task<List<Sent>> GiveAsync(ServerProcess server, IReadOnlyList<Person> people, int count)
    {
        var given = Enumerable.Range(0, count).Select(n => new Sent(people[n % people.Count], Confirmation, Guid.NewGuid().ToString())).ToList();
        foreach (var request in given) await Load.RepeatAsync(server, [request]);
        return given;
    }
}
