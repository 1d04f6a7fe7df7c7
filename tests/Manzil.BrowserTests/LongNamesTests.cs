namespace Manzil.BrowserTests;

/// <summary>A name of one long word widens no page (found.md 22): 28 letters and more are ordinary names.</summary>
public class LongNamesTests(Chromium chromium)
{
    const string Word = "Абдурахмонгулободурсунбоевич", Name = Word + " Мухаммадсодиқхожабердиевазода";

    [Theory]
    [InlineData("en", true)]
    [InlineData("kk", false)]
    public async Task Pages_OfSomebodyWithALongName_AreAsWideAsThePhone(string language, bool script)
    {
        // One of its own: the demo's messages show everybody's name.
        await using var service = await PublishedService.StartAsync();
        await chromium.OnPhoneAsync(
            async phone =>
            {
                var worker = await phone.Service.EnrolAsync(language, name: Name);
                await phone.StaySignedInAsync(worker);
                await phone.GotoAsync("/registration");
                await phone.SubmitAsync();
                var receipt = phone.Path;
                foreach (var path in new[] { "/", "/notices", receipt, receipt + "/print", "/account", "/messages", "/demo/messages", "/residence", "/departure", "/looks", "/sign-out" })
                {
                    await phone.GotoAsync(path);
                    await FitsAsync(phone);
                }
            },
            language, script, service);
    }

    // An officer's pages show the same name, and what people wrote: an address, an answer, a reason, of one word as long (found.md 23).
    [Theory]
    [InlineData("en", true)]
    [InlineData("ru", true)]
    [InlineData("kk", false)]
    public async Task OfficersPages_WithALongNameAndLongWords_AreAsWideAsThePhone(string language, bool script)
    {
        await using var service = await PublishedService.StartAsync();
        await chromium.OnPhoneAsync(OfficersAsync, language, script, service);
    }

    static async Task OfficersAsync(Phone phone)
    {
        var worker = await phone.Service.EnrolAsync(phone.Language, name: Name);
        await phone.GiveAsync(worker, new { kind = "registration" });
        await phone.GiveAsync(worker, new { kind = "residence", from = "2026-01-01", address = new { locality = Word, street = Word, building = "3" } });

        await phone.SignInAsync("S100", "caseworker");
        await phone.GotoAsync("/staff/search");
        await phone.SearchAsync(worker.CardNumber, Word);
        await FitsAsync(phone);
        var file = await phone.OpenCaseAsync(worker, Word, Word);
        await phone.StaySignedInAsync(worker);
        await phone.GotoAsync("/case/answer");
        await phone.FillAsync("Text", Word);
        await phone.SubmitAsync();
        await FitsAsync(phone);
        // What a worker says in such a case is an answer, whichever way it comes, and its facts stand in the file.
        await phone.GiveAsync(worker, new { kind = "residence", from = "2026-02-01", address = new { locality = Word, street = Word, building = "4" } });
        await phone.GotoAsync("/staff/cases");
        await FitsAsync(phone, isNamed: false);
        await phone.OpenFileAsync(file, Word);
        await FitsAsync(phone);
        await phone.OpenAllAsync(file);
        Assert.Equal(0, await phone.Page.Locator($"main form[action^='{file}/answers/']").CountAsync());
        await FitsAsync(phone);
        await phone.KeepPicturesAsync($"file-{phone.Language}");
        await phone.FollowAsync(file + "/keep");
        await phone.FillAsync("Reason", Word);
        await phone.SubmitAsync("check");
        await FitsAsync(phone);

        await phone.SignInAsync("S400", "clerk");
        await phone.GotoAsync("/staff/desk/serve");
        await phone.SearchAsync(worker.CardNumber, Word);
        var root = phone.Path;
        Assert.StartsWith("/staff/desk/", root, StringComparison.Ordinal);
        await FitsAsync(phone);
        await phone.KeepPicturesAsync($"desk-{phone.Language}");
        foreach (var path in new[] { "/residence", "/departure", "/case/answer", "/details", "/code", "/account/channel" })
        {
            await phone.GotoAsync(root + path);
            await FitsAsync(phone);
        }
    }

    static async Task FitsAsync(Phone phone, bool isNamed = true)
    {
        if (isNamed) Assert.Contains(Word[..10], await phone.Page.Locator("body").InnerTextAsync() + await phone.Page.Locator("body").EvaluateAsync<string>("b => [...b.querySelectorAll('input')].map(i => i.value).join(' ')"), StringComparison.Ordinal);
        var widest = await phone.Page.EvaluateAsync<string>(
            "() => document.scrollingElement.scrollWidth <= innerWidth ? '' : [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.tagName + '.' + e.className).join(' ')");
        Assert.True(widest.Length == 0, $"{phone.Path} is wider than the phone: {widest}");
    }
}
