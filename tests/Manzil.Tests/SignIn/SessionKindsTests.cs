using System.Net;
using System.Net.Http.Headers;
using Dapper;
using Manzil.Helping;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.SignIn;

/// <summary>Each kind of session opens its own door and no other: a cookie is no bearer token, and the other way round.</summary>
public class SessionKindsTests
{
    static readonly string[] kinds = [Session.Api, Session.Browser, Session.Phone, "helper", "staff", "back-in"];

    [Theory, EachDatabase]
    public async Task Token_OfEachKindAtEachDoor_OpensItsOwnAlone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var tokens = await TokensAsync(service, worker);
        (string Name, string[] Opens, Func<string, HttpRequestMessage> Ask)[] doors =
        [
            ("bearer", [Session.Api], token => Bearer(HttpMethod.Get, "/api/v1/me", token)),
            ("bearer, renewing", [Session.Api], token => Bearer(HttpMethod.Post, "/api/v1/sessions/renew", token)),
            ("worker's cookie", [Session.Browser, Session.Phone], token => Cookie("/account", "manzil", token)),
            ("helper's cookie", ["helper"], token => Cookie("/helper/file", HelperSessions.Cookie, token)),
            ("officer's cookie", ["staff"], token => Cookie("/staff", Manzil.Staff.StaffSessions.Cookie, token)),
        ];
        foreach (var (name, opens, ask) in doors)
        {
            foreach (var held in kinds)
            {
                using var request = ask(tokens[held]);
                using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.True(opens.Contains(held) == answer.IsSuccessStatusCode, $"{held} at {name}: {(int)answer.StatusCode}");
            }
        }

        // Whatever was tried, no session but the program's own has a later end.
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>(
            "select count(*) from session where kind = 'browser' and expires_at > created_at + @longest", new { longest = (long)Sessions.ApiLifetime.TotalMilliseconds }));
    }

    // Kept for 90 days by renewing it each morning.
    [Theory, EachDatabase]
    public async Task Cookie_RenewedAsABearerToken_EndsAfter12HoursAllTheSame(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var sessions = service.Services.GetRequiredService<Sessions>();
        var (token, session) = await sessions.StartAsync(worker.Id, Session.Browser);
        for (var hours = 0; hours < 12; hours += 6)
        {
            using var request = Bearer(HttpMethod.Post, "/api/v1/sessions/renew", token);
            using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Null(await sessions.RenewAsync(session));
            service.Clock.AdvanceHours(6);
        }

        using var page = Cookie("/account", "manzil", token);
        using var opened = await service.Client.SendAsync(page, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, opened.StatusCode);
    }

    static async Task<Dictionary<string, string>> TokensAsync(TestService service, TestWorker worker)
    {
        var sessions = service.Services.GetRequiredService<Sessions>();
        var tokens = new Dictionary<string, string>();
        foreach (var kind in (string[])[Session.Api, Session.Browser, Session.Phone]) tokens[kind] = (await sessions.StartAsync(worker.Id, kind)).Token;
        var visitor = await Visitor.SignInAsync(service, worker);
        var helper = await HelperTests.OfAsync(service, visitor, "see");
        tokens["helper"] = TokenIn(helper.Cookie, HelperSessions.Cookie);
        tokens["staff"] = (await service.StaffAsync(StaffRole.Clerk)).Cookie.Split('=', 2)[1];
        using var reader = new WebReader(service);
        await service.AskForCodeAsync(reader, worker.Document);
        tokens["back-in"] = reader.Cookies.GetAllCookies().First(c => c.Name.Contains("back-in", StringComparison.Ordinal)).Value;
        return tokens;
    }

    static string TokenIn(string cookies, string name) => cookies.Split("; ").Select(c => c.Split('=', 2)).First(c => c[0] == name)[1];

    static HttpRequestMessage Bearer(HttpMethod method, string path, string token)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    static HttpRequestMessage Cookie(string path, string name, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", $"{name}={token}");
        return request;
    }
}
