using System.Net;
using System.Text.RegularExpressions;
using Manzil.Register;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Register;

/// <summary>The data folder and everything in it is its owner's alone, whoever made it and whatever the umask.</summary>
public partial class DataFolderTests
{
    const UnixFileMode Closed = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode ClosedFolder = Closed | UnixFileMode.UserExecute;
    const UnixFileMode Read = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    const UnixFileMode Open = ClosedFolder | Read | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    const UnixFileMode OpenToAll = Open | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    static readonly string[] underUsualUmask = ["sh", "-c", "umask 022; exec \"$@\"", "--"];

    // As 'mkdir data' makes it.
    [Theory, EachDatabase]
    public async Task Serve_OnAFolderMadeBeforehand_ClosesItAndWhateverItWritesThere(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        File.SetUnixFileMode(database.DataFolder, Open);
        for (var start = 0; start < 2; start++)
        {
            // The second start makes WAL and SHM anew.
            await using var server = await ServerProcess.StartAsync(database.DataFolder, database.Argument, underUsualUmask);
            using var page = await server.Client.GetAsync("/sign-in", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            AssertClosed(database.DataFolder, kind == DatabaseKind.Sqlite ? ["manzil.db", "manzil.db-wal", "manzil.db-shm", "keys/published-checkpoint", "keys/statement-key.pem", "keys/log-key.txt"] : ["keys/published-checkpoint"]);
            await server.StopAsync();
        }
    }

    // What an earlier version, or a copied backup, left open.
    [Fact]
    public async Task Open_OnFilesThatOthersCanRead_ClosesThem()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (await Population.OpenCoreAsync(database.DataFolder, database.Argument)) { }
        foreach (var name in (string[])["manzil.db", "keys/published-checkpoint"]) File.SetUnixFileMode(Path.Combine(database.DataFolder, name), Closed | Read);
        foreach (var name in (string[])["", "keys"]) File.SetUnixFileMode(Path.Combine(database.DataFolder, name), Open);
        // A command that only reads closes them as well.
        var (code, _, errors) = await ServerProcess.RunAsync(underUsualUmask, ["privacy", "inventory", "--data", database.DataFolder, "--rules", ServiceOptions.DemoRules]);
        Assert.Equal((0, ""), (code, errors));
        AssertClosed(database.DataFolder, ["manzil.db", "keys/published-checkpoint"]);
    }

    [Theory]
    [InlineData("", OpenToAll, "Others can write in the folder")]
    [InlineData("", ClosedFolder | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute, "Others can write in the folder")]
    [InlineData("keys", OpenToAll, "Others can write in the folder")]
    [InlineData("manzil.db", Closed | Read | UnixFileMode.OtherWrite, "Others can write the file")]
    [InlineData("keys/published-checkpoint", Closed | UnixFileMode.GroupWrite, "Others can write the file")]
    public async Task AnyCommand_WhereOthersCanWrite_IsRefusedInOneSentence(string name, UnixFileMode mode, string sentence)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (await Population.OpenCoreAsync(database.DataFolder, database.Argument)) { }
        var path = Path.Combine(database.DataFolder, name).TrimEnd('/');
        File.SetUnixFileMode(path, mode);
        string[] where = ServerProcess.Where(database.DataFolder, database.Argument);
        foreach (var command in (string[][])
        [
            ["serve", .. where, "--urls", $"http://127.0.0.1:{ServerProcess.FreePort()}"],
            ["log", "reopen", .. where],
            ["staff", "list", .. where],
            ["privacy", "inventory", "--data", database.DataFolder, "--rules", ServiceOptions.DemoRules],
        ])
        {
            var (code, output, errors) = await ServerProcess.RunAsync([], command);
            Assert.Equal((1, ""), (code, output));
            Assert.StartsWith(sentence, errors, StringComparison.Ordinal);
            Assert.Contains(path, errors, StringComparison.Ordinal);
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        // Nothing was made to look as if it had been so all along.
        Assert.Equal(mode, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Open_OnAFolderWithOtherThingsInIt_LeavesItsModeAlone()
    {
        var folder = Directory.CreateTempSubdirectory("manzil-folder-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "letter.txt"), "mine");
            File.SetUnixFileMode(folder, Open);
            var refused = Assert.Throws<CommandLineException>(() => new DataFolder(folder));
            Assert.Contains("'letter.txt'", refused.Message, StringComparison.Ordinal);
            Assert.Equal(Open, File.GetUnixFileMode(folder));
            File.SetUnixFileMode(folder, ClosedFolder);
            _ = new DataFolder(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Demo_CredentialsAndClock_AreTheirOwnersAlone()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        foreach (var name in (string[])["demo-credentials.json", "demo-clock"]) DataFolder.WriteOver(Path.Combine(database.DataFolder, name), "1");
        AssertClosed(database.DataFolder, ["demo-credentials.json", "demo-clock"]);
        File.SetUnixFileMode(Path.Combine(database.DataFolder, "demo-clock"), Closed | Read);
        DataFolder.WriteOver(Path.Combine(database.DataFolder, "demo-clock"), "2");
        AssertClosed(database.DataFolder, ["demo-clock"]);
        // All that the program writes of its own accord goes by these ways.
        var source = Path.Combine(Repository.Root, "src", "Manzil");
        var writers = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("node_modules", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal))
            .Where(f => Writing().IsMatch(File.ReadAllText(f)))
            .Select(f => Path.GetRelativePath(source, f)).Order(StringComparer.Ordinal);
        // AuditState and SimulateCommand write where their caller says, and nothing secret.
        Assert.Equal(["Log/AuditState.cs", "Register/DataFolder.cs", "Register/PublishedCheckpoint.cs", "Simulation/SimulateCommand.cs"], writers);
    }

    static void AssertClosed(string folder, string[] files)
    {
        Assert.Equal(ClosedFolder, File.GetUnixFileMode(folder));
        Assert.All(Directory.EnumerateDirectories(folder), inner => Assert.Equal(ClosedFolder, File.GetUnixFileMode(inner)));
        Assert.All(files, name => Assert.Equal(Closed, File.GetUnixFileMode(Path.Combine(folder, name))));
        Assert.All(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories), file => Assert.Equal(Closed, File.GetUnixFileMode(file)));
    }

    [GeneratedRegex(@"(?<!Data)File\.(Write|Append|Create|Copy)|new FileStream\(|new StreamWriter\(", RegexOptions.None, 5000)]
    private static partial Regex Writing();
}
