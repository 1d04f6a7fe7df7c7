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
        await chromium.OnPhoneAsync(phone => WalkAsync(phone, checkWithAxe: true), language, service: service);
    }

    [Fact]
    public async Task Page_WithoutScript_DoesTheSame()
    {
        chromium.Need();
        await using var service = await PublishedService.StartAsync();
        await chromium.OnPhoneAsync(phone => WalkAsync(phone, checkWithAxe: false), script: false, service: service);
    }

    static async Task WalkAsync(Phone phone, bool checkWithAxe)
    {
        var seen = new HashSet<string>();
        async Task LookAsync()
        {
            await phone.CheckAsync();
            if (!seen.Add(await phone.ShapeAsync()) || !checkWithAxe) return;
            await phone.CheckFocusAsync();
            await phone.CheckAxeAsync();
        }

        var reason = phone.Language switch { "ru" => "Пришёл с картой", "kk" => "Картасымен келді", _ => "Is here with the card" };
        var token = await phone.Service.StaffAsync("S400", "clerk", phone.Language);
        await phone.Context.AddCookiesAsync([new() { Name = "manzil-staff", Value = token, Url = phone.Service.Url + "/staff" }]);
        await phone.GotoAsync("/staff");
        await LookAsync();
        await phone.FollowAsync("/staff/desk");
        await LookAsync();

        await phone.FollowAsync("/staff/desk/enrol");
        await LookAsync();
        await phone.SubmitAsync("check");
        await LookAsync();
        await phone.FillAsync("State", "UZB");
        await phone.FillAsync("Number", "AC7654321");
        await phone.FillAsync("Name", Worker.Name);
        await phone.FillDateAsync("BirthDate", new DateOnly(1991, 3, 4));
        await phone.FillAsync("Card", "FC5500001");
        await phone.Page.Locator($"main input[name=Spoken][value={phone.Language}]").CheckAsync();
        await phone.SubmitAsync("check");
        await LookAsync();
        await phone.SubmitAsync("do");
        Assert.Equal(1, await phone.Page.Locator(".manzil-slip code").CountAsync());
        await LookAsync();
        // Alone on its paper, which is one sheet.
        var pdf = System.Text.Encoding.Latin1.GetString(await phone.Page.PdfAsync(new() { Format = "A4", PreferCSSPageSize = true }));
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(pdf, @"/Type\s*/Page\b", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)));
        await phone.FillAsync("Reason", reason);
        await phone.SubmitAsync();
        var root = phone.Path;
        Assert.StartsWith("/staff/desk/", root);
        await LookAsync();

        await phone.FollowAsync(root + "/registration");
        await LookAsync();
        await phone.SubmitAsync();
        Assert.StartsWith(root + "/notices/", phone.Path);
        await LookAsync();
        await phone.FollowAsync(phone.Path + "/print");
        await LookAsync();
        await phone.GotoAsync(root + "/residence");
        await LookAsync();
        await phone.FillDateAsync("From", await phone.TodayAsync());
        await phone.SubmitAsync("address");
        await LookAsync();
        await phone.FillAsync("Locality", "1");
        await phone.FillAsync("Street", "2");
        await phone.FillAsync("Building", "3");
        await phone.SubmitAsync("check");
        await LookAsync();
        await phone.SubmitAsync("give");
        var residence = phone.Path.Split('/')[^1];
        await phone.GotoAsync(root);
        await LookAsync();
        foreach (var path in new[] { "/confirmation", "/departure", "/departure/undo", "/registration", $"/residence/{residence}", "/case/answer", "/case/appeal" })
        {
            await phone.GotoAsync(root + path);
            await LookAsync();
        }

        await phone.GotoAsync(root + "/account/channel");
        await LookAsync();
        await phone.FillAsync("Address", "+79995500001");
        await phone.SubmitAsync();
        await LookAsync();
        await phone.FillAsync("Code", await phone.NewestCodeAsync("+79995500001"));
        await phone.SubmitAsync();
        await LookAsync();
        await phone.GotoAsync(root);
        await LookAsync();
        await phone.PressAsync(phone.Page.Locator($"main a[href^='{root}/account/channel/']").First);
        await LookAsync();

        await phone.GotoAsync(root + "/code");
        await LookAsync();
        await phone.SubmitAsync();
        await LookAsync();
        await phone.Page.Locator("main input[name=Seen]").CheckAsync();
        await phone.Page.Locator("main input[name=EndSessions][value=yes]").CheckAsync();
        await phone.SubmitAsync();
        await LookAsync();
        await phone.PressAsync(phone.Page.Locator("main a[href^='/staff/desk/receipts/']"));
        await LookAsync();
        await phone.GotoAsync("/staff/desk/serve");
        await LookAsync();
        await phone.SubmitAsync();
        await LookAsync();
        await phone.Page.Locator("main input[name=Kind][value=document]").CheckAsync();
        await phone.FillAsync("Exact", "UZB AC7654399");
        await phone.FillAsync("Reason", reason);
        await phone.SubmitAsync();
        await LookAsync();
    }
}
