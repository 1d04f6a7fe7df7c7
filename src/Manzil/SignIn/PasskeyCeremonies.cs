using System.Buffers.Text;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Manzil.Access;
using Manzil.Layout;
using Manzil.Register;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>A passkey as its owner sees it.</summary>
public sealed record KeptPasskey(byte[] CredentialId, Instant CreatedAt, Instant? LastUsedAt)
{
    public string Id => Base64Url.EncodeToString(CredentialId);
}

/// <summary>
/// Passkeys by ASP.NET Core Identity's handler, without its cookies: what a challenge was for goes to the browser, sealed, and nothing
/// is kept of it, so that asking for challenges fills nothing. One that counted is kept as used, so that nothing can be played again.
/// The same for workers and officers, each with a store of their own.
/// </summary>
public abstract class PasskeyCeremonies<TPerson>(
    PasskeyStore<TPerson> store, IPasskeyHandler<TPerson> handler, Database database, ServiceFacts facts, IDataProtectionProvider protection, IClock clock)
    where TPerson : class
{
    public const string ToSignIn = "sign-in", ToShowAgain = "fresh", ToAdd = "add";
    const int MaxOfOnePerson = 20;
    const int MaxCredentialLength = 20_000, MaxChallengeLength = 8_000, TimeLength = 19;
    static readonly Duration Lifetime = Duration.FromMinutes(5);

    protected Database Database => database;

    protected IClock Clock => clock;

    /// <summary>Browsers have passkeys only on HTTPS and on this very machine.</summary>
    public bool AreUsable => facts.PublicUrl is { } url && (url.Host == "localhost" || (facts.IsHttps && url.HostNameType == UriHostNameType.Dns));

    readonly IDataProtector _seal = protection.CreateProtector("manzil passkey challenge 1");

    /// <returns>The challenge, sealed, and the options for the browser as JSON.</returns>
    public async Task<(string Challenge, string Options)> BeginAsync(HttpContext http, string purpose, TPerson? person)
    {
        if (purpose == ToAdd)
        {
            var (account, name) = store.NamesOf(person!);
            var creation = await handler.MakeCreationOptionsAsync(new PasskeyUserEntity { Id = store.HandleOf(person!), Name = account, DisplayName = name }, http);
            return (Seal(purpose, person, creation.AttestationState), creation.CreationOptionsJson);
        }

        var request = await handler.MakeRequestOptionsAsync(person, http);
        return (Seal(purpose, person, request.AssertionState), request.RequestOptionsJson);
    }

    public async Task<bool> AddAsync(HttpContext http, TPerson person, string? challenge, string? credential)
    {
        if (await ReadNewAsync(http, person, challenge, credential) is not { } passkey) return false;
        await using var connection = await database.OpenAsync();
        return await InsertAsync(connection, null, person, passkey);
    }

    /// <returns>The new passkey, not yet stored; null where it does not count.</returns>
    protected async Task<UserPasskeyInfo?> ReadNewAsync(HttpContext http, TPerson person, string? challenge, string? credential)
    {
        if (Open(ToAdd, person, challenge, credential) is not { } opened) return null;
        var result = await handler.PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = http, CredentialJson = credential!, AttestationState = opened.State });
        Rethrow(result.Failure);
        return result.Succeeded && result.Passkey.IsUserVerified && await UseAsync(challenge!, opened.Until) ? result.Passkey : null;
    }

    protected async Task<bool> InsertAsync(DbConnection connection, DbTransaction? transaction, TPerson person, UserPasskeyInfo passkey) =>
        await connection.ExecuteAsync(
            $"""
            insert into {store.Table} (credential_id, {store.Owner}, data, created_at)
            select @CredentialId, @id, @data, @now where (select count(*) from {store.Table} where {store.Owner} = @id) < @MaxOfOnePerson
            on conflict (credential_id) do nothing
            """,
            new { passkey.CredentialId, id = store.IdOf(person), data = KeptKey.Write(passkey), now = clock.GetCurrentInstant().ToUnixTimeMilliseconds(), MaxOfOnePerson },
            transaction) == 1;

    /// <param name="expected">Whose passkey it must be; null to sign in as whoever's it is.</param>
    /// <returns>The id of the passkey's owner; null where it does not count.</returns>
    public async Task<long?> CheckAsync(HttpContext http, TPerson? expected, string? challenge, string? credential)
    {
        var owner = await OwnerAsync(http, expected, challenge, credential);
        if (owner is null) SecurityEvents.PasskeyFailed(http, store.Table, expected is null ? ToSignIn : ToShowAgain);
        return owner;
    }

    async Task<long?> OwnerAsync(HttpContext http, TPerson? expected, string? challenge, string? credential)
    {
        if (Open(expected is null ? ToSignIn : ToShowAgain, expected, challenge, credential) is not { } opened) return null;
        var result = await handler.PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = http, CredentialJson = credential!, AssertionState = opened.State });
        Rethrow(result.Failure);
        if (!result.Succeeded || (expected is not null && store.IdOf(expected) != store.IdOf(result.User))) return null;
        if (!await UseAsync(challenge!, opened.Until)) return null;
        // The count is saved before anyone is let in: a copied passkey then shows itself.
        await using var connection = await database.OpenAsync();
        var saved = await connection.ExecuteAsync(
            $"update {store.Table} set data = @data, last_used_at = @now where credential_id = @CredentialId",
            new { result.Passkey.CredentialId, data = KeptKey.Write(result.Passkey), now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        return saved == 1 ? store.IdOf(result.User) : null;
    }

    public async Task<IReadOnlyList<KeptPasskey>> ListAsync(long person)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(byte[] Id, long CreatedAt, long? LastUsedAt)>(
            $"select credential_id, created_at, last_used_at from {store.Table} where {store.Owner} = @person order by created_at", new { person });
        return [.. rows.Select(r => new KeptPasskey(
            r.Id, Instant.FromUnixTimeMilliseconds(r.CreatedAt), r.LastUsedAt is { } used ? Instant.FromUnixTimeMilliseconds(used) : null))];
    }

    public async Task RemoveAsync(long person, KeptPasskey passkey)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync(
            $"delete from {store.Table} where credential_id = @CredentialId and {store.Owner} = @person", new { passkey.CredentialId, person });
    }

    /// <summary>Until when it counts, what it is for, and what the handler has to know again.</summary>
    string Seal(string purpose, TPerson? person, string? state)
    {
        var until = (clock.GetCurrentInstant() + Lifetime).ToUnixTimeMilliseconds().ToString($"D{TimeLength}", CultureInfo.InvariantCulture);
        return Base64Url.EncodeToString(_seal.Protect(Encoding.UTF8.GetBytes(until + Head(purpose, person) + state)));
    }

    /// <returns>The state of a challenge that was made for this purpose and person; null where there is none, or no more.</returns>
    (string State, Instant Until)? Open(string purpose, TPerson? person, string? challenge, string? credential)
    {
        if (challenge is not { Length: > 0 and <= MaxChallengeLength } || credential is not { Length: > 0 and <= MaxCredentialLength } || !Base64Url.IsValid(challenge)) return null;
        string opened;
        try
        {
            opened = Encoding.UTF8.GetString(_seal.Unprotect(Base64Url.DecodeFromChars(challenge)));
        }
        catch (CryptographicException)
        {
            // Not sealed here, or by a key that is no more.
            return null;
        }

        var until = Instant.FromUnixTimeMilliseconds(long.Parse(opened.AsSpan(0, TimeLength), NumberStyles.None, CultureInfo.InvariantCulture));
        var head = Head(purpose, person);
        var rest = opened[TimeLength..];
        return until > clock.GetCurrentInstant() && rest.StartsWith(head, StringComparison.Ordinal) ? (rest[head.Length..], until) : null;
    }

    /// <returns>False where this challenge counted before. What is kept is its digest, until it would not count any more.</returns>
    async Task<bool> UseAsync(string challenge, Instant until)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from passkey_challenge where expires_at < @now", new { now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        return await connection.ExecuteAsync(
            "insert into passkey_challenge (id_hash, state, expires_at) values (@hash, '', @until) on conflict (id_hash) do nothing",
            new { hash = SHA256.HashData(Base64Url.DecodeFromChars(challenge)), until = until.ToUnixTimeMilliseconds() }) == 1;
    }

    string Head(string purpose, TPerson? person) => $"{store.Table} {purpose} {(person is null ? "" : store.IdOf(person))}\n";

    // The handler calls every failure the passkey's; a database that cannot be reached is ours.
    static void Rethrow(PasskeyException? failure)
    {
        if (failure?.InnerException is { } inner && Database.IsUnavailable(inner)) throw inner;
    }
}
