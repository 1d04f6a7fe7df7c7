using Manzil.SignIn;

namespace Manzil.Tests.SignIn;

/// <summary>The queue of slow hashes: what an honest sign-in waits for is a number of hashes, and that number has a bound.</summary>
public class SlowHashesTests
{
    static readonly byte[] Salt = new byte[SecretCode.SaltLength];

    [Fact]
    public async Task Of_WhileFailedOnesWait_GoesBeforeThem()
    {
        var hashes = new SlowHashes();
        var places = Reserve(hashes);
        var failed = Enumerable.Range(0, 100).Select(i => hashes.OfAsync("A", Salt, $"failed-{i}", hasFailed: true)).ToList();
        // A part of the places is not theirs.
        Assert.Equal(SlowHashes.MaxWaitingOfFailed, failed.Count(f => !f.IsCompleted));
        var honest = hashes.OfAsync("A", Salt, "honest");
        Assert.False(honest.IsCompleted);

        // One place is given back: the honest one has it, and nobody before it.
        hashes.Release();
        Assert.NotNull(await honest);
        Assert.InRange(hashes.Made, 1, 2);
        for (var i = 1; i < places; i++) hashes.Release();
        await Task.WhenAll(failed);
        Assert.Equal(1 + SlowHashes.MaxWaitingOfFailed, hashes.Made);
    }

    [Fact]
    public async Task Of_MoreThanMayWait_IsTurnedAwayAndTheOthersAreDone()
    {
        var hashes = new SlowHashes();
        var places = Reserve(hashes);
        var asked = Enumerable.Range(0, 1000).Select(i => hashes.OfAsync("A", Salt, $"card-{i}")).ToList();
        Assert.Equal((SlowHashes.MaxWaiting, SlowHashes.MaxWaiting), (hashes.Waiting, asked.Count(a => !a.IsCompleted)));
        for (var i = 0; i < places; i++) hashes.Release();
        await Task.WhenAll(asked);
        Assert.Equal(SlowHashes.MaxWaiting, hashes.Made);
        // Every place was given back.
        Assert.Equal((0, places), (hashes.Waiting, Reserve(hashes)));
    }

    [Fact]
    public async Task Of_ManyForOne_HasTwoPlaces()
    {
        var hashes = new SlowHashes();
        var places = Reserve(hashes);
        var asked = Enumerable.Range(0, 50).Select(_ => hashes.OfAsync("A", Salt, "making:FC1")).ToList();
        Assert.Equal(SlowHashes.MaxOfOne, hashes.Waiting);
        for (var i = 0; i < places; i++) hashes.Release();
        await Task.WhenAll(asked);
        Assert.NotNull(await hashes.OfAsync("A", Salt, "making:FC1"));
    }

    static int Reserve(SlowHashes hashes)
    {
        var places = 0;
        while (hashes.TryReserve()) places++;
        return places;
    }
}
