using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>Ten codes on paper, for the day when phone and card are gone. Kept as slow hashes with one salt a set, so that one hash tells which was typed.</summary>
public sealed class RecoveryCodes(
    Database database, BatchWriter writer, WorkerReader workers, Sessions sessions, Attempts attempts, SlowHashes hashes, Telling telling, Jurisdiction rules, IClock clock)
{
    public const int InASet = 10;

    /// <summary>What is left of a worker's set.</summary>
    /// <param name="MadeAt">Zero where none was ever made.</param>
    public sealed record Standing(long Unused, long MadeAt);

    public async Task<Standing> StandingAsync(long worker)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleAsync<Standing>(
            "select count(*) - count(used_at) as Unused, coalesce(max(made_at), 0) as MadeAt from recovery_code where worker_id = @worker", new { worker });
    }

    /// <summary>Makes ten new codes, which end the ones before, and tells every channel.</summary>
    /// <param name="worker">Whose they are.</param>
    /// <param name="before">The set that the worker saw when asking: a form sent twice must not end the codes it just showed.</param>
    /// <returns>The codes, which nobody can show again; null where other codes were made since <paramref name="before"/>.</returns>
    public async Task<IReadOnlyList<string>?> MakeAsync(Worker worker, long before)
    {
        var codes = Enumerable.Range(0, InASet).Select(_ => SecretCode.NewRecovery()).ToList();
        var salt = RandomNumberGenerator.GetBytes(SecretCode.SaltLength);
        var rows = new List<object>();
        var now = clock.GetCurrentInstant();
        foreach (var code in codes)
            rows.Add(new { worker.Id, number = rows.Count + 1, salt, hash = await hashes.OfAsync(code, salt), at = now.ToUnixTimeMilliseconds() });

        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("delete from recovery_code where worker_id = @Id and made_at = @before", new { worker.Id, before }, transaction);
        var made = await connection.ExecuteAsync(
            "insert into recovery_code (worker_id, number, salt, hash, made_at) values (@Id, @number, @salt, @hash, @at) on conflict (worker_id, number) do nothing",
            rows, transaction);
        if (made != InASet) return null;
        foreach (var message in telling.ToAllAndCopies(worker, now, "message.recovery-codes-made", ("name", worker.FirstName)))
            await Outbox.AddAsync(connection, transaction, worker.Id, null, message, now);
        await transaction.CommitAsync();
        return codes;
    }

    /// <param name="number">Of the card, or of the document: whichever is at hand.</param>
    /// <param name="birthDate">The worker's.</param>
    /// <param name="code">As typed.</param>
    /// <param name="endsSessions">Whether all other sessions end.</param>
    /// <param name="kind">Of the session that begins.</param>
    /// <param name="address">Where the request comes from; kept nowhere.</param>
    public async Task<SignInResult> EnterAsync(string number, LocalDate birthDate, string code, bool endsSessions, string kind, System.Net.IPAddress? address)
    {
        number = CardNumber.Normalize(number);
        var name = "recovery:" + number;
        if (attempts.Wait(name, address) is var wait && wait > Duration.Zero) return SignInResult.Wait.For(wait);
        var sets = await FindAsync(number, birthDate);
        Row? right = null;
        // One hash, also for nobody; two only where two people share a number and a birth date.
        foreach (var set in sets.DefaultIfEmpty([]))
        {
            var hash = await hashes.OfAsync(code, set.FirstOrDefault()?.Salt ?? SignInByCard.Nobody);
            right ??= set.FirstOrDefault(r => CryptographicOperations.FixedTimeEquals(hash, r.Hash) & r.UsedAt is null);
        }

        if (right is null || await workers.FindAsync(right.WorkerId) is not { } worker)
        {
            attempts.Failed(name, address);
            return new SignInResult.Wrong();
        }

        var act = new RestoreByRecoveryCode(right.MadeAt, right.Number, endsSessions, rules, telling)
        {
            ReceivedAt = clock.GetCurrentInstant(),
            Channel = RecordChannel.Web,
            WorkerId = worker.Id,
        };
        switch (await writer.SubmitAsync(act, worker))
        {
            case ActResult.Accepted { Repeated: false } accepted:
                if (endsSessions) sessions.Forget(worker.Id);
                attempts.Succeeded(name, address);
                var (token, session) = await sessions.StartAsync(worker.Id, kind);
                return new SignInResult.SignedIn(token, session, accepted.Number);
            case ActResult.Unavailable:
                return new SignInResult.Unavailable();
            default:
                attempts.Failed(name, address);
                return new SignInResult.Wrong();
        }
    }

    async Task<IReadOnlyList<IReadOnlyList<Row>>> FindAsync(string number, LocalDate birthDate)
    {
        await using var connection = await database.OpenAsync();
        var keys = (await connection.QueryAsync<long>(
            $"""
            select w.id from worker w join document d on d.worker_id = w.id
            where w.card_number = @number and d.birth_date = @birth and {DocumentLookup.IsNewest}
            union
            select d.worker_id from document d
            where d.number = @number and d.birth_date = @birth and {DocumentLookup.IsNewest}
            """,
            new { number, birth = IsoDate.Write(birthDate) })).ToList();
        var rows = (await connection.QueryAsync<Row>(
            $"select worker_id as WorkerId, number, salt, hash, made_at as MadeAt, used_at as UsedAt from recovery_code where {Database.In(connection, "worker_id")} order by number",
            new { keys })).ToLookup(r => r.WorkerId);
        return [.. keys.Select(k => (IReadOnlyList<Row>)[.. rows[k]])];
    }

    sealed class Row
    {
        public long WorkerId { get; set; }
        public int Number { get; set; }
        public byte[] Salt { get; set; } = [];
        public byte[] Hash { get; set; } = [];
        public long MadeAt { get; set; }
        public long? UsedAt { get; set; }
    }
}
