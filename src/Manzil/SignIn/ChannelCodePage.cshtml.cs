using Manzil.Access;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

public sealed class ChannelCodePage(Texts texts, Channels channels) : PersonPage
{
    [BindProperty, Typed(TextKind.Number, Max = 40)]
    public string? Code { get; set; }

    /// <summary>The channel that the reader saw: a form sent twice is known by it.</summary>
    [BindProperty]
    public long? Shown { get; set; }

    public Channel? Waiting { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        Waiting = await channels.WaitingAsync(Worker.Id);
        return Waiting is null ? Redirect(Root + "/account/channel") : Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!IsFresh) return AskFresh();
        if (Worker.Channels.FirstOrDefault(c => c.Id == Shown) is { } done) return await ChangeAsync(done);
        if (await channels.WaitingAsync(Worker.Id) is not { } waiting) return Redirect(Root + "/account/channel");
        Waiting = waiting;
        if (string.IsNullOrWhiteSpace(Code)) ModelState.AddModelError(nameof(Code), texts["fresh.code-missing"]);
        else if (CardNumber.HasOtherLetters(Code)) ModelState.AddModelError(nameof(Code), texts["back-in.number-letters"]);
        else if (Code.Length > 20 || !await channels.TakeCodeAsync(Worker, Code)) ModelState.AddModelError(nameof(Code), texts["fresh.code-wrong"]);
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }

        return await ChangeAsync(waiting);
    }

    /// <summary>Of a channel that counts already, the receipt that it has: it is added once.</summary>
    async Task<IActionResult> ChangeAsync(Channel channel) => ChannelAnswer.Of(this, await channels.ChangeAsync(Worker, channel, added: true, Served?.Officer.Actor));
}
