using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Access;
using Manzil.Cases.Mine;
using Manzil.Helping;
using Manzil.Rules;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Phone = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Access;

/// <summary>What somebody typed outlives the page, the session and the language, and is nobody else's (found.md 14 and 17).</summary>
public partial class TypedWordsTests
{
    const string Street = "Verkhnyaya Krasnoselskaya";

    // The session ends on the check page: signed in again, they are on it, and one press sends it.
    [Theory, EachDatabase]
    public async Task Post_SessionEndedOnTheCheckPage_StandsThereAgainAfterSigningIn(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var phone = await RegisteredAsync(service, worker);
        await CheckAsync(phone);
        var key = phone.Form()["Key"];
        await ExecuteAsync(service, "delete from session");
        await phone.PostAsync(("Go", "give"));
        Assert.Equal("/sign-in?kept=1&return=%2Fresidence%3Fat%3Dgive", phone.Path);
        Assert.Contains("What you entered is kept for you", phone.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Street, phone.Html, StringComparison.Ordinal);

        // Nobody else is shown any of it: not whoever signs in on the same phone, and not whoever has the database.
        phone.Use(await RegisteredAsync(service, await service.EnrolAsync()));
        await phone.GetAsync("/residence?at=give");
        Assert.DoesNotContain(Street, phone.Html, StringComparison.Ordinal);
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            var content = await connection.ExecuteScalarAsync<byte[]>("select content from draft where owner = @owner", new { owner = $"worker {worker.Id}" });
            Assert.DoesNotContain("Krasnoselskaya", System.Text.Encoding.UTF8.GetString(content!), StringComparison.Ordinal);
        }

