namespace Manzil.BrowserTests;

/// <summary>What was typed outlives Back, the language and the session, in a real browser and without its scripts (found.md 14 and 17).</summary>
public class TypedWordsTests(Chromium chromium)
{
    [Theory]
    [InlineData("en", true, 320)]
    [InlineData("ru", false, 1280)]
    [InlineData("kk", false, 320)]
    public Task Back_FromTheCheckPage_FindsEveryWordAndAsksNothing(string language, bool script, int width) =>
        chromium.OnPhoneAsync(BackAsync, language, script, width: width);

    static async Task BackAsync(Phone phone)
    {
        var worker = await phone.Service.EnrolAsync(phone.Language);
        await phone.StaySignedInAsync(worker);
        await phone.GotoAsync("/registration");
        await phone.SubmitAsync();
        await phone.GotoAsync("/residence");
        await phone.FillAsync("Locality", "Осмира");
        await phone.FillAsync("Building", "5");
        // Enter presses the form's own button, and no language that stands before it.
        await phone.FillAsync("Street", "Вокзальная");
        await phone.Page.Locator("main [name=Street]").PressAsync("Enter");
        await phone.Page.WaitForURLAsync("**/residence?at=from");
        await phone.FillDateAsync("From", (await phone.TodayAsync()).AddDays(-3));
        var year = await phone.TypedAsync("From.Year");
        await phone.SubmitAsync();
        Assert.Equal("/residence?at=check", new Uri(phone.Page.Url).PathAndQuery);
        Assert.Equal(phone.Language, await phone.Page.Locator("html").GetAttributeAsync("lang"));
        await phone.KeepPicturesAsync($"typed-check-{phone.Language}");

        var back = await phone.Page.GoBackAsync();
        Assert.Equal(("GET", 200), (back!.Request.Method, back.Status));
        Assert.Equal(year, await phone.TypedAsync("From.Year"));
        await phone.KeepPicturesAsync($"typed-from-{phone.Language}");
        back = await phone.Page.GoBackAsync();
        Assert.Equal(("GET", 200), (back!.Request.Method, back.Status));
        Assert.Equal(("Осмира", "Вокзальная"), (await phone.TypedAsync("Locality"), await phone.TypedAsync("Street")));
        await phone.KeepPicturesAsync($"typed-address-{phone.Language}");
        await phone.Page.GoForwardAsync();
        await phone.Page.GoForwardAsync();

        // In another language, typed and not sent.
        await phone.Page.GoBackAsync();
        await phone.Page.GoBackAsync();
        await phone.FillAsync("Note", "за складом, вход со двора");
        var other = phone.Language == "kk" ? "ru" : "kk";
        await phone.PressAsync(phone.Page.Locator($"nav button[lang={other}]"));
        Assert.Equal(other, await phone.Page.Locator("html").GetAttributeAsync("lang"));
        Assert.Equal(("за складом, вход со двора", "Вокзальная"), (await phone.TypedAsync("Note"), await phone.TypedAsync("Street")));
        await phone.PressAsync(phone.Page.Locator($"nav button[lang={phone.Language}]"));

        // The session ends on the check page.
        await phone.SubmitAsync("from");
        Assert.Equal(year, await phone.TypedAsync("From.Year"));
        await phone.SubmitAsync("check");
        await phone.Context.ClearCookiesAsync(new() { Name = "manzil" });
        await phone.SubmitAsync("give");
        Assert.Equal("/sign-in", phone.Path);
        Assert.DoesNotContain("Вокзальная", await phone.Page.ContentAsync(), StringComparison.Ordinal);
        await phone.KeepPicturesAsync($"typed-sign-in-{phone.Language}");
        await phone.StaySignedInAsync(worker);
        await phone.GotoAsync("/residence?at=give");
        Assert.Contains("Вокзальная", await phone.Page.ContentAsync(), StringComparison.Ordinal);
        await phone.SubmitAsync("give");
        Assert.StartsWith("/notices/", phone.Path, StringComparison.Ordinal);
        back = await phone.Page.GoBackAsync();
        Assert.Equal("GET", back!.Request.Method);

        // Pasted whole, and named.
        await phone.GotoAsync("/residence");
        await phone.FillAsync("Locality", new string('ж', 121));
        await phone.SubmitAsync();
        Assert.Equal(121, (await phone.TypedAsync("Locality")).Length);
        Assert.Contains("121", await phone.Page.Locator("#locality-error").InnerTextAsync(), StringComparison.Ordinal);
        await phone.KeepPicturesAsync($"typed-too-long-{phone.Language}");
    }
}
