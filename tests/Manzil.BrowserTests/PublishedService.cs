using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Manzil.BrowserTests;

/// <summary>The demo as ./run starts it: the published program, on a free port, with a data folder of its own.</summary>
public sealed partial class PublishedService : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly string _program;
    readonly string _folder;
    readonly string _rules;
    Process _process;
    readonly SemaphoreSlim _oneAtATime = new(1);
    int _enrolled;

    PublishedService(string program, string folder, string rules, Process process, string url)
    {
        _program = program;
        _folder = folder;
        _rules = rules;
        _process = process;
        Url = url;
    }

    /// <summary>Origin without a slash at the end. Passkeys work on localhost, not on 127.0.0.1.</summary>
    public string Url { get; }

    /// <param name="change">What is different in the demo's rules.</param>
    public static async Task<PublishedService> StartAsync(Action<JsonNode>? change = null)
    {
        var program = await PublishAsync();
        var folder = Directory.CreateTempSubdirectory("manzil-browser-").FullName;
        var rules = Path.Combine(Path.GetDirectoryName(program)!, "rules", "demo.json");
        if (change is not null)
        {
            var changed = JsonNode.Parse(await File.ReadAllTextAsync(rules))!;
            change(changed);
            rules = Path.Combine(folder, "rules.json");
            await File.WriteAllTextAsync(rules, changed.ToJsonString());
        }

        // The port is free when it is looked up; should another take it meanwhile, another is tried.
        for (var attempt = 1; ; attempt++)
        {
            var url = $"http://localhost:{FreePort()}";
            var (process, said) = await ServeAsync(program, folder, rules, url);
            if (process is not null) return new PublishedService(program, folder, rules, process, url);
            if (attempt == 3) throw new InvalidOperationException($"The service did not start: {said}");
        }
    }

    /// <summary>As if everyone had signed in a while ago: what was shown then no longer counts as fresh.</summary>
    public async Task MakeSessionsStaleAsync()
    {
        await StopAsync();
        await using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder, "manzil.db"), Pooling = false }.ToString()))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "update session set fresh_until = 0";
            Assert.NotEqual(0, await command.ExecuteNonQueryAsync());
        }

        // What a node remembers of a session for some seconds ends with it.
        var (process, said) = await ServeAsync(_program, _folder, _rules, Url);
        _process = process ?? throw new InvalidOperationException($"The service did not start again: {said}");
    }

    /// <summary>A worker whom nobody else signs in as, enrolled the way a place without a desk does it.</summary>
    public async Task<Worker> EnrolAsync(string language = "en", bool hasPhone = true, string? born = null, string name = Worker.Name)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            var n = ++_enrolled;
            var worker = new Worker($"FC77{n:D5}", "", $"UZB|AB{n:D7}|{born ?? $"1991-03-0{n % 9 + 1}"}", hasPhone ? $"+7999{n:D7}" : null);
            var slip = await RunAsync(
                0,
                [
                    "worker", "enrol", "--card", worker.CardNumber, "--name", name, "--document", worker.Document, "--language", language,
                    .. worker.Phone is { } phone ? (string[])["--phone", phone] : [], "--data", _folder, "--rules", _rules, "--public-url", Url,
                ]);
            return worker with { ActivationCode = ActivationCode().Match(slip).Groups[1].Value };
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>The one-time link that signs in as the demo's first officer of this role.</summary>
    public async Task<string> OfficerLinkAsync(string role)
    {
        using var credentials = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "demo-credentials.json")));
        return credentials.RootElement.GetProperty("staff").EnumerateArray().First(s => s.GetProperty("role").GetString() == role).GetProperty("signInUrl").GetString()!;
    }

    /// <summary>Invites an officer as the operator does; the path of the one-time link.</summary>
    public async Task<string> InviteAsync(string name, string number, string role)
    {
        var said = await RunAsync(
            0, "staff", "invite", name, "--number", number, "--role", role, "--office", "NRV-01",
            "--data", _folder, "--rules", _rules, "--public-url", Url);
        return InvitationPath().Match(said).Value;
    }

    /// <summary>Signs an officer in who was invited and agreed to, as rows; the value of their cookie.</summary>
    public Task<string> StaffAsync(string number, string role, string language) => SessionAsync(
        // The demo's clock may be ahead of this machine's: the session counts as begun and used just now by either.
        """
        insert into staff (number, name, role, office, language, invited_at)
          select @number, 'Officer', @role, 'NRV-01', @language, 1 where not exists (select 1 from staff where number = @number);
        insert into staff_change (staff_id, what, role, changed_at) select id, 'invited', role, 1 from staff where number = @number and agreed_at is null;
        insert into staff_change (staff_id, what, role, by_staff_id, changed_at)
          select s.id, 'agreed', s.role, (select min(l.id) from staff l where l.role = 'lead-reviewer' and l.agreed_at is not null and l.dismissed_at is null), 1
          from staff s where s.number = @number and s.agreed_at is null;
        update staff set agreed_at = 1, agreed_by = (select c.by_staff_id from staff_change c where c.staff_id = staff.id order by c.id desc limit 1)
          where number = @number and agreed_at is null;
        insert into staff_session (token_hash, staff_id, created_at, last_used_at) values (@hash, (select id from staff where number = @number), @later, @later);
        """,
        ("@number", number), ("@role", role), ("@language", language));

    /// <summary>A worker's session that outlasts the days which the demo's clock skips, with a code just shown.</summary>
    public Task<string> SessionAsync(Worker worker) => SessionAsync(
        "insert into session (token_hash, worker_id, kind, created_at, last_used_at, expires_at, fresh_until) select @hash, id, 'browser', 1, 1, @later, @later from worker where card_number = @card",
        ("@card", worker.CardNumber));

    async Task<string> SessionAsync(string sql, params (string Name, string Value)[] values)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder, "manzil.db"), Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "pragma busy_timeout = 10000; " + sql;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        command.Parameters.AddWithValue("@hash", SHA256.HashData(secret));
        // The year 2999.
        command.Parameters.AddWithValue("@later", 32_472_144_000_000);
        await command.ExecuteNonQueryAsync();
        return Base64Url.EncodeToString(secret);
    }

    /// <summary>Runs the program with these arguments; what it wrote, errors too, once it ended with the exit code expected.</summary>
    public async Task<string> RunAsync(int exitCode, params string[] arguments)
    {
        using var process = Start("dotnet", [_program, .. arguments]);
        var text = await EndAsync(process);
        Assert.True(process.ExitCode == exitCode, $"manzil {string.Join(' ', arguments)} ended with {process.ExitCode}: {text}");
        return text;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _oneAtATime.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    async Task StopAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    static async Task<(Process? Process, string Said)> ServeAsync(string program, string folder, string rules, string url)
    {
        var process = Start("dotnet", program, "serve", "--demo", "--urls", url, "--data", folder, "--rules", rules);
        var (ready, said) = await ReadyAsync(process);
        if (ready) return (process, said);
        process.Dispose();
        return (null, said);
    }

    /// <summary>MANZIL_PUBLISHED names a manzil.dll; otherwise the script ./manzil publishes one unless its sources are unchanged.</summary>
    static async Task<string> PublishAsync()
    {
        if (Environment.GetEnvironmentVariable("MANZIL_PUBLISHED") is { Length: > 0 } given) return given;
        using var build = Start(Path.Combine(Repository.Root, "manzil"), "help");
        var said = await EndAsync(build);
        if (build.ExitCode != 0) throw new InvalidOperationException($"The service could not be published: {said}");
        return Path.Combine(Repository.Root, "artifacts", "manzil", "manzil.dll");
    }

    static Process Start(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // The service runs as it does for people, not as the test platform configures its own children.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || k.StartsWith("TESTINGPLATFORM_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    static async Task<string> EndAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(10));
        return await output + await errors;
    }

    static async Task<(bool Ready, string Said)> ReadyAsync(Process process)
    {
        var said = new StringBuilder();
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Hear(object? sender, DataReceivedEventArgs e)
        {
            lock (said) said.AppendLine(e.Data);
            if (e.Data?.Contains("Ctrl+C", StringComparison.Ordinal) == true) ready.TrySetResult(true);
        }

        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ready.TrySetResult(false);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var isReady = await ready.Task.WaitAsync(Patience);
        lock (said) return (isReady, said.ToString());
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("/staff/invitation/[A-Za-z0-9_-]{43}", RegexOptions.None, 5000)]
    private static partial Regex InvitationPath();

    [GeneratedRegex(@"Activation code\s+(\S+)", RegexOptions.None, 5000)]
    private static partial Regex ActivationCode();
}

/// <summary>What a worker has in hand; <paramref name="Document"/> as STATE|NUMBER|BIRTH-DATE.</summary>
public sealed record Worker(string CardNumber, string ActivationCode, string Document, string? Phone)
{
    public const string Name = "Aziz Rahimov";

    public DateOnly BirthDate => DateOnly.ParseExact(Document.Split('|')[2], "yyyy-MM-dd");
}
