using Dapper;
using Manzil.Access;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Privacy;
using Manzil.Register;
using NodaTime;

namespace Manzil.Status;

/// <summary>Whether the service takes notices, and what an operator has to look after before it does not.</summary>
/// <param name="Trouble">Why it takes none; null where it does.</param>
/// <param name="CalendarEnds">The last day of the calendar that a deadline can be counted to; null where today has none.</param>
/// <param name="Warnings">Sentences as they stand in the log, each with what to do.</param>
public sealed record Ready(string? Trouble, LocalDate? CalendarEnds, IReadOnlyList<string> Warnings);

/// <summary>What /health/ready tells the monitoring, and the operator's page a person.</summary>
public sealed class Readiness(BatchWriter writer, Database database, CurrentRules current, Sending sending, TrustedProxy proxy, IClock clock)
{
    public async Task<Ready> ReadAsync()
    {
        string? trouble;
        var now = clock.GetCurrentInstant();
        var today = current.Now.DateOf(now);
        List<string> warnings = [.. new[] { CalendarWarning.On(today, current.Now), proxy.Warning }.OfType<string>()];
        try
        {
            await using var connection = await database.OpenAsync();
            var newest = Instant.FromUnixTimeMilliseconds(await connection.ExecuteScalarAsync<long>("select newest_at from log_head where id = 1"));
            trouble = writer.Trouble ?? (BatchWriter.IsSetBack(now, newest) ? BatchWriter.ClockSetBack : null);
            // Messages wait without harm: a warning, and no reason to take no more notices.
            warnings.AddRange(await sending.WarningsAsync(now));
            if (await TidyFile.WarningAsync(database, connection) is { } untidy) warnings.Add(untidy);
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            trouble = "The database does not answer.";
        }

        return new Ready(trouble, CalendarWarning.CoveredUntil(today, current.Now.Calendar), warnings);
    }
}
