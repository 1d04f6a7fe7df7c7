using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Manzil.Register;
using Npgsql;

namespace Manzil.Tests.Databases;

// A PostgreSQL of our own: its own data folder, socket folder and port, never Debian's cluster.
// A small shell holds it and reads a pipe from this process. When this process ends, however it
// ends, the pipe closes and the shell stops the server and removes the folder.
public sealed class PostgresServer : IAsyncDisposable
{
    public const string NotInstalled = "PostgreSQL is not installed here; ./test installs it.";

    // Short and open to the postgres user, which TMPDIR need not be: a socket's path may have 107 bytes.
    const string Parent = "/tmp";
    const string Prefix = "manzil-postgres-";

    // Two roles, as an operator has them: who owns the tables, and as whom the service runs.
    const string Owner = "manzil_owner";
    const string Service = "manzil";

    // A process that has just been forked ignores the gentler signals, hence until it is gone.
    const string Keeper = """
        folder=$1
        shift
        exec 2>>"$folder/log"
        "$@" >&2 </dev/null &
        postmaster=$!
        echo $postmaster
        trap '' HUP INT TERM
        signal_until_gone() {
          while grep -q '^State:.[^Z]' /proc/$postmaster/status; do kill -$1 $postmaster; sleep 0.05; done
        }
        read -r how || how=end
        case $how in
          stop) signal_until_gone INT ;;
          kill) kill -KILL $postmaster $(cat /proc/$postmaster/task/$postmaster/children) ;;
          *) signal_until_gone QUIT ;;
        esac
        wait $postmaster
        [ "$how" != end ] || rm -rf "$folder"
        """;

    const string Remover = """
        pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$1/" && kill -QUIT "$pid"
        rm -rf "$1" 2>/dev/null
        true
        """;

    static readonly string? Programs = FindPrograms();
    static readonly bool IsRoot = Environment.UserName == "root";
    static readonly string[] AsPostgres = IsRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : [];
    static readonly Lazy<Task<PostgresServer>> Shared = new(() => StartPrivateAsync(durable: false));
    static int started;

    readonly string folder;
    readonly bool durable;
    readonly Lazy<Task<string>> prepared, movable;
    int databases;
    Process? keeper;

    PostgresServer(string folder, bool durable)
    {
        this.folder = folder;
        this.durable = durable;
        prepared = new Lazy<Task<string>>(() => PrepareAsync(movableClock: false));
        movable = new Lazy<Task<string>>(() => PrepareAsync(movableClock: true));
    }

    public static bool IsInstalled => Programs is not null;

    // Where CI is set nothing may be skipped.
    public static bool MustBeInstalled => Environment.GetEnvironmentVariable("CI") == "true";

    public int Port { get; private set; }

    public string LogFile => Path.Combine(folder, "log");

    string DataFolder => Path.Combine(folder, "data");

    // The superuser's connection; Manzil itself runs as a role that owns nothing, at UrlOf.
    public string AdminConnectionString => ConnectionString("postgres", "postgres");

    // One server a test run, which nobody stops. It forgets what it wrote when the machine's power fails, and is the faster for it.
    public static Task<PostgresServer> SharedAsync()
    {
        SkipUnlessInstalled();
        return Shared.Value;
    }

