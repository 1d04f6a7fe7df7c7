using System.Net;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Faults;

// A path under /log/ belongs to one log for ever, and nothing is published that was not kept outside the database first.
public class LogForEverTests
{
    const string Confirmation = """{"kind":"confirmation"}""";

    static readonly string[] Paths =
    [
        "tile/entries/000.p/1", "tile/entries/000.p/3", "tile/entries/000.p/4", "tile/0/000.p/1", "tile/0/000.p/3", "tile/0/000.p/4", "tile/0/000.p/9",
        "tile/entries/000.p/9", "statements/0", "statements/0/record", "statements/3", "tile/1/000.p/1",
    ];

    [Theory, EachDatabase]
    public async Task Get_EveryPathOfALogThatWasReopened_HasTheSameBytesOrNone(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 5);
        var backup = new Backup(database);
        Dictionary<string, byte[]?> seen;
        string last;
        await using (var before = await StartAsync(database))
        {
            await Load.GiveAsync(before, people, 3);
            await backup.TakeAsync();
            await Load.SettleAsync(before, people[4]);
            await Load.GiveAsync(before, people, 5);
            seen = await ReadAsync(before, "/log/");
            last = await before.Client.GetStringAsync("/log/checkpoint", TestContext.Current.CancellationToken);
            Assert.NotNull(seen["tile/0/000.p/9"]);
            await before.StopAsync();
        }

        await backup.RestoreAsync();
        await using (var stopped = await StartAsync(database))
        {
            // Also while it waits for 'log reopen': what was published stands, and what is gone is not there.
            Assert.Equal(last, await stopped.Client.GetStringAsync("/log/checkpoint", TestContext.Current.CancellationToken));
            AssertSameOrGone(seen, await ReadAsync(stopped, "/log/"));
            await stopped.StopAsync();
        }

        var (code, _, errors) = await ServerProcess.RunAsync(["log", "reopen", .. ServerProcess.Where(database.DataFolder, database.Argument)]);
        Assert.True(code == 0, errors);
        await using var server = await StartAsync(database);
        await Load.GiveAsync(server, people, 8);

        var after = await ReadAsync(server, "/log/");
        AssertSameOrGone(seen, after);
        Assert.NotNull(after["tile/0/000.p/3"]);
        Assert.Null(after["tile/0/000.p/4"]);
        foreach (var (path, bytes) in await ReadAsync(server, "/log/1/")) Assert.Equal(after[path], bytes);
        Assert.Equal(last, await server.Client.GetStringAsync("/log/checkpoint", TestContext.Current.CancellationToken));

        var second = await ReadAsync(server, "/log/2/");
        Assert.NotNull(second["tile/0/000.p/9"]);
        Assert.NotEqual(seen["tile/0/000.p/3"], second["tile/0/000.p/3"]);
        Assert.Equal(StatementKind.LogReopened, Statement.Decode(second["statements/0"]!).Content.Kind);
        using (var third = await server.GetAsync("/log/3/checkpoint")) Assert.Equal(HttpStatusCode.NotFound, third.StatusCode);

