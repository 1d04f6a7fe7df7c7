using Xunit.Sdk;

namespace Manzil.BrowserTests;

/// <summary>The checks themselves, tried on pages with one fault each.</summary>
public class PageChecksTests(Chromium chromium)
{
    const string Sound = "<!DOCTYPE html><html lang=en><title>A page – Manzil</title><main><h1>A page</h1><p>Some words.</p><p>Go to <a href=#a>one</a>, <a href=#b>two</a> or <a href=#c>three</a></p></main>";

    [Theory]
    [InlineData("<i>", "<i>", null)]
    [InlineData("<html lang=en>", "<html lang=ru>", "lang is")]
    [InlineData("<h1>A page</h1>", "<h1>A page</h1><h1>Another</h1>", "2 h1")]
    [InlineData("Some words.", "<pre>Many words in a line that does not break and is wider than a phone</pre>", "px wide in 320")]
    [InlineData("Some words.", "<span style='color: red'>Red</span>", "inline script or style")]
    [InlineData("Some words.", "<style>p { color: red }</style>", "inline script or style")]
    [InlineData("Some words.", "<script>var a = 1</script>", "inline script or style")]
    [InlineData("Some words.", "<span onclick='a()'>Tap</span>", "inline script or style")]
    [InlineData("Some words.", "<button>I</button>", "smaller than 24 px")]
    [InlineData("Some words.", "<i id=a></i><i id=a></i>", "id used twice")]
    [InlineData("A page – Manzil", "A page", "title is")]
    [InlineData("Some words.", "Some слова.", "'слова' in")]
    [InlineData("Some words.", "<span aria-label='слова'>Some</span>", "'слова' in")]
    public Task Check_PageWithAFault_FindsIt(string sound, string broken, string? finding) =>
        FindsAsync(Sound.Replace(sound, broken, StringComparison.Ordinal), phone => phone.CheckAsync(), finding);

    [Theory]
    [InlineData("<i></i>", null)]
    [InlineData("<style>a:focus { outline: none; box-shadow: none }</style>", "cannot be seen")]
    [InlineData("<style>a:focus { margin-left: 900px; position: fixed }</style>", "outside the window")]
    [InlineData("<style>i { position: fixed; inset: 0 }</style><i></i>", "hidden under another")]
    public Task Focus_PageWithAFault_FindsIt(string fault, string? finding) => FindsAsync(Sound + fault, phone => phone.CheckFocusAsync(), finding);

    [Theory]
    [InlineData("Some words.", "<img src=/favicon.svg>", "image-alt")]
    [InlineData("<title>A page – Manzil</title>", "", "document-title")]
    [InlineData("<html lang=en>", "<html>", "html-has-lang")]
    public Task Axe_PageWithAFault_FindsIt(string sound, string broken, string finding) =>
        FindsAsync(Sound.Replace(sound, broken, StringComparison.Ordinal), phone => phone.CheckAxeAsync(), finding);

    [Theory]
    [InlineData("<img src='http://127.0.0.1:9/a.png'>", "", "127.0.0.1:9")]
    [InlineData("<i></i>", "", "CSP is ''")]
    [InlineData("<i></i>", "default-src 'self'; style-src 'unsafe-inline'", "CSP is 'default-src")]
    [InlineData("<script>navigator.geolocation.watchPosition(() => {})</script>", "default-src 'self'; script-src 'nonce-a'", "Content Security Policy")]
    [InlineData("<script nonce=a>navigator.geolocation.watchPosition(() => {})</script>", "default-src 'self'; script-src 'nonce-a'", "geolocation: watchPosition was called")]
    public Task Traffic_PageThatMisbehaves_IsFound(string fault, string policy, string finding) =>
        FindsAsync(
            Sound + fault,
            phone =>
            {
                phone.CheckTraffic();
                return Task.CompletedTask;
            },
            finding,
            policy);

    [Theory]
    [InlineData("ru", "Ваш адрес", null)]
    [InlineData("ru", "Ваш address", "address")]
    [InlineData("ru", "Сіздің адрес", "Сіздің")]
    [InlineData("ru", "Manzil, SMS, код AB12-34567", null)]
    [InlineData("kk", "Сіздің мекенжайыңыз", null)]
    [InlineData("kk", "Сіздің address", "address")]
    [InlineData("kk", "Если не можете", "Если")]
    [InlineData("en", "Your address", null)]
    [InlineData("en", "Your адрес", "адрес")]
    public void Language_MixedText_IsFound(string language, string text, string? word)
    {
        var found = Record.Exception(() => PageChecks.CheckLanguage(language, [text], ""));
        if (word is null) Assert.Null(found);
        else Assert.Contains($"'{word}'", found!.Message, StringComparison.Ordinal);
    }

    async Task FindsAsync(string html, Func<Phone, Task> check, string? finding, string policy = "")
    {
        Exception? found = null;
        await chromium.OnPhoneAsync(
            async phone =>
            {
                await phone.Page.RouteAsync("**/faulty", route => route.FulfillAsync(new()
                {
                    ContentType = "text/html; charset=utf-8",
                    Body = html,
                    Headers = new Dictionary<string, string> { ["Content-Security-Policy"] = policy, ["Permissions-Policy"] = "geolocation=()" },
                }));
                await phone.GotoAsync("/faulty");
                found = await Record.ExceptionAsync(() => check(phone));
            },
            checkTraffic: false);
        if (finding is null) Assert.Null(found);
        else Assert.Contains(finding, Assert.IsAssignableFrom<XunitException>(found).Message, StringComparison.Ordinal);
    }
}
