namespace Manzil.BrowserTests;

/// <summary>Pictures for the README; tools/screenshots runs this, ./test does not.</summary>
public class Screenshots(Chromium chromium)
{
    [Fact(Explicit = true)]
    public async Task Readme_Pictures_AreTaken()
    {
        chromium.Need();
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "docs", "screenshots")).FullName;
        await chromium.OnPhoneAsync(async phone =>
        {
            var demo = phone.Service.DemoWorkers()[0];
            await phone.SignInAndDeclinePasskeyAsync(demo);
            var journey = new WorkerJourney(phone, () => Task.CompletedTask);
            await journey.RegisterAsync();
            await journey.TellAddressAsync();
            await phone.GotoAsync("/");
            await PictureAsync("home-320.png");
            await phone.Page.SetViewportSizeAsync(1024, 900);
            await phone.GotoAsync($"/notices/{journey.Residence}");
            await PictureAsync("receipt-desktop.png");
            await phone.GotoAsync($"/notices/{journey.Residence}/print");
            await PictureAsync("receipt-print.png");

            Task PictureAsync(string name) => phone.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name), FullPage = true });
        });
    }
}
