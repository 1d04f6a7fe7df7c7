using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Staff;

/// <summary>
/// Who is an officer, in which role, and who agreed: rows, one transaction each (decision 17). Whoever runs the machine invites,
/// gives another role and dismisses; a lead reviewer agrees before an invitation or another role counts.
/// </summary>
public sealed class Appointments(Database database, IClock clock)
{
    public const int MaxNumber = 20, MaxName = 200;
    public static readonly Duration InvitationLives = Duration.FromDays(7);

    /// <param name="Token">For the one-time link; only its SHA-256 is kept.</param>
    /// <param name="IsAgreed">True for the first lead reviewer, to whom the installation agrees.</param>
    public sealed record Invited(long Id, string Token, Instant Expires, bool IsAgreed);

    public async Task<Invited> InviteAsync(string name, string number, StaffRole role, string office, string language)
    {
        var (secret, now) = (RandomNumberGenerator.GetBytes(32), clock.GetCurrentInstant());
        var at = now.ToUnixTimeMilliseconds();
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var known = await connection.QuerySingleOrDefaultAsync<(long Id, string Name)?>("select id, name from staff where number = @number", new { number }, transaction);
        if (known is { } other && other.Name != name) throw new CommandLineException($"Number {number} belongs to {other.Name}: one person, one number.", 1);
        var values = new { number, name, role = role.Name(), office, language, at };
        var id = known is null
            ? await connection.ExecuteScalarAsync<long>(
                "insert into staff (number, name, role, office, language, invited_at) values (@number, @name, @role, @office, @language, @at) returning id", values, transaction)
            : await connection.ExecuteScalarAsync<long>(
                """
                update staff
                set role = @role, office = @office, language = @language, invited_at = @at, agreed_by = null, agreed_at = null, refused_at = null, dismissed_at = null
                where number = @number
                returning id
                """,
                values, transaction);
        // Whoever is invited anew has lost their passkeys, or was away: what they had before opens nothing any more.
        await ShutOutAsync(connection, transaction, id);
        var expires = now + InvitationLives;
        await connection.ExecuteAsync(
            "insert into staff_invitation (token_hash, staff_id, expires_at) values (@hash, @id, @expires)",
            new { hash = SHA256.HashData(secret), id, expires = expires.ToUnixTimeMilliseconds() }, transaction);
        await NoteAsync(connection, transaction, id, "invited", null, at);
        var agreed = await AgreeToFirstLeadAsync(connection, transaction, id, at);
        await transaction.CommitAsync();
        return new Invited(id, Base64Url.EncodeToString(secret), expires, agreed);
    }

    /// <summary>The old role stops with it; the new one counts once a lead reviewer has agreed.</summary>
    /// <returns>True where it counts at once: there was no lead reviewer, and this is the first.</returns>
    public async Task<bool> ChangeRoleAsync(string number, StaffRole role)
    {
        var at = clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var id = await IdOfAsync(connection, transaction, number);
        if (await connection.ExecuteScalarAsync<long>("select count(*) from staff where id = @id and role = @role and refused_at is null", new { id, role = role.Name() }, transaction) > 0)
            throw new CommandLineException($"Number {number} has the role {role.Name()} already.", 1);
        await connection.ExecuteAsync(
            "update staff set role = @role, agreed_by = null, agreed_at = null, refused_at = null where id = @id", new { id, role = role.Name() }, transaction);
        await connection.ExecuteAsync("delete from staff_session where staff_id = @id", new { id }, transaction);
        await NoteAsync(connection, transaction, id, "role", null, at);
        var agreed = await AgreeToFirstLeadAsync(connection, transaction, id, at);
        await transaction.CommitAsync();
        return agreed;
    }

    public async Task DismissAsync(string number)
    {
        var at = clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var id = await IdOfAsync(connection, transaction, number);
        await connection.ExecuteAsync("update staff set dismissed_at = @at where id = @id", new { id, at }, transaction);
        await ShutOutAsync(connection, transaction, id);
        await NoteAsync(connection, transaction, id, "dismissed", null, at);
        await transaction.CommitAsync();
    }

    /// <param name="change">The invitation or change of role that the lead reviewer saw.</param>
    /// <returns>False where it does not wait any more, is another one by now, or is their own.</returns>
    public Task<bool> AgreeAsync(StaffMember lead, long staff, long change) => DecideAsync(lead, staff, change, "agreed", "agreed_by = @lead, agreed_at = @at");

    /// <inheritdoc cref="AgreeAsync"/>
    public Task<bool> RefuseAsync(StaffMember lead, long staff, long change) => DecideAsync(lead, staff, change, "refused", "refused_at = @at");

    async Task<bool> DecideAsync(StaffMember lead, long staff, long change, string what, string set)
    {
        var at = clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var decided = await connection.ExecuteAsync(
            $"""
            update staff set {set}
            where id = @staff and id <> @lead and agreed_at is null and refused_at is null and dismissed_at is null
              and @change = (select max(c.id) from staff_change c where c.staff_id = staff.id)
              and exists (select 1 from staff l where l.id = @lead and l.role = 'lead-reviewer' and l.agreed_at is not null and l.dismissed_at is null)
            """,
            new { lead = lead.Id, staff, change, at }, transaction);
        if (decided == 0) return false;
        await NoteAsync(connection, transaction, staff, what, lead.Id, at);
        await transaction.CommitAsync();
        return true;
    }

    /// <summary>Where there is no lead reviewer, nobody could ever agree: the installation agrees to the first.</summary>
    static async Task<bool> AgreeToFirstLeadAsync(DbConnection connection, DbTransaction transaction, long id, long at)
    {
        var agreed = await connection.ExecuteAsync(
            """
            update staff set agreed_at = @at
            where id = @id and role = 'lead-reviewer'
              and not exists (select 1 from staff l where l.role = 'lead-reviewer' and l.agreed_at is not null and l.dismissed_at is null)
            """,
            new { id, at }, transaction) == 1;
        if (agreed) await NoteAsync(connection, transaction, id, "agreed", null, at);
        return agreed;
    }

    static async Task<long> IdOfAsync(DbConnection connection, DbTransaction transaction, string number) =>
        await connection.ExecuteScalarAsync<long?>("select id from staff where number = @number and dismissed_at is null", new { number }, transaction)
            ?? throw new CommandLineException($"Nobody works here under number {number}: 'manzil staff list' shows who does.", 1);

    static async Task ShutOutAsync(DbConnection connection, DbTransaction transaction, long id)
    {
        foreach (var table in (string[])["staff_session", "staff_passkey", "staff_invitation"])
            await connection.ExecuteAsync($"delete from {table} where staff_id = @id", new { id }, transaction);
    }

    static Task NoteAsync(DbConnection connection, DbTransaction transaction, long staff, string what, long? by, long at) => connection.ExecuteAsync(
        "insert into staff_change (staff_id, what, role, by_staff_id, changed_at) select id, @what, role, @by, @at from staff where id = @staff",
        new { staff, what, by, at }, transaction);
}
