using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;
using Npgsql;

namespace Manzil.Register;

public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

/// <summary>The one database: how to open it, which engine it is, and its numbered scripts.</summary>
public sealed partial class Database : IAsyncDisposable
{
    readonly NpgsqlDataSource? _postgres;
    readonly string? _sqlite;

    Database(NpgsqlDataSource postgres)
    {
        Kind = DatabaseKind.Postgres;
        _postgres = postgres;
    }

    Database(string sqlite)
    {
        Kind = DatabaseKind.Sqlite;
        _sqlite = sqlite;
    }

    public DatabaseKind Kind { get; }

    /// <param name="where">"sqlite" (a file in the data folder), a postgres:// URL, or an Npgsql connection string.</param>
    public static Database At(string where, string dataFolder)
    {
        if (where == "sqlite")
        {
            var file = Path.Combine(dataFolder, "manzil.db");
            DataFolder.MakePrivate(file);
            return new Database(new SqliteConnectionStringBuilder
            {
                DataSource = file,
                ForeignKeys = true,
                DefaultTimeout = 10,
            }.ToString());
        }

        var settings = PostgresUrl.Parse(where);
        settings.ApplicationName ??= "manzil";
        settings.CommandTimeout = 10;
        // A time-out that strikes during COMMIT would otherwise be answered as success under synchronous replication:
        // without a cancellation the commit throws, and its outcome is looked up (shared trials, PostgreSQL).
        settings.CancellationTimeout = -1;
        settings.Timeout = 5;
        settings.KeepAlive = 5;
        settings.NoResetOnClose = true;
        // A statement seen twice on a connection is prepared there: planning it anew costs more than running it.
        settings.MaxAutoPrepare = 100;
        settings.AutoPrepareMinUsages = 2;
        return new Database(NpgsqlDataSource.Create(settings));
    }

    public async Task<DbConnection> OpenAsync(CancellationToken cancellation = default)
    {
        if (_postgres is not null) return await _postgres.OpenConnectionAsync(cancellation);
        var connection = new SqliteConnection(_sqlite);
        connection.Open();
        connection.Execute("pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 10000; pragma secure_delete = on;");
        return connection;
    }

    /// <summary>The condition that a column is one of many <c>@keys</c>, as Dapper binds them for each engine.</summary>
    public static string In(DbConnection connection, string column) =>
        connection is NpgsqlConnection ? $"{column} = any(@keys)" : $"{column} in @keys";

    /// <summary>
    /// The same for hundreds of keys, bound by <see cref="Many"/>: SQLite compares each named parameter with all others.
    /// </summary>
    public static string InMany(DbConnection connection, string column) =>
        connection is NpgsqlConnection ? $"{column} = any(@keys)" : $"{column} in (select value from json_each(@keys))";

    /// <summary>What to bind to the <c>@keys</c> of <see cref="InMany"/>.</summary>
    public static object Many(DbConnection connection, IEnumerable<long> keys) =>
        connection is NpgsqlConnection ? keys.ToArray() : $"[{string.Join(',', keys)}]";

    /// <summary>
    /// Applies the scripts that this database has not had yet, each in a transaction of its own. On PostgreSQL as the owner of the tables, who
    /// is not the service (<see cref="ServiceRole"/>).
    /// </summary>
    public async Task MigrateAsync(Instant now)
    {
        await using var connection = await OpenAsync();
        // Two nodes that start on a new database at once would both create it.
        if (Kind == DatabaseKind.Postgres) await connection.ExecuteAsync("select pg_advisory_lock(6267)");
        await connection.ExecuteAsync("create table if not exists schema_script (name text primary key, applied_at bigint not null)");
        foreach (var (name, sql) in Scripts(Kind))
        {
            await using var transaction = await connection.BeginTransactionAsync();
            if (await connection.ExecuteScalarAsync<long>("select count(*) from schema_script where name = @name", new { name }, transaction) > 0) continue;
            await connection.ExecuteAsync(sql, transaction: transaction, commandTimeout: 0);
            await connection.ExecuteAsync(
                "insert into schema_script (name, applied_at) values (@name, @at)",
                new { name, at = now.ToUnixTimeMilliseconds() }, transaction);
            await transaction.CommitAsync();
        }

        if (Kind == DatabaseKind.Postgres) await connection.ExecuteAsync("select pg_advisory_unlock(6267)");
    }

    /// <summary>Which scripts of this version the database has not had.</summary>
    public async Task<IReadOnlyList<string>> MissingScriptsAsync()
    {
        await using var connection = await OpenAsync();
        var had = (await connection.QueryAsync<string>("select name from schema_script")).ToHashSet();
        return [.. Scripts(Kind).Select(s => s.Name).Where(s => !had.Contains(s))];
    }

    /// <summary>True where PostgreSQL has none of the tables yet.</summary>
    public async Task<bool> IsNewAsync()
    {
        await using var connection = await OpenAsync();
        return await connection.ExecuteScalarAsync<bool>("select not exists (select 1 from pg_class where relname = 'schema_script' and relnamespace = 'public'::regnamespace)");
    }

    /// <summary>The tables that the numbered scripts make.</summary>
    public static IReadOnlySet<string> TablesOfScripts { get; } =
        Scripts(DatabaseKind.Postgres).SelectMany(s => CreatedTable().Matches(s.Sql)).Select(m => m.Groups[1].Value).Append("schema_script").ToHashSet();

    static IEnumerable<(string Name, string Sql)> Scripts(DatabaseKind kind)
    {
        var assembly = typeof(Database).Assembly;
        var prefix = $"Manzil.Register.Schema.{(kind == DatabaseKind.Postgres ? "postgres" : "sqlite")}.";
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return (resource[prefix.Length..], reader.ReadToEnd());
        }
    }

    /// <summary>True where the trouble is the database's (gone, full, read-only, busy), not what was asked of it.</summary>
    public static bool IsUnavailable(Exception e) => e switch
    {
        // 42P01 and 42501: another database, or another role, stands where ours was. 26000 and 42P05: a pooler put another connection there.
        PostgresException { SqlState: "42P01" or "42501" or "26000" or "42P05" } => true,
        PostgresException p => p.SqlState[..2] is "08" or "53" or "57" or "58" or "XX" or "25" or "28" or "3D" or "40" or "55",
        NpgsqlException => true,
        SqliteException s => s.SqliteErrorCode is 5 or 6 or 7 or 8 or 10 or 11 or 13 or 14 or 15 or 22 or 26,
        IOException or TimeoutException or OperationCanceledException or System.Net.Sockets.SocketException or UnauthorizedAccessException => true,
        _ => false,
    };

    public static bool IsUniqueViolation(Exception e) =>
        e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } or SqliteException { SqliteExtendedErrorCode: 2067 or 1555 }
        // A trigger that stops INSERT OR REPLACE speaks before the index does.
        || e is SqliteException { SqliteExtendedErrorCode: 1811 } replaced && replaced.Message.Contains("REPLACE is refused", StringComparison.Ordinal);

    [GeneratedRegex(@"^create table (?:if not exists )?(\w+)", RegexOptions.Multiline, 5000)]
    private static partial Regex CreatedTable();

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null) await _postgres.DisposeAsync();
        else SqliteConnection.ClearPool(new SqliteConnection(_sqlite));
    }
}
