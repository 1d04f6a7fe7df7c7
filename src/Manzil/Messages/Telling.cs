using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;

namespace Manzil.Messages;

/// <summary>Words the messages that acts leave in the outbox: plain, in the worker's language, no link that signs anyone in.</summary>
public sealed class Telling(bool shownAtOnce, int copyDays)
{
    /// <summary>
    /// Whether the worker's channels count as told with the act itself: where there is none, or where the demo shows
    /// messages instead of sending them.
    /// </summary>
    public bool CountsAtOnce(Worker worker) => shownAtOnce || worker.Channels.Count == 0;

    public IReadOnlyList<OutgoingMessage> OfNotice(Worker worker, StatementKind kind, ReceiptNumber number, LocalDate effectiveFrom, Instant at) =>
        ToAllAndCopies(worker, at, $"message.{kind.Name()}", ("name", worker.FirstName), ("number", number.ToString()), ("date", effectiveFrom));

    /// <summary>To every channel, and to those removed in the last days, since whoever removed them may be a thief.</summary>
    public IReadOnlyList<OutgoingMessage> ToAllAndCopies(Worker worker, Instant at, string key, params (string, object)[] values) =>
        [.. worker.Channels.Concat(worker.RemovedChannels.Where(c => at - c.RemovedAt < Duration.FromDays(copyDays))).Select(c => To(c, worker.Language, key, values))];

    /// <summary>The same text to every channel that counts; its keys are <paramref name="key"/>.subject and .body.</summary>
    public IReadOnlyList<OutgoingMessage> ToAll(Worker worker, string key, params (string, object)[] values) =>
        [.. worker.Channels.Select(c => To(c, worker.Language, key, values))];

    public OutgoingMessage To(Channel channel, string language, string key, params (string, object)[] values)
    {
        var t = Texts.For(language);
        return new OutgoingMessage(channel, language, t[$"{key}.subject", values], t[$"{key}.body", values], shownAtOnce);
    }
}
