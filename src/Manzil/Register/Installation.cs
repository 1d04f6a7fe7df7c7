using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Register;

/// <summary>One log origin of this installation, and the signer that speaks for it.</summary>
public sealed record OpenLog(int Number, string Origin, NoteSigner Signer);

/// <summary>A public key for statements, as keys.json publishes it.</summary>
public sealed record KeyRow
{
    public byte[] KeyId { get; init; } = [];
    public byte[] PublicKey { get; init; } = [];
    public long ValidFrom { get; init; }
    public long? ValidUntil { get; init; }
    public long? RevokedAt { get; init; }
}

public sealed record LogRow
{
    public int Number { get; init; }
    public string Origin { get; init; } = "";
    public string VerifierKey { get; init; } = "";
    public long OpenedAt { get; init; }
    public long? ClosedAt { get; init; }
    public string? LastCheckpoint { get; init; }
}

/// <summary>
/// Which installation this is: its keys, which belong to its database, and its logs. A node whose key files do not
/// match what the database recorded does not start.
/// </summary>
public sealed class Installation : IDisposable
{
    readonly Database _database;
    readonly NoteSigner _logKey;
    readonly ConcurrentDictionary<int, OpenLog> _logs = new();

    Installation(Database database, string issuer, StatementSigner statementSigner, NoteSigner logKey)
    {
        _database = database;
        Issuer = issuer;
        StatementSigner = statementSigner;
        _logKey = logKey;
    }

    public string Issuer { get; }

    public StatementSigner StatementSigner { get; }

    /// <summary>Opens the installation of a database, or makes it where the database is new.</summary>
    /// <param name="isClockMovable">True where another clock than the machine's is gone by, which a new database has to know.</param>
    public static async Task<Installation> OpenAsync(Database database, DataFolder folder, ServiceSettings settings, Instant now, bool isClockMovable)
    {
        var issuer = settings.Issuer;
        if (database.Kind == DatabaseKind.Postgres) await SessionCheck.CheckAsync(database);
        // The demo may make the schema on PostgreSQL by itself.
        var isOwner = database.Kind == DatabaseKind.Sqlite || (settings.Demo && await ServiceRole.MayOwnAsync(database));
        if (isOwner) await database.MigrateAsync(now);
        else await ServiceRole.CheckAsync(database);
        var origin = OriginOf(issuer);
        // Room for the numbers of logs to come.
        if (Encoding.UTF8.GetByteCount(origin) > PublishedCheckpoint.MaxOriginBytes - 8)
            throw new CommandLineException($"The public URL is too long to name a log: host and path may have {PublishedCheckpoint.MaxOriginBytes - 12} bytes.", 1);
        var known = (await ReadKeysAsync(database)).LastOrDefault();
        if (known is null && !settings.MayBegin)
            throw new CommandLineException("This database has no service yet: one begins with 'manzil serve', and with nothing else. Is it the database of 'manzil serve'?", 1);
        if (known is null && isOwner && isClockMovable) await MovableClock.NoteAsync(database, now);
        var statementPem = DataFolder.ReadPrivate(folder.StatementKey);
        var logKeyText = DataFolder.ReadPrivate(folder.LogKey);
        if (known is null)
        {
            if (statementPem is null)
            {
                using var fresh = StatementSigner.Generate();
                DataFolder.WritePrivate(folder.StatementKey, statementPem = fresh.ExportPem());
            }

            if (logKeyText is null)
            {
                using var fresh = NoteSigner.Generate(origin);
                DataFolder.WritePrivate(folder.LogKey, logKeyText = fresh.Encoded);
            }
        }

        if (statementPem is null || logKeyText is null)
        {
            var missing = statementPem is null ? folder.StatementKey : folder.LogKey;
            throw new CommandLineException($"The key file {missing} is missing: this database was made with a key, which this node needs. Copy it from the node that has it, mode 0600.", 1);
        }

        StatementSigner signer;
        NoteSigner logKey;
        try
        {
            signer = StatementSigner.FromPem(statementPem);
            logKey = NoteSigner.FromEncoded(logKeyText.Trim());
        }
        catch (Exception e) when (e is ReceiptFormatException or CryptographicException or ArgumentException)
        {
            throw new CommandLineException($"The key files in {folder.Keys} cannot be read as keys: {e.Message.ReplaceLineEndings(" ")}", 1);
        }

        if (known is null)
        {
            await InstallAsync(database, issuer, origin, signer, logKey, now);
            known = (await ReadKeysAsync(database))[^1];
        }

        var logs = await ReadLogsAsync(database);
        if (!signer.KeyId.AsSpan().SequenceEqual(known.KeyId))
            throw new CommandLineException($"The key in {folder.StatementKey} is not the one this database was made with: a node with other keys does not start.", 1);
        using (var ours = logKey.WithName(logs[^1].Origin))
        {
            if (ours.VerifierKey != logs[^1].VerifierKey)
                throw new CommandLineException($"The key in {folder.LogKey} is not the one this database was made with: a node with other keys does not start.", 1);
        }

        await CheckIssuerAsync(database, settings, now);
        return new Installation(database, issuer, signer, logKey);
    }

