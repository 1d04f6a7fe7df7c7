using Manzil.Register;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Register;

/// <summary>The keys of a deployment sign for its own database: a command that was not told where that is makes none beside them.</summary>
public sealed class OtherDatabaseTests
{
    internal static readonly string[][] Commands =
    [
        ["worker", "enrol", "--card", "FC9000001", "--name", "Aziz Rahimov", "--document", "UZB|AA1234567|1990-05-17"],
        ["worker", "code", "--card", "FC9000001"],
        ["staff", "invite", "Anna", "--number", "7", "--role", "lead-reviewer", "--office", "NRV-01"],
        ["staff", "dismiss", "--number", "7"],
        ["staff", "role", "--number", "7", "--role", "clerk"],
        ["staff", "list"],
        ["outage", "record", "2026-01-05", "2026-01-05", "--reason", "No power."],
        ["log", "reopen"],
        ["serve", "--urls", "http://127.0.0.1:1"],
    ];

    [Fact]
    public async Task Run_EachCommandWithoutDatabase_BesideTheKeysOfPostgres_RefusesAndMakesNothing()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        await service.EnrolAsync();
        var folder = service.DataFolder;
        foreach (var command in Commands) await RefusedAsync(folder, command);
    }

    // A further node has the keys before it has anything else.
    [Fact]
    public async Task Run_WithoutDatabase_WhereOnlyTheKeysWereCopied_RefusesAndMakesNothing()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        var folder = Directory.CreateTempSubdirectory("manzil-test-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var key in (string[])["statement-key.pem", "log-key.txt"]) File.Copy(Path.Combine(service.DataFolder, "keys", key), Path.Combine(folder, "keys", key));
        await RefusedAsync(folder, Commands[0]);
        Directory.Delete(folder, recursive: true);
    }

    // Said by name it is what somebody wants.
    [Fact]
    public async Task Run_SaidByName_BeginsOneWithKeysMadeBeforehand()
    {
        await using var made = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await (await Core.OpenAsync(Settings(made.DataFolder))).DisposeAsync();
        foreach (var file in Directory.GetFiles(made.DataFolder, "manzil.db*").Append(Path.Combine(made.DataFolder, "keys", "published-checkpoint"))) File.Delete(file);
        await RefusedAsync(made.DataFolder, Commands[0]);
        await (await ServerProcess.StartAsync(made.DataFolder, "sqlite")).DisposeAsync();
        Assert.True(File.Exists(Path.Combine(made.DataFolder, "manzil.db")));
    }

    static ServiceSettings Settings(string folder) =>
        new() { DataFolder = folder, Database = "sqlite", RulesFile = ServiceOptions.DemoRules, PublicUrl = new Uri(ServerProcess.PublicUrl) };

    static async Task RefusedAsync(string folder, string[] command)
    {
        var before = Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order().ToList();
        var (code, output, errors) = await ServerProcess.RunAsync([.. command, "--data", folder, "--rules", ServiceOptions.DemoRules, "--public-url", ServerProcess.PublicUrl]);
        Assert.Equal((2, ""), (code, output));
        var said = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"The keys in {Path.Combine(folder, "keys")} belong to a service whose database is not in {folder}: add --database postgres://", said);
        Assert.Equal(before, Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order());
    }
}
