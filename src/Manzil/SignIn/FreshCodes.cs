using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Register;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// Phones are shared and taken, so some acts ask for a fresh passkey or code. A code goes to every channel on file,
/// lives ten minutes and three attempts, and works once.
/// </summary>
public sealed class FreshCodes(Database database, Sessions sessions, WorkerReader workers, KeyedCodes codes, Telling telling, IClock clock)
{
    public static readonly Duration Lifetime = Duration.FromMinutes(10);
    const string Purpose = "fresh";
    const int AttemptsAllowed = 3;

    // A phone must not be flooded, nor a code be guessed by the hundred.
    static readonly Duration Pause = Duration.FromMinutes(1);

    /// <summary>Sends a code, or leaves it at the one that was sent a moment ago.</summary>
    public async Task<CodeSending> SendAsync(long workerId) =>
        await workers.FindAsync(workerId) is { Channels.Count: > 0 } worker
            ? await SendAsync(worker, Purpose, CodePurpose.SignedIn, worker.Channels, "message.fresh-code")
            : CodeSending.NoChannel;

    /// <summary>Sends a new code for one purpose, which ends the one before.</summary>
    /// <param name="also">Rows that stand or fall with the code.</param>
    public async Task<CodeSending> SendAsync(
        Worker worker, string purpose, CodePurpose counted, IReadOnlyList<Channel> to, string text, Func<DbConnection, DbTransaction, Task>? also = null)
    {
        var code = SecretCode.NewShort();
        var (salt, hash) = codes.Keep(code);
        var now = clock.GetCurrentInstant();
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from one_time_code where expires_at < @now", new { now = now.ToUnixTimeMilliseconds() });
        await CodeLimits.EraseAsync(connection, now);
        await using var transaction = await connection.BeginTransactionAsync();
        var kept = await connection.ExecuteAsync(
            """
            insert into one_time_code (worker_id, purpose, salt, hash, expires_at, attempts_left) values (@Id, @purpose, @salt, @hash, @expires, @attempts)
            on conflict (worker_id, purpose) do update set salt = excluded.salt, hash = excluded.hash, expires_at = excluded.expires_at, attempts_left = excluded.attempts_left
            where one_time_code.expires_at <= @before
            """,
            new { worker.Id, purpose, salt, hash, expires = (now + Lifetime).ToUnixTimeMilliseconds(), before = (now + Lifetime - Pause).ToUnixTimeMilliseconds(), attempts = AttemptsAllowed },
            transaction);
        if (kept == 0) return CodeSending.Lately;
        var allowed = await CodeLimits.CountAsync(connection, transaction, counted, to, now);
        if (allowed.Count == 0) return CodeSending.TooMany;
        if (also is not null) await also(connection, transaction);
        foreach (var channel in allowed)
            await Outbox.AddAsync(connection, transaction, worker.Id, null, telling.To(channel, worker.Language, text, ("name", worker.FirstName), ("code", code)), now, codeExpires: now + Lifetime);
        await transaction.CommitAsync();
        return CodeSending.Sent;
    }

    /// <summary>Takes the code; a right one makes the session fresh.</summary>
    public async Task<bool> TryAsync(Session session, string code)
    {
        if (!await TakeAsync(session.WorkerId, Purpose, code)) return false;
        await sessions.RefreshAsync(session);
        return true;
    }

    /// <summary>Counts an attempt before looking, so that many at once are no more than many in turn.</summary>
    public async Task<bool> TakeAsync(long worker, string purpose, string code)
    {
        if (await CountAttemptAsync(worker, purpose) is not { } kept || !codes.Matches(code, kept.Salt, kept.Hash)) return false;
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteAsync(
            "delete from one_time_code where worker_id = @worker and purpose = @purpose and hash = @hash", new { worker, purpose, hash = kept.Hash }) == 1;
    }

    async Task<(byte[] Salt, byte[] Hash)?> CountAttemptAsync(long worker, string purpose)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleOrDefaultAsync<(byte[] Salt, byte[] Hash)?>(
            "update one_time_code set attempts_left = attempts_left - 1 where worker_id = @worker and purpose = @purpose and attempts_left > 0 and expires_at > @now returning salt, hash",
            new { worker, purpose, now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
    }
}
