using Manzil.Register;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Cases.Desk;

/// <summary>What all pages have in common on which an officer does an act: a key, and what it came to.</summary>
public interface IActOutcome
{
    bool IsBusy { get; }

    string? Filed { get; }

    /// <summary>Where that can be seen.</summary>
    string FiledPath => $"/staff/receipts/{Filed}";

    /// <summary>Why it is not possible now, in words, where something written may still matter.</summary>
    string? NotNow { get; }
}

static class ActOutcomes
{
    const string RetryAfterSeconds = "5";

    public static IActionResult Receipt(ActResult.Accepted accepted) => new LocalRedirectResult($"/staff/receipts/{accepted.Number}?done=1");

    public static void SayBusy(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.RetryAfter = RetryAfterSeconds;
    }
}
