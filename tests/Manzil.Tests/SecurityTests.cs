using System.Net;
using System.Net.Http.Json;
using Manzil.Demo;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Access;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests;

/// <summary>What docs/security.md says of the service as a whole: cookies, headers, methods, sessions, and the log of security events.</summary>
public class SecurityTests
{
    const string Https = "https://manzil.example";

    [Fact]
    public async Task Cookies_OnHttps_AreBoundToTheHostAndOutOfScriptsReach()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, publicUrl: Https);
        var worker = await service.EnrolAsync();
        var visitor = new Visitor(service, "nobody", "en");
        await visitor.GetAsync("/help?lang=en");
        await visitor.GetAsync("/sign-in/document");
        await visitor.PostAsync(("State", worker.Document.State), ("Number", worker.Document.Number), ("BirthDate.Day", "17"), ("BirthDate.Month", "5"), ("BirthDate.Year", "1990"));
        var born = worker.Document.BirthDate;
        await visitor.GetAsync("/sign-in");
        // What was typed is kept by the browser while the language is changed.
        await visitor.PostAsync("/sign-in?lang=en", new(Tokens(visitor)) { ["Card"] = worker.CardNumber });
        await visitor.PostAsync("/sign-in", new(Tokens(visitor))
        {
            ["Card"] = worker.CardNumber,
            ["BirthDate.Day"] = $"{born.Day}",
            ["BirthDate.Month"] = $"{born.Month}",
            ["BirthDate.Year"] = $"{born.Year}",
            ["Code"] = worker.ActivationCode,
            ["Remember"] = "yes",
        });
        var helper = await HelperTests.OfAsync(service, visitor, "see");
        var officer = new Visitor(service, "nobody", "en");
        await officer.GetAsync("/staff/demo/" + service.Services.GetRequiredService<DemoSignIn>().Make((await service.StaffAsync(StaffRole.Clerk)).Staff.Id));
        Assert.Equal("/staff", officer.Path);

        var set = visitor.WereSet.Concat(helper.WereSet).Concat(officer.WereSet).ToList();
        Assert.Equal(
            ["__Host-form", "__Host-lang", "__Host-manzil", "__Host-typed", "__Secure-back-in", "__Secure-manzil-helper", "__Secure-manzil-staff"],
            set.Select(c => c.Split('=')[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.All(set, cookie =>
        {
            var said = cookie.Split(';').Skip(1).Select(part => part.Trim().ToLowerInvariant()).ToList();
            Assert.Contains("secure", said);
            Assert.Contains("httponly", said);
            Assert.Contains(said, s => s is "samesite=lax" or "samesite=strict");
            Assert.DoesNotContain(said, s => s.StartsWith("domain", StringComparison.Ordinal));
            if (cookie.StartsWith("__Host-", StringComparison.Ordinal)) Assert.Contains("path=/", said);
        });
    }

    static Dictionary<string, string> Tokens(Visitor visitor) => new() { ["__RequestVerificationToken"] = visitor.Form()["__RequestVerificationToken"] };

    [Fact]
    public async Task SignOut_OfEachKind_ClearsWhatTheBrowserHolds()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await Visitor.SignInAsync(service, await service.EnrolAsync());
        var (_, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var helper = await HelperTests.OfAsync(service, worker, "see");
        await LeaveAsync(helper, "/helper/file", "/helper/file?handler=Leave");
        await LeaveAsync(worker, "/help", "/sign-out");
        await LeaveAsync(Visitor.Officer(service, cookie), "/staff", "/staff/sign-out");

        async Task LeaveAsync(Visitor visitor, string page, string action)
        {
            await visitor.GetAsync(page);
            var held = visitor.Html;
            using var request = new HttpRequestMessage(HttpMethod.Post, action) { Content = new FormUrlEncodedContent([new("__RequestVerificationToken", TokenIn(held)), new("Anyway", "yes")]) };
            request.Headers.Add("Cookie", visitor.Cookie);
            using var answer = await service.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.Equal("\"cache\"", answer.Headers.GetValues("Clear-Site-Data").Single());
            // Taken from the browser, and not only said.
            Assert.Contains(answer.Headers.GetValues("Set-Cookie"), c => c.Contains("expires=Thu, 01 Jan 1970", StringComparison.Ordinal));
            await visitor.GetAsync(page == "/help" ? "/account" : page);
            Assert.NotEqual(page == "/help" ? "/account" : page, visitor.Path);
        }
    }

    static string TokenIn(string html) => System.Text.RegularExpressions.Regex.Match(
        html, "name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;

    // A link that carries fields into somebody's form: what stands in the address is no field.
    [Fact]
    public async Task Post_FieldsInTheAddress_AreNotTaken()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await service.EnrolAsync();
        var born = worker.Document.BirthDate;
        var fields = new Dictionary<string, string> { ["Card"] = worker.CardNumber, ["BirthDate.Day"] = $"{born.Day}", ["BirthDate.Month"] = $"{born.Month}", ["BirthDate.Year"] = $"{born.Year}", ["Code"] = worker.ActivationCode };
        var visitor = await new Visitor(service, "nobody", "en").GetAsync("/sign-in");
        await visitor.PostAsync("/sign-in?" + string.Join('&', fields.Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value)}")), Tokens(visitor));
        Assert.Equal(HttpStatusCode.BadRequest, visitor.Status);
        Assert.DoesNotContain($"value=\"{worker.CardNumber}\"", visitor.Html, StringComparison.Ordinal);
        await visitor.PostAsync("/sign-in", new(Tokens(visitor).Concat(fields)));
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        Assert.DoesNotContain("/sign-in?", visitor.Path, StringComparison.Ordinal);
        Assert.Equal("/account", (await visitor.GetAsync("/account")).Path);
    }

    // A desk at which somebody works on without a pause: once a day the passkey is shown all the same.
    [Fact]
    public async Task Session_OfAnOfficerAtWork_EndsAfter12Hours()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var officer = Visitor.Officer(service, (await service.StaffAsync(StaffRole.Clerk)).Cookie);
        for (var minutes = 0; minutes < 12 * 60; minutes += 20)
        {
            Assert.Equal("/staff", (await officer.GetAsync("/staff")).Path);
            service.Clock.AdvanceMinutes(20);
        }

        Assert.Equal("/staff", (await officer.GetAsync("/staff")).Path);
        service.Clock.AdvanceMinutes(1);
        Assert.StartsWith("/staff/sign-in", (await officer.GetAsync("/staff")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_MethodThatNothingHas_IsNotAllowed()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        foreach (var path in new[] { "/", "/status", "/helper/file", "/staff/cases", "/log/checkpoint", "/favicon.svg", "/api/v1/me", "/health/live" })
        {
            foreach (var method in new[] { "TRACE", "PUT", "PATCH", "OPTIONS", "CONNECTED", "PAGE", "DELETE" })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                request.Headers.Add("X-Secret", "tell-me-again");
                using var answer = await service.Client.SendAsync(request);
                Assert.True(answer.StatusCode == HttpStatusCode.MethodNotAllowed, $"{method} {path}: {answer.StatusCode}");
                Assert.DoesNotContain("tell-me-again", await answer.Content.ReadAsStringAsync());
            }
        }
    }

    // Every GET of the service that needs no value in its path, as anybody: what stands in front of it and what it is.
    [Fact]
    public async Task Answers_OfEveryRoute_HaveTheirHeadersAndSayWhatTheyAre()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, publicUrl: Https);
        var paths = (await Routes.AllAsync(service)).Where(r => r is { Method: "GET", HasParameter: false }).Select(r => r.Pattern).Append("/nowhere").Append("/api/v1/nowhere").Distinct().ToList();
        Assert.True(paths.Count > 50, $"{paths.Count} paths");
        foreach (var path in paths)
        {
            using var answer = await service.Client.GetAsync(path);
            string Header(string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : $"no {name} on {path}";
            Assert.Equal("max-age=63072000; includeSubDomains", Header("Strict-Transport-Security"));
            Assert.Equal("nosniff", Header("X-Content-Type-Options"));
            Assert.Equal("no-referrer", Header("Referrer-Policy"));
            Assert.Equal("same-origin", Header("Cross-Origin-Opener-Policy"));
            foreach (var part in new[] { "default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'" }) Assert.Contains(part, Header("Content-Security-Policy"));
            Assert.DoesNotContain("unsafe", Header("Content-Security-Policy"));
            // The log and the keys are for everybody to check, also from a page of another origin.
            var isForEveryOrigin = path.StartsWith("/log/", StringComparison.Ordinal) || path == "/.well-known/manzil/keys.json";
            Assert.True(answer.Headers.Contains("Access-Control-Allow-Origin") == isForEveryOrigin, path);
            Assert.Equal(isForEveryOrigin ? "cross-origin" : "same-origin", Header("Cross-Origin-Resource-Policy"));
            Assert.False(answer.Headers.Contains("Server") || answer.Headers.Contains("X-Powered-By"), path);
            if ((await answer.Content.ReadAsByteArrayAsync()).Length == 0) continue;
            var type = answer.Content.Headers.ContentType;
            Assert.True(type is not null, $"{path} does not say what it is");
            if (type!.MediaType!.StartsWith("text/", StringComparison.Ordinal)) Assert.True(type.CharSet == "utf-8", $"{path}: {type}");
        }
    }

    [Fact]
    public async Task Events_OfSignInsAndRefusals_AreOneLineEachAndNameNoWorker()
    {
        using var logs = new KeptLines();
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, logs: logs);
        var one = await SignedInWorker.NewAsync(service);
        var notice = await one.GiveAsync("""{"kind":"registration"}""");
        await ExpectAsync("A worker signed in: api");
        var other = await service.EnrolAsync(phone: "+70000000002");
        using (var wrong = await service.Client.PostAsJsonAsync("/api/v1/sessions", new { cardNumber = other.CardNumber, birthDate = "1990-05-17", activationCode = "AAAAA-AAAAA" })) Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        await ExpectAsync("A try to get in did not succeed, or not yet: card");
        await ExpectAsync("Refused with 401: POST /api/v1/sessions");
        using (var theirs = await service.GetAsync(await service.SignInAsync(other), $"/api/v1/notices/{notice.Number}")) Assert.Equal(HttpStatusCode.NotFound, theirs.StatusCode);
        await ExpectAsync("Refused with 404: GET /api/v1/notices/{number}");
        using (var noToken = await service.Client.PostAsync("/language", new FormUrlEncodedContent([new("Lang", "ru")]))) Assert.Equal(HttpStatusCode.BadRequest, noToken.StatusCode);
        await ExpectAsync("Refused with 400: POST language");

        var (clerk, cookie) = await service.StaffAsync(StaffRole.Clerk);
        await Visitor.Officer(service, cookie).GetAsync("/staff/lead");
        await ExpectAsync($"Officer {clerk.Number} (clerk) was refused /Staff/Lead/LeadPage");
        await ExpectAsync("Refused with 403: GET staff/lead");
        var officer = new Visitor(service, "nobody", "en");
        await officer.GetAsync("/staff/demo/" + service.Services.GetRequiredService<DemoSignIn>().Make(clerk.Id));
        await ExpectAsync($"Officer {clerk.Number} signed in");
        await new Visitor(service, "nobody", "en").GetAsync("/staff/sign-in");
        var stranger = await new Visitor(service, "nobody", "en").GetAsync("/language");
        await stranger.PostAsync("/staff/sign-in", new(Tokens(stranger)) { ["Challenge"] = new string('A', 43), ["Credential"] = "{}" });
        await ExpectAsync("A passkey did not count: staff_passkey sign-in");

        var worker = await Visitor.SignInAsync(service, one.Worker);
        var helper = new Visitor(service, "nobody", "en");
        await HelperTests.EnterAsync(helper, "0000-0000-0000-0000");
        await ExpectAsync("A try to get in did not succeed, or not yet: helper");
        await HelperTests.EnterAsync(helper, await HelperTests.NameAsync(worker, "Legal aid, Nagorny", "see"));
        await ExpectAsync("A helper came in");
        for (var i = 0; i < 5; i++)
        {
            using var guess = await service.Client.PostAsJsonAsync("/api/v1/sessions", new { cardNumber = "FC7777777", birthDate = "1990-05-17", activationCode = "AAAAA-AAAAA" });
        }

        await ExpectAsync("A try to get in has to wait: card");
        await ExpectAsync("Refused with 429: POST /api/v1/sessions");

        var all = string.Join('\n', logs.Lines);
        foreach (var secret in new[] { one.Worker.CardNumber, other.CardNumber, "FC7777777", one.Worker.Document.Number, notice.Number, one.Token, "Rahimov", "Legal aid", "127.0.0.1", "+7000" }) Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(logs.Lines, line => line.Contains('\n') || line.Contains('\r'));

        async Task ExpectAsync(string words)
        {
            // A line is written once the answer is on its way: whoever has the answer may be here first.
            for (var i = 0; i < 500 && !logs.Lines.Any(line => line.Contains(words, StringComparison.Ordinal)); i++) await Task.Delay(10);
            Assert.True(logs.Lines.Any(line => line.Contains(words, StringComparison.Ordinal)), $"no line says '{words}' among\n{string.Join('\n', logs.Lines)}");
        }
    }

    [Theory]
    [InlineData("postgres://manzil@db.example/manzil", SslMode.VerifyFull)]
    [InlineData("postgres://manzil:p%40ss@192.0.2.7:5433/manzil", SslMode.VerifyFull)]
    [InlineData("postgres://manzil@[2001:db8::7]/manzil", SslMode.VerifyFull)]
    [InlineData("postgres://manzil@db.example/manzil?Root%20Certificate=/etc/manzil/db-ca.pem", SslMode.VerifyFull)]
    [InlineData("postgres://manzil@db.example/manzil?SslMode=Require", SslMode.Require)]
    [InlineData("postgres://manzil@db.example/manzil?Ssl%20Mode=Disable", SslMode.Disable)]
    [InlineData("postgres://manzil@localhost/manzil", SslMode.Prefer)]
    [InlineData("postgres://manzil@127.0.0.1:5432/manzil", SslMode.Prefer)]
    [InlineData("postgres://manzil@[::1]/manzil", SslMode.Prefer)]
    [InlineData("postgres:///manzil?Host=/var/run/postgresql&Username=manzil", SslMode.Prefer)]
    [InlineData("postgres://manzil@localhost/manzil?Host=db.example", SslMode.VerifyFull)]
    [InlineData("postgres://manzil@localhost/manzil?Host=127.0.0.1,db.example", SslMode.VerifyFull)]
    public void Parse_DatabaseOverANetwork_HasToShowWhoItIs(string url, SslMode mode) => Assert.Equal(mode, PostgresUrl.Parse(url).SslMode);
}
