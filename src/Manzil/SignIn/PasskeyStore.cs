using System.Text.Json;
using Dapper;
using Manzil.Register;
using Microsoft.AspNetCore.Identity;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>What Identity's passkey handler reads of workers and their passkeys; it writes nothing.</summary>
public sealed class PasskeyStore(Database database, WorkerReader workers) : IUserPasskeyStore<Worker>
{
    public static string Id(long worker) => worker.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public Task<string> GetUserIdAsync(Worker user, CancellationToken cancellationToken) => Task.FromResult(Id(user.Id));

    public Task<string?> GetUserNameAsync(Worker user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.CardNumber);

    public async Task<Worker?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        long.TryParse(userId, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id) ? await workers.FindAsync(id) : null;

    public async Task<Worker?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var worker = await connection.QuerySingleOrDefaultAsync<long?>("select worker_id from passkey where credential_id = @credentialId", new { credentialId });
        return worker is { } id ? await workers.FindAsync(id) : null;
    }

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Worker user, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(byte[] Id, string Data, long CreatedAt)>(
            "select credential_id, data, created_at from passkey where worker_id = @Id", new { user.Id });
        return [.. rows.Select(r => Kept.Read(r.Id, r.Data, r.CreatedAt))];
    }

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Worker user, byte[] credentialId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<(byte[] Id, string Data, long CreatedAt)?>(
            "select credential_id, data, created_at from passkey where worker_id = @Id and credential_id = @credentialId", new { user.Id, credentialId });
        return row is { } r ? Kept.Read(r.Id, r.Data, r.CreatedAt) : null;
    }

    public Task AddOrUpdatePasskeyAsync(Worker user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemovePasskeyAsync(Worker user, byte[] credentialId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetUserNameAsync(Worker user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> GetNormalizedUserNameAsync(Worker user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(Worker user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(Worker user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(Worker user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(Worker user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Worker?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    /// <summary>The column passkey.data: what checking a later use needs. What the phone said of its maker is not kept.</summary>
    public sealed record Kept(byte[] PublicKey, uint SignCount, string[]? Transports, bool IsUserVerified, bool IsBackupEligible, bool IsBackedUp)
    {
        public static string Write(UserPasskeyInfo p) => JsonSerializer.Serialize(
            new Kept(p.PublicKey, p.SignCount, p.Transports, p.IsUserVerified, p.IsBackupEligible, p.IsBackedUp), JsonSerializerOptions.Web);

        public static UserPasskeyInfo Read(byte[] id, string data, long createdAt)
        {
            var k = JsonSerializer.Deserialize<Kept>(data, JsonSerializerOptions.Web)!;
            return new UserPasskeyInfo(
                id, k.PublicKey, Instant.FromUnixTimeMilliseconds(createdAt).ToDateTimeOffset(), k.SignCount, k.Transports,
                k.IsUserVerified, k.IsBackupEligible, k.IsBackedUp, [], []);
        }
    }
}
