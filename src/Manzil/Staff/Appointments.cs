using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;
using Npgsql;

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
        if (known is { } first && await HasNeverEnteredAsync(connection, transaction, first.Id, role, office))
        {
            // Their link ran out or was lost, and nobody else could agree: they get another, and what was agreed to stays.
            var (again, until) = await NewLinkAsync(connection, transaction, first.Id, secret, now);
            await transaction.CommitAsync();
            return new Invited(first.Id, again, until, true);
        }

        if (known is { } lead) await CheckOthersAsync(connection, transaction, lead.Id, number);
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
        var (token, expires) = await NewLinkAsync(connection, transaction, id, secret, now);
        await NoteAsync(connection, transaction, id, "invited", null, at);
        var agreed = await AgreeToFirstLeadAsync(connection, transaction, id, at);
        await transaction.CommitAsync();
        return new Invited(id, token, expires, agreed);
    }

    static async Task<(string Token, Instant Expires)> NewLinkAsync(DbConnection connection, DbTransaction transaction, long id, byte[] secret, Instant now)
    {
        var expires = now + InvitationLives;
        await connection.ExecuteAsync("delete from staff_invitation where staff_id = @id", new { id }, transaction);
        await connection.ExecuteAsync(
            "insert into staff_invitation (token_hash, staff_id, expires_at) values (@hash, @id, @expires)",
            new { hash = SHA256.HashData(secret), id, expires = expires.ToUnixTimeMilliseconds() }, transaction);
        return (Base64Url.EncodeToString(secret), expires);
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
        await CheckOthersAsync(connection, transaction, id, number);
        await connection.ExecuteAsync(
            "update staff set role = @role, agreed_by = null, agreed_at = null, refused_at = null where id = @id", new { id, role = role.Name() }, transaction);
        await connection.ExecuteAsync("delete from staff_session where staff_id = @id", new { id }, transaction);
        await NoteAsync(connection, transaction, id, "role", null, at);
        var agreed = await AgreeToFirstLeadAsync(connection, transaction, id, at);
        await transaction.CommitAsync();
        return agreed;
    }

    /// <param name="last">True to dismiss the only lead reviewer as well, after whom nobody can agree to anybody.</param>
    public async Task DismissAsync(string number, bool last = false)
    {
        var at = clock.GetCurrentInstant().ToUnixTimeMilliseconds();
        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var id = await IdOfAsync(connection, transaction, number);
        if (!last) await CheckOthersAsync(connection, transaction, id, number, ", or dismiss them with --last all the same");
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
        if (connection is NpgsqlConnection) await connection.ExecuteAsync("select 1 from staff where id = @staff for update", new { staff }, transaction);
        // The entry first: the database lets nobody act without it (script 037).
        var noted = await connection.ExecuteAsync(
            """
            insert into staff_change (staff_id, what, role, by_staff_id, changed_at)
            select id, @what, role, @lead, @at from staff
            where id = @staff and id <> @lead and agreed_at is null and refused_at is null and dismissed_at is null
              and @change = (select max(c.id) from staff_change c where c.staff_id = staff.id)
              and exists (select 1 from staff l where l.id = @lead and l.role = 'lead-reviewer' and l.agreed_at is not null and l.dismissed_at is null)
            """,
            new { lead = lead.Id, staff, change, what, at }, transaction);
        if (noted == 0) return false;
        await connection.ExecuteAsync($"update staff set {set} where id = @staff", new { lead = lead.Id, staff, at }, transaction);
        await transaction.CommitAsync();
        return true;
    }

    /// <summary>
    /// Nobody could ever agree to the installation's first lead reviewer, so it does itself: once, as the database sees to (script 037).
    /// </summary>
    static async Task<bool> AgreeToFirstLeadAsync(DbConnection connection, DbTransaction transaction, long id, long at)
    {
        var isFirst = await connection.ExecuteScalarAsync<long>(
            """
            select count(*) from staff
            where id = @id and role = 'lead-reviewer' and not exists (select 1 from first_lead)
              and not exists (select 1 from staff l where l.role = 'lead-reviewer' and l.agreed_at is not null and l.dismissed_at is null)
            """,
            new { id }, transaction) == 1;
        if (!isFirst) return false;
        await NoteAsync(connection, transaction, id, "agreed", null, at);
        await connection.ExecuteAsync("update staff set agreed_at = @at where id = @id", new { id, at }, transaction);
        return true;
    }

    /// <summary>The first lead reviewer, invited anew to the same before their first link was used.</summary>
    static async Task<bool> HasNeverEnteredAsync(DbConnection connection, DbTransaction transaction, long id, StaffRole role, string office) =>
        await connection.ExecuteScalarAsync<long>(
            """
            select count(*) from staff s join first_lead f on f.staff_id = s.id
            where s.id = @id and s.role = @role and s.office = @office and s.agreed_at is not null and s.agreed_by is null and s.dismissed_at is null
              and not exists (select 1 from staff_passkey p where p.staff_id = s.id)
              and not exists (select 1 from staff_invitation i where i.staff_id = s.id and i.used_at is not null)
            """,
            new { id, role = role.Name(), office }, transaction) == 1;

    /// <summary>Without a lead reviewer nobody can be agreed to, and nobody lets in a second first one.</summary>
    static async Task CheckOthersAsync(DbConnection connection, DbTransaction transaction, long id, string number, string orElse = "")
    {
        // Of two who are dismissed at once, the second waits here and finds the other gone. SQLite has one writer.
        var wait = connection is NpgsqlConnection ? " order by id for update" : "";
        var leads = (await connection.QueryAsync<long>("select id from staff where role = 'lead-reviewer' and agreed_at is not null and dismissed_at is null" + wait, transaction: transaction)).ToList();
        if (leads is [var only] && only == id)
            throw new CommandLineException($"Number {number} is the only lead reviewer, and without one nobody can agree to anybody: let another lead reviewer in first{orElse}.", 1);
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
