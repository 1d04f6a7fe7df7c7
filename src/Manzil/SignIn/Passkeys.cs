using System.Buffers.Text;
using System.Security.Cryptography;
using Dapper;
using Manzil.Layout;
using Manzil.Register;
using Microsoft.AspNetCore.Identity;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>A passkey as its owner sees it.</summary>
public sealed record KeptPasskey(byte[] CredentialId, Instant CreatedAt, Instant? LastUsedAt)
{
    public string Id => Base64Url.EncodeToString(CredentialId);
}

/// <summary>
/// Passkeys by ASP.NET Core Identity's handler, without its cookies: what a challenge was for is kept here, and its
/// first use takes it out, so that nothing can be played again.
/// </summary>
public sealed class Passkeys(Database database, IPasskeyHandler<Worker> handler, ServiceFacts facts, IClock clock)
{
    public const string ToSignIn = "sign-in", ToShowAgain = "fresh", ToAdd = "add";
    public const int MaxOfOneWorker = 20;
    const int MaxCredentialLength = 20_000;
    static readonly Duration Lifetime = Duration.FromMinutes(5);

    /// <summary>Browsers have passkeys only on HTTPS and on this very machine.</summary>
    public bool AreUsable => facts.PublicUrl is { } url && (url.Host == "localhost" || (facts.IsHttps && url.HostNameType == UriHostNameType.Dns));

    /// <returns>The challenge's id, and the options for the browser as JSON.</returns>
    public async Task<(string Id, string Options)> BeginAsync(HttpContext http, string purpose, Worker? worker)
    {
        if (purpose == ToAdd)
        {
            var creation = await handler.MakeCreationOptionsAsync(
                new PasskeyUserEntity { Id = PasskeyStore.Id(worker!.Id), Name = worker.CardNumber, DisplayName = worker.Name }, http);
            return (await KeepAsync(purpose, worker, creation.AttestationState), creation.CreationOptionsJson);
        }

        var request = await handler.MakeRequestOptionsAsync(worker, http);
        return (await KeepAsync(purpose, worker, request.AssertionState), request.RequestOptionsJson);
    }

    public async Task<bool> AddAsync(HttpContext http, Worker worker, string? challenge, string? credential)
    {
        if (await TakeAsync(ToAdd, worker, challenge, credential) is not { } state) return false;
        var result = await handler.PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = http, CredentialJson = credential!, AttestationState = state });
        Rethrow(result.Failure);
        if (!result.Succeeded || !result.Passkey.IsUserVerified) return false;
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteAsync(
            """
            insert into passkey (credential_id, worker_id, data, created_at)
            select @CredentialId, @Id, @data, @now where (select count(*) from passkey where worker_id = @Id) < @MaxOfOneWorker
            on conflict (credential_id) do nothing
            """,
            new { result.Passkey.CredentialId, worker.Id, data = PasskeyStore.Kept.Write(result.Passkey), now = clock.GetCurrentInstant().ToUnixTimeMilliseconds(), MaxOfOneWorker }) == 1;
    }

    /// <param name="expected">Whose passkey it must be; null to sign in as whoever's it is.</param>
    /// <returns>The passkey's worker; null where it does not count.</returns>
    public async Task<long?> CheckAsync(HttpContext http, Worker? expected, string? challenge, string? credential)
    {
        if (await TakeAsync(expected is null ? ToSignIn : ToShowAgain, expected, challenge, credential) is not { } state) return null;
        var result = await handler.PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = http, CredentialJson = credential!, AssertionState = state });
        Rethrow(result.Failure);
        if (!result.Succeeded || (expected is not null && expected.Id != result.User.Id)) return null;
        // The count is saved before anyone is let in: a copied passkey then shows itself.
        await using var connection = await database.OpenAsync();
        var saved = await connection.ExecuteAsync(
            "update passkey set data = @data, last_used_at = @now where credential_id = @CredentialId",
            new { result.Passkey.CredentialId, data = PasskeyStore.Kept.Write(result.Passkey), now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        return saved == 1 ? result.User.Id : null;
    }

    public async Task<IReadOnlyList<KeptPasskey>> ListAsync(long worker)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(byte[] Id, long CreatedAt, long? LastUsedAt)>(
            "select credential_id, created_at, last_used_at from passkey where worker_id = @worker order by created_at", new { worker });
        return [.. rows.Select(r => new KeptPasskey(
            r.Id, Instant.FromUnixTimeMilliseconds(r.CreatedAt), r.LastUsedAt is { } used ? Instant.FromUnixTimeMilliseconds(used) : null))];
    }

    public async Task RemoveAsync(long worker, KeptPasskey passkey)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from passkey where credential_id = @CredentialId and worker_id = @worker", new { passkey.CredentialId, worker });
    }

    async Task<string> KeepAsync(string purpose, Worker? worker, string? state)
    {
        var id = RandomNumberGenerator.GetBytes(32);
        var now = clock.GetCurrentInstant();
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from passkey_challenge where expires_at < @now", new { now = now.ToUnixTimeMilliseconds() });
        await connection.ExecuteAsync(
            "insert into passkey_challenge (id_hash, state, expires_at) values (@hash, @state, @expires)",
            new { hash = SHA256.HashData(id), state = Head(purpose, worker) + state, expires = (now + Lifetime).ToUnixTimeMilliseconds() });
        return Base64Url.EncodeToString(id);
    }

    /// <returns>The state of a challenge that was made for this purpose and worker; null where there is none, or no more.</returns>
    async Task<string?> TakeAsync(string purpose, Worker? worker, string? challenge, string? credential)
    {
        if (challenge is not { Length: 43 } || credential is not { Length: > 0 and <= MaxCredentialLength }) return null;
        var id = new byte[32];
        if (!Base64Url.TryDecodeFromChars(challenge, id, out var written) || written != 32) return null;
        await using var connection = await database.OpenAsync();
        var state = await connection.QuerySingleOrDefaultAsync<string?>(
            "delete from passkey_challenge where id_hash = @hash and expires_at > @now returning state",
            new { hash = SHA256.HashData(id), now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        var head = Head(purpose, worker);
        return state is not null && state.StartsWith(head, StringComparison.Ordinal) ? state[head.Length..] : null;
    }

    static string Head(string purpose, Worker? worker) => $"{purpose} {worker?.Id}\n";

    // The handler calls every failure the passkey's; a database that cannot be reached is ours.
    static void Rethrow(PasskeyException? failure)
    {
        if (failure?.InnerException is { } inner && Database.IsUnavailable(inner)) throw inner;
    }
}
