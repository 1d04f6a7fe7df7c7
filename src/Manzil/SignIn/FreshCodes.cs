using Dapper;
using Manzil.Messages;
using Manzil.Register;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// Phones are shared and taken, so some acts ask for a fresh passkey or code. A code goes to every channel on file,
/// lives ten minutes and three attempts, and works once.
/// </summary>
public sealed class FreshCodes(Database database, Sessions sessions, WorkerReader workers, Telling telling, IClock clock)
{
    public static readonly Duration Lifetime = Duration.FromMinutes(10);
    const string Purpose = "fresh";
    const int AttemptsAllowed = 3;

    static readonly Duration Pause = Duration.FromMinutes(1);

    /// <summary>Sends a code, or leaves it at the one that was sent a moment ago.</summary>
    /// <returns>False where the worker has no channel: then a passkey, or a new code from the centre, is the way.</returns>
    public async Task<bool> SendAsync(long workerId)
    {
        if (await workers.FindAsync(workerId) is not { } worker || worker.Channels.Count == 0) return false;
        var code = SecretCode.NewShort();
        if (!await KeepAsync(workerId, Purpose, code)) return true;
        await using var connection = await database.OpenAsync();
        var now = clock.GetCurrentInstant();
        foreach (var message in telling.ToAll(worker, "message.fresh-code", ("code", code)))
            await Outbox.AddAsync(connection, null, workerId, null, message, now, codeExpires: now + Lifetime);
        return true;
    }

    /// <summary>Takes the code; a right one makes the session fresh.</summary>
    public async Task<bool> TryAsync(Session session, string code)
    {
        if (!await TakeAsync(session.WorkerId, Purpose, code)) return false;
        await sessions.RefreshAsync(session);
        return true;
    }

    /// <returns>False where a code was made less than a minute ago: a phone must not be flooded, nor a code be guessed by the hundred.</returns>
    public async Task<bool> KeepAsync(long worker, string purpose, string code)
    {
        var (salt, hash) = SecretCode.Keep(code);
        var now = clock.GetCurrentInstant();
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from one_time_code where expires_at < @now", new { now = now.ToUnixTimeMilliseconds() });
        return await connection.ExecuteAsync(
            """
            insert into one_time_code (worker_id, purpose, salt, hash, expires_at, attempts_left) values (@worker, @purpose, @salt, @hash, @expires, @attempts)
            on conflict (worker_id, purpose) do update set salt = excluded.salt, hash = excluded.hash, expires_at = excluded.expires_at, attempts_left = excluded.attempts_left
            where one_time_code.expires_at <= @before
            """,
            new { worker, purpose, salt, hash, expires = (now + Lifetime).ToUnixTimeMilliseconds(), before = (now + Lifetime - Pause).ToUnixTimeMilliseconds(), attempts = AttemptsAllowed }) == 1;
    }

    /// <summary>Counts an attempt before looking, so that many at once are no more than many in turn.</summary>
    public async Task<bool> TakeAsync(long worker, string purpose, string code)
    {
        await using var connection = await database.OpenAsync();
        var row = await connection.QuerySingleOrDefaultAsync<(byte[] Salt, byte[] Hash)?>(
            "update one_time_code set attempts_left = attempts_left - 1 where worker_id = @worker and purpose = @purpose and attempts_left > 0 and expires_at > @now returning salt, hash",
            new { worker, purpose, now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        if (row is not { } kept || !SecretCode.Matches(code, kept.Salt, kept.Hash)) return false;
        return await connection.ExecuteAsync(
            "delete from one_time_code where worker_id = @worker and purpose = @purpose and hash = @hash", new { worker, purpose, hash = kept.Hash }) == 1;
    }
}
