using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Manzil.Receipts;
using Manzil.Tests.Layout;

namespace Manzil.Tests.SignIn;

/// <summary>A reader with a browser that keeps cookies and runs no JavaScript: opens pages and sends the forms on them.</summary>
public sealed partial class WebReader : IDisposable
{
    readonly HttpClient _client;

    public WebReader(TestService service)
    {
        Cookies = new CookieContainer();
        _client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = Cookies }) { BaseAddress = service.Url };
    }

    public CookieContainer Cookies { get; }

    public Task<HttpResponseMessage> OpenAsync(string path) => CheckedAsync(path, _client.GetAsync(path));

    static async Task<HttpResponseMessage> CheckedAsync(string path, Task<HttpResponseMessage> asked)
    {
        var answer = await asked;
        if (answer.Content.Headers.ContentType?.MediaType == "text/html") PageChecks.AssertNone(path, await answer.Content.ReadAsStringAsync());
        return answer;
    }

    public async Task<string> ReadAsync(string path)
    {
        using var answer = await OpenAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Opens a page, then posts to <paramref name="action"/> (the page itself where null) with its form token.</summary>
    public async Task<HttpResponseMessage> SendAsync(string page, IReadOnlyDictionary<string, string>? fields = null, string? action = null)
    {
        using var opened = await OpenAsync(page);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        var token = Token().Match(await opened.Content.ReadAsStringAsync());
        Assert.True(token.Success, $"{page} has no form.");
        var form = new Dictionary<string, string>(fields ?? new Dictionary<string, string>()) { ["__RequestVerificationToken"] = token.Groups[1].Value };
        var answer = await CheckedAsync(action ?? page, _client.PostAsync(action ?? page, new FormUrlEncodedContent(form)));
        // A form that is shown again, with what is wrong, is shown at an address of its own.
        return answer.StatusCode == HttpStatusCode.SeeOther && answer.Headers.Location?.OriginalString is { } again && again.Contains("?at=", StringComparison.Ordinal) ? await OpenAsync(again) : answer;
    }

    public Task<HttpResponseMessage> TrySignInAsync(string card, BirthDate birthDate, string code, bool remember = false, string? back = null)
    {
        var fields = new Dictionary<string, string>
        {
            ["Card"] = card,
            ["BirthDate.Day"] = $"{birthDate.Day}",
            ["BirthDate.Month"] = $"{birthDate.Month}",
            ["BirthDate.Year"] = birthDate.Year is { } year ? $"{year}" : "0000",
            ["Code"] = code,
        };
        if (remember) fields["Remember"] = "yes";
        if (back is not null) fields["Return"] = back;
        return SendAsync("/sign-in", fields);
    }

    public async Task SignInAsync(TestWorker worker, bool remember = false)
    {
        using var answer = await TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode, remember);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    /// <summary>What the page's script asks for before it calls on the phone's passkeys.</summary>
    public async Task<(string Challenge, JsonElement Options)> BeginPasskeyAsync(string purpose, string root = "/sign-in/passkey/")
    {
        using var answer = await TryBeginPasskeyAsync(root + purpose);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var said = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (said.GetProperty("challenge").GetString()!, said.GetProperty("options"));
    }

    public async Task<HttpResponseMessage> TryBeginPasskeyAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add("X-Requested-With", "manzil");
        return await _client.SendAsync(request);
    }

    public async Task<bool> IsSignedInAsync()
    {
        using var answer = await OpenAsync("/account");
        return answer.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>What an answer says, without what differs between any two (the form's token).</summary>
    public static async Task<string> TextAsync(HttpResponseMessage answer) => Token().Replace(await answer.Content.ReadAsStringAsync(), "");

    public void Dispose() => _client.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"", RegexOptions.None, 5000)]
    private static partial Regex Token();
}
