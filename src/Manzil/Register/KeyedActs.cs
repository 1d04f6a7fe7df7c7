using System.Data.Common;
using Dapper;

namespace Manzil.Register;

/// <summary>The act that a key was used for.</summary>
static class KeyedActs
{
    /// <returns>Null where the key was not used, or was erased since.</returns>
    public static Task<StoredAct?> FindAsync(DbConnection connection, DbTransaction? transaction, IdempotencyKey key) =>
        connection.QuerySingleOrDefaultAsync<StoredAct>(
            $"select {StoredAct.Columns} from act where idempotency_key = @Stored and {(key.Worker is null ? IdempotencyKey.IsOfOthers : "worker_id = @Worker")}",
            new { key.Stored, key.Worker }, transaction);
}
