using Dapper;
using Manzil.Register;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>How a worker gets in again by themselves once a session is over. Whoever has none is told so before it is.</summary>
public sealed class WaysBack(Database database, Passkeys passkeys, IClock clock)
{
    public const string Passkey = "passkey", Phone = "phone", SentCode = "sent-code", Document = "document", Recovery = "recovery", Slip = "slip";

    static readonly string[] All = [Passkey, Phone, SentCode, Document, Recovery, Slip];

    /// <param name="worker">Who would want to come back.</param>
    /// <param name="ending">The session that is over then: what it holds is no way back.</param>
    public async Task<IReadOnlyList<string>> FindAsync(Worker worker, Session ending)
    {
        await using var connection = await database.OpenAsync();
        var has = await connection.QuerySingleAsync<Row>(
            """
            select
              (select count(*) from passkey where worker_id = w.id) as Passkeys,
              (select count(*) from session where worker_id = w.id and kind = 'phone' and token_hash <> @TokenHash and expires_at > @now) as Phones,
              (select count(*) from recovery_code where worker_id = w.id and used_at is null) as Codes,
              (select count(*) from activation_code where worker_id = w.id and used_at is null and expires_at > @now) as Slips,
              w.card_lost_at as CardLostAt
            from worker w where w.id = @Id
            """,
            new { worker.Id, ending.TokenHash, now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        // A code that comes back from a phone that is no more lets nobody in.
        var dead = (await connection.QueryAsync<string>(
            "select address from message where worker_id = @Id group by address having coalesce(max(bounced_at), 0) > coalesce(max(arrived_at), 0)", new { worker.Id })).ToHashSet();
        var isReached = worker.Channels.Any(c => !dead.Contains(c.Address));
        // All of the last four need the birth date.
        var isKnown = worker.Document is not null;
        return
        [
            .. All.Where(way => way switch
            {
                Passkey => passkeys.AreUsable && has.Passkeys > 0,
                Phone => has.Phones > 0,
                SentCode => isKnown && isReached && has.CardLostAt is null,
                Document => isKnown && isReached && has.CardLostAt is not null,
                Recovery => isKnown && has.Codes > 0,
                _ => isKnown && has.Slips > 0 && has.CardLostAt is null,
            }),
        ];
    }

    /// <summary>As an address says them, believed or not: they name nobody.</summary>
    public static IReadOnlyList<string> Read(string? text) => [.. All.Intersect((text ?? "").Split(','))];

    sealed class Row
    {
        public long Passkeys { get; set; }
        public long Phones { get; set; }
        public long Codes { get; set; }
        public long Slips { get; set; }
        public long? CardLostAt { get; set; }
    }
}
