using Manzil.Access;
using Manzil.Register;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.SignIn;

public sealed class RemoveChannelPage(Channels channels, Jurisdiction rules) : PersonPage
{
    public Channel? Channel { get; private set; }

    public int CopyDays => rules.Intervals.ChannelCopyDays;

    public async Task<IActionResult> OnGetAsync(long id)
    {
        Channel = Worker.Channels.FirstOrDefault(c => c.Id == id);
        return Channel is null ? await GoneAsync(id) : IsFresh ? Page() : AskFresh();
    }

    public async Task<IActionResult> OnPostAsync(long id)
    {
        if (!IsFresh) return AskFresh();
        return Worker.Channels.FirstOrDefault(c => c.Id == id) is { } channel
            ? ChannelAnswer.Of(this, await channels.ChangeAsync(Worker, channel, added: false, Served?.Officer.Actor))
            : await GoneAsync(id);
    }

    // Two taps are one; somebody else's is not there.
    async Task<IActionResult> GoneAsync(long id) => await channels.WasOfAsync(Worker.Id, id) ? Redirect(ChannelAnswer.Back(this)) : NotFound();
}
