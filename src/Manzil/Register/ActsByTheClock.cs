namespace Manzil.Register;

static class ActsByTheClock
{
    const int AtOnce = 32;

    /// <summary>Does acts that are due by the clock, a few at a time: the queue's places are people's.</summary>
    /// <returns>How many were done. Those that were refused came too late: somebody acted before.</returns>
    /// <exception cref="IOException">Nothing can be written now.</exception>
    public static async Task<int> SubmitByTheClockAsync(this BatchWriter writer, IReadOnlyList<(Act Act, Worker? Worker)> acts)
    {
        var done = 0;
        foreach (var some in acts.Chunk(AtOnce))
        {
            var results = await Task.WhenAll(some.Select(a => writer.SubmitAsync(a.Act, a.Worker)));
            if (results.OfType<ActResult.Unavailable>().FirstOrDefault() is { } unavailable) throw new IOException(unavailable.Sentence);
            done += results.Count(r => r is ActResult.Accepted);
        }

        return done;
    }
}
