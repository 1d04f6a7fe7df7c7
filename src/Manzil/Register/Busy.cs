using Manzil.Layout;

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
}
