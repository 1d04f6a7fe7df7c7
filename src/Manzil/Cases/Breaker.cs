using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;

namespace Manzil.Cases;

/// <summary>
/// States the pause of removals as soon as decided appeals call for one. The pause itself needs no statement to hold
/// (<see cref="Removals"/>); this tells everybody. The one place where an appeal's decision is submitted.
/// </summary>
public sealed class Breaker(Database database, BatchWriter writer, CurrentRules current)
{
    public async Task<ActResult> DecideAsync(DecideAppeal decision)
    {
        var result = await writer.SubmitAsync(decision);
        if (result is ActResult.Accepted) await RunAsync(decision.ReceivedAt);
        return result;
    }

    /// <summary>Also asked by the timers, for a decision whose node stopped before it came to this.</summary>
    /// <returns>Whether removals were paused now.</returns>
    public async Task<bool> RunAsync(Instant now)
    {
        await using (var connection = await database.OpenAsync())
        {
            if (await Removals.IsPauseOpenAsync(connection, null) || !await Removals.ArePausedAsync(connection, null, current.Now)) return false;
        }

        // Where another node states it at this moment, the act finds the pause open and is refused.
        return await writer.SubmitAsync(new PauseRemovals(current.Now) { ReceivedAt = now, Channel = RecordChannel.Operator }) is ActResult.Accepted;
    }
}
