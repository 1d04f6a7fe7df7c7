namespace Manzil.BrowserTests;

/// <summary>A name of one long word widens no page (found.md 22): 28 letters and more are ordinary names.</summary>
public class LongNamesTests(Chromium chromium)
{
    const string Name = "Абдурахмонгулободурсунбоевич Мухаммадсодиқхожабердиевазода";

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
                    Assert.Contains("Абдурахмон", await phone.Page.Locator("body").InnerTextAsync(), StringComparison.Ordinal);
                    Assert.True(await phone.Page.EvaluateAsync<bool>("() => document.scrollingElement.scrollWidth <= innerWidth"), $"{path} is wider than the phone");
                }
            },
            language, script, service);
    }
}
