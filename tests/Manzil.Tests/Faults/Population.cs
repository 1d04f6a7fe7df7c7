using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Register;
using NodaTime;

namespace Manzil.Tests.Faults;

public sealed record Person(long Id, string Token);

// Workers as enrolment, registration, a first residence and signing in leave them, put there in bulk: enrolling stretches
// each document for a tenth of a second.
public static class Population
{
    // Makes the database and its keys, too, where they are new.
    public static async Task<IReadOnlyList<Person>> CreateAsync(string data, string database, DbConnection connection, int count)
    {
        await using (await OpenCoreAsync(data, database)) { }

        var now = SystemClock.Instance.GetCurrentInstant();
        var people = new List<Person>(count);
        await using (connection)
        {
            if (connection.State != System.Data.ConnectionState.Open) await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            for (var n = 0; n < count; n++)
            {
                var at = now.ToUnixTimeMilliseconds();
                var id = await connection.ExecuteScalarAsync<long>(
                    "insert into worker (card_number, name, language, office, enrolled_at) values (@card, @name, 'en', @office, @at) returning id",
                    new { card = $"FC{n:D7}", name = $"Aziz Rahimov {n}", office = "NRV-01", at }, transaction);
                await connection.ExecuteAsync(
                    "insert into document (worker_id, state, number, birth_date, stretched, recorded_at) values (@id, 'UZB', @number, '1990-05-17', @stretched, @at)",
                    new { id, number = $"AA{n:D7}", stretched = RandomNumberGenerator.GetBytes(32), at }, transaction);
                await connection.ExecuteAsync(
                    "insert into register_entry (worker_id, standing, office, registered_on, residence_number, residence_from) values (@id, 1, @office, '2026-01-12', '0000000000000000', '2026-01-12')",
                    new { id, office = "NRV-01" }, transaction);
                if (n % 2 == 0)
                {
                    await connection.ExecuteAsync(
                        "insert into channel (worker_id, kind, address, confirmed_at) values (@id, 'sms', '+70000000001', @at)", new { id, at }, transaction);
                }

                var secret = RandomNumberGenerator.GetBytes(32);
                await connection.ExecuteAsync(
                    "insert into session (token_hash, worker_id, kind, created_at, last_used_at, expires_at, fresh_until) values (@hash, @id, 'api', @at, @at, @until, @at)",
                    new { hash = SHA256.HashData(secret), id, at, until = (now + Duration.FromDays(1)).ToUnixTimeMilliseconds() }, transaction);
                people.Add(new Person(id, Base64Url.EncodeToString(secret)));
            }

            await transaction.CommitAsync();
        }

        return people;
    }

    // The register opened in this process, as a command would.
    public static Task<Core> OpenCoreAsync(string data, string database) => Core.OpenAsync(new ServiceSettings
    {
        DataFolder = data,
        Database = database,
        RulesFile = ServiceOptions.DemoRules,
        PublicUrl = new Uri(ServerProcess.PublicUrl),
    });
}
