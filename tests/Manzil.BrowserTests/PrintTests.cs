using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Manzil.BrowserTests;

public partial class PrintTests(Chromium chromium)
{
    // The printed page, and the receipt file's own page as it opens from a disk without any service.
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("kk")]
    public Task Receipt_Printed_IsOneSheetOfA4(string language) =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                await phone.SignInAndDeclinePasskeyAsync(await phone.Service.EnrolAsync(language));
                var journey = new WorkerJourney(phone, () => Task.CompletedTask);
                await journey.RegisterAsync();
                await journey.TellAddressAsync();
                await phone.GotoAsync($"/notices/{journey.Residence}/print");
                await CheckSheetAsync(phone.Page);

                await phone.GotoAsync($"/notices/{journey.Residence}");
                using var zip = ZipFile.OpenRead(await journey.DownloadAsync());
                var folder = Directory.CreateTempSubdirectory("manzil-receipt-").FullName;
                try
                {
                    var file = Path.Combine(folder, "receipt.html");
                    zip.GetEntry("receipt.html")!.ExtractToFile(file);
                    // Another context, so that its own requests are told from the service's.
                    await using var offline = await phone.Context.Browser!.NewContextAsync(new() { Offline = true });
                    var requests = new List<string>();
                    offline.Request += (_, request) => requests.Add(request.Url);
                    var page = await offline.NewPageAsync();
                    await page.GotoAsync(new Uri(file).AbsoluteUri);
                    await CheckSheetAsync(page);
                    Assert.Equal([new Uri(file).AbsoluteUri], requests);
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            },
            language);

    // What is worth printing of the page with the codes is the codes, and where to use them.
    [Theory]
    [InlineData("en")]
    [InlineData("kk")]
    public Task RecoveryCodes_Printed_AreOneSheetWithTenCodes(string language) =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                await phone.SignInAndDeclinePasskeyAsync(await phone.Service.EnrolAsync(language));
                await phone.GotoAsync("/account/recovery-codes");
                await phone.Page.ClickAsync("form[action='/account/recovery-codes'] button");
                var codes = phone.Page.Locator(".manzil-recovery code");
                Assert.Equal(10, await codes.CountAsync());
                await phone.Page.EmulateMediaAsync(new() { Media = Media.Print });
                Assert.True(await codes.First.IsVisibleAsync());
                Assert.True(await codes.Last.IsVisibleAsync());
                Assert.False(await phone.Page.Locator("main .manzil-screen").First.IsVisibleAsync());
                await CheckOneSheetAsync(phone.Page);
            },
            language);

    static async Task CheckSheetAsync(IPage page)
    {
        Assert.Equal(2, await page.Locator("svg[role=img]").CountAsync());
        await CheckOneSheetAsync(page);
    }

    static async Task CheckOneSheetAsync(IPage page)
    {
        var pdf = Encoding.Latin1.GetString(await page.PdfAsync(new() { Format = "A4", PreferCSSPageSize = true }));
        Assert.Single(OnePage().Matches(pdf));
        var box = MediaBox().Match(pdf);
        Assert.InRange(double.Parse(box.Groups[1].Value), 594, 597);
        Assert.InRange(double.Parse(box.Groups[2].Value), 840, 843);
    }

    [GeneratedRegex(@"/Type\s*/Page\b", RegexOptions.None, 5000)]
    private static partial Regex OnePage();

    [GeneratedRegex(@"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", RegexOptions.None, 5000)]
    private static partial Regex MediaBox();
}
