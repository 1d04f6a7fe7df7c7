using Manzil.Register;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

/// <summary>What a page says after a channel was changed, or was not.</summary>
static class ChannelAnswer
{
    public static IActionResult Of(ActResult result) => result switch
    {
        ActResult.Accepted accepted => new RedirectResult("/account?changed=" + accepted.Number),
        ActResult.Unavailable => new StatusCodeResult(StatusCodes.Status503ServiceUnavailable),
        _ => new RedirectResult("/account"),
    };
}
