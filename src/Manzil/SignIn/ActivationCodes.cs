using System.Data.Common;
using Dapper;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// The one-time code printed on the slip at the centre: kept hashed, lives 30 days, works once. A new one ends the one
/// before, and with it the card counts again, where it had been lost.
/// </summary>
public static class ActivationCodes
{
    /// <summary>A new code with its slow hash, made before a transaction begins: while one is open, every other act waits.</summary>
    public sealed class Made
    {
        public string Code { get; } = SecretCode.NewActivation();

        internal (byte[] Salt, byte[] Hash) Kept { get; }

        public Made() => Kept = SecretCode.Keep(Code);
    }

    /// <param name="connection">Where the code is kept.</param>
    /// <param name="transaction">Null where it stands by itself.</param>
    /// <param name="worker">Whose it is.</param>
    /// <param name="expires">Until when it works.</param>
    /// <param name="codes">For its mark; null for a code as older versions made it.</param>
    /// <param name="made">Null where it stands by itself and is made here.</param>
    public static async Task<string> IssueAsync(
        DbConnection connection, DbTransaction? transaction, long worker, Instant expires, KeyedCodes? codes = null, Made? made = null)
    {
        if (made is null && transaction is not null) throw new ArgumentNullException(nameof(made), "A slow hash is made before the transaction.");
        made ??= new Made();
        var (code, (salt, hash)) = (made.Code, made.Kept);
        await connection.ExecuteAsync(
            """
            insert into activation_code (worker_id, salt, hash, mark, expires_at, used_at) values (@worker, @salt, @hash, @mark, @expires, null)
            on conflict (worker_id) do update set salt = excluded.salt, hash = excluded.hash, mark = excluded.mark, expires_at = excluded.expires_at, used_at = null
            """,
            new { worker, salt, hash, mark = codes?.Mark(code, salt), expires = expires.ToUnixTimeMilliseconds() }, transaction);
        await connection.ExecuteAsync("update worker set card_lost_at = null where id = @worker and card_lost_at is not null", new { worker }, transaction);
        return code;
    }

    /// <summary>Marks the card lost: the code on its slip, if nobody used it yet, no longer works.</summary>
    public static async Task LoseCardAsync(DbConnection connection, DbTransaction transaction, long? worker, Instant at)
    {
        var now = at.ToUnixTimeMilliseconds();
        await connection.ExecuteAsync("update worker set card_lost_at = @now where id = @worker", new { worker, now }, transaction);
        await connection.ExecuteAsync("update activation_code set used_at = @now where worker_id = @worker and used_at is null", new { worker, now }, transaction);
    }
}
