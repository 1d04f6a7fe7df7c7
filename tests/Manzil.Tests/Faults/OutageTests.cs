using System.Diagnostics;
using System.Globalization;
using System.Net;
using Dapper;
using Manzil.Tests.Databases;
using NodaTime;
using Npgsql;

namespace Manzil.Tests.Faults;

// What fails under a running server: told with 503, nothing half done, and over by itself when the cause is gone.
public class OutageTests
{
    const string Confirmation = """{"kind":"confirmation"}""";

    [Fact]
    public async Task Write_WhileTheDatabaseIsGone_Is503AndGoesOnByItself()
    {
        await using var postgres = await PostgresServer.StartPrivateAsync();
        var connectionString = await postgres.CreateDatabaseAsync() + ";Pooling=false";
        var argument = PostgresServer.UrlOf(connectionString);
        var data = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        var people = await Population.CreateAsync(data, argument, new NpgsqlConnection(connectionString), 50);
        await using var server = await ServerProcess.StartAsync(data, argument);
        var all = new List<Sent>();
        for (var round = 0; round < 2; round++)
        {
            using var stop = new CancellationTokenSource();
            var load = new Load();
            var running = load.RunAsync(server.Client, people, 8, stop.Token);
            await load.HasAcknowledgedAsync(20);
            await (round == 0 ? postgres.KillAsync() : postgres.StopAsync());
            foreach (var path in (string[])["/api/v1/notices", "/log/checkpoint"])
            {
                using var answer = await server.GetAsync(path, people[0]);
                await IsUnavailableAsync(answer);
            }

            using (var refused = await server.PostNoticeAsync(people[0], Confirmation, Guid.NewGuid().ToString())) await IsUnavailableAsync(refused);
            Assert.Equal(503, (await server.ReadyAsync()).Status);
            await stop.CancelAsync();
            await running;

            await postgres.StartAsync();
            await server.BecomesReadyAsync();
            await Load.RepeatAsync(server, load.Sent);
            all.AddRange(load.Sent);
        }

        await new Ledger().AuditAsync(server);
        await Ledger.CheckAsync(server, all, otherEntries: 0);
        Directory.Delete(data, recursive: true);
    }

    // A limit on the size of the process's files is a disk that is full for it alone, and needs no rights.
    [Fact]
    public async Task Write_WhileTheDiskIsFull_Is503AndGoesOnByItself()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 50);
        await using var server = await ServerProcess.StartAsync(database.DataFolder, database.Argument, ["/bin/sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
        var load = new Load();
        using var stop = new CancellationTokenSource();
        var running = load.RunAsync(server.Client, people, 8, stop.Token);
        await load.HasAcknowledgedAsync(20);
        await LimitFilesAsync(server, "65536");
        while (load.Sent.Count(request => request.Receipt is null) < 100) await Task.Delay(5, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await running;
        using (var refused = await server.PostNoticeAsync(people[0], Confirmation, Guid.NewGuid().ToString())) await IsUnavailableAsync(refused);
        Assert.Equal(503, (await server.ReadyAsync()).Status);
        using (var list = await server.GetAsync("/api/v1/notices", people[0])) Assert.Equal(HttpStatusCode.OK, list.StatusCode);
        var size = await new Ledger().AuditAsync(server);
        Assert.InRange(size, load.Acknowledged, load.Sent.Count);

        await LimitFilesAsync(server, "unlimited");
        await server.BecomesReadyAsync();
        await Load.RepeatAsync(server, load.Sent);
        await Ledger.CheckAsync(server, load.Sent, otherEntries: 0);
    }

    [Theory, EachDatabase]
    public async Task Write_WithTheClockSetBack_Is503UntilItIsRight(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var token = await service.SignInAsync(worker);
        service.Clock.Advance(Duration.FromMinutes(10));
        using (var given = await service.PostNoticeAsync(token, """{"kind":"registration"}""")) Assert.Equal(HttpStatusCode.Created, given.StatusCode);
        var head = await service.Core.Tiles.HeadAsync();

        service.Clock.Advance(-Duration.FromHours(1));
        using (var refused = await service.PostNoticeAsync(token, Confirmation)) await IsUnavailableAsync(refused);
        using (var ready = await service.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.Contains("clock", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal(head, await service.Core.Tiles.HeadAsync());
        service.Clock.Advance(Duration.FromHours(1));
        using (var residence = await service.PostNoticeAsync(token, """{"kind":"residence","from":"2026-11-20","address":{"locality":"Tula","street":"Lenina","building":"7"}}"""))
            Assert.Equal(HttpStatusCode.Created, residence.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Enrol_ByTheCommandWhileTheServerIsUnderLoad_BothWrite(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 50);
        await using var server = await ServerProcess.StartAsync(database.DataFolder, database.Argument);
        using var stop = new CancellationTokenSource();
        var load = new Load();
        var running = load.RunAsync(server.Client, people, 16, stop.Token);
        await load.HasAcknowledgedAsync(1);
        var slips = await Task.WhenAll(Enumerable.Range(0, 3).Select(n => ServerProcess.RunAsync(
            ["worker", "enrol", "--card", $"EN{n:D7}", "--name", "Dilshod Yusupov", "--document", $"TJK|{n:D9}|1991-02-03", .. ServerProcess.Where(database.DataFolder, database.Argument)])));
        await stop.CancelAsync();
        await running;
        Assert.All(slips, slip => Assert.True(slip.Code == 0, slip.Errors));
        Assert.All(load.Sent, request => Assert.NotNull(request.Receipt));
        await new Ledger().AuditAsync(server);
        await Ledger.CheckAsync(server, load.Sent, otherEntries: 3);
    }

    // More than may wait are turned away at once; those that wait are answered when the database is free again.
    [Theory, EachDatabase]
    public async Task Post_MoreThanMayWaitWhileTheHeadIsLocked_TurnsTheRestAway(DatabaseKind kind)
    {
        const int most = 512, more = 88;
        await using var service = await TestService.StartAsync(kind);
        var token = await service.SignInAsync(await service.EnrolAsync());
        using (var registered = await service.PostNoticeAsync(token, """{"kind":"registration"}""")) Assert.Equal(HttpStatusCode.Created, registered.StatusCode);
        const string residence = """{"kind":"residence","from":"2026-11-20","address":{"locality":"Tula","street":"Lenina","building":"7"}}""";

        List<Task<HttpResponseMessage>> posts;
        await using (await HeldWriter.BeginAsync(service))
        {
            posts = [.. Enumerable.Range(0, most + more).Select(_ => service.PostNoticeAsync(token, residence))];
            var left = posts.ToList();
            for (var turnedAway = 0; turnedAway < more; turnedAway++)
            {
                var first = await Task.WhenAny(left);
                left.Remove(first);
                await IsUnavailableAsync(await first);
            }

            Assert.All(left, post => Assert.False(post.IsCompleted));
        }

        var answers = await Task.WhenAll(posts);
        Assert.Equal(most, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.Equal(most + 2, (await service.Core.Tiles.HeadAsync()).Size);
    }

    static async Task IsUnavailableAsync(HttpResponseMessage answer)
    {
        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    static async Task LimitFilesAsync(ServerProcess server, string bytes)
    {
        using var prlimit = Process.Start("prlimit", [$"--pid={server.Id.ToString(CultureInfo.InvariantCulture)}", $"--fsize={bytes}:unlimited"]);
        await prlimit.WaitForExitAsync();
        Assert.Equal(0, prlimit.ExitCode);
    }
}
