using System.Net;
using System.Text.RegularExpressions;
using Manzil.Layout;
using Manzil.Tests.Databases;
using NodaTime;

namespace Manzil.Tests.Status;

public class StatusPageTests
{
    [Theory, EachDatabase]
    public async Task Get_AfterNotices_ShowsTotalsAndNobody(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var t = Texts.For("en");
        Assert.Contains(t["status.nothing-yet"], await GetAsync(service, "en"));

        var worker = await service.EnrolAsync();
        await service.EnrolAsync();
        var token = await service.SignInAsync(worker);
        foreach (var notice in new[] { """{"kind": "registration"}""", """{"kind": "departure", "on": "2026-11-30"}""" })
        {
            using var answer = await service.PostNoticeAsync(token, notice);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        // Within a minute the same count is shown: anybody may ask, and counting costs.
        Assert.Contains(t["status.nothing-yet"], await GetAsync(service, "en"));
        service.Clock.AdvanceMinutes(1);
        foreach (var lang in new[] { "en", "ru", "kk" })
        {
            t = Texts.For(lang);
            var page = await GetAsync(service, lang);
            Assert.Contains(t["status.can-write"], page);
            Assert.Contains(t["status.not-yet-witnessed"], page);
            Assert.Contains(t["status.outages-none"], page);
            Assert.Contains(t["status.calendar", ("year", 2040)], page);
            Assert.Equal("localhost:8080/log", Row(page, t["status.origin"]));
            Assert.Equal("4", Row(page, t["status.size"]));
            Assert.Equal("2", Row(page, t["kind.enrolled"]));
            Assert.Equal("1", Row(page, t["kind.departure"]));
            Assert.Equal("1", Row(page, t["status.standing.registered"]));
            Assert.DoesNotContain("Aziz", page);
            Assert.DoesNotContain("UZB", page);
        }

        // A departure takes effect by its date; no job moves anybody.
        service.Clock.Advance(Duration.FromDays(30));
        Assert.Equal("1", Row(await GetAsync(service, "en"), Texts.For("en")["status.standing.ended"]));
    }

    static async Task<string> GetAsync(TestService service, string lang)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/status");
        request.Headers.Add("Cookie", "lang=" + lang);
        using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    static string Row(string page, string label) =>
        Regex.Match(page, $"<dt[^>]*>{Regex.Escape(label)}</dt><dd[^>]*>([^<]*)</dd>", RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;
}
