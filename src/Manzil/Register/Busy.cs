using Manzil.Layout;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Register;

/// <summary>503 with Retry-After: the queue is full, or the database cannot be written now.</summary>
static class Busy
{
    const string Seconds = "5";

    public static Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.RetryAfter = Seconds;
        return Problems.Result(http, Problems.Unavailable).ExecuteAsync(http);
    }

    /// <summary>Of a form: answered with a page that keeps it (<see cref="Notices.KeptForm"/>).</summary>
    public static IActionResult TurnAway(HttpResponse response)
    {
        response.Headers.RetryAfter = Seconds;
        return new StatusCodeResult(StatusCodes.Status503ServiceUnavailable);
    }
}
