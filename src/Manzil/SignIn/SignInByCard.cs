using Dapper;
using Manzil.Register;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// Card number, birth date and the one-time activation code. Whatever is wrong, the same work is done and the same
/// answer given, so that a guess learns nothing.
/// </summary>
public sealed class SignInByCard(Database database, Sessions sessions, Attempts attempts, SlowHashes hashes, IClock clock)
{
    public async Task<SignInResult> TryAsync(string cardNumber, LocalDate birthDate, string activationCode, string kind, System.Net.IPAddress? address)
    {
        var card = CardNumber.Normalize(cardNumber);
        var (worker, refusal) = await TakeAsync(card, birthDate, activationCode, "card:" + card, address);
        if (refusal is not null) return refusal;
        var (token, session) = await sessions.StartAsync(worker, kind);
        return new SignInResult.SignedIn(token, session);
    }

    /// <summary>A new activation code makes a session fresh, for those who can be sent no code.</summary>
    /// <returns>Null where it did.</returns>
    public async Task<SignInResult?> RefreshAsync(Session session, Worker worker, string activationCode)
    {
        // Counted apart: what strangers try with the card must not hold up who is signed in.
        var (_, refusal) = await TakeAsync(
            worker.CardNumber, worker.Document?.BirthDate ?? default, activationCode, "signed-in:" + worker.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), null);
        if (refusal is null) await sessions.RefreshAsync(session);
        return refusal;
    }

    async Task<(long Worker, SignInResult? Refusal)> TakeAsync(string card, LocalDate birthDate, string activationCode, string name, System.Net.IPAddress? address)
    {
        if (attempts.Wait(name, address) is var wait && wait > Duration.Zero) return (0, SignInResult.Wait.For(wait));

        var found = await FindAsync(card);
        // No connection is held meanwhile: hashes wait for one another.
        var matches = await hashes.MatchesAsync(activationCode, found?.Salt ?? Nobody, found?.Hash ?? NoHash);
        var now = clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        var right = matches & found is { UsedAt: null, CardLostAt: null } & found?.ExpiresAt > now & found?.BirthDate == IsoDate.Write(birthDate);
        // The code works once: of two requests at the same moment, one finds it unused.
        var worker = right ? found!.WorkerId : 0;
        await using var connection = await database.OpenAsync();
        var used = await connection.ExecuteAsync(
            "update activation_code set used_at = @now where worker_id = @worker and used_at is null and hash = @hash",
            new { now, worker, hash = found?.Hash ?? NoHash });
        if (used == 0)
        {
            attempts.Failed(name, address);
            return (0, new SignInResult.Wrong());
        }

        attempts.Succeeded(name, address);
        return (worker, null);
    }

    async Task<Row?> FindAsync(string card)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleOrDefaultAsync<Row>(
            """
            select w.id as WorkerId, w.card_lost_at as CardLostAt, d.birth_date as BirthDate, a.salt, a.hash, a.expires_at as ExpiresAt, a.used_at as UsedAt
            from worker w
            left join document d on d.worker_id = w.id
            left join activation_code a on a.worker_id = w.id
            where w.card_number = @card
            order by d.recorded_at desc, d.id desc
            limit 1
            """,
            new { card });
    }

    internal static readonly byte[] Nobody = new byte[SecretCode.SaltLength];
    internal static readonly byte[] NoHash = new byte[32];

    sealed class Row
    {
        public long WorkerId { get; set; }
        public string? BirthDate { get; set; }
        public byte[]? Salt { get; set; }
        public byte[]? Hash { get; set; }
        public long? ExpiresAt { get; set; }
        public long? UsedAt { get; set; }
        public long? CardLostAt { get; set; }
    }
}
