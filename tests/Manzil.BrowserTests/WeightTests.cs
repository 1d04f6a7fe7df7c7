using System.Text.Json;

namespace Manzil.BrowserTests;

public class WeightTests(Chromium chromium)
{
    const int Most = 100_000;

    // style.md: on a first visit, with nothing kept from before, as compressed as it goes over the wire, headers too.
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("kk")]
    public Task FirstVisit_FromStartPageToHome_IsAtMost100kB(string language) =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                var bytes = 0.0;
                var session = await phone.Context.NewCDPSessionAsync(phone.Page);
                session.Event("Network.loadingFinished").OnEvent += (_, e) => bytes += e!.Value.GetProperty("encodedDataLength").GetDouble();
                session.Event("Network.responseReceived").OnEvent += (_, e) => bytes += RedirectBytes(e!.Value);
                session.Event("Network.requestWillBeSent").OnEvent += (_, e) => bytes += RedirectBytes(e!.Value);
                await session.SendAsync("Network.enable");

                await phone.GotoAsync("/");
                await phone.FollowAsync("/sign-in");
                await phone.SignInAndDeclinePasskeyAsync(await phone.Service.EnrolAsync(language));
                Assert.Equal("/", phone.Path);

                // A headless browser shows no icon and so does not ask for it; people's browsers do.
                var icon = await phone.Page.EvaluateAsync<string>("() => document.querySelector('link[rel=icon]').href");
                var before = bytes;
                await phone.Page.EvaluateAsync("async url => { await (await fetch(url)).text(); }", icon);
                await phone.Page.EvaluateAsync("() => new Promise(requestAnimationFrame)");
                Assert.True(bytes > before, "The icon was not counted.");

                TestContext.Current.TestOutputHelper?.WriteLine($"First visit ({language}): {bytes / 1000:0.0} kB");
                TestContext.Current.SendDiagnosticMessage($"First visit ({language}): {bytes / 1000:0.0} kB");
                Assert.InRange(bytes, 1000, Most);
            },
            language);

    static double RedirectBytes(JsonElement e) =>
        e.TryGetProperty("redirectResponse", out var redirect) ? redirect.GetProperty("encodedDataLength").GetDouble() : 0;
}
