using System.Net;
using Dapper;
using Manzil.Rules;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Phone = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Access;

/// <summary>A form that was shown to one person is not sent by another who signed in on the same phone (found.md 2).</summary>
public class ShownToTests
{
    const string Street = "Verkhnyaya Krasnoselskaya";

    // One checks an address and signs out, the other signs in, and the tab that is still open is sent.
    [Theory]
    [InlineData(DatabaseKind.Sqlite, "en", "This form was opened by somebody else")]
    [InlineData(DatabaseKind.Postgres, "ru", "Эту форму открыл другой человек")]
    [InlineData(DatabaseKind.Sqlite, "kk", "Бұл нысанды басқа адам ашқан")]
    public async Task Post_AddressCheckedByAnother_IsNotTakenAndNotShown(DatabaseKind kind, string lang, string heading)
    {
        await using var service = await TestService.StartAsync(kind);
        var (phone, next) = (await RegisteredAsync(service, lang), await RegisteredAsync(service, lang));
        await CheckAsync(phone);
        phone.Use(next);
        var before = await EveryForm.WrittenAsync(service);
        await phone.PostAsync(("Go", "give"));
        Assert.Equal((HttpStatusCode.Conflict, heading), (phone.Status, phone.Heading));
        Assert.DoesNotContain(Street, phone.Html, StringComparison.Ordinal);
        Assert.Equal(before, await EveryForm.WrittenAsync(service));

        // Who has signed in does the same with a form of their own.
        await CheckAsync(phone);
        await phone.PostAsync(("Go", "give"));
        Assert.Equal(HttpStatusCode.OK, phone.Status);
        Assert.NotEqual(before, await EveryForm.WrittenAsync(service));
    }

    // The same person, signed in again: it is still theirs.
    [Theory, EachDatabase]
    public async Task Post_SignedInAgain_IsTaken(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var phone = await Phone.SignInAsync(service, worker);
        await phone.GetAsync("/registration");
        phone.Use(await Phone.SignInAsync(service, worker));
        await phone.PostAsync();
        Assert.StartsWith("/notices/", phone.Path, StringComparison.Ordinal);
    }

    // What was kept for one who was signed out is not sent by whoever signs in next.
    [Theory, EachDatabase]
    public async Task Post_PageThatKeptWhatAnotherTyped_IsNotTakenAndNotShown(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var phone = await RegisteredAsync(service);
        await CheckAsync(phone);
        await using (var connection = await service.Core.Database.OpenAsync()) await connection.ExecuteAsync("delete from session");
        var sent = new Dictionary<string, string>(phone.Form()) { ["Go"] = "give" };
        await phone.PostAsync("/residence", sent);
        Assert.StartsWith("/sign-in", phone.Path, StringComparison.Ordinal);
        Assert.DoesNotContain(Street, phone.Html, StringComparison.Ordinal);
        phone.Use(await RegisteredAsync(service));
        await phone.GetAsync("/residence?at=give");
        Assert.DoesNotContain(Street, phone.Html, StringComparison.Ordinal);
        var before = await EveryForm.WrittenAsync(service);
        await phone.PostAsync("/residence", sent);
        Assert.Equal(HttpStatusCode.Conflict, phone.Status);
        Assert.DoesNotContain(Street, phone.Html, StringComparison.Ordinal);
        Assert.Equal(before, await EveryForm.WrittenAsync(service));
    }

