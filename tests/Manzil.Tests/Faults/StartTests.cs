using System.Net;
using System.Net.Sockets;
using Manzil.Receipts;
using Manzil.Tests.Databases;

namespace Manzil.Tests.Faults;

// What stands in the way of a start is told in one sentence, with exit code 1.
public class StartTests
{
    static readonly string[] withoutRootsPower = Environment.UserName == "root"
        ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all"]
        : [];

    [Fact]
    public async Task Serve_OnAPortThatIsTaken_SaysSo()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await RefusesAsync(database, "listens on", [], $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    [Fact]
    public async Task Serve_WithKeysThatAreNotItsOwn_SaysWhatIsWrongAndWritesNothing()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (await Population.OpenCoreAsync(database.DataFolder, database.Argument)) { }
        var (statement, log) = (Keys.Statement(database.DataFolder), Keys.Log(database.DataFolder));
        foreach (var path in (string[])[statement, log])
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            await RefusesAsync(database, "what is secret has mode 0600");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

            var own = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
            File.Delete(path);
            await RefusesAsync(database, "is missing");
            Assert.False(File.Exists(path));

            DataWrite(path, "nonsense");
            await RefusesAsync(database, "cannot be read as keys");
            using (var otherStatement = StatementSigner.Generate())
            using (var otherLog = NoteSigner.Generate("localhost:8080/log"))
                DataWrite(path, path == statement ? otherStatement.ExportPem() : otherLog.Encoded);
            await RefusesAsync(database, "a node with other keys does not start");
            DataWrite(path, own);
        }

        await using var server = await ServerProcess.StartAsync(database.DataFolder, database.Argument);
        Assert.Equal(0, await new Ledger().AuditAsync(server));
    }

    [Theory]
    [InlineData("", "cannot be written")]
    [InlineData("keys/published-checkpoint", "cannot be written")]
    public async Task Serve_WithSomethingReadOnly_SaysWhatCannotBeWritten(string path, string sentence)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (await Population.OpenCoreAsync(database.DataFolder, database.Argument)) { }
        var whole = Path.Combine(database.DataFolder, path);
        var before = File.GetUnixFileMode(whole);
        // With the folder itself read-only its keys are, too.
        string[] closed = path.Length == 0 ? [whole, Path.Combine(whole, "keys")] : [whole];
        foreach (var place in closed) File.SetUnixFileMode(place, before & ~(UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
        try
        {
            await RefusesAsync(database, sentence, withoutRootsPower);
        }
        finally
        {
            foreach (var place in closed) File.SetUnixFileMode(place, before);
        }

        await using var server = await ServerProcess.StartAsync(database.DataFolder, database.Argument);
        Assert.Equal(200, (await server.ReadyAsync()).Status);
    }

    [Fact]
    public async Task Serve_WithoutItsDatabaseServer_SaysSo()
    {
        var data = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        var (code, _, errors) = await ServerProcess.RunAsync(
            ["serve", .. ServerProcess.Where(data, $"postgres://manzil@127.0.0.1:{ServerProcess.FreePort()}/manzil")]);
        Directory.Delete(data, recursive: true);
        Assert.Equal(1, code);
        Assert.StartsWith("The database cannot be opened", errors, StringComparison.Ordinal);
    }

    // Both create the schema and install themselves; one is first.
    [Fact]
    public async Task Serve_TwoNodesAtOnceOnANewDatabase_BothStart()
    {
        await using var made = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (await Population.OpenCoreAsync(made.DataFolder, made.Argument)) { }
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        Keys.Copy(made.DataFolder, database.DataFolder);
        Keys.Copy(made.DataFolder, folder);
        var nodes = await Task.WhenAll(ServerProcess.StartAsync(database.DataFolder, database.Argument), ServerProcess.StartAsync(folder, database.Argument));
        foreach (var node in nodes)
        {
            Assert.Equal(200, (await node.ReadyAsync()).Status);
            await node.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    static void DataWrite(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    static async Task RefusesAsync(TestDatabase database, string sentence, string[]? launcher = null, string? url = null)
    {
        var (code, output, errors) = await ServerProcess.RunAsync(
            launcher ?? [],
            ["serve", .. ServerProcess.Where(database.DataFolder, database.Argument), "--urls", url ?? $"http://127.0.0.1:{ServerProcess.FreePort()}"]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
