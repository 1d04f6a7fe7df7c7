namespace Manzil.BrowserTests;

public class PasskeyTests(Chromium chromium)
{
    const string PasskeyButton = "main form[data-passkey] button";

    [Fact]
    public Task Passkey_MadeAfterCardSignIn_SignsInOnceEachTimeUntilRemoved() =>
        chromium.OnPhoneAsync(async phone =>
        {
            await phone.AddAuthenticatorAsync();
            await phone.SignInAsync(await phone.Service.EnrolAsync());
            Assert.Equal("/sign-in/passkey-offer", phone.Path);
            await phone.PressAsync(phone.Page.Locator(PasskeyButton));
            Assert.Equal("/", phone.Path);
            await SignOutAsync(phone);

            var request = await SignInByPasskeyAsync(phone);
            Assert.Equal("/", phone.Path);
            await SignOutAsync(phone);

            // The same assertion once more, with every cookie and field as they were.
            var replay = await phone.Context.APIRequest.PostAsync(request.Url, new()
            {
                DataString = request.PostData,
                Headers = new Dictionary<string, string> { ["Content-Type"] = "application/x-www-form-urlencoded" },
                MaxRedirects = 0,
            });
            Assert.Equal(400, replay.Status);
            Assert.Contains("govuk-error-summary", await replay.TextAsync(), StringComparison.Ordinal);
            await phone.GotoAsync("/account");
            Assert.Equal("/sign-in", phone.Path);

            await SignInByPasskeyAsync(phone);
            await phone.GotoAsync("/account");
            await phone.CheckAsync();
            await phone.CheckAxeAsync();
            var remove = phone.Page.Locator("main form[action='/account?handler=RemovePasskey'] button");
            Assert.Equal(1, await remove.CountAsync());
            await phone.PressAsync(remove);
            Assert.Equal("/account", phone.Path);
            Assert.Equal(0, await remove.CountAsync());
            await SignOutAsync(phone);

            // The phone still has it, the service does not.
            await SignInByPasskeyAsync(phone);
            Assert.Equal("/sign-in", phone.Path);
            await phone.Page.Locator(".govuk-error-summary").WaitForAsync();
        });

    // Phones are shared and taken: a departure asks for a passkey or a code of these minutes.
    [Fact]
    public async Task Departure_SignedInAWhileAgo_AsksForPasskeyOrCode()
    {
        chromium.Need();
        await using var service = await PublishedService.StartAsync();
        var withCode = await service.EnrolAsync();
        await chromium.OnPhoneAsync(
            async passkey => await chromium.OnPhoneAsync(
                async code =>
                {
                    await passkey.AddAuthenticatorAsync();
                    await passkey.SignInAsync(await service.EnrolAsync());
                    await passkey.PressAsync(passkey.Page.Locator(PasskeyButton));
                    await RegisterAsync(passkey);
                    await code.SignInAndDeclinePasskeyAsync(withCode);
                    await RegisterAsync(code);
                    await service.MakeSessionsStaleAsync();

                    await passkey.GotoAsync("/departure");
                    Assert.Equal("/sign-in/fresh", passkey.Path);
                    await passkey.CheckAsync();
                    await passkey.CheckAxeAsync();
                    await passkey.PressAsync(passkey.Page.Locator(PasskeyButton));
                    Assert.Equal("/departure", passkey.Path);
                    await LeaveAsync(passkey);

                    await code.GotoAsync("/departure");
                    Assert.Equal("/sign-in/fresh", code.Path);
                    await code.CheckAsync();
                    await code.SubmitAsync();
                    await code.CheckAsync();
                    var sent = await code.NewestCodeAsync(withCode.Phone!);
                    await code.FillAsync("Code", sent == "000000" ? "111111" : "000000");
                    await code.PressAsync(code.Page.Locator("main form[action='/sign-in/fresh?handler=Code'] button"));
                    Assert.Equal("/sign-in/fresh", code.Path);
                    await code.CheckAsync();
                    await code.FillAsync("Code", sent);
                    await code.PressAsync(code.Page.Locator("main form[action='/sign-in/fresh?handler=Code'] button"));
                    Assert.Equal("/departure", code.Path);
                    await LeaveAsync(code);
                },
                script: false,
                service: service),
            service: service);
    }

    static async Task RegisterAsync(Phone phone)
    {
        await phone.FollowAsync("/registration");
        await phone.SubmitAsync();
    }

    static async Task LeaveAsync(Phone phone)
    {
        await phone.FillDateAsync("On", (await phone.TodayAsync()).AddDays(5));
        await phone.SubmitAsync();
        await phone.SubmitAsync("give");
        Assert.StartsWith("/notices/", phone.Path, StringComparison.Ordinal);
    }

    static async Task<IRequest> SignInByPasskeyAsync(Phone phone)
    {
        await phone.GotoAsync("/sign-in");
        return await phone.Page.RunAndWaitForRequestAsync(
            () => phone.PressAsync(phone.Page.Locator(PasskeyButton)),
            request => request.Method == "POST" && request.IsNavigationRequest);
    }

    static Task SignOutAsync(Phone phone) => phone.PressAsync(phone.Page.Locator("form[action='/sign-out'] button"));
}
