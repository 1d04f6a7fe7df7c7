using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;

namespace Manzil.Messages;

/// <summary>Words the messages that acts leave in the outbox: plain, in the worker's language, no link that signs anyone in.</summary>
public sealed class Telling(bool shownAtOnce)
{
    /// <summary>
    /// Whether the worker's channels count as told with the act itself: where there is none, or where the demo shows
    /// messages instead of sending them.
    /// </summary>
    public bool CountsAtOnce(Worker worker) => shownAtOnce || worker.Channels.Count == 0;

    public IReadOnlyList<OutgoingMessage> OfNotice(Worker worker, StatementKind kind, ReceiptNumber number, LocalDate effectiveFrom) =>
        ToAll(worker, $"message.{kind.Name()}", ("name", worker.FirstName), ("number", number.ToString()), ("date", effectiveFrom));

    /// <summary>The same text to every channel; its keys are <paramref name="key"/>.subject and .body.</summary>
    public IReadOnlyList<OutgoingMessage> ToAll(Worker worker, string key, params (string, object)[] values) =>
        [.. worker.Channels.Select(c => To(c, worker.Language, key, values))];

    public OutgoingMessage To(Channel channel, string language, string key, params (string, object)[] values)
    {
        var t = Texts.For(language);
        return new OutgoingMessage(channel, language, t[$"{key}.subject", values], t[$"{key}.body", values], shownAtOnce);
    }
}
