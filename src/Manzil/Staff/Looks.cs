using System.Data.Common;
using Dapper;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Staff;

/// <summary>A look at a person, as that person sees it.</summary>
public sealed record Look(string? StaffNumber, string? Role, string? Office, string? Helper, string What, string? Item, string Reason, Instant At);

/// <summary>
/// The log of looks (promise 4): written before the content is shown, with the reason given. Where it cannot be written, the
/// exception goes up and nothing is shown. The person looked at sees every row.
/// </summary>
public sealed class Looks(Database database, Jurisdiction rules, IClock clock)
{
    public const string File = "file", Document = "document", Answer = "answer", Search = "search", Reach = "reach", Desk = "desk";
    public const int MinReason = 3, MaxReason = 500;

    // As the database counts: characters, not the halves that some are made of.
    public static bool IsReason(string? reason) => reason is not null && reason.EnumerateRunes().Count() is >= MinReason and <= MaxReason;

    /// <returns>The look's id.</returns>
    public async Task<long> RecordAsync(StaffMember staff, long worker, string what, string? item, string reason)
    {
        await using var connection = await database.OpenAsync();
        return await RecordAsync(connection, worker, staff.Number, staff.Role.Name(), staff.Office, null, what, item, reason);
    }

    public async Task RecordHelperAsync(string helper, long worker, string what, string? item, string reason)
    {
        await using var connection = await database.OpenAsync();
        await RecordAsync(connection, worker, null, null, null, helper, what, item, reason);
    }

    async Task<long> RecordAsync(DbConnection connection, long worker, string? number, string? role, string? office, string? helper, string what, string? item, string reason)
    {
        var now = clock.GetCurrentInstant();
        try
        {
            return await connection.ExecuteScalarAsync<long>(
                """
                insert into look (worker_id, staff_number, role, office, helper, what, item, reason, looked_at, keep_until)
                values (@worker, @number, @role, @office, @helper, @what, @item, @reason, @at, @until)
                returning id
                """,
                new
                {
                    worker,
                    number,
                    role,
                    office,
                    helper,
                    what,
                    item,
                    reason,
                    at = now.ToUnixTimeMilliseconds(),
                    until = rules.EndOfDay(rules.DateOf(now).PlusYears(rules.Retention.LookYears)).ToUnixTimeMilliseconds(),
                });
        }
        catch (DbException e)
        {
            // Whatever the database objects to: the service is not able to show anything now (503).
            throw new IOException($"A look was not recorded, so nothing is shown: {e.Message}", e);
        }
    }

    /// <summary>Everybody who looked at a worker, newest first.</summary>
    public async Task<IReadOnlyList<Look>> OfAsync(long worker)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(string? Number, string? Role, string? Office, string? Helper, string What, string? Item, string Reason, long At)>(
            "select staff_number, role, office, helper, what, item, reason, looked_at from look where worker_id = @worker order by id desc", new { worker });
        return [.. rows.Select(r => new Look(r.Number, r.Role, r.Office, r.Helper, r.What, r.Item, r.Reason, Instant.FromUnixTimeMilliseconds(r.At)))];
    }
}
