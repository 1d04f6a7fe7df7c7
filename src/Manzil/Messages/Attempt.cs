using Manzil.Outgoing;
using NodaTime;

namespace Manzil.Messages;

/// <summary>A message taken from the outbox to be handed over.</summary>
/// <param name="Name">See <see cref="MessageName"/>.</param>
/// <param name="To">Null where its address is no channel of the worker whom it is about: it goes to nobody.</param>
/// <param name="Attempts">How often it was tried, this time included.</param>
public sealed record WaitingMessage(long Id, string Name, Recipient? To, string Language, string Subject, string Body, Instant CreatedAt, int Attempts);

public enum Outcome
{
    /// <summary>The server or gateway took it, which is not delivery.</summary>
    Taken,

    /// <summary>It will never be taken.</summary>
    Refused,

    /// <summary>Not taken now, for a reason of this message.</summary>
    Later,

    /// <summary>The server or gateway itself is in trouble, or may be: nothing is known of the message.</summary>
    Trouble,

    /// <summary>Not handed over at all.</summary>
    NotTried,
}

/// <summary>What came of handing a message over.</summary>
/// <param name="Why">Words for the operator, of ours alone: a server's own may hold an address.</param>
/// <param name="After">The server asked to be left alone for so long.</param>
public sealed record Attempt(Outcome Outcome, string? Why = null, Duration? After = null)
{
    public static readonly Attempt Taken = new(Outcome.Taken);

    public static readonly Attempt ToNobody = new(Outcome.Refused, "its address is no channel of the worker whom it is about");
}

/// <summary>Hands one message to one kind of channel. Whatever goes wrong is an <see cref="Attempt"/>, but for a cancellation.</summary>
public interface IMessageSender
{
    Task<Attempt> SendAsync(WaitingMessage message, CancellationToken cancellation);

    /// <summary>Nothing waits any more: connections that were kept are closed.</summary>
    Task RestAsync();
}

/// <summary>How many at once, and how long each may take.</summary>
public sealed record SendingLimits
{
    public int AtOnce { get; init; } = 8;

    // An SMTP server may look at a message for long before it says that it took it, and one sent twice is a nuisance.
    public TimeSpan EmailTimeout { get; init; } = TimeSpan.FromMinutes(2);

    public TimeSpan SmsTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
