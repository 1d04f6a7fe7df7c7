using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Messages;

/// <summary>Words the messages that acts leave in the outbox: plain, in the worker's language, no link that signs anyone in.</summary>
public sealed class Telling(bool shownAtOnce, int copyDays)
{
    /// <summary>
    /// Whether the worker's channels count as told with the act itself: where there is none, not even one that was removed
    /// lately, or where the demo shows messages instead of sending them.
    /// </summary>
    public bool CountsAtOnce(Worker worker, Instant at) => shownAtOnce || !ChannelsAndCopies(worker, at).Any();

    public IReadOnlyList<OutgoingMessage> OfNotice(Worker worker, StatementKind kind, ReceiptNumber number, LocalDate effectiveFrom, Instant at) =>
        ToAllAndCopies(worker, at, $"message.{kind.Name()}", ("name", worker.FirstName), ("number", number.ToString()), ("date", effectiveFrom));

    /// <summary>To every channel, and to those removed in the last days, since whoever removed them may be a thief.</summary>
    public IReadOnlyList<OutgoingMessage> ToAllAndCopies(Worker worker, Instant at, string key, params (string, object)[] values) =>
        [.. ChannelsAndCopies(worker, at).Select(c => To(c, worker.Language, key, values))];

    IEnumerable<Channel> ChannelsAndCopies(Worker worker, Instant at) =>
        worker.Channels.Concat(worker.RemovedChannels.Where(c => at - c.RemovedAt < Duration.FromDays(copyDays)));

    /// <summary>What asks for a confirmation, to every channel that counts: each SMS with a code of its own, with which it can be answered.</summary>
    public IReadOnlyList<OutgoingMessage> AskAll(Worker worker, string key, params (string, object)[] values) =>
        [.. worker.Channels.Select(c =>
        {
            if (c.Kind != "sms") return To(c, worker.Language, key, values);
            var code = SecretCode.NewShort();
            return To(c, worker.Language, key, [.. values, ("code", code)]) with { ReplyCode = code, HoldsCode = false };
        })];

    /// <summary>The answer to an SMS that confirmed an address.</summary>
    /// <param name="next">Until when to confirm again; null where no calendar says.</param>
    public OutgoingMessage Confirmed(Channel from, Worker worker, string number, LocalDate? next) => next is { } date
        ? To(from, worker.Language, "message.confirmed", ("name", worker.FirstName), ("number", number), ("date", date))
        : To(from, worker.Language, "message.confirmed-no-date", ("name", worker.FirstName), ("number", number));

    /// <summary>The same text to every channel that counts; its keys are <paramref name="key"/>.subject and .body, and for an SMS .sms where there is one.</summary>
    public IReadOnlyList<OutgoingMessage> ToAll(Worker worker, string key, params (string, object)[] values) =>
        [.. worker.Channels.Select(c => To(c, worker.Language, key, values))];

    public OutgoingMessage To(Channel channel, string language, string key, params (string Name, object Value)[] values)
    {
        var t = Texts.For(language);
        return new OutgoingMessage(channel, language, t[$"{key}.subject", values], channel.Kind == "sms" ? Sms(t, key, values) : t[$"{key}.body", values], shownAtOnce)
        {
            HoldsCode = Array.Exists(values, v => v.Name == "code"),
        };
    }

    static string Sms(Texts t, string key, (string Name, object Value)[] values)
    {
        values = SmsText.Shorten(values);
        return t.Has($"{key}.sms") ? t[$"{key}.sms", values] : t[$"{key}.body", values];
    }
}
