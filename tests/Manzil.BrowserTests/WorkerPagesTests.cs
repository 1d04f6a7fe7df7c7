namespace Manzil.BrowserTests;

public class WorkerPagesTests(Chromium chromium)
{
    // privacy.md 24 and 25, on every page that a worker comes by, and in the states that it has on the way.
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("kk")]
    public Task Page_WorkerSignedIn_IsCleanAndInOneLanguage(string language) =>
        chromium.OnPhoneAsync(WalkAsync, language);

    // privacy.md 22.
    [Fact]
    public Task Page_WithoutScript_DoesTheSame() => chromium.OnPhoneAsync(WalkAsync, script: false);

    static async Task WalkAsync(Phone phone)
    {
        var worker = await phone.Service.EnrolAsync(phone.Language);
        var lookAsync = phone.Looking();
        var journey = new WorkerJourney(phone, lookAsync);
        await journey.SignInAsync(worker);
        await journey.RegisterAsync();
        await journey.TellAddressAsync();
        await journey.KeepAsync();
        await journey.ConfirmAsync();
        await journey.LeaveAndStayAsync();
        await journey.CorrectAsync();
        foreach (var path in (string[])["/account", "/account/channel", "/account/export", "/account/recovery-codes", "/case", "/looks", "/helpers", "/helpers/new", "/helper", "/messages", "/sign-in/fresh", "/demo/messages", "/demo/clock", "/language"])
        {
            await phone.GotoAsync(path);
            Assert.Equal(path, phone.Path);
            await lookAsync();
        }

        await ChangeChannelAsync(phone, lookAsync);
        var codes = await MakeRecoveryCodesAsync(phone, lookAsync);
        await journey.SignOutAsync();
        await BackInAsync(phone, worker, lookAsync);
        await journey.SignOutAsync();
        await RecoverAsync(phone, worker, codes[0], lookAsync);
    }

    // The ordinary way in for whoever's slip is used; and the question before signing out for whoever has no way back.
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("kk")]
    public Task SignInAgain_WithASentCodeAndOutWithNoWayBack_WithoutScript(string language) =>
        chromium.OnPhoneAsync(SignInAgainAsync, language, script: false);

    [Fact]
    public Task SignInAgain_WithASentCodeAndOutWithNoWayBack_WithScript() => chromium.OnPhoneAsync(SignInAgainAsync);

    static async Task SignInAgainAsync(Phone phone)
    {
        var look = phone.Looking();
        var worker = await phone.Service.EnrolAsync(phone.Language);
        await phone.SignInAndDeclinePasskeyAsync(worker);
        await phone.PressAsync(phone.Page.Locator("form[action='/sign-out'] button"));
        Assert.Equal("/sign-out", phone.Path);
        await look();

        await phone.FollowAsync("/sign-in");
        await look();
        var send = phone.Page.Locator("main button[formaction='/sign-in?handler=Send']");
        await phone.PressAsync(send);
        Assert.Equal(2, await phone.Page.Locator(".govuk-error-summary__list li").CountAsync());
        await look();
        await phone.FillAsync("Card", worker.CardNumber);
        await phone.FillDateAsync("BirthDate", worker.BirthDate);
        await phone.PressAsync(send);
        Assert.Equal("/sign-in/code", phone.Path);
        await look();
        await phone.FillAsync("Code", "00000000");
        await phone.SubmitAsync();
        Assert.Equal("", await phone.TypedAsync("Code"));
        await look();
        await phone.FillAsync("Code", await phone.NewestLongCodeAsync(worker.Phone!));
        await phone.SubmitAsync();
        Assert.Equal("/sign-in/passkey-offer", phone.Path);
        await phone.GotoAsync("/account");
        await look();
        await phone.PressAsync(phone.Page.Locator("form[action='/sign-out'] button"));

        // Somebody without phone, e-mail, passkey and codes.
        await phone.SignInAsync(await phone.Service.EnrolAsync(phone.Language, hasPhone: false));
        Assert.Equal("/sign-in/passkey-offer", phone.Path);
        await look();
        await phone.FollowAsync("/");
        await look();
        await phone.PressAsync(phone.Page.Locator("form[action='/sign-out'] button").First);
        Assert.Equal("/sign-out", phone.Path);
        await look();
        await phone.PressAsync(phone.Page.Locator("main form[action='/sign-out?handler=Remember'] button"));
        Assert.Equal("/account", phone.Path);
        await look();
        await phone.PressAsync(phone.Page.Locator("form[action='/sign-out'] button").First);
        await phone.PressAsync(phone.Page.Locator("main form[action='/sign-out'] button"));
        await look();
        await phone.GotoAsync("/account");
        Assert.Equal("/sign-in", phone.Path);
    }

    static async Task<IReadOnlyList<string>> MakeRecoveryCodesAsync(Phone phone, Func<Task> look)
    {
        await phone.GotoAsync("/account/recovery-codes");
        await phone.SubmitAsync();
        await look();
        return await phone.Page.Locator("main ol code").AllInnerTextsAsync();
    }

    static async Task BackInAsync(Phone phone, Worker worker, Func<Task> look)
    {
        await phone.GotoAsync("/sign-in");
        await phone.FollowAsync("/sign-in/document");
        await phone.SubmitAsync();
        Assert.Equal(3, await phone.Page.Locator(".govuk-error-summary__list li").CountAsync());
        await look();
        var document = worker.Document.Split('|');
        await phone.FillAsync("State", document[0]);
        await phone.FillAsync("Number", document[1]);
        await phone.FillDateAsync("BirthDate", worker.BirthDate);
        await phone.SubmitAsync();
        Assert.Equal("/sign-in/document/code", phone.Path);
        await look();
        await phone.FillAsync("Code", "00000000");
        await phone.Page.Locator("main [name=EndOthers]").CheckAsync();
        await phone.SubmitAsync();
        Assert.True(await phone.Page.Locator("main [name=EndOthers]").IsCheckedAsync());
        Assert.Equal("", await phone.TypedAsync("Code"));
        await look();
        await phone.FillAsync("Code", await phone.NewestLongCodeAsync(worker.Phone!));
        await phone.SubmitAsync();
        Assert.Equal("/sign-in/passkey-offer", phone.Path);
        await phone.PressAsync(phone.Page.Locator("main a[href^='/notices/']"));
        await look();
        await phone.GotoAsync("/account");
        await look();
    }

    static async Task RecoverAsync(Phone phone, Worker worker, string code, Func<Task> look)
    {
        await phone.GotoAsync("/sign-in/recovery");
        await phone.FillAsync("Number", worker.CardNumber);
        await phone.FillDateAsync("BirthDate", worker.BirthDate);
        await phone.FillAsync("Code", "AAAA-AAAA-AAAA");
        await phone.SubmitAsync();
        Assert.Equal(worker.CardNumber, await phone.TypedAsync("Number"));
        await look();
        await phone.FillAsync("Code", code);
        await phone.SubmitAsync();
        await phone.PressAsync(phone.Page.Locator("main a[href^='/notices/']"));
        await look();
    }

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
