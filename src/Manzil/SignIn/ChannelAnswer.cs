using Manzil.Access;
using Manzil.Register;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

/// <summary>What a page says after a channel was changed, or was not.</summary>
static class ChannelAnswer
{
    public static string Back(PersonPage page) => page.Served is null ? "/account" : page.Root;

    public static IActionResult Of(PersonPage page, ActResult result) => result switch
    {
        ActResult.Accepted accepted => new RedirectResult(page.Served is null ? "/account?changed=" + accepted.Number : $"{page.Root}/notices/{accepted.Number}?done=1"),
        ActResult.Unavailable => new StatusCodeResult(StatusCodes.Status503ServiceUnavailable),
        _ => new RedirectResult(Back(page)),
    };
}
