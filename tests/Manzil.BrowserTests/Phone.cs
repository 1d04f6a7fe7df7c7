using System.Text.RegularExpressions;

namespace Manzil.BrowserTests;

/// <summary>A browser context of its own with one page, and a record of all that went over the wire.</summary>
public sealed partial class Phone
{
    readonly List<string> _requests = [];
    readonly List<IResponse> _documents = [];
    readonly List<string> _complaints = [];

    Phone(IBrowserContext context, IPage page, PublishedService service, string language, bool hasScript, string? origin)
    {
        Origin = origin ?? service.Url;
        HasScript = hasScript;
        Context = context;
        Page = page;
        Service = service;
        Language = language;
    }

    public IBrowserContext Context { get; }

    public IPage Page { get; }

    public PublishedService Service { get; }

    /// <summary>Of the pages that it opens: the published service's, unless another was named. Without a slash at its end.</summary>
    public string Origin { get; }

    /// <summary>Which the browser asks for.</summary>
    public string Language { get; }

    /// <summary>False where the browser runs no JavaScript of a page.</summary>
    public bool HasScript { get; }

    public string Path => new Uri(Page.Url).AbsolutePath;

    internal static async Task<Phone> OpenAsync(IBrowserContext context, PublishedService service, string language, bool hasScript, string? origin = null)
    {
        await context.AddInitScriptAsync(
            """
            for (const name of ['getCurrentPosition', 'watchPosition'])
              Geolocation.prototype[name] = () => console.error('geolocation: ' + name + ' was called');
            """);
        var phone = new Phone(context, await context.NewPageAsync(), service, language, hasScript, origin);
        context.Request += (_, request) =>
        {
            lock (phone._requests) phone._requests.Add(request.Url);
        };
        context.Response += (_, response) =>
        {
            if (response.Request.ResourceType != "document") return;
            lock (phone._documents) phone._documents.Add(response);
        };
        context.Console += (_, message) =>
        {
            if (message.Type == "error") phone.Complain(message.Text);
        };
        context.WebError += (_, error) => phone.Complain(error.Error);
        return phone;
    }

    public async Task<IResponse> GotoAsync(string path) => (await Page.GotoAsync(Origin + path))!;

    /// <summary>Presses what leads to another page, and waits for that page.</summary>
    public async Task PressAsync(ILocator control)
    {
        // Its own event, since a wait for the load state that begins meanwhile can miss it.
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Load(object? sender, IPage page) => loaded.TrySetResult();
        Page.Load += Load;
        await control.ClickAsync();
        await loaded.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Page.Load -= Load;
    }

    /// <summary>The link in the page's own content that leads to this path.</summary>
    public Task FollowAsync(string path) => PressAsync(Page.Locator($"main a[href='{path}']").First);

    /// <summary>The first button of the page's own form; a passkey's is beside the matter, and not there without script.</summary>
    public Task SubmitAsync() => PressAsync(Page.Locator("main form:not([data-passkey]) button.govuk-button").First);

    /// <summary>The button that says by its value where it leads.</summary>
    public Task SubmitAsync(string go) => PressAsync(Page.Locator($"main form button[name=Go][value='{go}']"));

    public Task FillAsync(string name, string text) => Page.Locator($"main [name='{name}']").FillAsync(text);

    public Task<string> TypedAsync(string name) => Page.Locator($"main [name='{name}']").InputValueAsync();

    public async Task FillDateAsync(string name, DateOnly date)
    {
        await FillAsync(name + ".Day", date.ToString("dd"));
        await FillAsync(name + ".Month", date.ToString("MM"));
        await FillAsync(name + ".Year", date.ToString("yyyy"));
    }

    /// <summary>As the phone's own clock has it, in UTC.</summary>
    public async Task<DateOnly> TodayAsync() =>
        DateOnly.ParseExact(await Page.EvaluateAsync<string>("() => new Date().toISOString().slice(0, 10)"), "yyyy-MM-dd");

    /// <summary>As an officer, without their passkey.</summary>
    public async Task SignInAsync(string number, string role) =>
        await Context.AddCookiesAsync([new() { Name = "manzil-staff", Value = await Service.StaffAsync(number, role, Language), Url = Service.Url + "/staff" }]);

    /// <summary>As this worker, also after days that only the demo's clock knows.</summary>
    public async Task StaySignedInAsync(Worker worker) =>
        await Context.AddCookiesAsync([new() { Name = "manzil", Value = await Service.SessionAsync(worker), Url = Service.Url }]);

    /// <summary>From the sign-in page to the worker's home, passing by the offer of a passkey.</summary>
    public async Task SignInAsync(Worker worker)
    {
        if (Path != "/sign-in") await GotoAsync("/sign-in");
        await FillAsync("Card", worker.CardNumber);
        await FillDateAsync("BirthDate", worker.BirthDate);
        await FillAsync("Code", worker.ActivationCode);
        await SubmitAsync();
    }

    public async Task SignInAndDeclinePasskeyAsync(Worker worker)
    {
        await SignInAsync(worker);
        Assert.Equal("/sign-in/passkey-offer", Path);
        await FollowAsync("/");
    }

