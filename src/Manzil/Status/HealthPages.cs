using Dapper;
using Manzil.Access;
using Manzil.Deadlines;
using Manzil.Log;
using Manzil.Messages;
using Manzil.Privacy;
using Manzil.Register;
using NodaTime;

namespace Manzil.Status;

/// <summary>For the operator's monitoring: alive (the process answers), ready (it can write).</summary>
public static class HealthPages
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/health/live", LogPages.Reading, () => Results.Json(new { status = "live" }));
        app.MapMethods("/health/ready", LogPages.Reading, async (BatchWriter writer, Database database, CurrentRules current, Sending sending, TrustedProxy proxy, IClock clock) =>
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

            var details = new
            {
                status = trouble is null ? "ready" : "not ready",
                trouble,
                calendarEnds = IsoDate.Write(CalendarWarning.CoveredUntil(today, current.Now.Calendar)),
                warnings,
            };
            return Results.Json(details, statusCode: trouble is null ? 200 : 503);
        });
    }
}
