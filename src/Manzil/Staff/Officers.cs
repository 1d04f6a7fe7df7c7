using System.Buffers.Text;
using System.Security.Cryptography;
using Dapper;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Staff;

public enum OfficerState
{
    Working,
    Waiting,
    Refused,
    Dismissed,
}

/// <summary>An officer as the command line and a lead reviewer see them.</summary>
/// <param name="Change">The newest entry about them: what a lead reviewer who agrees has seen.</param>
/// <param name="What">That entry: invited, role, agreed, refused or dismissed.</param>
public sealed record Officer(
    long Id, string Number, string Name, StaffRole Role, string Office, OfficerState State, long Change, string What, Instant ChangedAt, long Passkeys);

/// <summary>An invitation that still opens; <paramref name="Staff"/> is null until a lead reviewer has agreed.</summary>
public sealed record Invitation(byte[] TokenHash, string Number, string Name, StaffRole Role, string Office, Instant Expires, bool IsRefused, StaffMember? Staff);

/// <summary>Reads who the officers are; about workers it knows nothing.</summary>
public sealed class Officers(Database database, IClock clock)
{
    /// <summary>Everybody who ever was one and is not erased yet, in the order of their numbers.</summary>
    public async Task<IReadOnlyList<Officer>> ListAsync()
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<Row>(
            """
            select s.id, s.number, s.name, s.role, s.office, s.agreed_at as AgreedAt, s.refused_at as RefusedAt, s.dismissed_at as DismissedAt, s.invited_at as InvitedAt,
              c.id as Change, c.what, c.changed_at as ChangedAt, (select count(*) from staff_passkey p where p.staff_id = s.id) as Passkeys
            from staff s
            left join staff_change c on c.id = (select max(n.id) from staff_change n where n.staff_id = s.id)
            order by s.number
            """);
        return [.. rows.Select(r => r.Read()).OfType<Officer>()];
    }

    /// <summary>Those to whom a lead reviewer has to say yes or no, the longest waiting first.</summary>
    public async Task<IReadOnlyList<Officer>> WaitingAsync() => [.. (await ListAsync()).Where(o => o.State == OfficerState.Waiting).OrderBy(o => o.Change)];

    /// <returns>Null where the link is no invitation, or not any more.</returns>
    public async Task<Invitation?> InvitationAsync(string? token)
    {
        if (HashOf(token) is not { } hash) return null;
        await using var connection = await database.OpenAsync();
        var row = await connection.QuerySingleOrDefaultAsync<(long Id, string Number, string Name, string Role, string Office, long Expires, long? Refused)?>(
            """
            select s.id, s.number, s.name, s.role, s.office, i.expires_at, s.refused_at
            from staff_invitation i join staff s on s.id = i.staff_id
            where i.token_hash = @hash and i.used_at is null and i.expires_at > @now and s.dismissed_at is null
            """,
            new { hash, now = clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        return row is { } r && StaffRoles.TryParse(r.Role, out var role)
            ? new Invitation(hash, r.Number, r.Name, role, r.Office, Instant.FromUnixTimeMilliseconds(r.Expires), r.Refused is not null, await StaffMember.FindAsync(connection, r.Id))
            : null;
    }

    /// <summary>The SHA-256 of a one-time link's token; null where the text is none.</summary>
    public static byte[]? HashOf(string? token) =>
        token is { Length: 43 } && Base64Url.IsValid(token, out var length) && length == 32 ? SHA256.HashData(Base64Url.DecodeFromChars(token)) : null;

    sealed class Row
    {
        public long Id { get; set; }
        public string Number { get; set; } = "";
        public string Name { get; set; } = "";
        public string Role { get; set; } = "";
        public string Office { get; set; } = "";
        public long? AgreedAt { get; set; }
        public long? RefusedAt { get; set; }
        public long? DismissedAt { get; set; }
        public long InvitedAt { get; set; }
        public long? Change { get; set; }
        public string? What { get; set; }
        public long? ChangedAt { get; set; }
        public long Passkeys { get; set; }

        public Officer? Read() => !StaffRoles.TryParse(Role, out var role) ? null : new Officer(
            Id, Number, Name, role, Office,
            DismissedAt is not null ? OfficerState.Dismissed : RefusedAt is not null ? OfficerState.Refused : AgreedAt is not null ? OfficerState.Working : OfficerState.Waiting,
            Change ?? 0, What ?? "invited", Instant.FromUnixTimeMilliseconds(ChangedAt ?? InvitedAt), Passkeys);
    }
}
