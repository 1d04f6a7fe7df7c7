using Dapper;
using Manzil.Register;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// Card number, birth date and the one-time activation code. Whatever is wrong, the same work is done and the same
/// answer given, so that a guess learns nothing.
/// </summary>
public sealed class SignInByCard(Database database, Sessions sessions, Attempts attempts, IClock clock)
{
    public abstract record Result
    {
        public sealed record SignedIn(string Token, Session Session) : Result;

        public sealed record Wrong : Result;

        public sealed record Wait(int Seconds) : Result
        {
            public int Minutes => (Seconds + 59) / 60;
        }
    }

    public async Task<Result> TryAsync(string cardNumber, LocalDate birthDate, string activationCode, string kind, System.Net.IPAddress? address)
    {
        var (worker, refusal) = await TakeAsync(cardNumber, birthDate, activationCode, address);
        if (refusal is not null) return refusal;
        var (token, session) = await sessions.StartAsync(worker, kind);
        return new Result.SignedIn(token, session);
    }

    /// <summary>A new activation code makes a session fresh, for those who can be sent no code.</summary>
    /// <returns>Null where it did.</returns>
    public async Task<Result?> RefreshAsync(Session session, Worker worker, string activationCode, System.Net.IPAddress? address)
    {
        var (_, refusal) = await TakeAsync(worker.CardNumber, worker.Document?.BirthDate ?? default, activationCode, address);
        if (refusal is null) await sessions.RefreshAsync(session);
        return refusal;
    }

    async Task<(long Worker, Result? Refusal)> TakeAsync(string cardNumber, LocalDate birthDate, string activationCode, System.Net.IPAddress? address)
    {
        var card = CardNumber.Normalize(cardNumber);
        if (attempts.Wait(card, address) is var wait && wait > Duration.Zero) return (0, new Result.Wait((int)Math.Ceiling(wait.TotalSeconds)));

        var now = clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        await using var connection = await database.OpenAsync();
        var found = await connection.QuerySingleOrDefaultAsync<Row>(
            """
            select w.id as WorkerId, d.birth_date as BirthDate, a.salt, a.hash, a.expires_at as ExpiresAt, a.used_at as UsedAt
            from worker w
            left join document d on d.worker_id = w.id
            left join activation_code a on a.worker_id = w.id
            where w.card_number = @card
            order by d.id desc
            limit 1
            """,
            new { card });

        var matches = SecretCode.Matches(activationCode, found?.Salt ?? Nobody, found?.Hash ?? NoHash);
        var right = matches & found is { UsedAt: null } & found?.ExpiresAt > now & found?.BirthDate == IsoDate.Write(birthDate);
        // The code works once: of two requests at the same moment, one finds it unused.
        var worker = right ? found!.WorkerId : 0;
        var used = await connection.ExecuteAsync(
            "update activation_code set used_at = @now where worker_id = @worker and used_at is null and hash = @hash",
            new { now, worker, hash = found?.Hash ?? NoHash });
        if (used == 0)
        {
            attempts.Failed(card, address);
            return (0, new Result.Wrong());
        }

        attempts.Succeeded(card, address);
        return (worker, null);
    }

    static readonly byte[] Nobody = new byte[16];
    static readonly byte[] NoHash = new byte[32];

    sealed class Row
    {
        public long WorkerId { get; set; }
        public string? BirthDate { get; set; }
        public byte[]? Salt { get; set; }
        public byte[]? Hash { get; set; }
        public long? ExpiresAt { get; set; }
        public long? UsedAt { get; set; }
    }
}