    /// <summary>From now on the phone can make and use passkeys, as one whose owner always agrees.</summary>
    public async Task AddAuthenticatorAsync()
    {
        var session = await Context.NewCDPSessionAsync(Page);
        await session.SendAsync("WebAuthn.enable", new() { ["enableUI"] = false });
        await session.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
    }

    /// <summary>The newest code that was sent to this number or address, as the demo shows it instead of sending it.</summary>
    public async Task<string> NewestCodeAsync(string address)
    {
        var messages = await Context.NewPageAsync();
        await messages.GotoAsync(Service.Url + "/demo/messages");
        var message = await messages.Locator("article.manzil-message").Filter(new() { HasText = address }).First.InnerTextAsync();
        await messages.CloseAsync();
        return SixDigits().Match(message).Value;
    }

    /// <summary>The same of eight digits. It is sent after its page was answered, so the list is opened until it is there.</summary>
    public async Task<string> NewestLongCodeAsync(string address)
    {
        var messages = await Context.NewPageAsync();
        var code = messages.Locator("article.manzil-message").Filter(new() { HasText = address }).Filter(new() { HasTextRegex = EightDigits() }).First;
        for (var i = 0; i < 100; i++)
        {
            await messages.GotoAsync(Service.Url + "/demo/messages");
            if (await code.CountAsync() > 0) break;
        }

        var message = await code.InnerTextAsync();
        await messages.CloseAsync();
        return EightDigits().Match(message).Value;
    }

    /// <summary>Fails where anything left the service's origin, a page came without its headers, or the browser complained.</summary>
    public void CheckTraffic()
    {
        var origin = new Uri(Origin);
        lock (_requests)
        {
            Assert.Empty(_requests.Where(url => url != "about:blank" && !url.StartsWith("data:", StringComparison.Ordinal) && !url.StartsWith("blob:", StringComparison.Ordinal))
                .Where(url => new Uri(url).GetLeftPart(UriPartial.Authority) != origin.GetLeftPart(UriPartial.Authority)));
        }

        lock (_complaints) Assert.True(_complaints.Count == 0, string.Join('\n', _complaints));
        lock (_documents)
        {
            Assert.NotEmpty(_documents);
            foreach (var document in _documents)
            {
                var policy = document.Headers.GetValueOrDefault("content-security-policy", "");
                // A file that somebody sent is shown in a box of its own, which can do nothing.
                var isBoxed = policy.StartsWith("default-src 'none'; sandbox;", StringComparison.Ordinal);
                Assert.True((isBoxed || policy.StartsWith("default-src 'self';", StringComparison.Ordinal)) && !policy.Contains("unsafe", StringComparison.Ordinal), $"{document.Url}: CSP is '{policy}'");
                Assert.Contains("geolocation=()", document.Headers.GetValueOrDefault("permissions-policy", ""), StringComparison.Ordinal);
                Assert.Equal("no-referrer", document.Headers.GetValueOrDefault("referrer-policy"));
            }
        }

    }

    /// <summary>For whoever changes a page: the page as it stands, on a phone and on a wide screen, in the folder that MANZIL_PICTURES names.</summary>
    public async Task KeepPicturesAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("MANZIL_PICTURES") is not { Length: > 0 } folder) return;
        var size = Page.ViewportSize!;
        foreach (var width in new[] { 320, 1280 })
        {
            await Page.SetViewportSizeAsync(width, 800);
            await Page.ScreenshotAsync(new() { Path = System.IO.Path.Combine(folder, $"{name}-{width}.png"), FullPage = true });
        }

        await Page.SetViewportSizeAsync(size.Width, size.Height);
    }

    public async Task KeepPictureAsync()
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Repository.Root, "artifacts", "browser")).FullName;
        var name = string.Concat((TestContext.Current.Test?.TestDisplayName ?? "test").Split(System.IO.Path.GetInvalidFileNameChars()));
        var file = System.IO.Path.Combine(folder, name[..Math.Min(name.Length, 120)] + ".png");
        TestContext.Current.TestOutputHelper?.WriteLine($"At {Page.Url}; a picture is in {file}.");
        try
        {
            await Page.ScreenshotAsync(new() { Path = file, FullPage = true });
        }
        catch (PlaywrightException e)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"No picture: {e.Message}");
        }
    }

    // A page that answers 4xx is one that a test asked for; everything else in the console is a defect.
    void Complain(string text)
    {
        if (text.StartsWith("Failed to load resource: the server responded with a status of 4", StringComparison.Ordinal)
            || text.StartsWith("Failed to load resource: the server responded with a status of 503", StringComparison.Ordinal)) return;
        // The browser's own page around a picture would have a style, and a box allows none.
        if (text.StartsWith("Applying inline style violates the following Content Security Policy directive 'default-src 'none''", StringComparison.Ordinal)) return;
        lock (_complaints) _complaints.Add(text);
    }

    [GeneratedRegex(@"(?<!\d)\d{6}(?!\d)", RegexOptions.None, 5000)]
    private static partial Regex SixDigits();

    [GeneratedRegex(@"(?<![\d+])\d{8}(?!\d)", RegexOptions.None, 5000)]
    private static partial Regex EightDigits();
}
