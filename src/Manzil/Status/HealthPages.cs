using Dapper;
using Manzil.Register;
using NodaTime;

namespace Manzil.Status;

/// <summary>For the operator's monitoring: alive (the process answers), ready (it can write).</summary>
public static class HealthPages
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Json(new { status = "live" }));
        app.MapGet("/health/ready", async (BatchWriter writer, Database database, IClock clock) =>
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

            return Results.Json(new { status = trouble is null ? "ready" : "not ready", trouble }, statusCode: trouble is null ? 200 : 503);
        });
    }
}
