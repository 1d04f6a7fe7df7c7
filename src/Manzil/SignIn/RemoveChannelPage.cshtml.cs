using Manzil.Register;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

public sealed class RemoveChannelPage(Channels channels, Jurisdiction rules) : WorkerPage
{
    public Channel? Channel { get; private set; }

    public int CopyDays => rules.Intervals.ChannelCopyDays;

    public IActionResult OnGet(long id)
    {
        Channel = Worker.Channels.FirstOrDefault(c => c.Id == id);
        return Channel is null ? Redirect("/account") : IsFresh ? Page() : AskFresh();
    }

    public async Task<IActionResult> OnPostAsync(long id)
    {
        if (!IsFresh) return AskFresh();
        return Worker.Channels.FirstOrDefault(c => c.Id == id) is { } channel
            ? ChannelAnswer.Of(await channels.ChangeAsync(Worker, channel, added: false))
            : Redirect("/account");
    }
}
