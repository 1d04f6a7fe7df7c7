using System.Diagnostics;
using System.Globalization;
using Manzil.Register;
using Manzil.Tests.Faults;
using Npgsql;

namespace Manzil.Tests.Databases;

// A real PgBouncer between the service and PostgreSQL: one that keeps a session's connection serves, any other is refused at the start.
public sealed class PoolerTests
{
    [Theory]
    [InlineData("transaction")]
    [InlineData("statement")]
    public async Task Start_BehindAPoolerThatKeepsNoSession_IsRefusedInOneSentence(string mode)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await (await Population.OpenCoreAsync(database.DataFolder, database.Argument)).DisposeAsync();
        await using var pooler = await Pooler.StartAsync(database, mode);
        foreach (var command in (string[][])[["serve", "--urls", "http://127.0.0.1:1"], ["worker", "code", "--card", "FC9000001"]])
        {
            var (code, output, errors) = await ServerProcess.RunAsync([.. command, .. ServerProcess.Where(database.DataFolder, pooler.Url)]);
            Assert.Equal((1, "", SessionCheck.Sentence + "\n"), (code, output, errors));
        }
    }

    [Fact]
    public async Task Start_BehindAPoolerThatKeepsSessions_Serves()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var pooler = await Pooler.StartAsync(database, "session");
        await using var server = await ServerProcess.StartAsync(database.DataFolder, pooler.Url);
        var people = await Population.CreateAsync(database.DataFolder, database.Argument, await database.OpenAsync(), 2);
        Assert.Equal(10, (await Load.GiveAsync(server, people, 10)).Count(sent => sent.Receipt is not null));
    }

    // It was set to another mode while the service ran: the service cannot do its work, and is not to say that it failed in itself.
    [Fact]
    public async Task Serve_PoolerThatKeepsSessionsNoMore_IsUnavailableAndNotBroken()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var pooler = await Pooler.StartAsync(database, "session");
        await using var server = await ServerProcess.StartAsync(database.DataFolder, pooler.Url);
        await pooler.RestartAsync("transaction");
        var answers = new List<int>();
        for (var i = 0; i < 40; i++)
        {
            foreach (var path in (string[])["/health/ready", "/status", "/log/checkpoint"])
            {
                using var answer = await server.GetAsync(path);
                answers.Add((int)answer.StatusCode);
            }
        }

        Assert.All(answers, status => Assert.True(status is 200 or 503, $"{status}"));
        Assert.Equal(200, (int)(await server.GetAsync("/health/live")).StatusCode);
    }

    // PgBouncer in a folder of its own; not as root, which it refuses to be.
    sealed class Pooler : IAsyncDisposable
    {
        readonly string folder;
        readonly int port;
        readonly NpgsqlConnectionStringBuilder behind;
        Process process = null!;

        Pooler(string folder, int port, NpgsqlConnectionStringBuilder behind) => (this.folder, this.port, this.behind) = (folder, port, behind);

        public string Url => PostgresServer.UrlOf(new NpgsqlConnectionStringBuilder(behind.ConnectionString) { Port = port }.ConnectionString);

        public static async Task<Pooler> StartAsync(TestDatabase database, string mode)
        {
            Assert.SkipUnless(File.Exists("/usr/sbin/pgbouncer") || PostgresServer.MustBeInstalled, "PgBouncer is not installed here; ./test installs it.");
            var pooler = new Pooler(Directory.CreateTempSubdirectory("manzil-test-").FullName, ServerProcess.FreePort(), new NpgsqlConnectionStringBuilder(database.ConnectionString));
            File.SetUnixFileMode(pooler.folder, (UnixFileMode)0b111_101_101);
            await pooler.BeginAsync(mode);
            return pooler;
        }

        public async Task RestartAsync(string mode)
        {
            await EndAsync();
            await BeginAsync(mode);
        }

        async Task BeginAsync(string mode)
        {
            var settings = Path.Combine(folder, "pgbouncer.ini");
            await File.WriteAllTextAsync(settings, string.Create(CultureInfo.InvariantCulture, $"""
                [databases]
                {behind.Database} = host=127.0.0.1 port={behind.Port} user={new Uri(Url).UserInfo}
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {port}
                unix_socket_dir =
                auth_type = any
                pool_mode = {mode}
                default_pool_size = 40
                ignore_startup_parameters = extra_float_digits, search_path

                """));
            string[] command = Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "/usr/sbin/pgbouncer", settings] : ["/usr/sbin/pgbouncer", settings];
            process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
            var said = new System.Text.StringBuilder();
            while (await process.StandardError.ReadLineAsync() is { } line)
            {
                said.AppendLine(line);
                if (!line.Contains("process up", StringComparison.Ordinal)) continue;
                // Read on, so that it never waits for somebody who reads.
                _ = process.StandardError.ReadToEndAsync();
                return;
            }

            throw new InvalidOperationException($"PgBouncer did not start: {said}");
        }

        async Task EndAsync()
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
