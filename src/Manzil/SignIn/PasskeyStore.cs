using System.Globalization;
using System.Text.Json;
using Dapper;
using Manzil.Register;
using Microsoft.AspNetCore.Identity;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>What Identity's passkey handler reads of those who sign in, workers or officers, and of their passkeys; it writes nothing.</summary>
public abstract class PasskeyStore<TPerson>(Database database) : IUserPasskeyStore<TPerson>
    where TPerson : class
{
    protected Database Database => database;

    /// <summary>The table of their passkeys.</summary>
    internal abstract string Table { get; }

    /// <summary>Its column that names the owner.</summary>
    internal abstract string Owner { get; }

    /// <summary>Stands before an id in what a phone keeps: a phone that is a worker's and an officer's at once keeps both apart.</summary>
    internal abstract string Prefix { get; }

    internal abstract long IdOf(TPerson person);

    /// <summary>The account as a phone names it, and whose it is.</summary>
    internal abstract (string Account, string Name) NamesOf(TPerson person);

    protected abstract Task<TPerson?> FindAsync(long id, CancellationToken cancellation);

    internal string HandleOf(TPerson person) => Prefix + IdOf(person).ToString(CultureInfo.InvariantCulture);

    public Task<string> GetUserIdAsync(TPerson user, CancellationToken cancellationToken) => Task.FromResult(HandleOf(user));

    public Task<string?> GetUserNameAsync(TPerson user, CancellationToken cancellationToken) => Task.FromResult<string?>(NamesOf(user).Account);

    public async Task<TPerson?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        userId.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(userId.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? await FindAsync(id, cancellationToken)
            : null;

    public async Task<TPerson?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var owner = await connection.QuerySingleOrDefaultAsync<long?>($"select {Owner} from {Table} where credential_id = @credentialId", new { credentialId });
        return owner is { } id ? await FindAsync(id, cancellationToken) : null;
    }

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(TPerson user, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(byte[] Id, string Data, long CreatedAt)>(
            $"select credential_id, data, created_at from {Table} where {Owner} = @id", new { id = IdOf(user) });
        return [.. rows.Select(r => KeptKey.Read(r.Id, r.Data, r.CreatedAt))];
    }

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(TPerson user, byte[] credentialId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<(byte[] Id, string Data, long CreatedAt)?>(
            $"select credential_id, data, created_at from {Table} where {Owner} = @id and credential_id = @credentialId", new { id = IdOf(user), credentialId });
        return row is { } r ? KeptKey.Read(r.Id, r.Data, r.CreatedAt) : null;
    }

    public Task AddOrUpdatePasskeyAsync(TPerson user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemovePasskeyAsync(TPerson user, byte[] credentialId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetUserNameAsync(TPerson user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> GetNormalizedUserNameAsync(TPerson user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(TPerson user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(TPerson user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(TPerson user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(TPerson user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TPerson?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>The column data of a passkey: what checking a later use needs. What the phone said of its maker is not kept.</summary>
sealed record KeptKey(byte[] PublicKey, uint SignCount, string[]? Transports, bool IsUserVerified, bool IsBackupEligible, bool IsBackedUp)
{
    public static string Write(UserPasskeyInfo p) => JsonSerializer.Serialize(
        new KeptKey(p.PublicKey, p.SignCount, p.Transports, p.IsUserVerified, p.IsBackupEligible, p.IsBackedUp), JsonSerializerOptions.Web);

    public static UserPasskeyInfo Read(byte[] id, string data, long createdAt)
    {
        var k = JsonSerializer.Deserialize<KeptKey>(data, JsonSerializerOptions.Web)!;
        return new UserPasskeyInfo(
            id, k.PublicKey, Instant.FromUnixTimeMilliseconds(createdAt).ToDateTimeOffset(), k.SignCount, k.Transports,
            k.IsUserVerified, k.IsBackupEligible, k.IsBackedUp, [], []);
    }
}
