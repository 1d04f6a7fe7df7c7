using Dapper;
using Manzil.Deadlines;
using Manzil.Register;
using NodaTime;

namespace Manzil.Status;

/// <summary>For the operator's monitoring: alive (the process answers), ready (it can write).</summary>
public static class HealthPages
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Json(new { status = "live" }));
        app.MapGet("/health/ready", async (BatchWriter writer, Database database, CurrentRules current, IClock clock) =>
        {
            string? trouble;
            try
            {
                await using var connection = await database.OpenAsync();
                var newest = Instant.FromUnixTimeMilliseconds(await connection.ExecuteScalarAsync<long>("select newest_at from log_head where id = 1"));
                trouble = writer.Trouble ?? (BatchWriter.IsSetBack(clock.GetCurrentInstant(), newest) ? BatchWriter.ClockSetBack : null);
            }
            catch (Exception e) when (Database.IsUnavailable(e))
            {
                trouble = "The database does not answer.";
            }

            var today = current.Now.DateOf(clock.GetCurrentInstant());
            var details = new
            {
                status = trouble is null ? "ready" : "not ready",
                trouble,
                calendarEnds = IsoDate.Write(CalendarWarning.CoveredUntil(today, current.Now.Calendar)),
                warnings = CalendarWarning.On(today, current.Now) is { } warning ? new[] { warning } : [],
            };
            return Results.Json(details, statusCode: trouble is null ? 200 : 503);
        });
    }
}
