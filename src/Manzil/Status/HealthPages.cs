using Manzil.Log;
using Manzil.Register;

namespace Manzil.Status;

/// <summary>For the operator's monitoring: alive (the process answers), ready (it can write).</summary>
public static class HealthPages
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/health/live", LogPages.Reading, () => Results.Json(new { status = "live" }));
        app.MapMethods("/health/ready", LogPages.Reading, async (Readiness readiness) =>
        {
            var (trouble, calendarEnds, warnings) = await readiness.ReadAsync();
            var details = new
            {
                status = trouble is null ? "ready" : "not ready",
                trouble,
                calendarEnds = IsoDate.Write(calendarEnds),
                warnings,
            };
            return Results.Json(details, statusCode: trouble is null ? 200 : 503);
        });
    }
}
