using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Dapper;
using Manzil.Access;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>Who is signed in, and how. <see cref="FreshUntil"/>: until when a passkey or code still counts as just shown.</summary>
public sealed record Session(byte[] TokenHash, long WorkerId, string Kind, Instant CreatedAt, Instant LastUsedAt, Instant ExpiresAt, Instant FreshUntil)
{
    public const string Api = "api", Browser = "browser", Phone = "phone";

    /// <summary>By which way it began: the code of a slip, one that was sent, the document, a recovery code, a passkey.</summary>
    public const string BySlip = "slip", BySentCode = "sent-code", ByDocument = "document", ByRecoveryCode = "recovery", ByPasskey = "passkey";

    /// <summary>One of those; null where an older version began it.</summary>
    public string? BegunBy { get; init; }
}

/// <summary>Sessions are rows, not acts. A token is 256 random bits with its holder; the database knows its SHA-256.</summary>
public sealed class Sessions(Database database, Jurisdiction rules, IClock clock, ILoggerFactory? logging = null)
{
    public static readonly Duration ApiLifetime = Duration.FromHours(12);
    public static readonly Duration Freshness = Duration.FromMinutes(15);
    static readonly Duration LongestRenewal = Duration.FromDays(90);
    static readonly Duration Remembered = Duration.FromSeconds(30);
    const int MaxRemembered = 200_000;

    // For notices by API alone, which ask for the session once more as they are written: one ended on another node gets nothing done.
    readonly ConcurrentDictionary<UInt128, (Session Session, Instant Until)> _remembered = new();
    int _rememberedSinceCleared;

    readonly ILogger? _events = logging?.CreateLogger(SecurityEvents.Category);
    readonly GatheredLookup<byte[], Row> _rows = new(database, LoadAsync);

    Duration Lifetime(string kind) => kind == Session.Phone ? Duration.FromDays(rules.Intervals.RememberedPhoneDays) : ApiLifetime;