    /// <summary>Receipts name the issuer for ever: another one than the database's is a slip of the pen, unless its operator names the one before.</summary>
    static async Task CheckIssuerAsync(Database database, ServiceSettings settings, Instant now)
    {
        await using var connection = await database.OpenAsync();
        // A demo's address follows the port that it was started on.
        if (await MovableClock.IsAsync(connection)) return;
        var (moves, issuer) = await connection.QuerySingleAsync<(long, string)>(
            "select (select count(*) from issuer_move), coalesce((select issuer from issuer_move order by number desc limit 1), (select issuer from installation))");
        var before = settings.InsteadOf is { } url ? ServiceSettings.IssuerOf(url) : null;
        if (issuer == settings.Issuer) return;
        if (before is null)
        {
            throw new CommandLineException(
                $"This database is the service at {issuer}, which its receipts name, and not at {settings.Issuer}: write --public-url {issuer}. If it has moved for good, start it once with 'manzil serve --public-url {settings.Issuer} --instead-of {issuer}'.", 1);
        }

        if (before != issuer) throw new CommandLineException($"This database is the service at {issuer}, not at {before}, which --instead-of names: nothing was moved.", 1);
        await connection.ExecuteAsync(
            "insert into issuer_move (number, issuer, moved_at) values (@number, @issuer, @at)", new { number = moves + 1, issuer = settings.Issuer, at = now.ToUnixTimeMilliseconds() });
    }

    /// <summary>The log of that number, with its signer.</summary>
    public async ValueTask<OpenLog> LogAsync(int number)
    {
        if (_logs.TryGetValue(number, out var open)) return open;
        var row = (await ReadLogsAsync(_database)).Single(l => l.Number == number);
        return _logs.GetOrAdd(number, _ => new OpenLog(number, row.Origin, SignerFor(row.Origin)));
    }

    public NoteSigner SignerFor(string origin) => _logKey.WithName(origin);

    public static async Task<IReadOnlyList<KeyRow>> ReadKeysAsync(Database database)
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QueryAsync<KeyRow>(
            "select key_id as KeyId, public_key as PublicKey, valid_from as ValidFrom, valid_until as ValidUntil, revoked_at as RevokedAt from signing_key order by valid_from")).ToList();
    }

    public static async Task<IReadOnlyList<LogRow>> ReadLogsAsync(Database database)
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QueryAsync<LogRow>(
            "select number, origin, verifier_key as VerifierKey, opened_at as OpenedAt, closed_at as ClosedAt, last_checkpoint as LastCheckpoint from log order by number")).ToList();
    }

    /// <summary>The log's origin: the service's host and path without a scheme, as C2SP recommends, and /log.</summary>
    public static string OriginOf(string issuer)
    {
        var url = new Uri(issuer);
        return $"{url.Authority}{url.AbsolutePath.TrimEnd('/')}/log";
    }

    static async Task InstallAsync(Database database, string issuer, string origin, StatementSigner signer, NoteSigner logKey, Instant now)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var at = now.ToUnixTimeMilliseconds();
        try
        {
            await connection.ExecuteAsync(
                "insert into installation (id, database_id, issuer, created_at) values (1, @id, @issuer, @at)",
                new { id = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), issuer, at }, transaction);
            await connection.ExecuteAsync(
                "insert into signing_key (key_id, public_key, valid_from) values (@id, @key, @at)",
                new { id = signer.KeyId, key = signer.PublicKeyInfo, at }, transaction);
            await OpenLogAsync(connection, transaction, 1, origin, logKey, at);
            await transaction.CommitAsync();
        }
        catch (DbException e) when (Database.IsUniqueViolation(e))
        {
            // another node installed at the same moment; whether the keys are the same is checked next
        }
    }

    /// <summary>Starts a log of that number, empty, and makes it the one that is written.</summary>
    public static async Task OpenLogAsync(DbConnection connection, DbTransaction transaction, int number, string origin, NoteSigner logKey, long at)
    {
        using var signer = logKey.WithName(origin);
        var checkpoint = signer.Sign(new Checkpoint(origin, 0, MerkleTree.EmptyRoot).Format());
        await connection.ExecuteAsync(
            "insert into log (number, origin, verifier_key, opened_at) values (@number, @origin, @key, @at)",
            new { number, origin, key = signer.VerifierKey, at }, transaction);
        await connection.ExecuteAsync(
            number == 1
                ? "insert into log_head (id, log, size, frontier, checkpoint, newest_at) values (1, @number, 0, @frontier, @checkpoint, @at)"
                : "update log_head set log = @number, size = 0, frontier = @frontier, checkpoint = @checkpoint, newest_at = case when newest_at > @at then newest_at else @at end where id = 1",
            new { number, frontier = MerkleFrontier.Empty.Encode(), checkpoint, at }, transaction);
    }

    public void Dispose()
    {
        StatementSigner.Dispose();
        _logKey.Dispose();
        foreach (var log in _logs.Values) log.Signer.Dispose();
    }
}
