namespace Manzil.BrowserTests;

/// <summary>
/// The clerk's pages for a renewed document, receipts issued anew, and people to be reached: one worker whom no message can reach, since
/// they have no phone. Its own service, since days go by.
/// </summary>
public sealed class ReachPagesTests(Chromium chromium)
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
        var (reason, words) = phone.Language switch
        {
            "ru" => ("Пришёл с новым паспортом", "Ответил брат и передал ему трубку."),
            "kk" => ("Жаңа паспортпен келді", "Ағасы жауап беріп, тұтқаны оған берді."),
            _ => ("Is here with a new passport", "His brother answered and gave him the phone."),
        };
        await phone.SignInAsync("S410", "clerk");
        await phone.GotoAsync("/staff/desk/reach");
        await lookAsync();
        var root = await EnrolAsync(phone);

        await phone.FollowAsync(root + "/details");
        await lookAsync();
        await phone.FillAsync("Number", "");
        await phone.FillAsync("Name", "");
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.FillAsync("Number", "AD1234567");
        await phone.FillAsync("Name", Worker.Name);
        await phone.SubmitAsync("check");
        await lookAsync();
        await phone.SubmitAsync("do");
        Assert.StartsWith(root + "/notices/", phone.Path);
        await lookAsync();
        await phone.GotoAsync(root + "/details");
        await lookAsync();
        await phone.PressAsync(phone.Page.Locator($"main a[href^='{root}/notices/']").First);
        var old = phone.Path;
        await lookAsync();
        await phone.SubmitAsync();
        Assert.StartsWith(root + "/notices/", phone.Path);
        Assert.NotEqual(old, phone.Path);
        await lookAsync();
        await phone.GotoAsync(old);
        await lookAsync();

        foreach (var days in new[] { 7, 7, 7, 7, 7, 7, 1, 1, 1 })
        {
            await phone.GotoAsync("/demo/clock");
            await phone.PressAsync(phone.Page.Locator($"main button[name=Days][value='{days}']"));
        }

        await phone.GotoAsync("/staff/desk/reach");
        await lookAsync();
        await phone.PressAsync(phone.Page.Locator("main ol a").First);
        var entry = phone.Path;
        await lookAsync();
        await phone.SubmitAsync();
        await lookAsync();
        await phone.FillAsync("Reason", reason);
        await phone.SubmitAsync();
        Assert.Equal(entry, phone.Path);
        await lookAsync();
        await phone.FillAsync("Words", "-");
        await phone.SubmitAsync();
        await lookAsync();
        await phone.Page.Locator("main input[name=How]").First.CheckAsync();
        await phone.FillAsync("Words", words);
        await phone.SubmitAsync();
        Assert.StartsWith("/staff/desk/receipts/", phone.Path);
        await lookAsync();
        await phone.GotoAsync(entry);
        await lookAsync();
    }

    /// <summary>Enrols a worker without phone and e-mail, who registers and tells an address at the desk.</summary>
    static async Task<string> EnrolAsync(Phone phone)
    {
        await phone.GotoAsync("/staff/desk/enrol");
        await phone.FillAsync("State", "UZB");
        await phone.FillAsync("Number", "AC7654322");
        await phone.FillAsync("Name", Worker.Name);
        await phone.FillDateAsync("BirthDate", new DateOnly(1991, 3, 4));
        await phone.FillAsync("Card", "FC5500002");
        await phone.Page.Locator($"main input[name=Spoken][value={phone.Language}]").CheckAsync();
        await phone.SubmitAsync("check");
        await phone.SubmitAsync("do");
        await phone.SubmitAsync();
        var root = phone.Path;
        await phone.FollowAsync(root + "/registration");
        await phone.SubmitAsync();
        await phone.GotoAsync(root + "/residence");
        await phone.FillAsync("Locality", "1");
        await phone.FillAsync("Street", "2");
        await phone.FillAsync("Building", "3");
        await phone.SubmitAsync("from");
        await phone.FillDateAsync("From", await phone.TodayAsync());
        await phone.SubmitAsync("check");
        await phone.SubmitAsync("give");
        await phone.GotoAsync(root);
        return root;
    }
}
