using Dapper;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>The open case of a worker, for that worker's own eyes.</summary>
/// <param name="Number">The receipt number of the act that opened it.</param>
/// <param name="Told">When it was first delivered to the worker that it is open; null while nobody knows that it was.</param>
public sealed record OpenCaseOf(string Number, Instant? Told)
{
    /// <summary>The last day on which an answer is in time, for a worker who reads it now and so is told now at the latest.</summary>
    /// <returns>Null where no calendar covers it.</returns>
    public LocalDate? AnswerUntil(LocalDate today, Jurisdiction rules) =>
        Rules.Deadlines.AnswerUntil(Told is { } told ? LocalDate.Min(rules.DateOf(told), today) : today, rules.WorkersCalendar, rules.Intervals);

    /// <summary>Null where none is open.</summary>
    public static async Task<OpenCaseOf?> FindAsync(Database database, Worker worker)
    {
        if (worker.Entry.Standing != Standing.UnderReview) return null;
        await using var connection = await database.OpenAsync();
        var found = await connection.QueryAsync<(string Number, long? Told)>(
            """
            select c.act_number, (select min(m.delivered_at) from message m where m.act_number = c.act_number and m.worker_id = c.worker_id)
            from case_file c where c.worker_id = @Id order by c.id desc limit 1
            """,
            new { worker.Id });
        return found.Select(c => new OpenCaseOf(c.Number, c.Told is { } at ? Instant.FromUnixTimeMilliseconds(at) : null)).FirstOrDefault();
    }
}