    // A server for one test, which may stop, kill and start it.
    public static async Task<PostgresServer> StartPrivateAsync(bool durable = true)
    {
        SkipUnlessInstalled();
        await RemoveStaleAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref started)}");
        var server = new PostgresServer(Path.Combine(Parent, name), durable);
        await server.InitializeAsync();
        await server.StartAsync();
        await RunSqlAsync(server.AdminConnectionString, $"CREATE ROLE {Owner} LOGIN; CREATE ROLE {Service} LOGIN");
        // As docs/operating.md has a superuser do in a new database: every database here is copied from this one.
        await RunSqlAsync(server.ConnectionString("template1", "postgres") + ";Pooling=false", ServiceRole.NoLargeObjects);
        return server;
    }

    // A new database with the tables of this version, and the connection string of their owner: to look and to tamper past Manzil.
    public async Task<string> CreateDatabaseAsync(bool movableClock = false) => await CopyAsync(await (movableClock ? movable : prepared).Value, NextName());

    // A database as PostgreSQL makes it, without tables.
    public async Task<string> CreateEmptyDatabaseAsync()
    {
        var name = NextName();
        await RunSqlAsync(AdminConnectionString, $"CREATE DATABASE {name} OWNER {Owner}");
        return ConnectionString(name, Owner);
    }

    // What belongs to the database and not to its tables is not copied.
    public async Task<string> CopyAsync(string template, string name)
    {
        await RunSqlAsync(AdminConnectionString, $"CREATE DATABASE {name} TEMPLATE {template} OWNER {Owner}");
        await RunSqlAsync(AdminConnectionString, $"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC");
        return ConnectionString(name, Owner);
    }

    // Copied for each test: the scripts run once.
    async Task<string> PrepareAsync(bool movableClock)
    {
        var owner = await CreateEmptyDatabaseAsync();
        await using var database = Database.At(OwnerUrlOf(owner), "");
        await ServiceRole.PrepareAsync(database, Service, TestService.Start, movableClock);
        return new NpgsqlConnectionStringBuilder(owner).Database!;
    }

    string NextName() => string.Create(CultureInfo.InvariantCulture, $"manzil_{Interlocked.Increment(ref databases)}");

    public async Task DropDatabaseAsync(string connectionString)
    {
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await RunSqlAsync(AdminConnectionString, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    // The same place as manzil's --database takes it: as the role of the service.
    public static string UrlOf(string connectionString) => UrlOf(connectionString, Service);

    // As 'manzil database prepare' takes it.
    public static string OwnerUrlOf(string connectionString) => UrlOf(connectionString, Owner);

    public static string UrlOf(string connectionString, string role)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return string.Create(CultureInfo.InvariantCulture, $"postgres://{role}@{parts.Host}:{parts.Port}/{parts.Database}");
    }

    // The database as pg_dump writes it: every table, row and column in plain SQL.
    public async Task<string> DumpAsync(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return await RunAsync([
            Program("pg_dump"), "--host=127.0.0.1", $"--port={Port}", "--username=postgres", "--no-password", "--inserts", parts.Database!]);
    }

    // Starts it on its port, also again after StopAsync or KillAsync, as a service manager would.
    public async Task StartAsync()
    {
        for (var attempt = 1; !await TryStartAsync(); attempt++)
        {
            var log = await File.ReadAllTextAsync(LogFile);
            // Between choosing a port and binding it, somebody else may have taken it.
            if (attempt == 5 || !log.Contains("Address already in use", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"PostgreSQL did not start:\n{log}");
            }

            File.Delete(LogFile);
            Port = 0;
        }
    }

    // An orderly stop: connections are ended, what was committed is written.
    public Task StopAsync() => EndKeeperAsync("stop");

    // SIGKILL to every process of the server at once.
    public Task KillAsync() => EndKeeperAsync("kill");

    public async ValueTask DisposeAsync()
    {
        if (keeper is null)
        {
            Directory.Delete(folder, recursive: true);
        }
        else
        {
            await EndKeeperAsync("end");
        }
    }

    static void SkipUnlessInstalled()
    {
        if (IsInstalled)
        {
            return;
        }

        if (MustBeInstalled)
        {
            throw new InvalidOperationException(NotInstalled);
        }

        Assert.Skip(NotInstalled);
    }

    static string? FindPrograms() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
                .Where(bin => File.Exists(Path.Combine(bin, "initdb")))
                .MaxBy(bin => int.Parse(bin.Split('/')[^2]))
            : null;

    static string Program(string name) => Path.Combine(Programs!, name);

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // A keeper that was itself killed leaves its server and folder behind.
    static async Task RemoveStaleAsync()
    {
        foreach (var left in Directory.GetDirectories(Parent, Prefix + "*"))
        {
            var owner = Path.GetFileName(left)[Prefix.Length..].Split('-')[0];
            if (!Directory.Exists($"/proc/{owner}"))
            {
                await RunAsync(["/bin/sh", "-c", Remover, "remover", left]);
            }
        }
    }

    async Task InitializeAsync()
    {
        Directory.CreateDirectory(folder);
        if (IsRoot)
        {
            await RunAsync(["chown", "postgres:postgres", folder]);
        }

        await RunAsync([
            .. AsPostgres, Program("initdb"), "--pgdata", DataFolder, "--username=postgres", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]);
    }

    async Task<bool> TryStartAsync()
    {
        if (keeper is not null)
        {
            throw new InvalidOperationException("The server is running already.");
        }

        Port = Port == 0 ? FreePort() : Port;
        string[] speed = durable ? [] : ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"];
        string[] server = [
            .. AsPostgres, Program("postgres"), "-D", DataFolder, "-k", folder, "-h", "127.0.0.1",
            "-p", Port.ToString(CultureInfo.InvariantCulture), "-c", "max_connections=300", .. speed];
        keeper = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Keeper, "keeper", folder, .. server])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        })!;
        var postmaster = await keeper.StandardOutput.ReadLineAsync();
        if (await AcceptsAsync($"/proc/{postmaster}/status"))
        {
            return true;
        }

        await EndKeeperAsync("stop");
        return false;
    }

    // Asked through our own socket folder: on the port a stranger may answer.
    async Task<bool> AcceptsAsync(string statusFile)
    {
        var socket = new NpgsqlConnectionStringBuilder(AdminConnectionString) { Host = folder, Pooling = false }.ConnectionString;
        var patience = Stopwatch.StartNew();
        // Ended, but not yet waited for: a zombie.
        while (patience.Elapsed < TimeSpan.FromMinutes(1)
            && !(await File.ReadAllTextAsync(statusFile)).Contains("State:\tZ", StringComparison.Ordinal))
        {
            try
            {
                await using var connection = new NpgsqlConnection(socket);
                await connection.OpenAsync();
                return true;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }

    async Task EndKeeperAsync(string how)
    {
        if (keeper is null)
        {
            throw new InvalidOperationException("The server is not running.");
        }

        await keeper.StandardInput.WriteLineAsync(how);
        keeper.StandardInput.Close();
        await keeper.WaitForExitAsync();
        keeper.Dispose();
        keeper = null;
    }

    string ConnectionString(string database, string role) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = database,
        Username = role,
    }.ConnectionString;

    static async Task RunSqlAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    static async Task<string> RunAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{command[0]} failed: {await errors}");
    }
}