        phone.Use(await Phone.SignInAsync(service, worker));
        await phone.GetAsync("/residence?at=give");
        Assert.Equal((HttpStatusCode.OK, key), (phone.Status, phone.Form()["Key"]));
        Assert.Contains(Street, phone.Text, StringComparison.Ordinal);
        await phone.PostAsync(("Go", "give"));
        Assert.StartsWith("/notices/", phone.Path, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync(service, "select count(*) from draft where owner = @owner", new { owner = $"worker {worker.Id}" }));
    }

    // No page of a form is the answer to a POST: what Back, forward and reload ask for again has an address, in which nothing typed stands.
    [Theory, EachDatabase]
    public async Task Post_ThatLeadsToTheNextQuestion_IsAnsweredWithARedirectAndBackHasTheWords(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var phone = await RegisteredAsync(service, await service.EnrolAsync());
        await phone.GetAsync("/residence");
        Assert.Equal("/residence?at=from", await LocationAsync(phone, "/residence", ("Go", "from"), ("Locality", "Nagorny"), ("Street", Street), ("Building", "5")));
        await phone.GetAsync("/residence?at=from");
        Assert.Equal("/residence?at=check", await LocationAsync(phone, "/residence", ("Go", "check"), ("From.Day", "1"), ("From.Month", "11"), ("From.Year", "2026")));
        await phone.GetAsync("/residence?at=check");
        Assert.Contains(Street, phone.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"/residence?at=from\"", phone.Html, StringComparison.Ordinal);
        await phone.GetAsync("/residence?at=from");
        Assert.Equal("2026", phone.Form()["From.Year"]);
        Assert.Contains("href=\"/residence?at=address\"", phone.Html, StringComparison.Ordinal);
        await phone.GetAsync("/residence");
        Assert.Equal(("1", Street), (phone.Form()["From.Day"], phone.Form()["Street"]));

        // An address that names the last step does nothing by itself, however often it is opened.
        var acts = await CountAsync(service, "select count(*) from act");
        await phone.GetAsync("/residence?at=give");
        await phone.GetAsync("/residence?at=give");
        Assert.Equal(acts, await CountAsync(service, "select count(*) from act"));
        var sent = new Dictionary<string, string>(phone.Form()) { ["Go"] = "give" };
        await phone.PostAsync("/residence", sent);
        var given = phone.Path;
        await phone.PostAsync("/residence", sent);
        Assert.Equal((given, acts + 1), (phone.Path, await CountAsync(service, "select count(*) from act")));
        // Back to what was sent: begun anew, and not filled in.
        await phone.GetAsync("/residence?at=check");
        Assert.DoesNotContain(Street, phone.Html, StringComparison.Ordinal);
    }

    // The same with an error: it stands beside its field, at an address.
    [Theory, EachDatabase]
    public async Task Post_WithAnError_IsShownAtAnAddressWithWhatWasTyped(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var phone = await RegisteredAsync(service, await service.EnrolAsync());
        await phone.GetAsync("/departure");
        Assert.Equal("/departure?at=again", await LocationAsync(phone, "/departure", ("On.Day", "31"), ("On.Month", "2"), ("On.Year", "2027")));
        await phone.GetAsync("/departure?at=again");
        Assert.Equal("31", phone.Form()["On.Day"]);
        Assert.Contains("This month has no such day", phone.Text, StringComparison.Ordinal);
        // A form of several steps has its words when it is opened anew, one of a single page has not.
        await phone.GetAsync("/departure");
        Assert.Equal("31", phone.Form()["On.Day"]);
        await phone.GetAsync("/helpers/new");
        Assert.Equal("/helpers/new?at=again", await LocationAsync(phone, "/helpers/new", ("Name", "Nigora"), ("Days", "900")));
        await phone.GetAsync("/helpers/new?at=again");
        Assert.Equal("Nigora", phone.Form()["Name"]);
        await phone.GetAsync("/helpers/new");
        Assert.Equal("", phone.Form()["Name"]);
    }

    // 3,900 characters of an answer, in the worker's own hands, a helper's, and at the desk.
    [Theory]
    [InlineData(DatabaseKind.Sqlite, "ru")]
    [InlineData(DatabaseKind.Postgres, "kk")]
    public async Task Language_ChangedInsideAnAnswer_KeepsEveryWordAndSendsNothing(DatabaseKind kind, string lang)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var text = string.Join(' ', Enumerable.Repeat("Ұзақ жауап: I lived there, жила там.", 110))[..3900].Trim();
        var worker = await setting.VisitAsync();
        var helper = await HelperTests.OfAsync(service, await setting.VisitAsync());
        var (staff, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var clerk = new ClerkDesk(service, new Manzil.Tests.Cases.Desk.Officer(service, staff, Phone.Officer(service, cookie)));
        foreach (var (web, path) in new[] { (worker, "/case/answer"), (helper, "/helper/answer"), (clerk.Web, await clerk.ServeAsync(setting.Worker.Worker) + "/case/answer") })
        {
            await web.GetAsync(path);
            var key = web.Form(IsWords)["Key"];
            var acts = await CountAsync(service, "select count(*) from act");
            await InLanguageAsync(web, lang, ("Text", text), ("Files", "photo.jpg"));
            Assert.True(web.Html.Contains($"<html lang=\"{lang}\"", StringComparison.Ordinal), web.Path);
            Assert.Equal((text, key), (web.Form(IsWords)["Text"], web.Form(IsWords)["Key"]));
            // Files cannot stay in a form: that is said.
            Assert.Contains("id=\"files-error\"", web.Html, StringComparison.Ordinal);
            Assert.Equal(acts, await CountAsync(service, "select count(*) from act"));
        }

        await worker.PostFilesAsync([]);
        Assert.StartsWith("/notices/", worker.Path, StringComparison.Ordinal);
    }

    // Whoever is not signed in: the browser itself keeps it, but never a code.
    [Theory, EachDatabase]
    public async Task Language_ChangedWhileSigningIn_KeepsTheCardAndNoCode(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var browser = new Phone(service, "", "en");
        await browser.GetAsync("/sign-in");
        await InLanguageAsync(browser, "kk", ("Card", "FC0000001"), ("BirthDate.Day", "17"), ("Code", "ABCDE-FGHJK"));
        Assert.Contains("<html lang=\"kk\"", browser.Html, StringComparison.Ordinal);
        Assert.Equal(("FC0000001", "17", ""), (browser.Form(IsWords)["Card"], browser.Form(IsWords)["BirthDate.Day"], browser.Form(IsWords)["Code"]));
        Assert.Equal(0, await CountAsync(service, "select count(*) from draft"));
        await browser.GetAsync("/verify");
        await InLanguageAsync(browser, "ru", ("Text", "a letter with a receipt in it"), ("Number", "AA1234567"));
        Assert.Contains("<html lang=\"ru\"", browser.Html, StringComparison.Ordinal);
        Assert.Equal("a letter with a receipt in it", browser.Form(IsWords)["Text"]);
    }

    // 31 minutes of writing facts: session and sitting are over, and nothing of it is lost.
    [Theory, EachDatabase]
    public async Task Officer_SessionOverWhileFactsWereWritten_GoesOnWithThem(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var officer = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(officer);
        story.Service.Clock.AdvanceDays(16);
        await officer.SignInAgainAsync();
        await story.OpenAllAsync(officer);
        var path = $"/staff/cases/{story.Case}/propose";
        await officer.Web.GetAsync(path);
        story.Service.Clock.Advance(Duration.FromMinutes(31));
        await officer.Web.PostAsync(("Ground", "LEFT"), ("Facts", DeskStory.Facts), ("Change", DeskStory.Change), ("Go", "check"));
        Assert.Equal($"/staff/sign-in?kept=1&return={Uri.EscapeDataString(path + "?at=check")}", officer.Web.Path);
        Assert.Contains("What you entered is kept for you", officer.Web.Text, StringComparison.Ordinal);

        // Another officer who signs in there is shown none of it.
        var other = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenFileAsync(other);
        await other.Web.GetAsync(path + "?at=check");
        Assert.DoesNotContain(DeskStory.Facts, other.Web.Html, StringComparison.Ordinal);

        await officer.SignInAgainAsync();
        await officer.Web.GetAsync(path + "?at=check");
        Assert.Contains("name=\"LookReason\"", officer.Web.Html, StringComparison.Ordinal);
        await officer.Web.PostAsync(("LookReason", "I go on with this case."), ("Go", "edit"));
        Assert.Equal((DeskStory.Facts, DeskStory.Change), (officer.Web.Form()["Facts"], officer.Web.Form()["Change"]));
    }

    // A clerk: the session is over, the sitting too, and what the person at the desk said is still there.
    [Theory, EachDatabase]
    public async Task Clerk_SessionOverWhileSomethingWasTyped_GoesOnWithIt(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await SignedInWorker.NewAsync(desk.Service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        var root = await desk.ServeAsync(worker.Worker);
        await desk.Web.GetAsync(root + "/residence");
        await desk.Web.PostAsync(("From.Day", "1"), ("From.Month", "11"), ("From.Year", "2026"), ("Go", "address"));
        desk.Service.Clock.Advance(Duration.FromMinutes(31));
        await desk.Web.PostAsync(("Go", "check"), ("Locality", "Nagorny"), ("Street", Street), ("Building", "5"));
        Assert.StartsWith("/staff/sign-in?kept=1", desk.Web.Path, StringComparison.Ordinal);
        await desk.Clerk.SignInAgainAsync();
        await desk.Web.GetAsync(root + "/residence?at=check");
        Assert.StartsWith(root + "/again", desk.Web.Path, StringComparison.Ordinal);
        await desk.Web.PostAsync(("LookReason", "Still stands here."));
        Assert.Contains(Street, desk.Web.Text, StringComparison.Ordinal);
    }

    // Too long is an error beside the field, with both numbers, and all of it comes back to be shortened.
    [Theory, EachDatabase]
    public async Task Answer_TooLong_IsGivenBackWholeWithBothNumbers(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var worker = await setting.VisitAsync();
        foreach (var length in new[] { CaseForms.MaxText + 1, 17_000 })
        {
            var text = new string('ж', length);
            await worker.GetAsync("/case/answer");
            Assert.DoesNotContain("maxlength", worker.Html, StringComparison.Ordinal);
            await worker.PostFilesAsync([("Text", text)]);
            Assert.Equal((HttpStatusCode.BadRequest, text), (worker.Status, worker.Form()["Text"]));
            Assert.Contains($"You wrote {Manzil.Layout.Numbers.InWords(length, "en")} characters. At most {Manzil.Layout.Numbers.InWords(CaseForms.MaxText, "en")} fit here.", worker.Text, StringComparison.Ordinal);
            Assert.Contains("href=\"#text\"", worker.Html, StringComparison.Ordinal);
        }

        Assert.Equal(0, await CountAsync(service, "select count(*) from act where kind = 33"));
    }

    // A day, and no longer; of one person no more than a few.
    [Theory, EachDatabase]
    public async Task Draft_AfterADay_IsGoneAndErased(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var phone = await RegisteredAsync(service, worker);
        await CheckAsync(phone);
        service.Clock.Advance(Duration.FromHours(25) + Duration.FromMinutes(61));
        phone.Use(await Phone.SignInAsync(service, worker));
        await phone.GetAsync("/residence?at=check");
        Assert.DoesNotContain(Street, phone.Html, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync(service, "select count(*) from draft"));
        var erase = (Manzil.Privacy.EraseOldData)service.Services.GetService(typeof(Manzil.Privacy.EraseOldData))!;
        await erase.RunAsync(service.Clock.GetCurrentInstant());
        Assert.Equal(0, await CountAsync(service, "select count(*) from draft"));
    }

    // Every text that a form takes has a limit that its page states, so that too long is named and never cut: a new field without one fails here.
    [Fact]
    public void Field_OfEveryPage_HasALimit()
    {
        var without = FieldTypes().Where(f => f.Kind.Max == 0).Select(f => $"{f.Page.Name}.{f.Name}").Except(Made).Order(StringComparer.Ordinal).ToList();
        Assert.True(without.Count == 0, string.Join('\n', without));
        Assert.DoesNotContain(Repository.Files("src", "*.cshtml").Concat(Repository.Files("src", "*.cs")), f => MaxLength().IsMatch(Repository.Read(f)));
    }

    // What a page of ours writes into an address or a hidden field: nobody types it.
    static readonly string[] Made = ["AccountPage.Changed", "PausePage.Lifted", "UndoDeparturePage.Number"];

    static IEnumerable<(Type Page, string Name, Manzil.Typing.TypedAttribute Kind)> FieldTypes() =>
        from page in typeof(Program).Assembly.GetTypes().Where(t => typeof(Microsoft.AspNetCore.Mvc.RazorPages.PageModel).IsAssignableFrom(t) && !t.IsAbstract)
        from property in page.GetProperties()
        where property.IsDefined(typeof(Microsoft.AspNetCore.Mvc.BindPropertyAttribute), true)
        let typed = property.GetCustomAttribute<Manzil.Typing.TypedAttribute>()
        where typed is not null && typed.Kind != Manzil.Typing.TextKind.Made
        select (page, property.Name, typed);

    internal static bool IsWords(string form) => form.Contains("id=\"page-form\"", StringComparison.Ordinal);

    /// <summary>Presses another language, as a browser without scripts does: the form with the words is sent, and files are no more than names.</summary>
    internal static async Task InLanguageAsync(Phone web, string lang, params (string Name, string Value)[] typed)
    {
        var button = LanguageButton().Matches(web.Html).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).Single(a => a.EndsWith("lang=" + lang, StringComparison.Ordinal));
        var fields = web.Form(IsWords);
        foreach (var (name, value) in typed) fields[name] = value;
        await web.PostAsync(button, fields);
    }

    internal static async Task<string?> LocationAsync(Phone web, string path, params (string Name, string Value)[] typed)
    {
        var fields = web.Form();
        foreach (var (name, value) in typed) fields[name] = value;
        await web.SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) });
        Assert.Equal(HttpStatusCode.SeeOther, web.Status);
        return web.Answer.Headers.Location?.OriginalString;
    }

    // Whoever invents a helper's cookie is nobody: nothing of theirs is kept, whatever they send and however often.
    [Theory, EachDatabase]
    public async Task Language_WithAHelpersCookieThatIsNone_KeepsNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        for (var i = 0; i < 3; i++)
        {
            var stranger = new Phone(service, $"{HelperSessions.Cookie}={Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).Replace('+', '-').Replace('/', '_').TrimEnd('=')}", "en");
            await stranger.GetAsync("/sign-in");
            foreach (var path in new[] { "/helper/file?handler=Leave&lang=ru", "/helper/answer?lang=ru", "/helper/appeal?lang=ru" })
                await stranger.PostAsync(path, new(stranger.Form()) { ["Text"] = Street });
        }

        Assert.Equal(0, await CountAsync(service, "select count(*) from draft"));
    }

    static async Task<Phone> RegisteredAsync(TestService service, TestWorker worker)
    {
        var visitor = await Phone.SignInAsync(service, worker);
        await visitor.GetAsync("/registration");
        return await visitor.PostAsync();
    }

    static async Task CheckAsync(Phone phone)
    {
        await phone.GetAsync("/residence");
        await phone.PostAsync(("From.Day", "1"), ("From.Month", "11"), ("From.Year", "2026"), ("Go", "address"));
        await phone.PostAsync(("Go", "check"), ("Locality", "Nagorny"), ("Street", Street), ("Building", "5"));
        Assert.Contains(Street, phone.Text, StringComparison.Ordinal);
    }

    static async Task ExecuteAsync(TestService service, string sql)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync(sql);
    }

    static async Task<long> CountAsync(TestService service, string sql, object? values = null)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>(sql, values);
    }

    [GeneratedRegex("<button form=\"page-form\"[^>]* formaction=\"([^\"]*)\"", RegexOptions.None, 5000)]
    private static partial Regex LanguageButton();

    [GeneratedRegex("maxlength=\\\\?\"", RegexOptions.None, 5000)]
    private static partial Regex MaxLength();
}
