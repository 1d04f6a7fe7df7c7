using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Manzil.Register;

namespace Manzil.Tests;

// The real program as a process: exit codes 0 yes, 1 no, 2 wrong usage; an error is one sentence on stderr.
public sealed class CommandLineTests : IDisposable
{
    static readonly string Rules = Path.Combine(Repository.Root, "rules", "demo.json");
    readonly string folder = Directory.CreateTempSubdirectory("manzil-command-").FullName;

    [Theory]
    [InlineData("")]
    [InlineData("help")]
    [InlineData("--help")]
    [InlineData("serve --help")]
    [InlineData("worker enrol --help")]
    [InlineData("worker code --help")]
    [InlineData("staff --help")]
    [InlineData("staff invite --help")]
    [InlineData("receipt verify --help")]
    [InlineData("log audit --help")]
    [InlineData("log reopen --help")]
    [InlineData("privacy inventory --help")]
    [InlineData("calendar add --help")]
    public async Task Run_Help_AnswersOnStdout(string arguments)
    {
        var (code, output, error) = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((0, ""), (code, error));
        Assert.True(output.Length > 200, output);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("serve --nonsense")]
    [InlineData("serve")]
    [InlineData("serve --rules RULES")]
    [InlineData("serve --rules RULES --public-url manzil.example")]
    [InlineData("serve --demo --urls nowhere")]
    [InlineData("serve --demo --urls http://0.0.0.0:8199")]
    [InlineData("serve --demo --trusted-proxy somewhere")]
    [InlineData("worker enrol")]
    [InlineData("worker code --rules RULES --public-url https://manzil.example")]
    [InlineData("worker code --card FC1 --document UZB|AA1|1990-05-17 --rules RULES --public-url https://manzil.example")]
    [InlineData("worker code --document AA1 --rules RULES --public-url https://manzil.example")]
    [InlineData("staff invite")]
    [InlineData("staff invite X --number 1 --role chief --office NRV-01 --rules RULES --public-url http://localhost:8199")]
    [InlineData("privacy inventory")]
    [InlineData("receipt verify")]
    [InlineData("receipt verify MNZ1:ABC")]
    [InlineData("receipt verify no-such-file --keys no-such-keys")]
    [InlineData("log audit no-such-folder --keys no-such-keys")]
    [InlineData("calendar add 2026-03-02 ten --rules RULES")]
    [InlineData("calendar add 2026-03-02 10")]
    public Task Run_WrongUsage_Is2AndOneSentence(string arguments) =>
        FailsAsync(2, arguments.Replace("RULES", Rules, StringComparison.Ordinal).Split(' '));

    [Fact]
    public async Task Run_WrongUsage_SaysWhatIsMissing()
    {
        Assert.Contains("--rules FILE", await FailsAsync(2, "serve", "--public-url", "https://manzil.example"));
        Assert.Contains("--public-url", await FailsAsync(2, "serve", "--rules", Rules));
        Assert.Contains("--card", await FailsAsync(2, "worker", "enrol"));
        Assert.Contains("manzil help", await FailsAsync(2, "nonsense"));
    }

