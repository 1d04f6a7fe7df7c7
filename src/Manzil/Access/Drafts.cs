using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Manzil.Layout;
using Manzil.Register;
using Microsoft.AspNetCore.DataProtection;
using NodaTime;

namespace Manzil.Access;

/// <summary>
/// Keeps what somebody typed and has not sent, for a day, between the pages of a form and over the end of a session or a change of
/// language: encrypted with the keys that guard forms, for whoever typed it at that one page, and shown to nobody else
/// (docs/decisions/0054-what-was-typed-outlives-the-page.md). Of whom nobody knows, the browser itself keeps it, for a quarter of an hour.
/// </summary>
public sealed class Drafts(Database database, IDataProtectionProvider protection, ServiceFacts facts, IClock clock)
{
    /// <summary>Whoever is signed in nowhere.</summary>
    public const string Nobody = "";

    /// <summary>Of one person; older ones go first.</summary>
    public const int MaxOfOne = 20;

    public static readonly Duration Kept = Duration.FromDays(1), KeptByBrowser = Duration.FromMinutes(15);

    // What a browser takes in one cookie is 4,096 bytes with its name and what is said of it.
    const int MaxPath = 400, MaxContent = 600_000, MaxCookie = 3500;

    /// <returns>False where it could not be kept.</returns>
    public async Task<bool> SaveAsync(HttpContext http, string owner, string path, Draft draft)
    {
        if (path.Length > MaxPath) return false;
        if (owner == Nobody) return SaveInBrowser(http, path, draft);
        try
        {
            var content = ProtectorOf(owner, path).Protect(draft.ToBytes());
            if (content.Length > MaxContent) return false;
            await using var connection = await database.OpenAsync();
            await connection.ExecuteAsync(
                """
                insert into draft (owner, path, content, saved_at) values (@owner, @path, @content, @now)
                on conflict (owner, path) do update set content = excluded.content, saved_at = excluded.saved_at;
                delete from draft where owner = @owner and path not in (select path from draft where owner = @owner order by saved_at desc, path limit @most);
                """,
                new { owner, path, content, now = clock.GetCurrentInstant().ToUnixTimeMilliseconds(), most = MaxOfOne });
            return true;
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            // The page answers by itself, as it did before there were drafts.
            return false;
        }
    }

    /// <returns>Null where nothing is kept for this person at this page.</returns>
    public async Task<Draft?> FindAsync(HttpContext http, string owner, string path)
    {
        if (owner == Nobody) return FindInBrowser(http, path);
        await using var connection = await database.OpenAsync();
        var content = await connection.ExecuteScalarAsync<byte[]?>(
            "select content from draft where owner = @owner and path = @path and saved_at > @oldest",
            new { owner, path, oldest = (clock.GetCurrentInstant() - Kept).ToUnixTimeMilliseconds() });
        return content is null ? null : Read(ProtectorOf(owner, path), content);
    }

    /// <summary>It was sent, or is done with.</summary>
    public async Task DropAsync(HttpContext http, string owner, string path)
    {
        if (owner == Nobody)
        {
            if (http.Request.Cookies.ContainsKey(CookieName)) http.Response.Cookies.Delete(CookieName, Options(null));
            return;
        }

        try
        {
            await using var connection = await database.OpenAsync();
            await connection.ExecuteAsync("delete from draft where owner = @owner and path = @path", new { owner, path });
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            // What was done is done: it is answered, and the draft goes by its age.
        }
    }

    string CookieName => facts.CookieName("typed");

    bool SaveInBrowser(HttpContext http, string path, Draft draft)
    {
        var at = clock.GetCurrentInstant().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var value = at + "." + Base64Url.EncodeToString(ProtectorOf(at, path).Protect(draft.ToBytes()));
        if (value.Length > MaxCookie) return false;
        http.Response.Cookies.Append(CookieName, value, Options(KeptByBrowser.ToTimeSpan()));
        return true;
    }

    Draft? FindInBrowser(HttpContext http, string path)
    {
        if (http.Request.Cookies[CookieName]?.Split('.') is not [var at, var content] || content.Length > MaxCookie || !Base64Url.IsValid(content)
            || !long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var saved)
            || clock.GetCurrentInstant().ToUnixTimeMilliseconds() - saved is var age && (age < 0 || age > KeptByBrowser.TotalMilliseconds)) return null;
        return Read(ProtectorOf(at, path), Base64Url.DecodeFromChars(content));
    }

    CookieOptions Options(TimeSpan? age) =>
        new() { HttpOnly = true, Secure = facts.IsHttps, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = age, IsEssential = true };

    IDataProtector ProtectorOf(string owner, string path) => protection.CreateProtector("draft", owner, path);

    static Draft? Read(IDataProtector protector, byte[] content)
    {
        try
        {
            return Draft.Of(protector.Unprotect(content));
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            // Another's, altered, or of a key that is gone: there is nothing to show.
            return null;
        }
    }
}
