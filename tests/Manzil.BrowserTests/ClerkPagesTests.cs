namespace Manzil.BrowserTests;

/// <summary>Every page of the clerk's desk, with one worker from enrolment to the receipt on paper.</summary>
public sealed class ClerkPagesTests(Chromium chromium)
{
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("kk")]
    public async Task Page_ClerkSignedIn_IsCleanAndInOneLanguage(string language)
    {
        chromium.Need();
        await using var service = await PublishedService.StartAsync();
        await chromium.OnPhoneAsync(WalkAsync, language, service: service);
    }

    [Fact]
    public async Task Page_WithoutScript_DoesTheSame()
    {
        chromium.Need();
        await using var service = await PublishedService.StartAsync();
        await chromium.OnPhoneAsync(WalkAsync, script: false, service: service);
    }

    static async Task WalkAsync(Phone phone)
    {
        var lookAsync = phone.Looking();
        var reason = phone.Language switch { "ru" => "Пришёл с картой", "kk" => "Картасымен келді", _ => "Is here with the card" };
        await phone.SignInAsync("S400", "clerk");
        await phone.GotoAsync("/staff");
        await lookAsync();
        await phone.FollowAsync("/staff/desk");
        await lookAsync();

        await phone.FollowAsync("/staff/desk/enrol");
        await lookAsync();
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.FillAsync("State", "UZB");
        await phone.FillAsync("Number", "AC7654321");
        await phone.FillAsync("Name", Worker.Name);
        await phone.FillDateAsync("BirthDate", new DateOnly(1991, 3, 4));
        await phone.FillAsync("Card", "FC5500001");
        await phone.Page.Locator($"main input[name=Spoken][value={phone.Language}]").CheckAsync();
        // A document that shows the year of birth alone: a day that is left out is asked about, and said in words before it counts.
        var isYearAlone = phone.Page.Locator("main input[name='BirthDate.NotShown']");
        await phone.FillAsync("BirthDate.Day", "");
        await phone.FillAsync("BirthDate.Month", "");
        await phone.SubmitAsync("check");
        Assert.Equal("true", await phone.Page.Locator("main [name='BirthDate.Day']").GetAttributeAsync("aria-invalid"));
        await lookAsync();
        await isYearAlone.CheckAsync();
        await phone.SubmitAsync("check");
        Assert.Equal(0, await phone.Page.Locator(".govuk-error-summary").CountAsync());
        await lookAsync();
        await phone.SubmitAsync("edit");
        Assert.True(await isYearAlone.IsCheckedAsync());
        await isYearAlone.UncheckAsync();
        await phone.FillDateAsync("BirthDate", new DateOnly(1991, 3, 4));
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("do");
        Assert.Equal(1, await phone.Page.Locator(".manzil-slip code").CountAsync());
        await lookAsync();
        // Alone on its paper, which is one sheet.
        var pdf = System.Text.Encoding.Latin1.GetString(await phone.Page.PdfAsync(new() { Format = "A4", PreferCSSPageSize = true }));
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(pdf, @"/Type\s*/Page\b", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)));
        await phone.SubmitAsync();
        var root = phone.Path;
        Assert.StartsWith("/staff/desk/", root);
        await lookAsync();

        await phone.FollowAsync(root + "/registration");
        await lookAsync();
        await phone.SubmitAsync();
        Assert.StartsWith(root + "/notices/", phone.Path);
        await lookAsync();
        await phone.FollowAsync(phone.Path + "/print");
        await lookAsync();
        await phone.GotoAsync(root + "/residence");
        await lookAsync();
        await phone.FillAsync("Locality", "1");
        await phone.FillAsync("Street", "2");
        await phone.FillAsync("Building", "3");
        await phone.SubmitAsync("from");
        await lookAsync();
        await phone.FillDateAsync("From", await phone.TodayAsync());
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("give");
        var residence = phone.Path.Split('/')[^1];
        await phone.GotoAsync(root);
        await lookAsync();
        foreach (var path in new[] { "/confirmation", "/departure", "/departure/undo", "/registration", $"/residence/{residence}", "/case/answer", "/case/appeal" })
        {
            await phone.GotoAsync(root + path);
            await lookAsync();
        }

        await phone.GotoAsync(root + "/account/channel");
        await lookAsync();
        await phone.FillAsync("Address", "+79995500001");
        await phone.SubmitAsync();
        await lookAsync();
        await phone.FillAsync("Code", await phone.NewestCodeAsync("+79995500001"));
        await phone.SubmitAsync();
        await lookAsync();
        await phone.GotoAsync(root);
        await lookAsync();
        await phone.PressAsync(phone.Page.Locator($"main a[href^='{root}/account/channel/']").First);
        await lookAsync();

        await phone.GotoAsync(root + "/code");
        await lookAsync();
        await phone.SubmitAsync();
        await lookAsync();
        await phone.Page.Locator("main input[name=Seen]").CheckAsync();
        await phone.Page.Locator("main input[name=EndSessions][value=yes]").CheckAsync();
        await phone.SubmitAsync();
        await lookAsync();
        await phone.PressAsync(phone.Page.Locator("main a[href^='/staff/desk/receipts/']"));
        await lookAsync();
        await phone.GotoAsync("/staff/desk/serve");
        await lookAsync();
        await phone.SubmitAsync();
        await lookAsync();
        await phone.Page.Locator("main input[name=Kind][value=document]").CheckAsync();
        await phone.FillAsync("Exact", "UZB AC7654399");
        await phone.FillAsync("Reason", reason);
        await phone.SubmitAsync();
        await lookAsync();
        await SitTooLongAsync(phone, root, reason, lookAsync);
    }

    /// <summary>
    /// A form that was open when the sitting ended: the reason is asked for again, and what was typed goes on. The demo's clock moves by
    /// days and this page counts in hours, so the form is sent there as the service would; that it does is tested without a browser.
    /// </summary>
    static async Task SitTooLongAsync(Phone phone, string root, string reason, Func<Task> look)
    {
        await phone.GotoAsync(root + "/account/channel");
        await phone.FillAsync("Address", "+79995500002");
        await phone.Page.Locator("main form").EvaluateAsync("(form, action) => form.setAttribute('action', action)", $"{root}/again?to=/account/channel");
        await phone.SubmitAsync();
        Assert.Equal(root + "/again", phone.Path);
        await look();
        await phone.FillAsync("LookReason", "");
        await phone.SubmitAsync();
        await look();
        await phone.FillAsync("LookReason", reason);
        await phone.SubmitAsync();
        Assert.EndsWith("/account/channel/code", phone.Path);
        Assert.False(phone.Path.StartsWith(root + "/", StringComparison.Ordinal), "It goes on under the new look.");
    }
}
