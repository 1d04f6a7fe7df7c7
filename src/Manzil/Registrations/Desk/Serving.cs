using Dapper;
using Manzil.Cases.Desk;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using NodaTime;
using Record = Manzil.Receipts.Record;

namespace Manzil.Registrations.Desk;

/// <summary>A worker whom a clerk serves now: found by one exact number, under a look that was recorded before anything showed.</summary>
/// <param name="Look">That look; it stands for <see cref="Sitting.Length"/>, for this clerk and this worker alone.</param>
public sealed record Served(StaffMember Officer, long Look, Worker Worker, string Reason, Instant Since)
{
    public string Root => RootOf(Look);

    public Instant Until => Since + Sitting.Length;

    public static string RootOf(long look) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/staff/desk/{look}");

    public IdempotencyKey KeyOf(string key) => IdempotencyKey.OfOfficer(Officer.Number, key);

    /// <summary>
    /// Whether a receipt is for a clerk to show and print: what the worker told and how they are reached. The authority's reasons are
    /// in the case's file, and an answer is opened by whoever works on the case; one that is handed in here is the exception.
    /// </summary>
    public bool Shows(Record record) => record.Kind switch
    {
        StatementKind.Answer or StatementKind.Appeal => record.Channel == RecordChannel.Desk && record.IssuedAt >= Since,
        < StatementKind.CaseOpened => true,
        StatementKind.Enrolled or StatementKind.AccessRestored or StatementKind.ChannelChanged => true,
        StatementKind.Reached => !record.Particulars.ContainsKey("case"),
        _ => false,
    };
}

/// <summary>Serves one person at a time at the desk: the look first, then what is known of them (privacy.md 7 and 16).</summary>
public sealed class Serving(Database database, WorkerReader workers, Looks looks, CurrentRules current, IClock clock)
{
    /// <summary>The kinds of numbers that somebody at the desk has in hand.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [SearchKind.Card, SearchKind.Document];

    static readonly Duration Kept = Duration.FromHours(12);

    public LocalDate Today => current.Now.DateOf(clock.GetCurrentInstant());

    /// <returns>Null where this look is another's, of another kind, or over.</returns>
    public async Task<Served?> FindAsync(StaffMember staff, long look)
    {
        await using var connection = await database.OpenAsync();
        var row = await connection.QuerySingleOrDefaultAsync<(long WorkerId, string Reason, long At)?>(
            """
            select worker_id, reason, looked_at from look
            where id = @look and staff_number = @Number and role = @role and what = 'desk' and looked_at > @oldest
            """,
            new { look, staff.Number, role = staff.Role.Name(), oldest = (clock.GetCurrentInstant() - Sitting.Length).ToUnixTimeMilliseconds() });
        return row is { } r && await workers.FindAsync(r.WorkerId) is { } worker
            ? new Served(staff, look, worker, r.Reason, Instant.FromUnixTimeMilliseconds(r.At))
            : null;
    }

    /// <summary>
    /// Looks at whoever this clerk has just enrolled, at most a sitting's length ago, with the enrolment for a reason: what is shown is what
    /// the clerk typed. The worker reads the look like every other.
    /// </summary>
    /// <param name="receipt">Of the enrolment.</param>
    /// <returns>The look; null where it was another's enrolment, or longer ago than a sitting lasts.</returns>
    public async Task<long?> BeginWithEnrolledAsync(StaffMember staff, ReceiptNumber receipt)
    {
        await using var connection = await database.OpenAsync();
        var act = await connection.QuerySingleOrDefaultAsync<(long Worker, byte[] Record, long GivenAt)?>(
            $"select worker_id, record, given_at from act a where number = @number and kind = @kind and given_at > @oldest and {Reissues.None("a")}",
            new { number = receipt.ToString(), kind = (int)StatementKind.Enrolled, oldest = (clock.GetCurrentInstant() - Sitting.Length).ToUnixTimeMilliseconds() });
        if (act is not var (worker, record, since) || Record.Decode(record).Particulars.GetValueOrDefault(OfficersOwn.Officer) != staff.Number) return null;
        // Pressed twice, it is one look, and lasts no longer.
        if (await connection.ExecuteScalarAsync<long?>(
            "select min(id) from look where worker_id = @worker and staff_number = @Number and what = 'desk' and looked_at >= @since", new { worker, staff.Number, since }) is { } begun) return begun;
        var language = await connection.ExecuteScalarAsync<string>("select language from worker where id = @worker", new { worker });
        return await looks.RecordAsync(staff, worker, Looks.Desk, null, Texts.For(language!)["enrol.serve-reason"]);
    }

    /// <summary>Whom a look of this clerk at the desk showed earlier today, for a form that was sent after the sitting; nothing of them is read.</summary>
    public async Task<long?> FindServedAsync(StaffMember staff, long look)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<long?>(
            "select worker_id from look where id = @look and staff_number = @Number and role = @role and what = 'desk' and looked_at > @oldest",
            new { look, staff.Number, role = staff.Role.Name(), oldest = (clock.GetCurrentInstant() - Kept).ToUnixTimeMilliseconds() });
    }

    public Standing StandingOf(Worker worker)
    {
        var rules = current.Now;
        return worker.Entry.StandingOn(Today, rules.WorkersCalendar, rules.Intervals);
    }
}
