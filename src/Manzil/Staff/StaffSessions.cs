using System.Buffers.Text;
using System.Security.Cryptography;
using Dapper;
using Manzil.Layout;
using Manzil.Register;
using NodaTime;

namespace Manzil.Staff;

/// <summary>
/// Officers' sessions: rows, looked up at every request, so that a dismissal or another role counts at once. They end 30 minutes
/// after their last use. The token is with the officer's browser; here stands its SHA-256.
/// </summary>
public sealed class StaffSessions(Database database, ServiceFacts facts, IClock clock)
{
    public const string Cookie = "manzil-staff";
    public static readonly Duration Idle = Duration.FromMinutes(30);

    /// <summary>How long after signing in an officer may add or remove passkeys: a desk is left, and a passkey outlasts the session.</summary>
    public static readonly Duration New = Duration.FromMinutes(15);

    public async Task<string> StartAsync(long staff)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var now = clock.GetCurrentInstant();
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from staff_session where last_used_at < @oldest", new { oldest = (now - Idle).ToUnixTimeMilliseconds() });
        await connection.ExecuteAsync(
            "insert into staff_session (token_hash, staff_id, created_at, last_used_at) values (@hash, @staff, @now, @now)",
            new { hash = SHA256.HashData(secret), staff, now = now.ToUnixTimeMilliseconds() });
        return Base64Url.EncodeToString(secret);
    }

    public void Enter(HttpContext http, string token) => http.Response.Cookies.Append(Cookie, token, new CookieOptions
    {
        HttpOnly = true,
        Secure = facts.IsHttps,
        SameSite = SameSiteMode.Strict,
        Path = "/staff",
        IsEssential = true,
    });

    /// <summary>Whose session the request's cookie names; null where it is over, or where its officer may not act any more.</summary>
    public async Task<StaffMember?> FindAsync(HttpContext http)
    {
        if (HashOf(http) is not { } hash) return null;
        var now = clock.GetCurrentInstant();
        await using var connection = await database.OpenAsync();
        var staff = await connection.ExecuteScalarAsync<long?>(
            "update staff_session set last_used_at = @now where token_hash = @hash and last_used_at >= @oldest returning staff_id",
            new { hash, now = now.ToUnixTimeMilliseconds(), oldest = (now - Idle).ToUnixTimeMilliseconds() });
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
    }

    public async Task EndAsync(HttpContext http)
    {
        await ForgetAsync(http);
        http.Response.Cookies.Delete(Cookie, new CookieOptions { Path = "/staff" });
    }

    async Task ForgetAsync(HttpContext http)
    {
        if (HashOf(http) is not { } hash) return;
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from staff_session where token_hash = @hash", new { hash });
    }

    /// <summary>By what the database would know this browser's session; null where it holds none.</summary>
    public static byte[]? HashOf(HttpContext http) => Officers.HashOf(http.Request.Cookies[Cookie]);
}
