using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// Card number, birth date and the one-time activation code. Whatever is wrong, the same work is done and the same
/// answer given, so that a guess learns nothing.
/// </summary>
public sealed class SignInByCard(Database database, Sessions sessions, Attempts attempts, SlowHashes hashes, KeyedCodes codes, IClock clock)
{
    // Guesses by the thousand are one query after another, on one connection.
    readonly GatheredLookup<string, Row> _rows = new(database, LoadAsync);

    public async Task<SignInResult> TryAsync(string cardNumber, BirthDate birthDate, string activationCode, string kind, System.Net.IPAddress? address)
    {
        var card = CardNumber.Read(cardNumber) ?? "";
        var (worker, refusal) = await TakeAsync(card, birthDate, activationCode, "card", card, address);
        if (refusal is not null) return refusal;
        var (token, session) = await sessions.StartAsync(worker, kind, Session.BySlip);
        return new SignInResult.SignedIn(token, session);
    }

    /// <summary>A new activation code makes a session fresh, for those who can be sent no code.</summary>
    /// <returns>Null where it did.</returns>
    public async Task<SignInResult?> RefreshAsync(Session session, Worker worker, string activationCode)
    {
        // Counted apart: what strangers try with the card must not hold up who is signed in.
        var (_, refusal) = await TakeAsync(
            worker.CardNumber, worker.Document?.BirthDate, activationCode, "signed-in", worker.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), null);
        if (refusal is null) await sessions.RefreshAsync(session);
        return refusal;
    }

    async Task<(long Worker, SignInResult? Refusal)> TakeAsync(string card, BirthDate? birthDate, string activationCode, string way, string name, System.Net.IPAddress? address)
    {
        using var attempt = attempts.Begin(way, name, address);
        if (attempt.MustWait is { } wait) return (0, wait);

        var found = await _rows.FindAsync(card);
        var now = clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        // Everything is looked at, whatever is wrong; and only what is right but for one in 65,000 is worth a slow hash.
        var right = codes.MayBe(activationCode, found?.Salt ?? Nobody, found?.Mark)
            & found is { Hash: not null, UsedAt: null, CardLostAt: null } & found?.ExpiresAt > now & birthDate is not null & found?.BirthDate == birthDate?.ToString();
        if (!right) return (0, attempt.Failed());
        // No connection is held meanwhile: hashes wait for one another.
        if (await hashes.OfAsync(activationCode, found!.Salt!, $"{way}:{name}", attempt.HasFailed) is not { } hash) return (0, new SignInResult.Unavailable());
        if (!CryptographicOperations.FixedTimeEquals(hash, found.Hash)) return (0, attempt.Failed());

        // The code works once: of two requests at the same moment, one finds it unused.
        await using var connection = await database.OpenAsync();
        var used = await connection.ExecuteAsync(
            "update activation_code set used_at = @now where worker_id = @WorkerId and used_at is null and hash = @Hash", new { now, found.WorkerId, found.Hash });
        if (used == 0) return (0, attempt.Failed());
        attempt.Succeeded();
        return (found.WorkerId, null);
    }

    static async Task<Dictionary<string, Row>> LoadAsync(DbConnection connection, IReadOnlyCollection<string> keys) =>
        (await connection.QueryAsync<Row>(
            $"""
            select w.card_number as Card, w.id as WorkerId, w.card_lost_at as CardLostAt, d.birth_date as BirthDate,
              a.salt, a.hash, a.mark, a.expires_at as ExpiresAt, a.used_at as UsedAt
            from worker w
            left join document d on d.worker_id = w.id and {DocumentLookup.IsNewest}
            left join activation_code a on a.worker_id = w.id
            where {Database.In(connection, "w.card_number")}
            """,
            new { keys })).ToDictionary(r => r.Card, StringComparer.Ordinal);

    internal static readonly byte[] Nobody = new byte[SecretCode.SaltLength];

    sealed class Row
    {
        public string Card { get; set; } = "";
        public long WorkerId { get; set; }
        public string? BirthDate { get; set; }
        public byte[]? Salt { get; set; }
        public byte[]? Hash { get; set; }
        public byte[]? Mark { get; set; }
        public long? ExpiresAt { get; set; }
        public long? UsedAt { get; set; }
        public long? CardLostAt { get; set; }
    }
}
