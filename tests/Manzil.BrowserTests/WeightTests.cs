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
                session.Event("Network.requestWillBeSent").OnEvent += (_, e) =>
                {
                    if (e!.Value.TryGetProperty("redirectResponse", out var redirect)) bytes += redirect.GetProperty("encodedDataLength").GetDouble();
                };
                await session.SendAsync("Network.enable");

                await phone.GotoAsync("/");
                await phone.FollowAsync("/sign-in");
                await phone.SignInAndDeclinePasskeyAsync(await phone.Service.EnrolAsync(language));
                Assert.Equal("/", phone.Path);

                // Answered after the events before it, so that none is left out.
                await session.SendAsync("Network.disable");
                // A headless browser shows no icon and so does not ask for it; people's browsers do.
                var icon = await phone.Context.APIRequest.GetAsync(await phone.Page.EvaluateAsync<string>("() => document.querySelector('link[rel=icon]').href"));
                bytes += (await icon.BodyAsync()).Length;

                TestContext.Current.TestOutputHelper?.WriteLine($"First visit ({language}): {bytes / 1000:0.0} kB");
                TestContext.Current.SendDiagnosticMessage($"First visit ({language}): {bytes / 1000:0.0} kB");
                Assert.InRange(bytes, 10_000, Most);
            },
            language);
}
