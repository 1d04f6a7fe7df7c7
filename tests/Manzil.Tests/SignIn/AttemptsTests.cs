using System.Net;
using Manzil.SignIn;
using NodaTime;
using NodaTime.Testing;

namespace Manzil.Tests.SignIn;

public class AttemptsTests
{
    readonly FakeClock _clock = new(TestService.Start);

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("::ffff:203.0.113.7", "::ffff:203.0.113.8", false)]
    public void Wait_AfterManyFromOneAddress_HoldsForItsWholeNetworkAndNoOther(string from, string other, bool waits)
    {
        var attempts = new Attempts(_clock);
        for (var i = 0; i < 40; i++) attempts.Failed($"card:{i}", IPAddress.Parse(from));
        Assert.Equal(waits, attempts.Wait("card:unheard-of", IPAddress.Parse(other)) > Duration.Zero);
        // Who is signed in is not held up by whoever shares the address.
        Assert.Equal(Duration.Zero, attempts.Wait("card:unheard-of", null));
    }

    [Fact]
    public void Wait_ByName_DoesNotReachAnotherWayIn()
    {
        var attempts = new Attempts(_clock);
        for (var i = 0; i < 40; i++) attempts.Failed("card:FC1", null);
        Assert.Equal(Duration.FromMinutes(15), attempts.Wait("card:FC1", null));
        Assert.Equal(Duration.Zero, attempts.Wait("document:FC1", null));
    }
}