    /// <param name="begunBy">By which way; every page and door says it.</param>
    public async Task<(string Token, Session Session)> StartAsync(long worker, string kind, string? begunBy = null)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var now = clock.GetCurrentInstant();
        var session = new Session(SHA256.HashData(secret), worker, kind, now, now, now + Lifetime(kind), now + Freshness) { BegunBy = begunBy };
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from session where expires_at < @now", new { now = now.ToUnixTimeMilliseconds() });
        await connection.ExecuteAsync(
            """
            insert into session (token_hash, worker_id, kind, created_at, last_used_at, expires_at, fresh_until, begun_by)
            values (@TokenHash, @WorkerId, @Kind, @now, @now, @expires, @fresh, @BegunBy)
            """,
            new { session.TokenHash, session.WorkerId, session.Kind, session.BegunBy, now = now.ToUnixTimeMilliseconds(), expires = session.ExpiresAt.ToUnixTimeMilliseconds(), fresh = session.FreshUntil.ToUnixTimeMilliseconds() });
        SecurityEvents.WorkerSignedIn(_events, kind);
        return (Base64Url.EncodeToString(secret), session);
    }

    /// <summary>By what the database would know a token; null where it cannot be one.</summary>
    public static byte[]? HashOf(ReadOnlySpan<char> token) =>
        // Decoding alone throws at what is no base64url.
        token.Length == 43 && Base64Url.IsValid(token, out var length) && length == 32 ? Sha256.Hash(Base64Url.DecodeFromChars(token)) : null;

    /// <summary>Of a program's bearer token. A browser's cookie is none, though both are tokens of sessions.</summary>
    /// <param name="remembered">True where what this node remembers from the last seconds will do.</param>
    public async ValueTask<Session?> FindOfProgramAsync(ReadOnlyMemory<char> token, bool remembered) =>
        await FindAsync(token, remembered) is { Kind: Session.Api } session ? session : null;

    /// <summary>Of a browser's cookie, for one visit or on a remembered phone. A program's bearer token is none.</summary>
    public async ValueTask<Session?> FindOfBrowserAsync(ReadOnlyMemory<char> token) =>
        await FindAsync(token, remembered: false) is { Kind: Session.Browser or Session.Phone } session ? session : null;

    async ValueTask<Session?> FindAsync(ReadOnlyMemory<char> token, bool remembered)
    {
        if (HashOf(token.Span) is not { } hash) return null;
        var now = clock.GetCurrentInstant();
        var key = MemoryMarshal.Read<UInt128>(hash);
        if (remembered && _remembered.TryGetValue(key, out var known) && known.Until > now && known.Session.ExpiresAt > now
            && known.Session.TokenHash.AsSpan().SequenceEqual(hash)) return known.Session;

        if ((await _rows.FindAsync(hash))?.ToSession() is not { } session || session.ExpiresAt <= now) return null;
        if (now - session.LastUsedAt > Duration.FromHours(1))
        {
            // Each use moves the end of a remembered phone's session, and of no other.
            session = session with { LastUsedAt = now, ExpiresAt = session.Kind == Session.Phone ? now + Lifetime(Session.Phone) : session.ExpiresAt };
            await using var connection = await database.OpenAsync();
            await connection.ExecuteAsync(
                "update session set last_used_at = @now, expires_at = @expires where token_hash = @hash",
                new { hash, now = now.ToUnixTimeMilliseconds(), expires = session.ExpiresAt.ToUnixTimeMilliseconds() });
        }

        if (!remembered) return session;
        // The dictionary's own count stops everybody who writes to it.
        if (Interlocked.Increment(ref _rememberedSinceCleared) > MaxRemembered)
        {
            _remembered.Clear();
            _rememberedSinceCleared = 0;
        }

        _remembered[key] = (session, now + Remembered);
        return session;
    }

    /// <summary>Moves the end of an API session to 12 hours from now; null where it is too old for that.</summary>
    public async Task<Session?> RenewAsync(Session session)
    {
        if (session.Kind != Session.Api) return null;
        var now = clock.GetCurrentInstant();
        var expires = Instant.Min(now + ApiLifetime, session.CreatedAt + LongestRenewal);
        if (expires <= now) return null;
        await ChangeAsync(session, "update session set last_used_at = @now, expires_at = @at where token_hash = @hash", expires);
        return session with { LastUsedAt = now, ExpiresAt = expires };
    }

    /// <summary>A passkey or a code was shown in this session just now.</summary>
    public Task RefreshAsync(Session session) =>
        ChangeAsync(session, "update session set last_used_at = @now, fresh_until = @at where token_hash = @hash", clock.GetCurrentInstant() + Freshness);

    /// <summary>A browser's session becomes a remembered phone's. What is no browser's stays as it is.</summary>
    public async Task<Session> RememberAsync(Session session)
    {
        if (session.Kind != Session.Browser) return session;
        var now = clock.GetCurrentInstant();
        var phone = session with { Kind = Session.Phone, LastUsedAt = now, ExpiresAt = now + Lifetime(Session.Phone) };
        await ChangeAsync(session, "update session set kind = 'phone', last_used_at = @now, expires_at = @at where token_hash = @hash", phone.ExpiresAt);
        return phone;
    }

    public async Task EndAsync(Session session)
    {
        await ChangeAsync(session, "delete from session where token_hash = @hash", default);
    }

    /// <summary>Ends all of a worker's sessions but one.</summary>
    public async Task EndOthersAsync(Session kept)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from session where worker_id = @WorkerId and token_hash <> @TokenHash", new { kept.WorkerId, kept.TokenHash });
        Forget(kept.WorkerId);
    }

    /// <summary>What this node remembers of a worker's sessions, after they were ended in an act's own transaction.</summary>
    public void Forget(long worker)
    {
        foreach (var (key, value) in _remembered)
        {
            if (value.Session.WorkerId == worker) _remembered.TryRemove(key, out _);
        }
    }

    public async Task<IReadOnlyList<Session>> ListAsync(long worker)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<Row>(
            Select + " where worker_id = @worker and expires_at > @now order by last_used_at desc",
            new { worker, now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        return rows.Select(r => r.ToSession()).ToList();
    }

    public bool IsFresh(Session session) => clock.GetCurrentInstant() < session.FreshUntil;

    async Task ChangeAsync(Session session, string sql, Instant at)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync(sql, new { hash = session.TokenHash, now = clock.GetCurrentInstant().ToUnixTimeMilliseconds(), at = at.ToUnixTimeMilliseconds() });
        _remembered.TryRemove(MemoryMarshal.Read<UInt128>(session.TokenHash), out _);
    }

    static async Task<Dictionary<byte[], Row>> LoadAsync(System.Data.Common.DbConnection connection, IReadOnlyCollection<byte[]> keys) =>
        (await connection.QueryAsync<Row>($"{Select} where {Database.In(connection, "token_hash")}", new { keys })).ToDictionary(r => r.TokenHash, ByContent);

    const string Select =
        "select token_hash as TokenHash, worker_id as WorkerId, kind, created_at as CreatedAt, last_used_at as LastUsedAt, expires_at as ExpiresAt, fresh_until as FreshUntil, begun_by as BegunBy from session";

    static readonly IEqualityComparer<byte[]> ByContent = EqualityComparer<byte[]>.Create((a, b) => a.AsSpan().SequenceEqual(b), h => BitConverter.ToInt32(h));

    sealed class Row
    {
        public byte[] TokenHash { get; set; } = [];
        public long WorkerId { get; set; }
        public string Kind { get; set; } = "";
        public long CreatedAt { get; set; }
        public long LastUsedAt { get; set; }
        public long ExpiresAt { get; set; }
        public long FreshUntil { get; set; }
        public string? BegunBy { get; set; }

        public Session ToSession() => new(
            TokenHash, WorkerId, Kind, Instant.FromUnixTimeMilliseconds(CreatedAt), Instant.FromUnixTimeMilliseconds(LastUsedAt),
            Instant.FromUnixTimeMilliseconds(ExpiresAt), Instant.FromUnixTimeMilliseconds(FreshUntil))
        {
            BegunBy = BegunBy,
        };
    }
}
