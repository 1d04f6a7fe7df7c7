namespace Manzil.BrowserTests;

public class WorkerPagesTests(Chromium chromium)
{
    // privacy.md 24 and 25, on every page that a worker comes by, and in the states that it has on the way.
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("kk")]
    public Task Page_WorkerSignedIn_IsCleanAndInOneLanguage(string language) =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                var worker = await phone.Service.EnrolAsync(language);
                // Axe takes seconds, so a page in a state it was seen in before is only looked at.
                var seen = new HashSet<string>();
                async Task LookAsync()
                {
                    await phone.CheckAsync();
                    if (!seen.Add(await phone.ShapeAsync())) return;
                    await phone.CheckFocusAsync();
                    await phone.CheckAxeAsync();
                }

                var journey = new WorkerJourney(phone, LookAsync);
                await journey.SignInAsync(worker);
                await journey.RegisterAsync();
                await journey.TellAddressAsync();
                await journey.KeepAsync();
                await journey.ConfirmAsync();
                await journey.LeaveAndStayAsync();
                await journey.CorrectAsync();
                foreach (var path in (string[])["/account", "/account/channel", "/account/export", "/sign-in/fresh", "/demo/messages", "/demo/clock", "/language"])
                {
                    await phone.GotoAsync(path);
                    Assert.Equal(path, phone.Path);
                    await LookAsync();
                }

                await ChangeChannelAsync(phone, LookAsync);
                await journey.SignOutAsync();
            },
            language);

    static async Task ChangeChannelAsync(Phone phone, Func<Task> look)
    {
        const string address = "aziz@example.org";
        await phone.GotoAsync("/account/channel");
        await phone.FillAsync("Address", "aziz");
        await phone.SubmitAsync();
        Assert.Equal("aziz", await phone.TypedAsync("Address"));
        await look();
        await phone.FillAsync("Address", address);
        await phone.SubmitAsync();
        Assert.Equal("/account/channel/code", phone.Path);
        await look();
        await phone.FillAsync("Code", await phone.NewestCodeAsync(address));
        await phone.SubmitAsync();
        Assert.Equal("/account", phone.Path);
        await look();
        await phone.PressAsync(phone.Page.Locator("main a[href$='/remove']").Last);
        await look();
        await phone.SubmitAsync();
        Assert.Equal("/account", phone.Path);
    }
}
