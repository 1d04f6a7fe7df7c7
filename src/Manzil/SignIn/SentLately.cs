using NodaTime;

namespace Manzil.SignIn;

/// <summary>
/// How many codes one address had sent to a worker within a day, and which nobody used: so many and no more, so that one stranger
/// cannot use up all that the worker can get in a day. In memory, since addresses are written nowhere; there are no more entries than
/// codes that were sent.
/// </summary>
public sealed class SentLately
{
    /// <summary>Of the five that a phone gets within a day.</summary>
    public const int OfOneAddress = 3;

    static readonly Duration Day = Duration.FromHours(24);

    readonly Lock _gate = new();
    readonly List<(long Worker, string Network, Instant At)> _sent = [];

    public bool May(long worker, string network, Instant now)
    {
        lock (_gate)
        {
            _sent.RemoveAll(s => now - s.At >= Day);
            return _sent.Count(s => s.Worker == worker && s.Network == network) < OfOneAddress;
        }
    }

    public void Add(long worker, string network, Instant now)
    {
        lock (_gate) _sent.Add((worker, network, now));
    }

    /// <summary>Somebody got in with such a code.</summary>
    public void Forget(long worker)
    {
        lock (_gate) _sent.RemoveAll(s => s.Worker == worker);
    }
}
