using System.Globalization;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

/// <summary>Asks a signed-in reader to show again that it is them, and brings them back to what they were doing.</summary>
public sealed class FreshPage(Texts texts, FreshCodes codes, Passkeys passkeys, SignInByCard byCard, Sessions sessions) : WorkerPage
{
    const int MaxTyped = 40;

    [BindProperty(SupportsGet = true), Typed(TextKind.Made)]
    public string? Return { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? Code { get; set; }

    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? ActivationCode { get; set; }

    /// <summary>A code is on its way, so there is a field for it.</summary>
    [BindProperty(SupportsGet = true)]
    public bool Sent { get; set; }

    public bool HasPasskey { get; private set; }

    public string ChannelsInWords => string.Join(", ", Worker.Channels.Select(c => c.Masked));

    public async Task<IActionResult> OnGetAsync() => await ShowAsync();

    public async Task<IActionResult> OnPostSendAsync()
    {
        var sending = await codes.SendAsync(Worker.Id);
        if (sending == CodeSending.TooMany) return await WrongAsync("", texts["problem.codes-today.detail"], StatusCodes.Status429TooManyRequests);
        var sent = sending == CodeSending.NoChannel ? "false" : "true";
        return Redirect("/sign-in/fresh" + QueryString.Create("sent", sent).Add("return", ReturnPath.Of(Url, Return, "")).ToUriComponent());
    }

    public async Task<IActionResult> OnPostCodeAsync()
    {
        Sent = true;
        if (string.IsNullOrWhiteSpace(Code)) return await WrongAsync(nameof(Code), texts["fresh.code-missing"]);
        if (CardNumber.HasOtherLetters(Code)) return await WrongAsync(nameof(Code), texts["back-in.number-letters"]);
        if (Code.Length <= MaxTyped && await codes.TryAsync(Session, Code)) return Back();
        return await WrongAsync(nameof(Code), texts["fresh.code-wrong"]);
    }

    public async Task<IActionResult> OnPostActivationAsync()
    {
        if (string.IsNullOrWhiteSpace(ActivationCode)) return await WrongAsync(nameof(ActivationCode), texts["sign-in.code-missing"]);
        if (ActivationCode.Length > MaxTyped) return await WrongAsync(nameof(ActivationCode), texts["fault.text-too-long"]);
        if (CardNumber.HasOtherLetters(ActivationCode)) return await WrongAsync(nameof(ActivationCode), texts["back-in.number-letters"]);
        switch (await byCard.RefreshAsync(Session, Worker, ActivationCode))
        {
            case null:
                return Back();
            case SignInResult.Wait wait:
                Response.Headers.RetryAfter = wait.Seconds.ToString(CultureInfo.InvariantCulture);
                return await WrongAsync(nameof(ActivationCode), SignInProblems.Sentence(texts, wait), StatusCodes.Status429TooManyRequests);
            case SignInResult.Unavailable:
                return Busy.TurnAway(Response);
            default:
                return await WrongAsync(nameof(ActivationCode), texts["fresh.activation-wrong"]);
        }
    }

    public async Task<IActionResult> OnPostPasskeyAsync([Typed(TextKind.Made)] string? challenge, [Typed(TextKind.Made)] string? credential)
    {
        if (await passkeys.CheckAsync(HttpContext, Worker, challenge, credential) is null)
        {
            ModelState.Clear();
            return await WrongAsync("", texts["passkey.failed"]);
        }

        await sessions.RefreshAsync(Session);
        return Back();
    }

    LocalRedirectResult Back() => LocalRedirect(ReturnPath.Of(Url, Return, "/account"));

    Task<IActionResult> WrongAsync(string field, string error, int status = StatusCodes.Status400BadRequest)
    {
        ModelState.AddModelError(field, error);
        return ShowAsync(status);
    }

    async Task<IActionResult> ShowAsync(int status = StatusCodes.Status200OK)
    {
        HasPasskey = passkeys.AreUsable && (await passkeys.ListAsync(Worker.Id)).Count > 0;
        Response.StatusCode = status;
        return Page();
    }
}
