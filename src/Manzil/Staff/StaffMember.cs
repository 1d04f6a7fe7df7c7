using System.Data.Common;
using Dapper;
using Manzil.Rules;

namespace Manzil.Staff;

/// <summary>An officer who may act: invited, agreed to, not dismissed.</summary>
public sealed record StaffMember(long Id, string Number, string Name, StaffRole Role, string Office, string Language)
{
    public Actor Actor => Actor.Staff(Role, Number, Office);

    const string Select =
        """
        select s.id, s.number, s.name, s.role, s.office, s.language from staff s
        where s.agreed_at is not null and s.dismissed_at is null
        """;

    /// <summary>Null where there is none, where a lead reviewer has not agreed yet, or where they were dismissed.</summary>
    public static Task<StaffMember?> FindAsync(DbConnection connection, long id) => FindAsync(connection, " and s.id = @id", new { id });

    public static Task<StaffMember?> FindAsync(DbConnection connection, string number) => FindAsync(connection, " and s.number = @number", new { number });

    static async Task<StaffMember?> FindAsync(DbConnection connection, string condition, object values) =>
        await connection.QuerySingleOrDefaultAsync<(long Id, string Number, string Name, string Role, string Office, string Language)?>(Select + condition, values) is { } r
            && StaffRoles.TryParse(r.Role, out var role)
            ? new StaffMember(r.Id, r.Number, r.Name, role, r.Office, r.Language)
            : null;
}