    // The word that was typed, what is taken there, and the command that explains it: never a name of the program's own.
    [Theory]
    [InlineData("bogus", "'manzil' has no command 'bogus'. Run 'manzil help' to see what there is.")]
    [InlineData("serv --demo", "'manzil' has no command 'serv'. Did you mean 'serve'? Run 'manzil help' to see what there is.")]
    [InlineData("worker", "'manzil worker' is followed by one of: enrol, code. 'manzil worker --help' explains it.")]
    [InlineData("worker enroll --card 1", "'manzil worker' has no command 'enroll'. Did you mean 'enrol'? 'manzil worker --help' explains it.")]
    [InlineData("worker enrol", "'manzil worker enrol' needs --card NUMBER (number on the foreign citizen's card). 'manzil worker enrol --help' explains it.")]
    [InlineData("staff invite", "'manzil staff invite' needs NAME: name, as colleagues know it. 'manzil staff invite --help' explains it.")]
    [InlineData("help bogus", "'manzil' has no command 'bogus'. Run 'manzil help' to see what there is.")]
    [InlineData("help worker bogus", "'manzil worker' has no command 'bogus'. 'manzil worker --help' explains it.")]
    [InlineData("simulate --people abc --days 3", "--people is a whole number from 1 to 1000000, not 'abc'. 'manzil simulate --help' explains it.")]
    [InlineData("simulate --people 10 --days 1.5", "--days is a whole number from 1 to 3660, not '1.5'. 'manzil simulate --help' explains it.")]
    [InlineData("simulate --people 10 --days 99999999999", "--days is a whole number from 1 to 3660, not '99999999999'. 'manzil simulate --help' explains it.")]
    [InlineData("simulate --people 10 --days 1 --seed x", "--seed is a whole number from 0 to 2147483647, not 'x'. 'manzil simulate --help' explains it.")]
    [InlineData("simulate --people", "'manzil simulate' needs --days N (how many days, 1 to 3,660). 'manzil simulate --help' explains it.")]
    [InlineData("simulate --peple 3 --days 2", "'manzil simulate' has no option '--peple'. Did you mean '--people'? 'manzil simulate --help' explains it.")]
    [InlineData("calendar add 2026-03-02 3 4", "'manzil calendar add' takes nothing more where '4' stands. 'manzil calendar add --help' explains it.")]
    public async Task Run_Mistyped_SaysWhichWordAndWhatIsTakenThere(string arguments, string said) =>
        Assert.Equal(said, (await FailsAsync(2, arguments.Split(' '))).TrimEnd());

    // Not after hours of work.
    [Theory]
    [InlineData("/no-such-folder/curves.svg")]
    [InlineData("/proc")]
    public async Task Simulate_PictureThatCannotBeWritten_SaysSoBeforeItBegins(string path) =>
        Assert.Equal(
            $"The picture cannot be written to {path}: name a file in a folder that is there and that you may write in (--svg curves.svg).",
            (await FailsAsync(1, "simulate", "--people", "1000000", "--days", "3660", "--svg", path)).TrimEnd());

    [Fact]
    public async Task Simulate_DigitsOfAnotherScript_AreTheirValue() => Assert.Equal(0, (await RunAsync(["simulate", "--people", "٣", "--days", "२"])).Code);

    [Fact]
    public async Task Simulate_Picture_HasAnAxisOfDatesAndScales()
    {
        var picture = Path.Combine(folder, "curves.svg");
        Assert.Equal(0, (await RunAsync(["simulate", "--people", "30", "--days", "100", "--svg", picture])).Code);
        var texts = System.Xml.Linq.XDocument.Load(picture).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToList();
        Assert.Equal(["2026-04-01", "2026-05-01", "2026-06-01"], texts.Where(t => t.StartsWith("2026-", StringComparison.Ordinal)));
        // Each of the four begins at nothing and goes up to its highest day.
        Assert.Equal(4, texts.Count(t => t == "0"));
        var most = texts.Where(t => t.Contains(", at most ", StringComparison.Ordinal)).Select(t => int.Parse(t.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(4, most.Count);
        Assert.Contains(texts, t => int.TryParse(t, out var number) && number >= most.Max());
    }

    [Fact]
    public async Task Help_OfACommand_IsItsOwnHelp()
    {
        var asked = await RunAsync(["help", "worker", "code"]);
        Assert.Equal(await RunAsync(["worker", "code", "--help"]), asked);
        Assert.Equal(0, asked.Code);
    }

    [Fact]
    public async Task Serve_BadRules_Is1WithTheLine()
    {
        var rules = Path.Combine(folder, "rules.json");
        await File.WriteAllTextAsync(rules, "{\n  \"code\": \"EXAMPLE\",\n  \"nonsense\": 1\n}\n", TestContext.Current.CancellationToken);
        var error = await FailsAsync(1, "serve", "--data", folder, "--rules", rules, "--public-url", "https://manzil.example");
        Assert.Contains(rules, error);
        Assert.Contains("3", error[(error.IndexOf(rules, StringComparison.Ordinal) + rules.Length)..]);
    }

    [Fact]
    public async Task Serve_KeyThatOthersCanRead_Is1()
    {
        var key = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "keys")).FullName, "statement-key.pem");
        await File.WriteAllTextAsync(key, "x", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600 " + key, await FailsAsync(1, "serve", "--demo", "--data", folder, "--database", "sqlite", "--urls", "http://localhost:8199"));
    }

