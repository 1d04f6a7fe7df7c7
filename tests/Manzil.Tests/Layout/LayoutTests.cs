using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Manzil.Layout;

namespace Manzil.Tests.Layout;

public class LayoutTests(LayoutHost host) : IClassFixture<LayoutHost>
{
    [Theory]
    [InlineData("/help", "ru", "ru")]
    [InlineData("/help", "de, kk;q=0.5, ru;q=0.4", "kk")]
    [InlineData("/help", "ru-RU", "ru")]
    [InlineData("/help", "ru;q=0, kk;q=0.1", "kk")]
    [InlineData("/help", "de", "en")]
    [InlineData("/help", "\u00ff;;q=x", "en")]
    [InlineData("/help", "", "en")]
    public async Task Get_AcceptLanguage_ChoosesAmongTheRulesLanguages(string path, string acceptLanguage, string lang)
    {
        var page = await (await Get(path, acceptLanguage)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"<html lang=\"{lang}\" dir=\"ltr\"", page);
        Assert.Contains(Texts.For(lang)["help.title"] + "</h1>", page);
    }

    [Theory]
    [InlineData("/help?lang=kk", "/help")]
    [InlineData("/help?a=1&lang=kk&b=2", "/help?a=1&b=2")]
    [InlineData("//elsewhere.example?lang=kk", "/elsewhere.example")]
    public async Task Get_LanguageLink_KeepsTheChoiceForAYearAndComesBack(string link, string back)
    {
        var response = await Get(link, "ru");
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Equal(back, response.Headers.Location!.OriginalString);
        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Host-lang=kk; max-age=31536000; path=/; secure; samesite=lax; httponly", cookie);

        var page = await Get("/help", "ru", "__Host-lang=kk");
        Assert.Contains("<html lang=\"kk\"", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Get_LanguageThatTheRulesDoNotHave_IsIgnored()
    {
        var response = await Get("/help?lang=xx", "ru", "__Host-lang=yy");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("<html lang=\"ru\"", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/help")]
    [InlineData("/nowhere")]
    [InlineData("/broken")]
    [InlineData("/api/v1/nowhere")]
    public async Task Get_Anything_HasTheSafetyHeaders(string path)
    {
        var headers = (await Get(path, "en")).Headers;
        Assert.Equal(SecurityHeaders.ContentSecurityPolicy, headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("geolocation=()", headers.GetValues("Permissions-Policy").Single());
        Assert.Equal("no-referrer", headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("nosniff", headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", headers.GetValues("Cross-Origin-Opener-Policy").Single());
        Assert.Equal("no-store", headers.GetValues("Cache-Control").Single());
        Assert.StartsWith("max-age=", headers.GetValues("Strict-Transport-Security").Single());
    }

    public static TheoryData<string, string> PagesInLanguages =>
        new(from path in new[] { "/help", "/privacy", "/language", "/nowhere" } from lang in LayoutHost.Demo.Languages select (path, lang));

    [Theory, MemberData(nameof(PagesInLanguages))]
    public async Task Get_EveryPage_HasOneHeadingOneMainHelpAndNothingInline(string path, string lang)
    {
        var page = await (await Get(path, lang)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, Count(page, "<h1"));
        Assert.Equal(1, Count(page, "<main"));
        Assert.Contains($"href=\"tel:{string.Concat(LayoutHost.Demo.Authority.Phone.Where(c => c == '+' || char.IsAsciiDigit(c)))}\"", page.Replace("&#x2B;", "+"));
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("<style", page);
        Assert.DoesNotContain(" style=", page);
        Assert.DoesNotContain("://", page);
        foreach (var other in LayoutHost.Demo.Languages.Where(l => l != lang))
        {
            Assert.Contains($"lang=\"{other}\" hreflang=\"{other}\"", page);
        }
    }

    [Theory]
    [InlineData(400, "malformed")]
    [InlineData(403, "forbidden")]
    [InlineData(404, "not-found")]
    [InlineData(429, "too-many-requests")]
    [InlineData(500, "internal")]
    [InlineData(503, "unavailable")]
    public async Task Get_Failure_IsExplainedInTheReadersLanguage(int status, string problem)
    {
        var response = await Get($"/status/{status}", "kk");
        Assert.Equal(status, (int)response.StatusCode);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains(Texts.For("kk")[$"problem.{problem}.title"] + "</h1>", page);
        Assert.Contains(Texts.For("kk")[$"problem.{problem}.detail"], page);
    }

    [Theory]
    [InlineData("{bad", "application/json", 400, "malformed")]
    [InlineData("[1]", "application/json", 400, "malformed")]
    [InlineData("", "application/json", 400, "malformed")]
    [InlineData("{}", "text/plain", 415, "wrong-content-type")]
    public async Task PostApi_MalformedBody_IsAProblemDocument(string body, string contentType, int status, string problem) =>
        await AssertProblem(await host.Client.PostAsync("/api/v1/numbers", new StringContent(body, Encoding.UTF8, contentType), TestContext.Current.CancellationToken), status, problem);

    [Fact]
    public async Task PostApi_NotUtf8_IsAProblemDocument()
    {
        var content = new ByteArrayContent([(byte)'{', (byte)'"', 0xff, 0xfe, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        await AssertProblem(await host.Client.PostAsync("/api/v1/numbers", content, TestContext.Current.CancellationToken), 400, "malformed");
    }

    [Theory]
    [InlineData("DELETE", "/api/v1/numbers", 405, "method-not-allowed")]
    [InlineData("GET", "/api/v1/nowhere", 404, "not-found")]
    [InlineData("GET", "/api/v1/broken", 500, "internal")]
    [InlineData("POST", "/api/v1/known", 413, "too-large")]
    public async Task SendApi_Failure_IsAProblemDocument(string method, string path, int status, string problem) =>
        await AssertProblem(await host.Client.SendAsync(new HttpRequestMessage(new(method), path), TestContext.Current.CancellationToken), status, problem);

    [Theory]
    [InlineData("multipart/form-data; boundary=x", "junk")]
    [InlineData("application/x-www-form-urlencoded", "Lang=kk")]
    [InlineData("application/x-www-form-urlencoded", "%ff=%zz&&&===")]
    public async Task PostPage_FormWithoutItsToken_IsRefusedAsAPage(string contentType, string body)
    {
        var content = new StringContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        var response = await host.Client.PostAsync("/language", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("<h1", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    async Task AssertProblem(HttpResponseMessage response, int status, string problem)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal("urn:manzil:problem:" + problem, document.GetProperty("type").GetString());
        Assert.Equal(status, document.GetProperty("status").GetInt32());
        Assert.Equal(Texts.For("en")[$"problem.{problem}.title"], document.GetProperty("title").GetString());
        Assert.DoesNotContain("planted", document.GetRawText());
    }

    Task<HttpResponseMessage> Get(string path, string acceptLanguage, string? cookie = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri("https://manzil.example" + path));
        request.Headers.TryAddWithoutValidation("Accept-Language", acceptLanguage);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }
        return host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    static int Count(string text, string part) => text.Split(part).Length - 1;
}
