using System.Buffers.Text;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Manzil.Bench;

/// <summary>
/// Registered workers with a residence, a channel and an API session each, put straight into the tables: the act of
/// enrolling stretches a document for a tenth of a second, which twenty thousand people need not wait for here.
/// </summary>
static class People
{
    /// <returns>Their tokens.</returns>
    public static async Task<IReadOnlyList<string>> EnrolAsync(DbConnection connection, int count, string office, Instant now)
    {
        var today = LocalDatePattern.Iso.Format(now.InUtc().Date);
        var at = now.ToUnixTimeMilliseconds();
        var tokens = new List<string>(count);
        await using var transaction = await connection.BeginTransactionAsync();
        var worker = Prepare(connection, transaction, "insert into worker (card_number, name, language, office, enrolled_at) values ($1, $2, 'en', $3, $4) returning id", "", "", "", 0L);
        var document = Prepare(connection, transaction, "insert into document (worker_id, state, number, birth_date, stretched, recorded_at) values ($1, 'UZB', $2, '1990-05-17', $3, $4)", 0L, "", new byte[32], 0L);
        var channel = Prepare(connection, transaction, "insert into channel (worker_id, kind, address, confirmed_at) values ($1, 'sms', $2, $3)", 0L, "", 0L);
        var entry = Prepare(connection, transaction,
            "insert into register_entry (worker_id, standing, office, registered_on, residence_number, residence_from, last_told) values ($1, 1, $2, $3, '0000-00000-00000', $3, $3)", 0L, "", "");
        var session = Prepare(connection, transaction,
            "insert into session (token_hash, worker_id, kind, created_at, last_used_at, expires_at, fresh_until) values ($1, $2, 'api', $3, $3, $4, $3)", new byte[32], 0L, 0L, 0L);
        for (var i = 0; i < count; i++)
        {
            var name = i.ToString("D7", CultureInfo.InvariantCulture);
            var id = Convert.ToInt64(await RunAsync(worker, $"BN{name}", $"Aziz Rahimov {name}", office, at), CultureInfo.InvariantCulture);
            await RunAsync(document, id, $"AA{name}", RandomNumberGenerator.GetBytes(32), at);
            await RunAsync(channel, id, $"+7{name}000", at);
            await RunAsync(entry, id, office, today);
            var secret = RandomNumberGenerator.GetBytes(32);
            await RunAsync(session, SHA256.HashData(secret), id, at, at + 43_200_000);
            tokens.Add(Base64Url.EncodeToString(secret));
        }

        await transaction.CommitAsync();
        // As on a database that has run for a while: its planner knows how large the tables are.
        await using var analyze = connection.CreateCommand();
        analyze.CommandText = "analyze";
        await analyze.ExecuteNonQueryAsync();
        return tokens;
    }

    static DbCommand Prepare(DbConnection connection, DbTransaction transaction, string sql, params object[] samples)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        for (var i = 0; i < samples.Length; i++)
        {
            command.Parameters.Add(connection is NpgsqlConnection
                ? new NpgsqlParameter { Value = samples[i] }
                : new SqliteParameter { ParameterName = $"${i + 1}", Value = samples[i] });
        }

        command.Prepare();
        return command;
    }

    static async Task<object?> RunAsync(DbCommand command, params object[] values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return await command.ExecuteScalarAsync();
    }
}
