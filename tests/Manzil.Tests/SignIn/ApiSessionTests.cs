using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Messages;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using NodaTime;
using NodaTime.Text;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.SignIn;

/// <summary>A session's life over the API: 12 hours, renewed, ended; and fresh for 15 minutes.</summary>
public partial class ApiSessionTests
{
    const string Departure = """{"kind":"departure","on":"<today+30>"}""";

    [Theory, EachDatabase]
    public async Task Session_After12Hours_HasEndedUnlessRenewed(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (renewed, left) = (await SignedInWorker.NewAsync(service), await SignedInWorker.NewAsync(service));
        service.Clock.Advance(Duration.FromHours(12) - Duration.FromSeconds(1));
        await left.StandingAsync();
        using (var answer = await SendAsync(service, renewed, HttpMethod.Post, "/sessions/renew"))
        {
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            var json = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            Assert.Equal(renewed.Token, json.GetProperty("token").GetString());
            Assert.Equal(
                service.Clock.GetCurrentInstant() + Duration.FromHours(12), InstantPattern.General.Parse(json.GetProperty("expiresAt").GetString()!).Value);
        }

        service.Clock.Advance(Duration.FromSeconds(1));
        Assert.Equal(401, await StatusAsync(service, left));
        Assert.Equal(200, await StatusAsync(service, renewed));
        service.Clock.Advance(Duration.FromHours(12));
        Assert.Equal(401, await StatusAsync(service, renewed));
        using var late = await SendAsync(service, renewed, HttpMethod.Post, "/sessions/renew");
        Assert.Equal("401 sign-in-needed", $"{await ProblemAnswer.ReadAsync(late)}");
    }

    [Theory, EachDatabase]
    public async Task Session_RenewedForever_EndsAfter90Days(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        var renewals = 0;
        for (; await StatusAsync(service, worker) == 200; renewals++)
        {
            service.Clock.Advance(Duration.FromHours(11));
            using var answer = await SendAsync(service, worker, HttpMethod.Post, "/sessions/renew");
        }

        Assert.Equal(Math.Ceiling(90 * 24 / 11.0), renewals);
    }

    [Theory, EachDatabase]
    public async Task Session_Ended_IsNobodysAtOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        var earlier = worker.Token;
        await worker.SignInAgainAsync();
        using var answer = await SendAsync(service, worker, HttpMethod.Delete, "/sessions");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(401, await StatusAsync(service, worker));
        using var other = await service.GetAsync(earlier, "/api/v1/me");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    // Another node ends it in the database alone: nothing that this one remembers from the last seconds opens a page or answers a program.
    [Theory, EachDatabase]
    public async Task Session_EndedOnAnotherNode_IsNobodysAtOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        var visitor = await Visitor.SignInAsync(service, worker.Worker);
        Assert.Equal("/account", (await visitor.GetAsync("/account")).Path);
        Assert.Equal(200, await StatusAsync(service, worker));
        await using (var connection = await service.Core.Database.OpenAsync()) await connection.ExecuteAsync("delete from session");
        Assert.StartsWith("/sign-in", (await visitor.GetAsync("/account")).Path, StringComparison.Ordinal);
        foreach (var path in new[] { "/api/v1/me", "/api/v1/notices", "/api/v1/case" })
        {
            using var answer = await service.GetAsync(worker.Token, path);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        using var notice = await worker.PostAsync("""{"kind":"confirmation"}""");
        Assert.Equal(HttpStatusCode.Unauthorized, notice.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Depart_15MinutesAfterSignIn_NeedsAFreshCode(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        service.Clock.Advance(Duration.FromMinutes(15) - Duration.FromSeconds(1));
        await worker.GiveAsync(Departure);
        await worker.GiveAsync("""{"kind":"withdrawal","replaces":"<2>"}""");
        service.Clock.Advance(Duration.FromSeconds(1));
        Assert.Equal("403 fresh-sign-in-needed", $"{await worker.RefusedAsync(Departure)}");

        var code = await CodeAsync(service, worker);
        Assert.Equal("401 code-wrong", await FreshAsync(service, worker, code == "000000" ? "111111" : "000000"));
        Assert.Equal("403 fresh-sign-in-needed", $"{await worker.RefusedAsync(Departure)}");
        Assert.Equal("204", await FreshAsync(service, worker, code));
        var departure = await worker.GiveAsync(Departure);
        Assert.Equal("401 code-wrong", await FreshAsync(service, worker, code));

        // A correction can bring a departure forward, and undoing one only helps.
        service.Clock.Advance(Duration.FromMinutes(15));
        Assert.Equal("403 fresh-sign-in-needed", $"{await worker.RefusedAsync($$"""{"kind":"correction","replaces":"{{departure.Number}}","on":"<today>"}""")}");
        await worker.GiveAsync($$"""{"kind":"withdrawal","replaces":"{{departure.Number}}"}""");
    }

    [Theory, EachDatabase]
    public async Task FreshCode_After10MinutesOr3Attempts_IsWorthNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        var other = await SignedInWorker.NewAsync(service);
        var code = await CodeAsync(service, worker);
        Assert.Equal("401 code-wrong", await FreshAsync(service, other, code));
        service.Clock.Advance(Duration.FromMinutes(10));
        Assert.Equal("401 code-wrong", await FreshAsync(service, worker, code));

        code = await CodeAsync(service, worker);
        for (var i = 0; i < 3; i++) Assert.Equal("401 code-wrong", await FreshAsync(service, worker, "wrong"));
        Assert.Equal("401 code-wrong", await FreshAsync(service, worker, code));
    }

    [Theory, EachDatabase]
    public async Task FreshCode_WithoutAnyChannel_IsToldSo(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: null);
        var token = await service.SignInAsync(worker);
        using var answer = await SendAsync(service, new SignedInWorker(service, worker, token), HttpMethod.Post, "/sessions/code");
        Assert.Equal("409 no-channel", $"{await ProblemAnswer.ReadAsync(answer)}");
    }

    static async Task<string> CodeAsync(TestService service, SignedInWorker worker)
    {
        using var answer = await SendAsync(service, worker, HttpMethod.Post, "/sessions/code");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var message = (await Outbox.NewestAsync(service.Core.Database, 1)).Single();
        Assert.Equal((worker.Worker.Id, "sms"), (message.WorkerId, message.ChannelKind));
        return SixDigits().Match(message.Body).Value;
    }

    static async Task<string> FreshAsync(TestService service, SignedInWorker worker, string code)
    {
        using var answer = await SendAsync(service, worker, HttpMethod.Post, "/sessions/fresh", new { code });
        return answer.StatusCode == HttpStatusCode.NoContent ? "204" : $"{await ProblemAnswer.ReadAsync(answer)}";
    }

    static async Task<int> StatusAsync(TestService service, SignedInWorker worker)
    {
        using var answer = await service.GetAsync(worker.Token, "/api/v1/me");
        return (int)answer.StatusCode;
    }

    static async Task<HttpResponseMessage> SendAsync(TestService service, SignedInWorker worker, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/v1" + path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", worker.Token);
        return await service.Client.SendAsync(request);
    }

    [GeneratedRegex(@"\b[0-9]{6}\b", RegexOptions.None, 5000)]
    private static partial Regex SixDigits();
}
