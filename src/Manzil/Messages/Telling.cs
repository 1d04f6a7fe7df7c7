using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Messages;

/// <summary>
/// Words the messages that acts leave in the outbox, in the worker's language: each begins with the service's name, says for whom it is,
/// and ends with the number to call and the address to type; no link that signs anyone in (docs/decisions/0056). An e-mail is a letter.
/// </summary>
/// <param name="publicUrl">Where people reach the service.</param>
/// <param name="shownAtOnce">The demo shows messages instead of sending them.</param>
public sealed class Telling(Jurisdiction rules, Uri publicUrl, bool shownAtOnce)
{
    readonly string _address = ServiceSettings.IssuerOf(publicUrl);

    /// <summary>
    /// Whether the worker's channels count as told with the act itself: where there is none, not even one that was removed
    /// lately, or where the demo shows messages instead of sending them.
    /// </summary>
    public bool CountsAtOnce(Worker worker, Instant at) => shownAtOnce || !ChannelsAndCopies(worker, at).Any();

    /// <param name="on">Of a departure: the day that was told.</param>
    public IReadOnlyList<OutgoingMessage> OfNotice(Worker worker, StatementKind kind, ReceiptNumber number, LocalDate effectiveFrom, LocalDate? on, Instant at) =>
        ToAllAndCopies(worker, at, $"message.{kind.Name()}", ("name", worker.FirstName), ("number", number.ToString()), ("date", effectiveFrom), ("told", on ?? effectiveFrom));

    /// <summary>To every channel, and to those removed in the last days, since whoever removed them may be a thief.</summary>
    public IReadOnlyList<OutgoingMessage> ToAllAndCopies(Worker worker, Instant at, string key, params (string, object)[] values) =>
        [.. ChannelsAndCopies(worker, at).Select(c => To(c, worker.Language, key, values))];

    IEnumerable<Channel> ChannelsAndCopies(Worker worker, Instant at) =>
        worker.Channels.Concat(worker.RemovedChannels.Where(c => at - c.RemovedAt < Duration.FromDays(rules.Intervals.ChannelCopyDays)));

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

    /// <summary>The same to every channel that counts.</summary>
    public IReadOnlyList<OutgoingMessage> ToAll(Worker worker, string key, params (string, object)[] values) =>
        [.. worker.Channels.Select(c => To(c, worker.Language, key, values))];

    /// <param name="key">Its texts are .subject, .sms and, where it is not the answer to an SMS, .body.</param>
    public OutgoingMessage To(Channel channel, string language, string key, params (string Name, object Value)[] values)
    {
        var t = Texts.For(language);
        var subject = t[$"{key}.subject", values];
        return new OutgoingMessage(
            channel, language, channel.Kind == "sms" ? subject : $"Manzil: {subject}",
            channel.Kind == "sms" ? SmsText.Whole(Sms(t, channel, key, values), rules.Authority.Phone, _address) : Letter(t, channel, key, values), shownAtOnce)
        {
            HoldsCode = Array.Exists(values, v => v.Name == "code"),
        };
    }

    static string Sms(Texts t, Channel channel, string key, (string Name, object Value)[] values)
    {
        var text = t[$"{key}.sms", SmsText.Shorten(values)];
        return channel.Mark is { } mark ? $"{SmsText.Sentence(text)} {t["sms.not-mine", ("mark", mark)]}" : text;
    }

    string Letter(Texts t, Channel channel, string key, (string Name, object Value)[] values) => string.Join(
        "\n\n",
        t["letter.greeting", values],
        channel.Mark is { } mark ? $"{t[$"{key}.body", values]}\n\n{t["letter.not-mine", ("page", _address + "/not-mine"), ("mark", mark)]}" : t[$"{key}.body", values],
        t["letter.signature", ("authority", rules.Authority.Name.In(t.Lang)), ("site", _address), ("phone", rules.Authority.Phone)]);
}