    // /proc takes no files from anybody, also not from root.
    [Fact]
    public async Task Serve_DataFolderThatCannotBeWritten_Is1() =>
        Assert.Contains("/proc/manzil", await FailsAsync(1, "serve", "--demo", "--data", "/proc/manzil", "--urls", "http://localhost:8199"));

    [Fact]
    public async Task Serve_DatabaseThatDoesNotAnswer_Is1() =>
        Assert.Contains("database", await FailsAsync(1, "serve", "--demo", "--data", folder, "--database", "postgres://nobody@127.0.0.1:1/none"));

    [Fact]
    public async Task Serve_PortTaken_Is1AndNamesIt()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        Assert.Contains(url, await FailsAsync(1, "serve", "--demo", "--data", folder, "--urls", url));
    }

    [Fact]
    public async Task Calendar_YearNotCovered_Is1AndNamesIt() =>
        Assert.Contains("2041", await FailsAsync(1, "calendar", "add", "2040-12-30", "30", "--rules", Rules));

    [Fact]
    public async Task Calendar_CoveredYear_Is0()
    {
        var (code, output, error) = await RunAsync(["calendar", "add", "2026-03-02", "10", "--rules", Rules]);
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"^2026-\d\d-\d\d\n$", output);
    }

    [Fact]
    public async Task Simulate_SomeWeeks_PrintsEachRowAndDrawsTheCurves()
    {
        var svg = Path.Combine(folder, "curves.svg");
        var (code, output, error) = await RunAsync(["simulate", "--people", "20", "--days", "60", "--svg", svg]);
        Assert.Equal((0, ""), (code, error));
        foreach (var row in new[]
        {
            "people +20", "days +60", "notices +[1-9]", "reminders +[1-9]", "cases +[0-9]", "cases closed by the worker +[0-9]", "to be reached at the end +[0-9]",
            @"adverse acts that no people decided \(must be 0\) +0", @"cases without a delivered reminder \(must be 0\) +0", "seconds a simulated day +[0-9]", "rows a simulated day +[0-9]", "peak memory, MB +[1-9]",
        }) Assert.Matches($"(?m)^{row}", output);
        Assert.Equal(4, System.Xml.Linq.XDocument.Load(svg).Descendants().Count(e => e.Name.LocalName == "polyline"));
    }

    [Fact]
    public async Task Outage_RecordedThenAgain_Is0ThenNo()
    {
        string[] service = ["--data", folder, "--rules", Rules, "--public-url", "https://manzil.example"];
        await BeginAsync();
        string[] record = ["outage", "record", "2026-11-20", "2026-11-21", "--reason", "The SMS gateway was down", .. service];
        var (code, output, error) = await RunAsync(record);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("2026-11-20", output, StringComparison.Ordinal);
        Assert.Contains("recorded as outage days already", await FailsAsync(1, record));
        Assert.Contains("--reason", await FailsAsync(2, ["outage", "record", "2026-11-20", "2026-11-21", .. service]));
    }

    [Fact]
    public async Task Enrol_ThenAgain_Is0ThenNo()
    {
        string[] enrol = ["worker", "enrol", "--card", "FC1", "--name", "Aziz Rahimov", "--document", "UZB|AA1234567|1990-05-17",
            "--data", folder, "--rules", Rules, "--public-url", "https://manzil.example"];
        await BeginAsync();
        var (code, output, error) = await RunAsync(enrol);
        Assert.Equal((0, ""), (code, error));
        Assert.Matches("Activation code +[0-9A-Z]{5}-[0-9A-Z]{5}", output);
        Assert.Contains("enrolled already", await FailsAsync(1, enrol));
        Assert.Contains("nothing to reopen", await FailsAsync(1, "log", "reopen", "--data", folder, "--rules", Rules, "--public-url", "https://manzil.example"));
    }

    [Fact]
    public async Task Code_ForAnEnrolledWorker_PrintsASlipAndForNobodyIs1()
    {
        string[] service = ["--data", folder, "--rules", Rules, "--public-url", "https://manzil.example"];
        string[] enrol = ["worker", "enrol", "--card", "FC1", "--name", "Aziz Rahimov", "--document", "UZB|AA1234567|1990-05-17", .. service];
        string[] other = ["worker", "enrol", "--card", "FC2", "--name", "Gulnora Karimova", "--document", "UZB|AB7654321|1987-11-02", .. service];
        await BeginAsync();
        Assert.Equal(0, (await RunAsync(enrol)).Code);
        Assert.Equal(0, (await RunAsync(other)).Code);

        var (code, output, error) = await RunAsync(["worker", "code", "--card", "fc-1", "--end-sessions", .. service]);
        Assert.Equal((0, ""), (code, error));
        Assert.Matches("Activation code +[0-9A-Z]{5}-[0-9A-Z]{5}", output);
        Assert.Matches("Receipt +[0-9A-Z]{4}-[0-9A-Z]{5}-[0-9A-Z]{5}", output);
        (code, output, error) = await RunAsync(["worker", "code", "--document", "uzb|AA 1234567|1990-05-17", "--new-card", "FC9", .. service]);
        Assert.Equal((0, ""), (code, error));
        Assert.Matches("Card number +FC9\n", output);

        Assert.Contains("FC2", await FailsAsync(1, ["worker", "code", "--card", "FC9", "--new-card", "FC2", .. service]));
        Assert.Contains("FC1", await FailsAsync(1, ["worker", "code", "--card", "FC1", .. service]));
        // Another state's document with this number and birth date is nobody's.
        Assert.Contains("document", await FailsAsync(1, ["worker", "code", "--document", "TJK|AA1234567|1990-05-17", .. service]));
    }

    [Fact]
    public async Task Staff_FromTheFirstLeadReviewerOn_SaysWhatCountsNow()
    {
        string[] where = ["--data", folder, "--rules", Rules, "--public-url", "https://manzil.example"];
        await BeginAsync();
        async Task<string> Says(params string[] arguments)
        {
            var (code, output, error) = await RunAsync(["staff", .. arguments, .. where]);
            Assert.Equal((0, ""), (code, error));
            return output;
        }

        Assert.Contains("Nobody yet", await Says("list"));
        Assert.Contains("nobody can agree", await Says("invite", "Tavi Oster", "--number", "1002", "--role", "caseworker", "--office", "NRV-01"));
        var lead = await Says("invite", "Nera Quill", "--number", "1001", "--role", "lead-reviewer", "--office", "NRV-01", "--language", "ru");
        Assert.Matches("https://manzil.example/staff/invitation/[A-Za-z0-9_-]{43}\n", lead);
        Assert.Contains("the installation agrees", lead);
        var list = await Says("list");
        Assert.Matches("1001 +lead-reviewer +NRV-01 +agreed to, has no passkey yet +Nera Quill\n", list);
        Assert.Matches("1002 +caseworker +NRV-01 +invitation waits for a lead reviewer +Tavi Oster\n", list);
        Assert.Contains("once a lead reviewer has agreed", await Says("role", "--number", "1002", "--role", "clerk"));
        Assert.Contains("is the only lead reviewer", await FailsAsync(1, ["staff", "dismiss", "--number", "1001", .. where]));
        Assert.Contains("nobody can agree", await Says("dismiss", "--number", "1001", "--last"));
        Assert.Matches("1001 .*dismissed +Nera Quill\n", await Says("list"));
        Assert.Contains("Nobody works here under number 1001", await FailsAsync(1, ["staff", "dismiss", "--number", "1001", .. where]));
    }

    // As the first 'serve' does.
    async Task BeginAsync(string url = "https://manzil.example") =>
        await (await Core.OpenAsync(new ServiceSettings { DataFolder = folder, Database = "sqlite", RulesFile = Rules, PublicUrl = new Uri(url) })).DisposeAsync();

    static async Task<string> FailsAsync(int expected, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.True(code == expected, $"{code}: {error}{output}");
        var sentence = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("Exception", error + output);
        Assert.DoesNotContain("   at ", error + output);
        return sentence;
    }

    static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(typeof(Program).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }

        return (process.ExitCode, await output, await error);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