        // keys.json says which one is open, and where the closed one ends; an audit of the open one passes.
        var keys = await server.KeysAsync();
        Assert.Equal(("localhost:8080/log/2", last), (keys.Log.Key.Name, keys.Logs[0].LastCheckpoint));
        Assert.Equal(9, await new Ledger().AuditAsync(server));
        var status = await server.Client.GetStringAsync("/status", TestContext.Current.CancellationToken);
        Assert.Contains("href=\"/log/2/checkpoint\"", status, StringComparison.Ordinal);
    }

    // Another node wrote on the restored database past the end of what was published: its rows are not the published ones.
    [Theory, EachDatabase]
    public async Task Get_ALogWhoseRowsAreNotThosePublished_ShowsNoneOfThem(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 5);
        var backup = new Backup(database);
        string last;
        await using (var before = await StartAsync(database))
        {
            await backup.TakeAsync();
            await Load.SettleAsync(before, people[0]);
            await Load.GiveAsync(before, people, 1);
            last = await before.Client.GetStringAsync("/log/checkpoint", TestContext.Current.CancellationToken);
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
        await using (var stopped = await StartAsync(database)) await ShowsNothingAsync(stopped, last);
        var (code, _, errors) = await ServerProcess.RunAsync(["log", "reopen", .. ServerProcess.Where(database.DataFolder, database.Argument)]);
        Assert.True(code == 0, errors);
        await using var server = await StartAsync(database);
        await ShowsNothingAsync(server, last);

        static async Task ShowsNothingAsync(ServerProcess server, string last)
        {
            Assert.All((await ReadAsync(server, "/log/")).Values, Assert.Null);
            Assert.Equal(last, await server.Client.GetStringAsync("/log/checkpoint", TestContext.Current.CancellationToken));
        }
    }

    // Node B shows what node A wrote; then A's machine and the primary are lost, and B goes on with a standby that never had it.
    [Theory]
    [InlineData("/log/checkpoint")]
    [InlineData("/log/tile/0/000.p/4")]
    [InlineData("/api/v1/notices/<number>")]
    [InlineData("/api/v1/notices/<number>/receipt.zip")]
    public async Task Write_OnADatabaseWithoutWhatThisNodeShowed_IsRefused(string path)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 5);
        var folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        Keys.Copy(database.DataFolder, folder);
        var backup = new Backup(database);
        await using (var a = await StartAsync(database))
        {
            // B is started after the backup, which ends every connection to the database.
            await backup.TakeAsync();
            await using var b = await ServerProcess.StartAsync(folder, database.Argument);
            var given = await Load.SettleAsync(a, people[1]);
            await Load.GiveAsync(a, people, 4);
            await a.StopAsync();
            using (var shown = await b.GetAsync(path.Replace("<number>", Ledger.NumberOf(given.Receipt!)), people[1])) Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
            await b.KillAsync();
        }

        await backup.RestoreAsync();
        await using var again = await ServerProcess.StartAsync(folder, database.Argument);
        using var refused = await again.PostNoticeAsync(people[0], Confirmation, Guid.NewGuid().ToString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("log reopen", (await again.ReadyAsync()).Trouble, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    // A standby that lags: the head is there, rows are not. Nothing short is answered, least of all for a year.
    [Theory, EachDatabase]
    public async Task Get_ATileWithRowsMissing_Is503AndNotKept(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        while ((await service.Core.Tiles.HeadAsync()).Size < 300) await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => worker.GiveAsync(Confirmation)));
        var full = await service.Client.GetByteArrayAsync("/log/tile/0/000", TestContext.Current.CancellationToken);
        await using (var connection = await service.Database.OpenAsync())
        {
            await connection.ExecuteAsync(kind == DatabaseKind.Sqlite ? "drop trigger log_batch_no_delete" : "alter table log_batch disable trigger user");
            await connection.ExecuteAsync("delete from log_batch where first > 0 and first < 20");
            await connection.ExecuteAsync(kind == DatabaseKind.Sqlite ? "drop trigger log_node_no_delete" : "alter table log_node disable trigger user");
            await connection.ExecuteAsync("delete from log_node");
        }

        foreach (var path in (string[])["/log/tile/entries/000", "/log/tile/entries/000.p/200", "/log/1/tile/entries/000", "/log/tile/1/000.p/1"])
        {
            using var answer = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.True(answer.Headers.CacheControl!.NoStore, path);
        }

        // A full tile that was shown once needs no rows again.
        Assert.Equal(full, await service.Client.GetByteArrayAsync("/log/tile/0/000", TestContext.Current.CancellationToken));
    }

    static void AssertSameOrGone(Dictionary<string, byte[]?> before, Dictionary<string, byte[]?> after)
    {
        foreach (var (path, bytes) in before)
            if (after[path] is { } now) Assert.Equal(bytes, now);
    }

    static async Task<Dictionary<string, byte[]?>> ReadAsync(ServerProcess server, string root)
    {
        var read = new Dictionary<string, byte[]?>();
        foreach (var path in Paths)
        {
            using var answer = await server.GetAsync(root + path);
            if (answer.StatusCode != HttpStatusCode.NotFound) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            read[path] = answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken) : null;
        }

        return read;
    }

    static Task<ServerProcess> StartAsync(TestDatabase database) => ServerProcess.StartAsync(database.DataFolder, database.Argument);
}
