using System.Diagnostics;

namespace Manzil.Tests;

/// <summary>The first ./run takes minutes: the script says what it is doing, step by step (found.md 28). The compiler is a stand-in that does nothing.</summary>
public sealed class FirstBuildTests : IDisposable
{
    // As dotnet answers the script, and as a program that was built says what it was started with.
    const string Dotnet = """
        #!/bin/sh
        case $1 in
          --list-sdks) echo '10.0.100 [/usr/share/dotnet/sdk]' ;;
          restore) echo 'words of the restore' ;;
          publish)
            echo 'words of the compiler'
            [ -z "$BROKEN" ] || exit 1
            while [ "$1" != -o ]; do shift; done
            : >"$2/manzil.dll" ;;
          *) echo "started with: $2" ;;
        esac
        """;

    readonly string _tree = Directory.CreateTempSubdirectory("manzil-test-").FullName;

    public FirstBuildTests()
    {
        foreach (var file in new[] { "manzil", "tools/need.sh" }) Copy(file, Write(file, ""));
        foreach (var file in new[] { "src/Manzil/Program.cs", "rules/demo.json", "global.json", "BannedSymbols.txt", "Directory.Build.props", ".editorconfig" }) Write(file, "");
        foreach (var (name, text) in new[] { ("dotnet", Dotnet), ("node", "#!/bin/sh\necho v20.1.0"), ("npm", "#!/bin/sh") })
            File.SetUnixFileMode(Write("stand-ins/" + name, text), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => Directory.Delete(_tree, recursive: true);

    [Fact]
    public async Task Script_TheFirstTime_SaysEachStepAndNothingMoreTheNextTime()
    {
        var (code, output, said) = await RunAsync();
        Assert.Equal((0, "started with: help\n"), (code, output));
        Assert.Equal(5, said.Length);
        Assert.Equal("Building Manzil. The first time this takes some minutes: it fetches what it is built from, and compiles.", said[0]);
        Assert.Equal("  1 of 2: fetching the libraries that it is built from ...", said[1]);
        Assert.Equal("  2 of 2: compiling the program, its pages and its style ...", said[3]);
        foreach (var done in new[] { said[2], said[4] }) Assert.Matches("^ +done in [0-9]+ s$", done);

        (code, output, said) = await RunAsync();
        Assert.Equal((0, "started with: help\n"), (code, output));
        Assert.Empty(said);
    }

    [Fact]
    public async Task Script_BuildFails_ShowsTheErrorsAndSaysSo()
    {
        var (code, output, said) = await RunAsync(isBroken: true);
        Assert.Equal((2, ""), (code, output));
        Assert.Equal("  2 of 2: compiling the program, its pages and its style ...", said[3]);
        Assert.Equal(["words of the compiler", "Manzil could not be built: the errors are above."], said[4..]);
    }

    async Task<(int Code, string Output, string[] Said)> RunAsync(bool isBroken = false)
    {
        var start = new ProcessStartInfo("/bin/bash", [Path.Combine(_tree, "manzil"), "help"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = Path.Combine(_tree, "stand-ins") + ":/usr/bin:/bin";
        start.Environment["BROKEN"] = isBroken ? "yes" : "";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    static void Copy(string file, string to) => File.Copy(Path.Combine(Repository.Root, file), to, overwrite: true);

    string Write(string file, string text)
    {
        var path = Path.Combine(_tree, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
