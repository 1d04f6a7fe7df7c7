using System.Net;
using Manzil.SignIn;
using NodaTime;
using NodaTime.Testing;

namespace Manzil.Tests.SignIn;

public class AttemptsTests
{
    static readonly IPAddress Dormitory = IPAddress.Parse("203.0.113.7");

    readonly FakeClock _clock = new(TestService.Start);

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("::ffff:203.0.113.7", "::ffff:203.0.113.8", false)]
    public void Failed_AfterManyFromOneAddress_IsToldToWaitInItsWholeNetworkAndNoOther(string from, string other, bool waits)
    {
        var attempts = new Attempts(_clock);
        for (var i = 0; i < 40; i++) Fail(attempts, $"{i}", IPAddress.Parse(from));
        Assert.Equal(waits, Fail(attempts, "unheard-of", IPAddress.Parse(other)) is SignInResult.Wait { IsCrowded: true });
        // Who is signed in is not held up by whoever shares the address.
        Assert.IsType<SignInResult.Wrong>(Fail(attempts, "unheard-of", null));
    }

    [Fact]
    public void Begin_ByName_DoesNotReachAnotherWayIn()
    {
        var attempts = new Attempts(_clock);
        for (var i = 0; i < 3; i++) Fail(attempts, "FC1", null);
        using (var waits = attempts.Begin("card", "FC1", null)) Assert.Equal(2, waits.MustWait?.Seconds);
        using (var other = attempts.Begin("document", "FC1", null)) Assert.Null(other.MustWait);
    }

    // Counted when it begins: whoever sends all at once, before any is answered, has no more tries than one after the other.
    [Fact]
    public void Begin_ManyAtOnceAtOneName_ThreeMayBeLookedAt()
    {
        var attempts = new Attempts(_clock);
        var begun = Enumerable.Range(0, 400).AsParallel().Select(_ => attempts.Begin("card", "FC1", Dormitory)).ToList();
        Assert.Equal(Attempts.FreeByName, begun.Count(t => t.MustWait is null));
    }

    [Fact]
    public void Begin_ManyAtOnceOverManyNames_ThirtyAreToldThatTheyAreWrongAndAllMayBeLookedAt()
    {
        var attempts = new Attempts(_clock);
        var begun = Enumerable.Range(0, 1000).AsParallel().Select(i => attempts.Begin("card", $"FC{i}", Dormitory)).ToList();
        Assert.DoesNotContain(begun, t => t.MustWait is not null);
        Assert.Equal(Attempts.FreeByAddress, begun.Count(t => t.Failed() is SignInResult.Wrong));
    }

    [Fact]
    public void Failed_FromOneAddress_WaitsGrowTo15MinutesAndNoFurther()
    {
        var attempts = new Attempts(_clock);
        for (var i = 0; i < Attempts.FreeByAddress; i++) Fail(attempts, $"{i}", Dormitory);
        var waits = Enumerable.Range(0, 12).Select(i => Assert.IsType<SignInResult.Wait>(Fail(attempts, $"more-{i}", Dormitory)).Seconds).ToList();
        Assert.Equal([2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900], waits);
        // It is forgotten as fast after a million.
        for (var i = 0; i < 2000; i++) Fail(attempts, $"still-{i}", Dormitory);
        _clock.AdvanceMinutes(22);
        Assert.IsType<SignInResult.Wrong>(Fail(attempts, "later", Dormitory));
    }

    // What a card has left it has at any address; beyond that the address counts too.
    [Fact]
    public void Begin_CardWithoutTriesLeftAtACrowdedAddress_WaitsAsLongAsTheAddress()
    {
        var attempts = new Attempts(_clock);
        for (var i = 0; i < 60; i++) Fail(attempts, $"{i}", Dormitory);
        for (var i = 0; i < Attempts.FreeByName; i++) Assert.IsType<SignInResult.Wait>(Fail(attempts, "mine", Dormitory));
        using (var there = attempts.Begin("card", "mine", Dormitory)) Assert.Equal(900, there.MustWait?.Seconds);
        using (var elsewhere = attempts.Begin("card", "mine", IPAddress.Parse("198.51.100.1"))) Assert.Equal(2, elsewhere.MustWait?.Seconds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void End_SucceededOrNeither_IsGivenBack(bool succeeded)
    {
        var attempts = new Attempts(_clock);
        for (var i = 0; i < 200; i++)
        {
            using var attempt = attempts.Begin("card", succeeded ? $"FC{i}" : "FC1", Dormitory);
            Assert.Null(attempt.MustWait);
            if (succeeded) attempt.Succeeded();
        }

        Assert.IsType<SignInResult.Wrong>(Fail(attempts, "FC1", Dormitory));
    }

    // A guesser who brings ever new names neither fills the memory nor frees a name that waits.
    [Fact]
    public void Begin_EverNewNames_AreForgottenBeforeOneThatWaits()
    {
        var attempts = new Attempts(_clock);
        for (var i = 0; i < 5; i++)
        {
            Fail(attempts, "FC1", null);
            _clock.AdvanceSeconds(8);
        }

        Fail(attempts, "FC1", null);
        for (var i = 0; i < 250_000; i++) attempts.Begin("card", $"new-{i}", null).Failed();
        using var still = attempts.Begin("card", "FC1", null);
        Assert.NotNull(still.MustWait);
    }

    static SignInResult Fail(Attempts attempts, string name, IPAddress? address)
    {
        using var attempt = attempts.Begin("card", name, address);
        return (SignInResult?)attempt.MustWait ?? attempt.Failed();
    }
}
