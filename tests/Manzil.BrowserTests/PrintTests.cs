using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
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

    // found.md 20: the longest address there is, and one that just leaves room for the second code. The page says how many sheets at most,
    // and codes, what they are called and what to do with them stand on one sheet; "both codes" is said only where both are there.
    [Theory]
    [InlineData("en", 500, 2)]
    [InlineData("kk", 500, 1)]
    [InlineData("ru", 150, 2)]
    public Task Receipt_Longest_SaysHowManySheetsAndKeepsCodesWithTheirSentence(string language, int note, int codes) =>
        chromium.OnPhoneAsync(
            async phone =>
            {
                await phone.SignInAndDeclinePasskeyAsync(await phone.Service.EnrolAsync(language));
                var journey = new WorkerJourney(phone, () => Task.CompletedTask);
                await journey.RegisterAsync();
                await phone.GotoAsync("/residence");
                var full = note == 500;
                foreach (var (field, length) in new[] { ("Locality", full ? 120 : 40), ("Street", full ? 120 : 40), ("Building", full ? 30 : 5), ("Unit", full ? 30 : 5), ("Note", note) })
                    await phone.FillAsync(field, Typed(language, length));
                await phone.FillAsync("Postcode", "100200");
                await phone.SubmitAsync();
                await phone.FillDateAsync("From", (await phone.TodayAsync()).AddDays(-10));
                await phone.SubmitAsync();
                await phone.SubmitAsync("give");
                var number = phone.Path.Split('/')[^1];
                await phone.GotoAsync($"/notices/{number}/print");

                var hint = await phone.Page.Locator(".manzil-sheet__screen").InnerTextAsync();
                var said = int.TryParse(Sheets().Match(hint).Value, out var most) ? most : 1;
                await CheckCodesAsync(phone.Page, language, codes, pages => Assert.InRange(pages, 1, said));

                // However long a text is that somebody wrote, the codes are not torn apart.
                foreach (var length in new[] { 1500, 2600, 3700, 8000 })
                {
                    var text = string.Concat(Enumerable.Repeat("ЩЖЫҚ ұзақ жауап ", length / 16));
                    await phone.Page.EvaluateAsync("text => { const all = document.querySelectorAll('dd'); all[all.length - 1].textContent = text; }", text);
                    await CheckCodesAsync(phone.Page, language, codes, pages => Assert.InRange(pages, 1, 8));
                }
            },
            language);

    // The Kazakh text has signs of three bytes, too, so that there is no room for the second code, however short the proof is: it grows with
    // the log, and so with what other tests have told this service before.
    static string Typed(string language, int length) =>
        string.Concat(Enumerable.Repeat(language switch { "en" => "Wommmen Mill ", "kk" => "№Ұзақ–Шығыс№Қөше ", _ => "Широкая Жёлтая " }, length))[..length].TrimEnd();

    static async Task CheckCodesAsync(IPage page, string language, int codes, Action<int> checkPages)
    {
        var texts = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src", "Manzil", "Layout", "Languages", $"{language}.json"))).RootElement;
        string Said(string key) => texts.GetProperty(key).GetString()!;
        Assert.Equal(codes, await page.Locator("svg[role=img]").CountAsync());
        var pages = PagesOf(await page.PdfAsync(new() { Format = "A4", PreferCSSPageSize = true }));
        checkPages(pages.Count);
        var with = Assert.Single(pages, p => p.Contains(Start(Said("receipt.code-1")), StringComparison.Ordinal));
        // The last words, so that the whole sentence is there.
        var sentence = Said(codes == 2 ? "receipt.how-to-check-both" : "receipt.how-to-check");
        Assert.Contains(sentence[(sentence.LastIndexOf('}') + 1)..].Trim(), with, StringComparison.Ordinal);
        Assert.Equal(codes == 2, with.Contains(Start(Said("receipt.code-2")), StringComparison.Ordinal));
        for (var i = 0; i < pages.Count; i++) Assert.Contains($"{i + 1}/{pages.Count}", pages[i].Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);

        static string Start(string caption) => caption[..caption.IndexOf(':', StringComparison.Ordinal)];
    }

    // The words of each page, as poppler reads them, on one line.
    static List<string> PagesOf(byte[] pdf)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, pdf);
            using var poppler = Process.Start(new ProcessStartInfo("pdftotext", ["-enc", "UTF-8", file, "-"]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 })!;
            var text = poppler.StandardOutput.ReadToEnd();
            poppler.WaitForExit();
            return [.. text.Split('\f', StringSplitOptions.RemoveEmptyEntries).Select(p => Spaces().Replace(p, " "))];
        }
        finally
        {
            File.Delete(file);
        }
    }

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

    [GeneratedRegex(@"\d+", RegexOptions.None, 5000)]
    private static partial Regex Sheets();

    [GeneratedRegex(@"\s+", RegexOptions.None, 5000)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"/Type\s*/Page\b", RegexOptions.None, 5000)]
    private static partial Regex OnePage();

    [GeneratedRegex(@"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", RegexOptions.None, 5000)]
    private static partial Regex MediaBox();
}
