using System.Buffers.Text;
using System.Security.Cryptography;
using Dapper;
using Manzil.Access;
using Manzil.Layout;
using Manzil.Register;
using NodaTime;

namespace Manzil.Staff;

/// <summary>
/// Officers' sessions: rows, looked up at every request, so that a dismissal or another role counts at once. They end 30 minutes
/// after their last use, and 12 hours after the passkey was shown. The token is with the officer's browser; here stands its SHA-256.
/// </summary>
public sealed class StaffSessions(Database database, ServiceFacts facts, IClock clock)
{
    public const string Cookie = "manzil-staff", Folder = "/staff";
    public static readonly Duration Idle = Duration.FromMinutes(30);

    /// <summary>Whoever works on shows the passkey once a day.</summary>
    public static readonly Duration Longest = Duration.FromHours(12);

    /// <summary>How long after signing in an officer may add or remove passkeys: a desk is left, and a passkey outlasts the session.</summary>
    public static readonly Duration New = Duration.FromMinutes(15);

    public async Task<string> StartAsync(long staff)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var now = clock.GetCurrentInstant();
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from staff_session where last_used_at < @Oldest or created_at < @First", Ends(now));
        await connection.ExecuteAsync(
            "insert into staff_session (token_hash, staff_id, created_at, last_used_at) values (@hash, @staff, @now, @now)",
            new { hash = SHA256.HashData(secret), staff, now = now.ToUnixTimeMilliseconds() });
        return Base64Url.EncodeToString(secret);
    }

    public void Enter(HttpContext http, string token) => http.Response.Cookies.Append(facts.CookieName(Cookie, Folder), token, new CookieOptions
    {
        HttpOnly = true,
        Secure = facts.IsHttps,
        SameSite = SameSiteMode.Strict,
        Path = Folder,
        IsEssential = true,
    });

    /// <summary>Whose session the request's cookie names; null where it is over, or where its officer may not act any more.</summary>
    public async Task<StaffMember?> FindAsync(HttpContext http)
    {
        if (HashOf(http) is not { } hash) return null;
        var now = clock.GetCurrentInstant();
        await using var connection = await database.OpenAsync();
        var staff = await connection.ExecuteScalarAsync<long?>(
            "update staff_session set last_used_at = @now where token_hash = @hash and last_used_at >= @Oldest and created_at >= @First returning staff_id",
            new { hash, now = now.ToUnixTimeMilliseconds(), Ends(now).Oldest, Ends(now).First });
        return staff is { } id ? await StaffMember.FindAsync(connection, id) : null;
    }

    /// <summary>The same, where the officer signed in a short while ago.</summary>
    public async Task<StaffMember?> FindNewAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } staff) return null;
        await using var connection = await database.OpenAsync();
        var since = (clock.GetCurrentInstant() - New).ToUnixTimeMilliseconds();
        return await connection.ExecuteScalarAsync<long>(
            "select count(*) from staff_session where token_hash = @hash and created_at >= @since", new { hash = HashOf(http), since }) == 1 ? staff : null;
    }

    /// <summary>Signs in on this browser; whoever was signed in here before is not any more.</summary>
    public async Task EnterAsync(HttpContext http, long staff)
    {
        await ForgetAsync(http);
        Enter(http, await StartAsync(staff));
        await using var connection = await database.OpenAsync();
        SecurityEvents.OfficerSignedIn(http, await StaffMember.FindAsync(connection, staff));
    }

    public async Task EndAsync(HttpContext http)
    {
        await ForgetAsync(http);
        http.Response.Cookies.Delete(facts.CookieName(Cookie, Folder), new CookieOptions { Path = Folder, Secure = facts.IsHttps });
        SecurityHeaders.Forget(http.Response);
    }

    /// <summary>Signs the officer out everywhere but here.</summary>
    public async Task EndOthersAsync(HttpContext http, long staff)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from staff_session where staff_id = @staff and token_hash <> @hash", new { staff, hash = HashOf(http) });
    }

    async Task ForgetAsync(HttpContext http)
    {
        if (HashOf(http) is not { } hash) return;
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from staff_session where token_hash = @hash", new { hash });
    }

    /// <summary>By what the database would know this browser's session; null where it holds none.</summary>
    public byte[]? HashOf(HttpContext http) => Officers.HashOf(http.Request.Cookies[facts.CookieName(Cookie, Folder)]);

    /// <summary>What ends by now: last used before the one, or begun before the other.</summary>
    static Limits Ends(Instant now) => new((now - Idle).ToUnixTimeMilliseconds(), (now - Longest).ToUnixTimeMilliseconds());

    sealed record Limits(long Oldest, long First);
}
