namespace Manzil.Register;

public sealed partial class BatchWriter
{
    static readonly IReadOnlyList<byte[]> NoSessions = [];

    /// <summary>The sessions in which acts are asked for, each once.</summary>
    static IReadOnlyList<byte[]> SessionsOf(IReadOnlyList<Pending> items)
    {
        HashSet<byte[]>? sessions = null;
        foreach (var item in items)
        {
            if (item.Act.AskedIn is { } session) (sessions ??= new(StandingSessions.ByContent)).Add(session);
        }

        return sessions is null ? NoSessions : [.. sessions];
    }

    /// <summary>
    /// What waits, in the order and the transactions in which it is written: workers' own acts before the authority's about them, and an
    /// act that reads first after the transaction of those about the same worker, whose rows it would not see in one with them.
    /// </summary>
    static IReadOnlyList<IReadOnlyList<Pending>> InOrder(IReadOnlyList<Pending> waiting)
    {
        if (!waiting.Any(p => p.Act.ReadsFirst)) return [waiting];
        var parts = new List<List<Pending>> { new() };
        var about = new HashSet<long>();
        foreach (var pending in waiting.OrderBy(p => p.Act.YieldsToWorker))
        {
            if (pending.Act.WorkerId is { } worker && !about.Add(worker) && pending.Act.ReadsFirst)
            {
                parts.Add([]);
                about.Clear();
                about.Add(worker);
            }

            parts[^1].Add(pending);
        }

        return parts;
    }
}
