using System.Data.Common;
using Dapper;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>The one-time code printed on the slip at the centre: kept hashed, lives 30 days, works once.</summary>
public static class ActivationCodes
{
    public static async Task<string> IssueAsync(DbConnection connection, DbTransaction? transaction, long worker, Instant expires)
    {
        var code = SecretCode.NewActivation();
        var (salt, hash) = SecretCode.Keep(code);
        await connection.ExecuteAsync(
            """
            insert into activation_code (worker_id, salt, hash, expires_at, used_at) values (@worker, @salt, @hash, @expires, null)
            on conflict (worker_id) do update set salt = excluded.salt, hash = excluded.hash, expires_at = excluded.expires_at, used_at = null
            """,
            new { worker, salt, hash, expires = expires.ToUnixTimeMilliseconds() }, transaction);
        return code;
    }
}
