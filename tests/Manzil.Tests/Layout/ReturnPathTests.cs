using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Manzil.Layout;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Manzil.Tests.Registrations.Desk;
using Manzil.Tests.SignIn;
using Manzil.Tests.Staff;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Layout;

/// <summary>Where a form leads on: no letter breaks a redirect, and what was used up for it was used.</summary>
public partial class ReturnPathTests
{
    const string Cyrillic = "/help?q=где я живу";
    const string Encoded = "/help?q=%D0%B3%D0%B4%D0%B5%20%D1%8F%20%D0%B6%D0%B8%D0%B2%D1%83";

    // Without passkeys, so that the code leads straight on: the header held the letters, and the code was gone.
    [Theory, EachDatabase]
    public async Task SignIn_ReturnBeyondAscii_EntersAndLeadsThere(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, publicUrl: "http://manzil.test");
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        using var entered = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode, back: Cyrillic);
        Assert.Equal((HttpStatusCode.Redirect, Encoded), (entered.StatusCode, entered.Headers.Location?.OriginalString));
        Assert.True(await reader.IsSignedInAsync());
        using var there = await reader.OpenAsync(Encoded);
        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Fresh_ReturnBeyondAscii_LeadsThereByEachWay(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker, remember: true);
        service.Clock.AdvanceHours(1);
        using (var sent = await reader.SendAsync("/sign-in/fresh", new Dictionary<string, string> { ["Return"] = Cyrillic }, "/sign-in/fresh?handler=Send"))
            Assert.Equal("/sign-in/fresh?sent=true&return=" + Uri.EscapeDataString(Encoded), sent.Headers.Location?.OriginalString);
        await using var connection = await service.Core.Database.OpenAsync();
        var code = await ActivationCodes.IssueAsync(connection, null, worker.Id, service.Clock.GetCurrentInstant() + Duration.FromDays(1));
        using var shown = await reader.SendAsync("/sign-in/fresh", new Dictionary<string, string> { ["ActivationCode"] = code, ["Return"] = Cyrillic }, "/sign-in/fresh?handler=Activation");
        Assert.Equal(Encoded, shown.Headers.Location?.OriginalString);

        // The passkey's page leads on in the same way.
        using var phone = new SoftAuthenticator();
        var (challenge, options) = await reader.BeginPasskeyAsync("add");
        using var added = await reader.SendAsync(
            "/sign-in/passkey-offer", new Dictionary<string, string> { ["Challenge"] = challenge, ["Credential"] = phone.Create(options), ["Return"] = Cyrillic });
        Assert.Equal(Encoded, added.Headers.Location?.OriginalString);
        using var thief = new WebReader(service);
        phone.Count++;
        (challenge, options) = await thief.BeginPasskeyAsync("sign-in");
        using var entered = await thief.SendAsync(
            "/sign-in", new Dictionary<string, string> { ["Challenge"] = challenge, ["Credential"] = phone.Get(options), ["Return"] = Cyrillic }, "/sign-in?handler=Passkey");
        Assert.Equal(Encoded, entered.Headers.Location?.OriginalString);
    }

    [Theory, EachDatabase]
    public async Task StaffSignIn_ReturnBeyondAscii_LeadsThere(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var officer = await Invitee.EnterAsync(service, "1001", StaffRole.LeadReviewer);
        officer.Phone.Count++;
        var (challenge, options) = await officer.Browser.BeginPasskeyAsync("sign-in", Invitee.Root);
        using var entered = await officer.Browser.SendAsync(
            "/staff/sign-in", new Dictionary<string, string> { ["Challenge"] = challenge, ["Credential"] = officer.Phone.Get(options), ["Return"] = "/staff/lead?q=дом" });
        Assert.Equal("/staff/lead?q=%D0%B4%D0%BE%D0%BC", entered.Headers.Location?.OriginalString);
    }

    // Sent on with the form as it was, under a new look that was recorded first.
    [Theory, EachDatabase]
    public async Task DeskAgain_PathBeyondAscii_LeadsOn(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        var root = await desk.ServeAsync(worker);
        await desk.Web.GetAsync(root + "/registration");
        var form = desk.Web.Form();
        desk.Service.Clock.AdvanceMinutes(61);
        await desk.Clerk.SignInAgainAsync();
        // Another browser: the form's token goes with its cookie.
        await desk.Web.GetAsync("/staff/desk/serve");
        form["__RequestVerificationToken"] = desk.Web.Form()["__RequestVerificationToken"];
        form["LookReason"] = ClerkDesk.Reason;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{root}/again?to=%2Fдом") { Content = new FormUrlEncodedContent(form) };
        request.Headers.Add("Cookie", desk.Web.Cookie);
        using var answer = await desk.Service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
        Assert.EndsWith("/%D0%B4%D0%BE%D0%BC", answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    // Letters of every plane, halves of letters, control characters, and what looks like a slash.
    [Fact]
    public async Task Language_ReturnOfAnyLetters_AlwaysLeadsHere()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        using var reader = new WebReader(service);
        foreach (var path in Paths().Take(150))
        {
            using var answer = await reader.SendAsync("/language", new Dictionary<string, string> { ["Lang"] = "ru", ["Return"] = path });
            if (path.Contains('\0'))
            {
                // The framework takes no form with this one.
                Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
                continue;
            }

            var location = answer.Headers.TryGetValues("Location", out var values) ? values.Single() : null;
            Assert.True(answer.StatusCode == HttpStatusCode.Redirect, $"{Escaped(path)}: {(int)answer.StatusCode}");
            Assert.True(location is ['/', ..] && !location.StartsWith("//", StringComparison.Ordinal) && !location.StartsWith("/\\", StringComparison.Ordinal), $"{Escaped(path)}: {location}");
            Assert.True(location.All(c => c is >= '!' and <= '~'), $"{Escaped(path)}: {location}");
        }

        using var tooLong = await reader.SendAsync("/language", new Dictionary<string, string> { ["Lang"] = "ru", ["Return"] = "/" + new string('ж', ReturnPath.MaxLength - 1) });
        Assert.Equal("/", tooLong.Headers.Location?.OriginalString);
    }

    [Fact]
    public void ToHeader_AnyLetters_IsVisibleAsciiThatMeansTheSame()
    {
        foreach (var path in Paths().Take(5000))
        {
            var header = ReturnPath.ToHeader(path);
            Assert.True(header.All(c => c is >= '!' and <= '~'), Escaped(path));
            Assert.Equal(header, ReturnPath.ToHeader(header));
            // Halves of letters cannot be said in any header.
            if (!path.Contains('%')) Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(path)), Uri.UnescapeDataString(header));
        }
    }

    // A redirect takes along what its address says: none leads to another host, whichever way it is written and read.
    [Theory]
    [InlineData("result", "https://police.example/?name=Aziz")]
    [InlineData("response", "//police.example/?name=Aziz")]
    [InlineData("response", "/\\police.example")]
    [InlineData("Location", "https:police.example")]
    [InlineData("Location", "police.example")]
    [InlineData("Location", "/\t/police.example")]
    [InlineData("Refresh", "0; url=https://police.example/?name=Aziz")]
    [InlineData("refresh", "0; url=/sign-in")]
    public async Task Redirect_ToAnotherHost_DoesNotLeaveWhoeverWroteIt(string way, string to)
    {
        await using var host = new LayoutHost();
        await host.InitializeAsync();
        using var answer = await host.Client.GetAsync($"/planted/{way}?to={Uri.EscapeDataString(to)}", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("police", string.Concat(answer.Headers.Concat(answer.Content.Headers).SelectMany(h => h.Value)), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Location") || answer.Headers.Contains("Refresh"));
        if (!way.Equals("Refresh", StringComparison.OrdinalIgnoreCase)) Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Fact]
    public async Task Redirect_WithinTheService_GoesOut()
    {
        await using var host = new LayoutHost();
        await host.InitializeAsync();
        foreach (var to in new[] { "/", "/sign-in?return=%2Fcase", "/notices/1#a" })
        {
            using var answer = await host.Client.GetAsync($"/planted/response?to={Uri.EscapeDataString(to)}", TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.Redirect, to), (answer.StatusCode, answer.Headers.Location?.OriginalString));
        }
    }

    // Every redirect is one of the results that Redirects writes, or stands here with what makes it plain.
    [Fact]
    public void Sources_WriteNoRedirectOfTheirOwn()
    {
        var source = Path.Combine(Repository.Root, "src", "Manzil");
        var found = Directory.EnumerateFiles(source, "*.cs*", SearchOption.AllDirectories)
            .Where(f => !f.Contains("node_modules", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Where(f => OwnRedirect().IsMatch(File.ReadAllText(f)))
            .Select(f => Path.GetRelativePath(source, f).Replace('\\', '/')).Order(StringComparer.Ordinal);
        Assert.Equal(["Access/SignedOut.cs", "Layout/LanguageChoice.cs", "Layout/Redirects.cs", "Notices/NoticeApi.cs"], found);
    }

    static IEnumerable<string> Paths()
    {
        string[] special = ["\u0000", "\t", "\r\n", "\u007f", "\u0085", "\u00a0", "\u2028", "\u202e", "\uff0f", "\uff3c", "\ufeff", "\ufffe", "\ud800", "\udc00", "\\", "/", "//", "?", "#", "%", "%2F", "%zz", "ä", "ß", "ы", "\U0001f3e0"];
        while (true)
        {
            var path = new StringBuilder("/");
            for (var i = RandomNumberGenerator.GetInt32(1, 12); i > 0; i--)
            {
                if (RandomNumberGenerator.GetInt32(3) == 0) path.Append(special[RandomNumberGenerator.GetInt32(special.Length)]);
                else if (RandomNumberGenerator.GetInt32(2) == 0) path.Append((char)RandomNumberGenerator.GetInt32(0x10000));
                else path.Append(new Rune(RandomNumberGenerator.GetInt32(0x10000, 0x110000)).ToString());
            }

            yield return path.ToString();
        }
    }

    static string Escaped(string path) => string.Concat(path.Select(c => c is >= '!' and <= '~' ? c.ToString() : $"\\u{(int)c:x4}"));

    [GeneratedRegex(@"Response\.Redirect\(|Results\.Redirect|Results\.LocalRedirect|Headers\.Location\b|""Location""", RegexOptions.None, 5000)]
    private static partial Regex OwnRedirect();
}
