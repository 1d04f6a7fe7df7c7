using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using NodaTime;

namespace Manzil.Cases.Desk;

/// <summary>What kind of number an officer has in hand.</summary>
public static class SearchKind
{
    public const string Receipt = "receipt", Card = "card", Document = "document";

    public static IReadOnlyList<string> All { get; } = [Receipt, Card, Document];
}

/// <summary>A person whom an officer found by an exact number, as far as opening a case needs it.</summary>
public sealed record FoundPerson(long Look, Worker Worker, Standing Standing, CaseFile? Newest, CaseFacts Facts);

/// <summary>
/// One exact number, at most one person, and a look before anything shows (privacy.md 7). Nothing is told apart from nothing, and
/// searches are counted, so that numbers cannot be tried one after another.
/// </summary>
public sealed partial class Searches(Database database, WorkerReader workers, CaseDesk desk, Looks looks)
{
    public const int AnHour = 30;

    /// <summary>The fewest letters and digits that a number has; what is shorter is a part of one.</summary>
    public const int MinLength = 6;
    public const int MaxLength = 40;

    /// <summary>Whether this can be a whole number of its kind: no wildcard, no part.</summary>
    public static bool IsWhole(string kind, string? typed)
    {
        if (typed is null || typed.Trim().Length > MaxLength || !OnlyNumber().IsMatch(typed)) return false;
        return kind == SearchKind.Receipt ? ReceiptNumber.TryParse(typed, out _) : typed.Count(char.IsAsciiLetterOrDigit) >= MinLength;
    }

    /// <summary>Counts one search; false where the officer has no more of them in this hour.</summary>
    public async Task<bool> CountAsync(StaffMember staff)
    {
        var oldest = (desk.Now - Duration.FromHours(1)).ToUnixTimeMilliseconds();
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("delete from staff_search where searched_at <= @oldest", new { oldest });
        // Written before it is counted: of many at once each sees at least itself.
        await connection.ExecuteAsync(
            "insert into staff_search (staff_number, searched_at) values (@Number, @at)", new { staff.Number, at = desk.Now.ToUnixTimeMilliseconds() });
        return await connection.ExecuteScalarAsync<long>("select count(*) from staff_search where staff_number = @Number", new { staff.Number }) <= AnHour;
    }

    /// <returns>The id of the look under which the person can be seen now; null where the number is nobody's.</returns>
    public async Task<long?> FindAsync(StaffMember staff, string kind, string typed, string reason, string what)
    {
        long? worker;
        await using (var connection = await database.OpenAsync()) worker = await FindAsync(connection, kind, typed);
        return worker is { } found ? await looks.RecordAsync(staff, found, what, null, reason) : null;
    }

    static async Task<long?> FindAsync(DbConnection connection, string kind, string typed)
    {
        switch (kind)
        {
            case SearchKind.Receipt:
                return await connection.QuerySingleOrDefaultAsync<long?>(
                    "select worker_id from act where number = @number", new { number = ReceiptNumber.Parse(typed).ToString() });
            case SearchKind.Card:
                return await connection.QuerySingleOrDefaultAsync<long?>("select id from worker where card_number = @card", new { card = CardNumber.Read(typed) ?? "" });
            default:
                // The issuing state may stand in front. Where two states gave the same number and none is said, it is nobody's.
                var (whole, own) = (Plain(typed), Plain(WithoutState().Replace(typed.Trim(), "")));
                var rows = await connection.QueryAsync<(long WorkerId, string State, string Number)>(
                    "select worker_id, state, number from document where number = @whole or number = @own", new { whole, own });
                var people = rows.Where(r => r.Number == whole || r.State + r.Number == whole).Select(r => r.WorkerId).Distinct().ToList();
                return people.Count == 1 ? people[0] : null;
        }
    }

    // A bar between state and number, as receipts have it, is left out like a dash.
    static string Plain(string typed) => CardNumber.Read(typed.Replace('|', '-')) ?? "";

    /// <summary>Whom a look of this officer showed a moment ago; null where it is another's, another kind, or over.</summary>
    public async Task<FoundPerson?> ReadAsync(StaffMember staff, long look)
    {
        await using var connection = await database.OpenAsync();
        var id = await connection.ExecuteScalarAsync<long?>(
            "select worker_id from look where id = @look and staff_number = @staff and role = @role and what in ('search', 'file') and looked_at > @oldest",
            new { look, staff = staff.Number, role = staff.Role.Name(), oldest = (desk.Now - Sitting.Length).ToUnixTimeMilliseconds() });
        if (id is not { } found || await workers.FindAsync(found) is not { } worker) return null;
        var rules = desk.Rules;
        var newest = await CaseFile.NewestAsync(connection, null, found);
        return new FoundPerson(
            look, worker, worker.Entry.StandingOn(desk.Today, rules.WorkersCalendar, rules.Intervals), newest,
            await CaseFile.FactsAsync(connection, null, newest, worker.Entry.Standing, rules));
    }

    [GeneratedRegex(@"^[A-Za-z0-9 \u00A0\u2010\u2011\u2013|-]+$", RegexOptions.None, 5000)]
    private static partial Regex OnlyNumber();

    [GeneratedRegex(@"^[A-Za-z]{1,3}[ \u00A0|-]+", RegexOptions.None, 5000)]
    private static partial Regex WithoutState();
}
