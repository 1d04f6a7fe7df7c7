using Manzil.Register;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Register;

// A mistyped folder, database or address is said to be one; only 'serve' begins a service (docs/decisions/0058).
public class NoServiceTests
{
    const string Elsewhere = "https://elsewhere.example";

    static IEnumerable<string[]> ButServe => OtherDatabaseTests.Commands.Where(command => command[0] != "serve");

    [Fact]
    public async Task Run_EachCommandWhereNoServiceIs_SaysSoAndMakesNothing()
    {
        var parent = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        var mistyped = Path.Combine(parent, "dta");
        foreach (var command in ButServe) await RefusedAsync(command, mistyped);
        await RefusedAsync(["worker", "code", "--card", "FC9000001"], mistyped, "--database", "sqlite");
        await RefusedAsync(["worker", "code", "--card", "FC9000001"], mistyped, "--database", "postgres://localhost:1/manzil");
        await RefusedAsync(["worker", "code", "--card", "FC9000001"], parent);
        Assert.Empty(Directory.GetFileSystemEntries(parent));
        Directory.Delete(parent);
    }

    static async Task RefusedAsync(string[] command, string folder, params string[] database)
    {
        var (code, output, errors) = await ServerProcess.RunAsync([.. command, "--data", folder, .. database, "--rules", ServiceOptions.DemoRules, "--public-url", ServerProcess.PublicUrl]);
        Assert.Equal((1, ""), (code, output));
        Assert.Equal($"There is no service in {folder}: name the folder of 'manzil serve' with --data. A new service begins with 'manzil serve', and with nothing else.\n", errors);
    }

    // Keys that were copied beforehand, and a database that nobody has served from.
    [Theory, EachDatabase]
    public async Task Run_EachCommandOnADatabaseWithoutAService_SaysSoAndMakesNone(DatabaseKind kind)
    {
        await using var made = await TestDatabase.CreateAsync(kind);
        await using var other = await TestDatabase.CreateAsync(kind);
        await (await Population.OpenCoreAsync(other.DataFolder, other.Argument)).DisposeAsync();
        Keys.Copy(other.DataFolder, made.DataFolder);
        if (kind == DatabaseKind.Sqlite) DataFolder.MakePrivate(Path.Combine(made.DataFolder, "manzil.db"));
        foreach (var command in ButServe)
        {
            var (code, output, errors) = await ServerProcess.RunAsync([.. command, .. ServerProcess.Where(made.DataFolder, made.Argument)]);
            Assert.Equal((1, ""), (code, output));
            Assert.StartsWith("This database has no service yet: one begins with 'manzil serve'", errors, StringComparison.Ordinal);
        }

        // And one begins there afterwards as if nothing had been.
        await (await ServerProcess.StartAsync(made.DataFolder, made.Argument)).DisposeAsync();
    }

    [Theory, EachDatabase]
    public async Task Run_AtAnotherAddress_IsRefusedUnlessTheOneBeforeIsNamed(DatabaseKind kind)
    {
        await using var made = await TestDatabase.CreateAsync(kind);
        await (await Population.OpenCoreAsync(made.DataFolder, made.Argument)).DisposeAsync();
        Task<(int Code, string Output, string Errors)> Run(string[] command, string url, params string[] more) =>
            ServerProcess.RunAsync([.. command, "--data", made.DataFolder, "--database", made.Argument, "--rules", ServiceOptions.DemoRules, "--public-url", url, .. more]);

        foreach (var command in ButServe.Append(["serve"]))
        {
            var (code, output, errors) = await Run(command, Elsewhere);
            Assert.Equal((1, ""), (code, output));
            Assert.Equal(
                $"This database is the service at {ServerProcess.PublicUrl}, which its receipts name, and not at {Elsewhere}: write --public-url {ServerProcess.PublicUrl}. If it has moved for good, start it once with 'manzil serve --public-url {Elsewhere} --instead-of {ServerProcess.PublicUrl}'.\n", errors);
        }

        // An address of no machine (RFC 5737): it starts, and then finds nothing to listen on.
        string[] serve = ["serve", "--urls", "http://192.0.2.1:8199"];
        Assert.StartsWith($"This database is the service at {ServerProcess.PublicUrl}, not at https://third.example", (await Run(serve, Elsewhere, "--instead-of", "https://third.example")).Errors, StringComparison.Ordinal);
        Assert.StartsWith("Cannot listen on", (await Run(serve, Elsewhere, "--instead-of", ServerProcess.PublicUrl)).Errors, StringComparison.Ordinal);
        // The old address is now another's, the new one is written with or without the slash, and the option may stay in the unit's file.
        Assert.StartsWith($"This database is the service at {Elsewhere}, which", (await Run(serve, ServerProcess.PublicUrl)).Errors, StringComparison.Ordinal);
        Assert.StartsWith("Cannot listen on", (await Run(serve, Elsewhere + "/", "--instead-of", ServerProcess.PublicUrl)).Errors, StringComparison.Ordinal);
        Assert.StartsWith("Cannot listen on", (await Run(serve, Elsewhere)).Errors, StringComparison.Ordinal);
    }
}
