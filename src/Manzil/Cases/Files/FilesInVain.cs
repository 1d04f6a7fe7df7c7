using NodaTime;

namespace Manzil.Cases.Files;

/// <summary>
/// Files that were looked at for nothing, since they were refused, or what came with them was: to look at one can take seconds of a
/// processor, and what is refused counts against no other limit. Counted before they are looked at, so that two requests at once are no
/// more than two in turn; in this node's memory, for any 24 hours (docs/decisions/0046-ended-sessions.md).
/// </summary>
public sealed class FilesInVain(IClock clock)
{
    /// <summary>Eight answers with as many files as go with one, of which none can be used.</summary>
    public const int ADay = 40;

    static readonly Duration Day = Duration.FromDays(1);

    const int MaxKept = 50_000;

    readonly Lock _gate = new();
    readonly Dictionary<string, Queue<Instant>> _of = [];

    /// <returns>False where so many more are too many: then they are neither counted nor to be looked at.</returns>
    public bool TryCount(string sender, int files)
    {
        var now = clock.GetCurrentInstant();
        lock (_gate)
        {
            if (_of.Count >= MaxKept) Trim(now);
            var counted = _of.GetValueOrDefault(sender) ?? new Queue<Instant>();
            while (counted.TryPeek(out var first) && now - first >= Day) counted.Dequeue();
            if (counted.Count + files > ADay) return false;
            for (var i = 0; i < files; i++) counted.Enqueue(now);
            _of[sender] = counted;
            return true;
        }
    }

    /// <summary>They were taken after all, or it was the service that could not take them.</summary>
    public void TakeBack(string sender, int files)
    {
        lock (_gate)
        {
            if (_of.GetValueOrDefault(sender) is not { } counted) return;
            // Which of them go makes no difference but to the time, and the newest are theirs.
            var left = counted.Take(Math.Max(0, counted.Count - files)).ToList();
            if (left.Count == 0) _of.Remove(sender);
            else _of[sender] = new Queue<Instant>(left);
        }
    }

    /// <summary>Makes room: what is over, and where that is not enough, who sent least.</summary>
    void Trim(Instant now)
    {
        foreach (var (sender, _) in _of.Where(o => now - o.Value.Last() >= Day).ToList()) _of.Remove(sender);
        foreach (var (sender, _) in _of.OrderBy(o => o.Value.Count).Take(_of.Count - MaxKept / 2).ToList()) _of.Remove(sender);
    }
}