    // An answer with a file, as a worker and as a helper; and words that an officer wrote.
    [Theory, EachDatabase]
    public async Task Post_AnswerOrReasonOfAnother_IsNotTaken(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (one, two) = (await CaseSetting.NewAsync(service), await CaseSetting.NewAsync(service));
        await one.OpenAsync();
        await two.OpenAsync();
        var (phone, other) = (await one.VisitAsync(), await two.VisitAsync());
        var (helper, another) = (await HelperTests.OfAsync(service, phone), await HelperTests.OfAsync(service, other));
        foreach (var (shown, next, path) in new[] { (phone, other, "/case/answer"), (helper, another, "/helper/answer") })
        {
            await shown.GetAsync(path);
            // A visit marks messages as read, which is not the form's doing.
            await next.GetAsync(path);
            shown.Use(next);
            var before = await EveryForm.WrittenAsync(service);
            await shown.PostFilesAsync([("Text", "I was in hospital.")], ("a.jpg", TaggedFiles.Jpeg()));
            Assert.True(shown.Status == HttpStatusCode.Conflict, $"{path}: {shown.Status}");
            Assert.DoesNotContain("hospital", shown.Html, StringComparison.Ordinal);
            Assert.Equal(before, await EveryForm.WrittenAsync(service));
        }

        var officer = Phone.Officer(service, (await service.StaffAsync(StaffRole.Caseworker)).Cookie);
        await officer.GetAsync("/staff/search");
        officer.Use(Phone.Officer(service, (await service.StaffAsync(StaffRole.Caseworker)).Cookie));
        await officer.PostAsync(("Reason", "She called about hospital."));
        Assert.Equal(HttpStatusCode.Conflict, officer.Status);
        Assert.DoesNotContain("hospital", officer.Html, StringComparison.Ordinal);
    }

    // Every form there is, of workers, helpers and officers, by the service's own list of pages.
    [Fact]
    public async Task EveryForm_SentInAnothersSession_IsRefused()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, demoClock: true);
        var (one, two) = (await RegisteredAsync(service), await RegisteredAsync(service));
        var (helper, another) = (await HelperTests.OfAsync(service, one, "see"), await HelperTests.OfAsync(service, two, "see"));
        var officer = Phone.Officer(service, (await service.StaffAsync(StaffRole.Clerk)).Cookie);
        var nextOfficer = Phone.Officer(service, (await service.StaffAsync(StaffRole.Caseworker)).Cookie);
        var shown = new Dictionary<string, (Phone Browser, string Token)>();
        foreach (var (begin, phone, next, page) in new[] { ("/", one, two, "/account"), ("/helper", helper, another, "/helper/file"), ("/staff", officer, nextOfficer, "/staff") })
        {
            await phone.GetAsync(page);
            await next.GetAsync(page);
            shown[begin] = (phone, AnyToken(phone.Html));
            phone.Use(next);
        }

        var (asked, wrong) = (0, new List<string>());
        foreach (var route in await EveryForm.OfServiceAsync(service))
        {
            var (phone, token) = shown[route.Pattern.StartsWith("/staff", StringComparison.Ordinal) ? "/staff" : route.Pattern.StartsWith("/helper", StringComparison.Ordinal) ? "/helper" : "/"];
            var path = Routes.Fill(route, new AnyNumber());
            var before = await EveryForm.WrittenAsync(service);
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([new("__RequestVerificationToken", token)]) };
            await phone.SendAsync(request);
            asked++;
            if (phone.Status != HttpStatusCode.Conflict || !phone.Html.Contains("This form was opened by somebody else", StringComparison.Ordinal)) wrong.Add($"{route}: {phone.Status}");
            if (before != await EveryForm.WrittenAsync(service)) wrong.Add($"{route} wrote something");
        }

        Assert.True(asked > 60, $"{asked} forms");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    static string AnyToken(string html) => System.Text.RegularExpressions.Regex.Match(
        html, "name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;

    static async Task<Phone> RegisteredAsync(TestService service, string lang = "en")
    {
        var visitor = await Phone.SignInAsync(service, await service.EnrolAsync(), lang);
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

    /// <summary>A value for every parameter of every route: the form is refused before anybody looks at it.</summary>
    sealed class AnyNumber : Dictionary<string, string>
    {
        public AnyNumber()
        {
            foreach (var name in (string[])["number", "look", "id", "replaces", "token", "answer", "document", "purpose", "path", "entry", "position"]) this[name] = "1";
            this["slug"] = "keep";
        }
    }
}
