using System.Net;
using System.Text.RegularExpressions;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Layout;

namespace Manzil.Tests.Notices;

/// <summary>A signed-in browser without scripts: keeps cookies, follows redirects, sends the form it was shown.</summary>
sealed partial class Visitor(TestService service, string token, string lang)
{
    readonly Dictionary<string, string> _cookies = new() { ["manzil"] = token, ["lang"] = lang };

    /// <summary>What the browser sends with each request.</summary>
    public string Cookie => string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}"));

    /// <summary>Every cookie as the service set it, with what it says of each.</summary>
    public List<string> WereSet { get; } = [];

    public HttpStatusCode Status { get; private set; }

    public string Html { get; private set; } = "";

    public byte[] Bytes { get; private set; } = [];

    public string Path { get; private set; } = "";

    public HttpResponseMessage Answer { get; private set; } = null!;

    /// <summary>What a reader reads in the page's main part: no tags, nothing encoded.</summary>
    public string Text => Spaces().Replace(WebUtility.HtmlDecode(Tags().Replace(Main(), " ")), " ");

    public string Heading => Spaces().Replace(WebUtility.HtmlDecode(Tags().Replace(HeadingElement().Match(Html).Value, "")), " ").Trim();

    public static async Task<Visitor> SignInAsync(TestService service, TestWorker worker, string lang = "en")
    {
        var sessions = new Sessions(service.Core.Database, service.Core.Rules, service.Clock);
        var (token, _) = await sessions.StartAsync(worker.Id, Session.Browser);
        return new Visitor(service, token, lang);
    }

    /// <summary>Goes on in another session, as after signing in in another window of the same browser.</summary>
    public void Use(Visitor signedIn)
    {
        foreach (var (name, value) in signedIn._cookies.Where(c => c.Key.StartsWith("manzil", StringComparison.Ordinal))) _cookies[name] = value;
    }

    /// <summary>An officer's browser, with the cookie that <see cref="TestService.StaffAsync"/> gives.</summary>
    public static Visitor Officer(TestService service, string cookie, string lang = "en")
    {
        var visitor = new Visitor(service, "", lang);
        visitor._cookies.Remove("manzil");
        var pair = cookie.Split('=', 2);
        visitor._cookies[pair[0]] = pair[1];
        return visitor;
    }

    public async Task<Visitor> GetAsync(string path)
    {
        await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), path);
        for (var i = 0; i < 5 && Answer.Headers.Location is { } location; i++) await SendAsync(new HttpRequestMessage(HttpMethod.Get, location), location.OriginalString);
        return this;
    }

    /// <summary>The fields of the page's form, as a browser would send them.</summary>
    /// <param name="which">Of several; the first where none is given.</param>
    public Dictionary<string, string> Form(Predicate<string>? which = null)
    {
        var form = FormElement().Matches(Main()).Select(m => m.Value).First(f => which?.Invoke(f) != false);
        Assert.NotEmpty(form);
        var fields = new Dictionary<string, string>();
        foreach (Match input in Input().Matches(form))
        {
            // What is not ticked is not sent.
            if (input.Value.Contains("type=\"checkbox\"", StringComparison.Ordinal) && !input.Value.Contains(" checked", StringComparison.Ordinal)) continue;
            if (Name().Match(input.Value) is { Success: true } name)
                fields[name.Groups[1].Value] = WebUtility.HtmlDecode(Value().Match(input.Value).Groups[1].Value);
        }

        foreach (Match area in Area().Matches(form)) fields[area.Groups[1].Value] = WebUtility.HtmlDecode(area.Groups[2].Value);
        return fields;
    }

    public string FormAction => Action().Match(FormElement().Match(Main()).Value) is { Success: true } action ? action.Groups[1].Value : Path.Split('?')[0];

    /// <summary>Sends the form shown with these fields changed; follows the redirect.</summary>
    public async Task<Visitor> PostAsync(params (string Name, string Value)[] changes)
    {
        var fields = Form();
        foreach (var (name, value) in changes) fields[name] = value;
        return await PostAsync(FormAction, fields);
    }

    public async Task<Visitor> PostAsync(string path, Dictionary<string, string> fields)
    {
        await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }, path);
        if (Status == HttpStatusCode.TemporaryRedirect) return await PostAsync(Answer.Headers.Location!.OriginalString, fields);
        return Answer.Headers.Location is { } location ? await GetAsync(location.OriginalString) : this;
    }

    /// <summary>Sends what no form of a page sends; follows nothing.</summary>
    public Task SendAsync(HttpRequestMessage request) => SendAsync(request, request.RequestUri!.OriginalString);

    async Task SendAsync(HttpRequestMessage request, string path)
    {
        using (request)
        {
            request.Headers.Add("Cookie", Cookie);
            Answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        foreach (var cookie in Answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            WereSet.Add(cookie);
            var pair = cookie.Split(';')[0].Split('=', 2);
            _cookies[pair[0]] = pair[1];
        }

        (Status, Path) = (Answer.StatusCode, path);
        Bytes = await Answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Html = System.Text.Encoding.UTF8.GetString(Bytes);
        if (Answer.Content.Headers.ContentType?.MediaType == "text/html") PageChecks.AssertNone(path, Html);
    }

    string Main() => MainElement().Match(Html).Value;

    [GeneratedRegex("<main.*</main>", RegexOptions.Singleline, 5000)]
    private static partial Regex MainElement();

    [GeneratedRegex("<h1.*?</h1>", RegexOptions.Singleline, 5000)]
    private static partial Regex HeadingElement();

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline, 5000)]
    private static partial Regex FormElement();

    [GeneratedRegex("<form[^>]* action=\"([^\"]*)\"", RegexOptions.None, 5000)]
    private static partial Regex Action();

    [GeneratedRegex("<input[^>]*>", RegexOptions.None, 5000)]
    private static partial Regex Input();

    [GeneratedRegex(" name=\"([^\"]*)\"", RegexOptions.None, 5000)]
    private static partial Regex Name();

    [GeneratedRegex(" value=\"([^\"]*)\"", RegexOptions.None, 5000)]
    private static partial Regex Value();

    [GeneratedRegex("<textarea[^>]* name=\"([^\"]*)\"[^>]*>\n?(.*?)</textarea>", RegexOptions.Singleline, 5000)]
    private static partial Regex Area();

    [GeneratedRegex("<(title|svg).*?</\\1>|<[^>]*>", RegexOptions.Singleline, 5000)]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+", RegexOptions.None, 5000)]
    private static partial Regex Spaces();
}
