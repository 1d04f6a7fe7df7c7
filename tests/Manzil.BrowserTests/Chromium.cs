using Manzil.BrowserTests;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Manzil.BrowserTests;

/// <summary>One real browser and one published service for all tests of this assembly.</summary>
public sealed class Chromium : IAsyncLifetime
{
    const string Program = "/usr/bin/chromium";

    IPlaywright? _playwright;
    IBrowser? _browser;
    PublishedService? _service;
    bool _hasFailed;

    public PublishedService Service => _service!;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program)) return;
        _service = await PublishedService.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Program,
            Timeout = 120_000,
            // Chromium calls its maker; what these tests capture is to be the pages' own doing. Beyond its limit of processes it keeps
            // none ready for a page that may come, which would cost a process at each step.
            Args = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1", "--renderer-process-limit=1"],
        });
    }

    /// <summary>Skips the test where there is no Chromium; in CI it fails.</summary>
    public void Need()
    {
        if (_browser is not null) return;
        const string why = "There is no Chromium at " + Program + ": run ./test, which installs it.";
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(why);
        Assert.Skip(why);
    }

    /// <summary>
    /// Runs a test on a phone of its own, 320 px wide unless told otherwise, and then looks at everything that the
    /// phone sent, received and complained about.
    /// </summary>
    public async Task OnPhoneAsync(Func<Phone, Task> use, string language = "en", bool script = true, PublishedService? service = null, int width = 320, bool checkTraffic = true, string? origin = null)
    {
        Need();
        await using var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 700 },
            Locale = language,
            JavaScriptEnabled = script,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(60_000);
        context.SetDefaultNavigationTimeout(60_000);
        var phone = await Phone.OpenAsync(context, service ?? Service, language, script, origin);
        try
        {
            await use(phone);
            if (checkTraffic) phone.CheckTraffic();
        }
        catch
        {
            _hasFailed = true;
            await phone.KeepPictureAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync();
        _playwright?.Dispose();
        if (_service is not null) await _service.DisposeAsync();
        // ./test sets it where no class was chosen. A walk that failed has not come to all its pages, and what it failed with is to be read first.
        if (_browser is not null && !_hasFailed && Environment.GetEnvironmentVariable("MANZIL_EVERY_TEST") == "1") PagesLookedAt.CheckAll();
    }
}
