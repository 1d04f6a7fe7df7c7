using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Register;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Messages;

/// <summary>What we told this worker, when, by which channel, and whether it arrived.</summary>
public sealed class ToldPage(Database database, CurrentRules current, Texts texts) : WorkerPage
{
    const int Shown = 200;

    public IReadOnlyList<Message> Messages { get; private set; } = [];

    public int KeptDays => current.Now.Retention.MessageDays;

    public async Task OnGetAsync() => Messages = await Outbox.OfAsync(database, Worker.Id, Shown);

    public string When(long at) => Dates.InWords(Instant.FromUnixTimeMilliseconds(at), current.Now.Zone, texts.Lang);

    /// <summary>What became of it on its way.</summary>
    public string Way(Message message)
    {
        if (message.BouncedAt is not null) return texts["messages.bounced"];
        if (message.ArrivedAt is { } arrived) return texts["messages.arrived", ("date", When(arrived))];
        if (message.FailedAt is not null) return texts["messages.failed"];
        if (message.SentAt is not { } sent) return texts["messages.waiting"];
        return texts[message.ChannelKind == "sms" ? "messages.sent-sms" : "messages.sent-email", ("date", When(sent))];
    }
}
