using System.Collections.Concurrent;
using Dapper;
using Manzil.Register;
using Manzil.Tests.Databases;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Register;

/// <summary>Many who ask at once are answered by one query: each with their own row, and none with an old one.</summary>
public class WorkerReaderTests
{
    [Theory, EachDatabase]
    public async Task Find_ManyAtOnce_EachGetsTheirOwn(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var workers = new List<TestWorker>();
        for (var i = 0; i < 20; i++) workers.Add(await service.EnrolAsync());

        var asked = Enumerable.Range(0, 600).Select(i => workers[i * 7 % workers.Count]).ToList();
        var found = await Task.WhenAll(asked.Select(w => Task.Run(() => service.Core.Workers.FindAsync(w.Id))));
        Assert.Equal(asked.Select(w => (w.Id, w.CardNumber)), found.Select(w => (w!.Id, w.CardNumber)));
        Assert.Null(await service.Core.Workers.FindAsync(1_000_000));
    }

    [Theory, EachDatabase]
    public async Task Find_AfterAChange_SeesIt(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(language: "ru");
        await using var connection = await service.Core.Database.OpenAsync();
        foreach (var language in new[] { "kk", "en", "ru" })
        {
            await connection.ExecuteAsync("update worker set language = @language where id = @id", new { language, id = worker.Id });
            Assert.Equal(language, (await service.Core.Workers.FindAsync(worker.Id))!.Language);
        }
    }

    [Fact]
    public async Task Find_WhileOneQueryIsUnderWay_TheOthersShareTheNext()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var gate = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var queries = new ConcurrentQueue<int>();
        var lookup = new GatheredLookup<string, string>(service.Core.Database, async (_, keys) =>
        {
            queries.Enqueue(keys.Count);
            begun.TrySetResult();
            await gate.Task;
            return keys.Where(k => k != "absent").Distinct().ToDictionary(k => k, k => k.ToUpperInvariant());
        });

        var first = lookup.FindAsync("a");
        await begun.Task;
        var others = new[] { "b", "absent", "c", "b" }.Select(lookup.FindAsync).ToList();
        gate.SetResult();

        Assert.Equal("A", await first);
        Assert.Equal("B,,C,B", string.Join(',', await Task.WhenAll(others)));
        Assert.Equal([1, 4], queries);
    }

    [Fact]
    public async Task Find_WhereAQueryFails_OnlyItsAskersAreTold()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var (begun, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var lookup = new GatheredLookup<string, string>(service.Core.Database, async (_, keys) =>
        {
            begun.TrySetResult();
            await gate.Task;
            return keys.Contains("a") ? throw new InvalidOperationException("gone") : keys.ToDictionary(k => k, k => k);
        });

        var first = lookup.FindAsync("a");
        await begun.Task;
        var other = lookup.FindAsync("b");
        gate.SetResult();

        Assert.Equal("gone", (await Assert.ThrowsAsync<InvalidOperationException>(() => first)).Message);
        Assert.Equal("b", await other);
        Assert.Equal("c", await lookup.FindAsync("c"));
    }
}
