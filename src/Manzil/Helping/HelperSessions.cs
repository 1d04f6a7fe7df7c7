using System.Buffers.Text;
using System.Security.Cryptography;
using Dapper;
using Manzil.Access;
using Manzil.Layout;
using Manzil.Register;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Helping;

/// <summary>
/// Helpers' sessions: rows, looked up at every request, so that a withdrawal counts at once. A cookie of its own, which goes to
/// no page but the helper's: nothing else of the worker's can be reached with it.
/// </summary>
public sealed class HelperSessions(Database database, ServiceFacts facts, IClock clock)
{
    public const string Cookie = "manzil-helper", Folder = "/helper";

    string Name => facts.CookieName(Cookie, Folder);

    /// <summary>Uses up a code.</summary>
    /// <returns>False where no code in force is this one: unknown, used, withdrawn and over are the same answer.</returns>
    public async Task<bool> EnterAsync(HttpContext http, string? typed)
    {
        // What cannot be a code is looked up all the same.
        var hash = HelperGrants.HashOf(typed) ?? RandomNumberGenerator.GetBytes(32);
        var now = clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        await using var connection = await database.OpenAsync();
        // A wrong code takes no lock of the database.
        if (await connection.ExecuteScalarAsync<long>("select count(*) from helper_grant where code_hash = @hash", new { hash }) == 0) return false;
        await using var transaction = await connection.BeginTransactionAsync();
        var grant = await connection.QuerySingleOrDefaultAsync<HelperGrant>(
            $"""
            update helper_grant set code_hash = null, entered_at = @now
            where code_hash = @hash and withdrawn_at is null and expires_at > @now
            returning {HelperGrant.Columns.Replace("g.", "", StringComparison.Ordinal)}
            """,
            new { hash, now }, transaction);
        if (grant is null) return false;
        var secret = RandomNumberGenerator.GetBytes(32);
        await connection.ExecuteAsync(
            "insert into helper_session (token_hash, grant_id, created_at) values (@hash, @Id, @now)", new { hash = SHA256.HashData(secret), grant.Id, now }, transaction);
        await connection.ExecuteAsync("delete from helper_session where grant_id in (select id from helper_grant where expires_at <= @now)", new { now }, transaction);
        await transaction.CommitAsync();
        SecurityEvents.HelperCameIn(http);
        http.Response.Cookies.Append(Name, Base64Url.EncodeToString(secret), new CookieOptions
        {
            HttpOnly = true,
            Secure = facts.IsHttps,
            SameSite = SameSiteMode.Lax,
            Path = Folder,
            MaxAge = TimeSpan.FromMilliseconds(grant.ExpiresAt - now),
            IsEssential = true,
        });
        return true;
    }

    /// <summary>For whom this request's browser may act; null where it may for nobody, or not any more.</summary>
    public async Task<HelperGrant?> FindAsync(HttpContext http)
    {
        if (HashOf(http) is not { } hash) return null;
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleOrDefaultAsync<HelperGrant>(
            $"""
            select {HelperGrant.Columns} from helper_session s join helper_grant g on g.id = s.grant_id
            where s.token_hash = @hash and g.withdrawn_at is null and g.expires_at > @now
            """,
            new { hash, now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
    }

    public async Task EndAsync(HttpContext http)
    {
        if (HashOf(http) is { } hash)
        {
            await using var connection = await database.OpenAsync();
            await connection.ExecuteAsync("delete from helper_session where token_hash = @hash", new { hash });
        }

        Forget(http);
    }

    /// <summary>SHA-256 of the token that the browser holds, in force or not; null where it holds none.</summary>
    public byte[]? HashOf(HttpContext http) => http.Request.Cookies[Name] is { } token ? Sessions.HashOf(token) : null;

    /// <summary>Whether the browser holds a helper's cookie, in force or not.</summary>
    public bool IsHeld(HttpContext http) => http.Request.Cookies.ContainsKey(Name);

    public void Forget(HttpContext http)
    {
        http.Response.Cookies.Delete(Name, new CookieOptions { Path = Folder, Secure = facts.IsHttps });
        SecurityHeaders.Forget(http.Response);
    }
}
