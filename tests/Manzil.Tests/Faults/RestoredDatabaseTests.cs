using System.Net;
using Manzil.Receipts;
using Manzil.Tests.Databases;

namespace Manzil.Tests.Faults;

// "No index is ever signed twice" (design §4): a database that went back in time is found out, on either engine.
public class RestoredDatabaseTests
{
    const string Confirmation = """{"kind":"confirmation"}""";

    [Theory, EachDatabase]
    public async Task Write_AfterARestore_WaitsForLogReopen(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 5);
        var backup = new Backup(database);
        List<Sent> lost;
        string last;
        await using (var before = await StartAsync(database))
        {
            await Load.GiveAsync(before, people, 3);
            await backup.TakeAsync();
            lost = [await Load.SettleAsync(before, people[4]), .. await Load.GiveAsync(before, people, 6)];
            last = await before.Client.GetStringAsync("/log/checkpoint", TestContext.Current.CancellationToken);
            await before.StopAsync();
        }

        await backup.RestoreAsync();
        await using var server = await StartAsync(database);
        await StopsAsync(server, people[0], "The database ends at entry 3 of localhost:8080/log, but 10 entries");

        var (code, said, errors) = await ReopenAsync(database);
        Assert.True(code == 0, errors);
        Assert.Contains("The log goes on as localhost:8080/log/2", said, StringComparison.Ordinal);
        await server.BecomesReadyAsync();
        Assert.Single(await Load.GiveAsync(server, people, 1));

        var keys = await server.KeysAsync();
        Assert.Equal(last, keys.Logs[0].LastCheckpoint);
        var end = Checkpoint.Read(SignedNote.Parse(last));
        Assert.All(lost, request => Assert.InRange(Ledger.Verify(request.Receipt!, keys).Report.Checkpoint!.Size, 4, end.Size));
        var first = Statement.Decode(await server.Client.GetByteArrayAsync("/log/2/statements/0", TestContext.Current.CancellationToken));
        Assert.Equal(StatementKind.LogReopened, first.Content.Kind);
        var record = Manzil.Receipts.Record.Decode(await server.Client.GetByteArrayAsync("/log/2/statements/0/record", TestContext.Current.CancellationToken));
        Assert.Equal(last, record.Particulars["checkpoint"]);
        Assert.Equal(2, await new Ledger().AuditAsync(server));

        (code, _, errors) = await ReopenAsync(database);
        Assert.Equal(1, code);
        Assert.Contains("nothing to reopen", errors, StringComparison.Ordinal);
    }

    // A node that never published writes on the restored database until it is as long as the log that was published.
    [Theory, EachDatabase]
    public async Task Write_AfterARestoreThatAnotherNodeWroteOn_WaitsForLogReopen(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 5);
        var backup = new Backup(database);
        List<Sent> lost;
        await using (var before = await StartAsync(database))
        {
            await backup.TakeAsync();
            lost = [await Load.SettleAsync(before, people[0]), .. await Load.GiveAsync(before, people, 1)];
            await before.StopAsync();
        }

        await backup.RestoreAsync();
        var published = Keys.PublishedCheckpoint(database.DataFolder);
        File.Move(published, published + ".kept");
        await using (var other = await StartAsync(database))
        {
            await Load.GiveAsync(other, people, 4);
            await other.StopAsync();
        }

        File.Move(published + ".kept", published, overwrite: true);
        await using var server = await StartAsync(database);
        await StopsAsync(server, people[0], "are not those that were published");
        var (code, _, errors) = await ReopenAsync(database);
        Assert.True(code == 0, errors);
        await server.BecomesReadyAsync();
        await Load.GiveAsync(server, people, 1);
        var keys = await server.KeysAsync();
        Assert.All(lost, request => Ledger.Verify(request.Receipt!, keys));
    }

    // The backup is older than an earlier reopening, so it knows nothing of the log that was published last.
    [Theory, EachDatabase]
    public async Task Reopen_OfABackupFromBeforeAnEarlierReopening_GoesOnAsAThirdLog(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 5);
        var backup = new Backup(database);
        await backup.TakeAsync();
        for (var log = 2; log <= 3; log++)
        {
            await using (var server = await StartAsync(database))
            {
                await Load.GiveAsync(server, people, 2);
                await server.StopAsync();
            }

            await backup.RestoreAsync();
            var (code, said, errors) = await ReopenAsync(database);
            Assert.True(code == 0, errors);
            Assert.Contains($"goes on as localhost:8080/log/{log}", said, StringComparison.Ordinal);
        }

        await using var last = await StartAsync(database);
        await Load.GiveAsync(last, people, 1);
        Assert.Equal(3, (await last.KeysAsync()).Logs.Length);
    }

    // A failover under a running node: its connections end, and the database that answers next is an older one.
    [Fact]
    public async Task Write_AfterTheDatabaseWasSwappedUnderARunningNode_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 5);
        var backup = new Backup(database);
        await using var server = await StartAsync(database);
        await Load.GiveAsync(server, people, 3);
        await backup.TakeAsync();
        await Load.SettleAsync(server, people[4]);
        await Load.GiveAsync(server, people, 3);
        await backup.RestoreAsync();
        await StopsAsync(server, people[0], "The database ends at entry 3");
    }

    static Task<ServerProcess> StartAsync(TestDatabase database) => ServerProcess.StartAsync(database.DataFolder, database.Argument);

    static Task<(int Code, string Output, string Errors)> ReopenAsync(TestDatabase database) =>
        ServerProcess.RunAsync(["log", "reopen", .. ServerProcess.Where(database.DataFolder, database.Argument)]);

    // Nothing is written, the reason is told, and reading goes on.
    static async Task StopsAsync(ServerProcess server, Person person, string why)
    {
        using (var refused = await server.PostNoticeAsync(person, Confirmation, Guid.NewGuid().ToString()))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        // A swapped database ends every connection once; what health says then settles by itself.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await server.ReadyAsync() is var ready && !(ready.Status == 503 && ready.Trouble!.Contains(why, StringComparison.Ordinal)))
        {
            Assert.False(patience.IsCancellationRequested, $"{ready} {server.Errors}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        using (var refused = await server.PostNoticeAsync(person, Confirmation, Guid.NewGuid().ToString()))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        using var list = await server.GetAsync("/api/v1/notices", person);
        Assert.Equal(HttpStatusCode.OK, list.StatusCode);
        using var checkpoint = await server.GetAsync("/log/checkpoint");
        Assert.Equal(HttpStatusCode.OK, checkpoint.StatusCode);
    }
}
