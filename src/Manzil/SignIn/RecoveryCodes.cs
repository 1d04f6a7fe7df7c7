using System.Collections.Concurrent;
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
    Database database, BatchWriter writer, WorkerReader workers, Sessions sessions, Attempts attempts, SlowHashes hashes, KeyedCodes keyed, Telling telling,
    Jurisdiction rules, IClock clock)
{
    readonly GatheredLookup<string, List<Row>> _rows = new(database, LoadAsync);
    readonly ConcurrentDictionary<long, bool> _making = new();

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
    /// <returns>The codes, which nobody can show again; none where other codes were made since <paramref name="before"/>; null where too many are made at this moment.</returns>
    public async Task<IReadOnlyList<string>?> MakeAsync(Worker worker, long before)
    {
        // A form sent a thousand times is no ten thousand hashes: the first one's codes count.
        if (!_making.TryAdd(worker.Id, true)) return [];
        try
        {
            return (await StandingAsync(worker.Id)).MadeAt == before ? await MakeNewAsync(worker, before) : [];
        }
        finally
        {
            _making.TryRemove(worker.Id, out _);
        }
    }

    async Task<IReadOnlyList<string>?> MakeNewAsync(Worker worker, long before)
    {
        var codes = Enumerable.Range(0, InASet).Select(_ => SecretCode.NewRecovery()).ToList();
        var salt = RandomNumberGenerator.GetBytes(SecretCode.SaltLength);
        var rows = new List<object>();
        var now = clock.GetCurrentInstant();
        foreach (var code in codes)
        {
            if (await hashes.OfAsync(code, salt, "making:" + worker.CardNumber) is not { } hash) return null;
            rows.Add(new { worker.Id, number = rows.Count + 1, salt, hash, mark = keyed.Mark(code, salt), at = now.ToUnixTimeMilliseconds() });
        }

        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("delete from recovery_code where worker_id = @Id and made_at = @before", new { worker.Id, before }, transaction);
        var made = await connection.ExecuteAsync(
            "insert into recovery_code (worker_id, number, salt, hash, mark, made_at) values (@Id, @number, @salt, @hash, @mark, @at) on conflict (worker_id, number) do nothing",
            rows, transaction);
        if (made != InASet) return [];
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
    public async Task<SignInResult> EnterAsync(string number, BirthDate birthDate, string code, bool endsSessions, string kind, System.Net.IPAddress? address)
    {
        number = CardNumber.Read(number) ?? "";
        using var attempt = attempts.Begin("recovery", number, address);
        if (attempt.MustWait is { } wait) return wait;
        var born = birthDate.ToString();
        var rows = (await _rows.FindAsync(number))?.Where(r => r.BirthDate == born).ToList() ?? [];
        Row? right = null;
        // Looked at for nobody too; worth a slow hash is what is right but for ten in 65,000. Two people may share a number and a birth date.
        foreach (var set in rows.GroupBy(r => r.WorkerId).Select(g => g.ToList()).DefaultIfEmpty([]))
        {
            var salt = set.FirstOrDefault()?.Salt ?? SignInByCard.Nobody;
            var mark = keyed.Mark(code, salt);
            var may = set.FindAll(r => r.UsedAt is null & (r.Mark is null || CryptographicOperations.FixedTimeEquals(mark, r.Mark)));
            if (may.Count == 0) continue;
            if (await hashes.OfAsync(code, salt, "recovery:" + number, attempt.HasFailed) is not { } hash) return new SignInResult.Unavailable();
            right ??= may.Find(r => CryptographicOperations.FixedTimeEquals(hash, r.Hash));
        }

        if (right is null || await workers.FindAsync(right.WorkerId) is not { } worker) return attempt.Failed();

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
                attempt.Succeeded();
                var (token, session) = await sessions.StartAsync(worker.Id, kind, Session.ByRecoveryCode);
                return new SignInResult.SignedIn(token, session, accepted.Number);
            case ActResult.Unavailable:
                return new SignInResult.Unavailable();
            default:
                return attempt.Failed();
        }
    }

    /// <summary>The codes of whoever has one of these numbers, of the card or of the newest document.</summary>
    static async Task<Dictionary<string, List<Row>>> LoadAsync(DbConnection connection, IReadOnlyCollection<string> keys)
    {
        const string OfCode = "r.worker_id as WorkerId, r.number, r.salt, r.hash, r.mark, r.made_at as MadeAt, r.used_at as UsedAt, d.birth_date as BirthDate";
        var rows = await connection.QueryAsync<Row>(
            $"""
            select w.card_number as Of, {OfCode}
            from worker w join document d on d.worker_id = w.id join recovery_code r on r.worker_id = w.id
            where {Database.In(connection, "w.card_number")} and {DocumentLookup.IsNewest}
            union
            select d.number as Of, {OfCode}
            from document d join recovery_code r on r.worker_id = d.worker_id
            where {Database.In(connection, "d.number")} and {DocumentLookup.IsNewest}
            """,
            new { keys });
        return rows.GroupBy(r => r.Of, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.OrderBy(r => r.WorkerId).ThenBy(r => r.Number).ToList(), StringComparer.Ordinal);
    }

    sealed class Row
    {
        public string Of { get; set; } = "";
        public long WorkerId { get; set; }
        public string? BirthDate { get; set; }
        public int Number { get; set; }
        public byte[] Salt { get; set; } = [];
        public byte[] Hash { get; set; } = [];
        public byte[]? Mark { get; set; }
        public long MadeAt { get; set; }
        public long? UsedAt { get; set; }
    }
}
