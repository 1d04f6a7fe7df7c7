using System.Buffers.Text;
using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Register;
using Manzil.SignIn;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using static Manzil.Tests.Notices.InTimeSteps;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Notices;

/// <summary>What a program sends late and could show to have sent in time: a token of the 503, or a signature of the phone.</summary>
public class InTimeApiTests
{
    const string Confirmation = """{"kind":"confirmation"}""", Registration = """{"kind":"registration"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""";

    // Told on 2026-11-23: due on Wednesday 2026-12-23, silence over with Monday the 28th, at midnight in Moscow.
    static readonly Instant DueEnds = Instant.FromUtc(2026, 12, 23, 21, 0), SilenceEnds = Instant.FromUtc(2026, 12, 28, 21, 0);
    static readonly Duration Minute = Duration.FromMinutes(1), Millisecond = Duration.FromMilliseconds(1);

    [Theory, EachDatabase]
    public async Task Post_TurnedAwayBeforeSilenceEnded_CountsAsInTimeAndClosesTheCaseThatOpenedSince(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        await RemindAsync(service);
        var token = await TurnedAwayAsync(service, worker, SilenceEnds - Minute, "k1");
        await ArriveAsync(service, SilenceEnds + Minute);
        Assert.Equal("under-review", await worker.StandingAsync());

        var given = await GiveAsync(service, worker, "k1", (TurnedAwayTokens.Header, token));
        AssertInTime(given, "turned-away", "2026-12-28T20:59:00Z", "2026-12-28");
        Assert.Equal("silence", Particulars(given)["closes"]);
        Assert.Equal("registered", await worker.StandingAsync());
        // The new period counts from the arrival, as for anybody.
        Assert.Equal("2027-01-28", given.NextDeadline);
        Assert.Equal(SilenceEnds + Minute, Record.Decode(given.Record).IssuedAt);
        var told = await BodiesAsync(service, worker);
        Assert.Contains(told, m => m.Contains("in time", StringComparison.Ordinal) && m.Contains(given.Number, StringComparison.Ordinal));

        // The officer who opens the file of the case reads that it was in time, and that it closed the case.
        var story = new DeskStory(service, worker);
        var officer = await story.OfficerAsync(Manzil.Rules.StaffRole.Caseworker);
        await using (var connection = await service.Core.Database.OpenAsync()) story.Begun((await connection.ExecuteScalarAsync<string>("select act_number from case_file"))!);
        await story.OpenFileAsync(officer);
        foreach (var words in new[] { "It was first sent on 28 December 2026, 23:59", "This ended the case that was open because nothing had been heard." }) Assert.Contains(words, officer.Web.Text, StringComparison.Ordinal);

        // The same again, without the token: the same receipt.
        Assert.Equal(given.Body, (await GiveAsync(service, worker, "k1")).Body);
    }

    [Theory, EachDatabase]
    public async Task Post_SignedBeforeTheDueDateEnded_SaysSoToWorkerAndVerifier(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        await ArriveAsync(service, DueEnds + Minute);
        await worker.SignInAgainAsync();
        using var phone = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await service.RecordKeyAsync(worker, phone);
        var given = await GiveAsync(service, worker, "k1", Sign(phone, DueEnds - Minute, "k1"));
        AssertInTime(given, "signed", "2026-12-23T20:59:00Z", "2026-12-23");
        Assert.False(Particulars(given).ContainsKey("closes"));

        Assert.Contains(
            "In time: the phone signed it on 23 December 2026, 20:59:00 UTC, before the end of 23 December 2026, the deadline; it arrived later.",
            await VerifiedAsync(service, worker, given.Number), StringComparison.Ordinal);

        foreach (var (lang, words) in new[] { ("en", "The phone signed it on 23 December 2026, 23:59 by its own clock"), ("ru", "23 декабря 2026 г., 23:59"), ("kk", "2026 жылғы 23 желтоқсан, 23:59") })
        {
            var visitor = await Visitor.SignInAsync(service, worker.Worker, lang);
            Assert.Contains(words, (await visitor.GetAsync($"/notices/{given.Number}")).Text, StringComparison.Ordinal);
            Assert.Contains(words, (await visitor.GetAsync($"/notices/{given.Number}/print")).Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task Post_Signed24HoursBefore_CountsToTheMillisecond(int more, bool inTime)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await ToldAsync(service);
        var signed = DueEnds - Millisecond;
        await ArriveAsync(service, signed + Duration.FromHours(24) + (more * Millisecond));
        await worker.SignInAgainAsync();
        using var phone = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await service.RecordKeyAsync(worker, phone);
        Assert.Equal(inTime, Particulars(await GiveAsync(service, worker, "k1", Sign(phone, signed, "k1"))).ContainsKey("in-time"));
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(60)]
    [InlineData(60 * 24 * 400)]
    public async Task Post_SignedByAWrongClock_IsAcceptedAsOfItsArrivalWithoutAMark(int minutesAhead)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await ToldAsync(service);
        await ArriveAsync(service, DueEnds + Duration.FromMinutes(10));
        await worker.SignInAgainAsync();
        using var phone = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await service.RecordKeyAsync(worker, phone);
        var given = await GiveAsync(service, worker, "k1", Sign(phone, service.Clock.GetCurrentInstant() + Duration.FromMinutes(minutesAhead), "k1"));
        Assert.Empty(Particulars(given));
        Assert.Equal("2027-01-25", given.NextDeadline);
    }

    [Theory, EachDatabase]
    public async Task Post_SignatureThatDoesNotHold_IsRefusedAndNothingIsSaved(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        using var phone = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = service.Clock.GetCurrentInstant();
        var size = (await service.Core.Tiles.HeadAsync()).Size;
        Assert.Equal("409 session-key-missing", await RefusedAsync(service, worker, "k1", Sign(phone, now, "k1")));
        await service.RecordKeyAsync(worker, phone);
        var right = Sign(phone, now, "k1");
        (string, string)[][] wrong =
        [
            Sign(other, now, "k1"),
            Sign(phone, now, "k2"),
            Sign(phone, now, "k1", Registration),
            [right[0]],
            [right[1]],
            [right[0], (right[1].Name, right[1].Value[..^2])],
            [(right[0].Name, "yesterday"), right[1]],
            [Sign(phone, now + Minute, "k1")[0], right[1]],
        ];
        foreach (var headers in wrong) Assert.Equal("400 signature-wrong", await RefusedAsync(service, worker, "k1", headers));
        Assert.Equal(size, (await service.Core.Tiles.HeadAsync()).Size);
        await GiveAsync(service, worker, "k1", right);
    }

    [Theory, EachDatabase]
    public async Task Post_TokenOfAnotherNotice_ChangesNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, other) = (await ToldAsync(service), await ToldAsync(service));
        var token = await TurnedAwayAsync(service, worker, DueEnds - Minute, "k1");
        var theirs = await TurnedAwayAsync(service, other, DueEnds - Minute, "k1");
        service.Clock.Reset(DueEnds + Minute);
        foreach (var (key, carried) in new[] { ("k2", token), ("k3", theirs), ("k4", token[..^1] + (token[^1] == 'A' ? 'B' : 'A')), ("k5", "AAAA"), ("k6", new string(',', 150)) })
        {
            Assert.Empty(Particulars(await GiveAsync(service, worker, key, (TurnedAwayTokens.Header, carried))));
            // Back to the open period, as if nothing had been given.
            await ReopenAsync(service, worker);
        }

        using (var residence = await SendAsync(service, worker, "k1", SignedInWorkerText(service), (TurnedAwayTokens.Header, token)))
            Assert.Empty(Particulars(await NoticeAnswer.ReadAsync(residence)));
    }

    [Theory, EachDatabase]
    public async Task Post_TurnedAwayAgain_KeepsTheOldestTokenBesideANewOne(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        var first = await TurnedAwayAsync(service, worker, DueEnds - Duration.FromHours(11), "k1");
        var second = await TurnedAwayAsync(service, worker, DueEnds - Minute, "k1", first, signIn: false);
        Assert.Equal(first, second.Split(',')[0]);
        var third = await TurnedAwayAsync(service, worker, DueEnds + Minute, "k1", second, signIn: false);
        Assert.Equal((first, 2), (third.Split(',')[0], third.Split(',').Length));
        service.Clock.Reset(DueEnds + (2 * Minute));
        await service.RestartAsync();
        // What is older than 24 hours says nothing, and does not hide what is younger.
        var (session, content) = (Sessions.HashOf(worker.Token)!, SHA256.HashData(Encoding.UTF8.GetBytes(Confirmation)));
        var tokens = service.Services.GetRequiredService<TurnedAwayTokens>();
        var old = tokens.Give(DueEnds - Duration.FromHours(25), null, session, "k2", content);
        Assert.Empty(Particulars(await GiveAsync(service, worker, "k2", (TurnedAwayTokens.Header, old))));
        await ReopenAsync(service, worker);
        var both = tokens.Give(DueEnds - Minute, tokens.Give(DueEnds - Duration.FromHours(25), null, session, "k3", content), session, "k3", content);
        AssertInTime(await GiveAsync(service, worker, "k3", (TurnedAwayTokens.Header, both)), "turned-away", "2026-12-23T20:59:00Z", "2026-12-23");
        await ReopenAsync(service, worker);
        AssertInTime(await GiveAsync(service, worker, "k1", (TurnedAwayTokens.Header, third)), "turned-away", "2026-12-23T10:00:00Z", "2026-12-23");
    }

    // The database is gone: whoever asks is turned away with a token all the same, which another node can read.
    [Fact]
    public async Task Post_WhileTheDatabaseIsGone_GivesATokenThatARestartedNodeKnows()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        var worker = await ToldAsync(service);
        service.Clock.Reset(DueEnds - Minute);
        await worker.SignInAgainAsync();
        service.Clock.Advance(Duration.FromSeconds(40));
        await using var connection = await service.Database.OpenAsync();
        await connection.ExecuteAsync("alter table session rename to elsewhere");
        string token;
        using (var answer = await SendAsync(service, worker, "k1", Confirmation))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            token = Assert.Single(answer.Headers.GetValues(TurnedAwayTokens.Header));
        }

        await connection.ExecuteAsync("alter table elsewhere rename to session");
        await service.RestartAsync();
        service.Clock.Reset(DueEnds + Minute);
        AssertInTime(await GiveAsync(service, worker, "k1", (TurnedAwayTokens.Header, token)), "turned-away", "2026-12-23T20:59:40Z", "2026-12-23");
    }

    [Fact]
    public async Task Post_TurnedAwayWithoutSessionOrKey_GivesNoToken()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await ToldAsync(service);
        await service.WhileFullAsync(async () =>
        {
            using var nobody = await service.PostNoticeAsync("not-a-token", Confirmation);
            Assert.False(nobody.Headers.Contains(TurnedAwayTokens.Header));
            using var keyless = await service.PostNoticeAsync(worker.Token, Confirmation, "with space");
            Assert.False(keyless.Headers.Contains(TurnedAwayTokens.Header));
        });
    }

    [Theory, EachDatabase]
    public async Task RecordKey_Malformed_IsRefusedAndARightOneIsErasedWithItsSession(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        using var phone = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = phone.ExportParameters(false).Q;
        var (x, y) = (Base64Url.EncodeToString(q.X), Base64Url.EncodeToString(q.Y));
        foreach (var json in new[]
        {
            "{", "[]", "{}", """{"key":7}""", """{"key":{}}""", $$$"""{"key":{"kty":"EC","crv":"P-384","x":"{{{x}}}","y":"{{{y}}}"}}""",
            $$$"""{"key":{"kty":"EC","crv":"P-256","x":"{{{x}}}","y":"{{{x}}}"}}""", $$$"""{"key":{"kty":"EC","crv":"P-256","x":"{{{x}}}","y":"{{{y}}}","d":"{{{y}}}"}}""",
            $$$"""{"key":{"kty":"EC","crv":"P-256","x":"{{{x}}}","y":"{{{y}}}"},"more":1}""",
        })
        {
            using var refused = await service.PostJsonAsync(worker.Token, "/api/v1/sessions/key", json);
            Assert.Equal("400 malformed", (await ProblemAnswer.ReadAsync(refused)).ToString());
        }

        await service.RecordKeyAsync(worker, phone);
        await service.RecordKeyAsync(worker, phone);
        await using var connection = await service.Core.Database.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("select count(*) from session_key"));
        using var end = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/sessions");
        end.Headers.Authorization = new AuthenticationHeaderValue("Bearer", worker.Token);
        using (var ended = await service.Client.SendAsync(end, TestContext.Current.CancellationToken)) Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select count(*) from session_key"));
    }

    static string SignedInWorkerText(TestService service) =>
        Residence.Replace("<today>", IsoDate.Write(SignedInWorker.Today(service)), StringComparison.Ordinal);

    static async Task<SignedInWorker> ToldAsync(TestService service)
    {
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync(Registration);
        await worker.GiveAsync(Residence);
        return worker;
    }

    static async Task RemindAsync(TestService service)
    {
        service.Clock.AdvanceDays(30);
        await service.Services.GetRequiredService<SendReminders>().RunAsync(service.Clock.GetCurrentInstant());
    }

    static async Task ArriveAsync(TestService service, Instant at)
    {
        service.Clock.Reset(at);
        await service.Services.GetRequiredService<OpenSilentCases>().RunAsync(at);
    }

    static async Task ReopenAsync(TestService service, SignedInWorker worker)
    {
        await using (var connection = await service.Core.Database.OpenAsync())
            await connection.ExecuteAsync("update register_entry set last_told = '2026-11-23', next_deadline = '2026-12-23' where worker_id = @Id", new { worker.Worker.Id });
        var token = worker.Token;
        await service.RestartAsync();
        Assert.Equal(token, worker.Token);
    }

    static async Task<string> TurnedAwayAsync(TestService service, SignedInWorker worker, Instant at, string key, string? carried = null, bool signIn = true)
    {
        service.Clock.Reset(at);
        if (signIn) await worker.SignInAgainAsync();
        var token = "";
        await service.WhileFullAsync(async () =>
        {
            using var answer = await SendAsync(service, worker, key, Confirmation, carried is null ? [] : [(TurnedAwayTokens.Header, carried)]);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
            token = Assert.Single(answer.Headers.GetValues(TurnedAwayTokens.Header));
        });
        return token;
    }

    static (string Name, string Value)[] Sign(ECDsa phone, Instant at, string key, string body = Confirmation) => phone.Sign(at, key, Encoding.UTF8.GetBytes(body));

    static async Task<HttpResponseMessage> SendAsync(TestService service, SignedInWorker worker, string key, string json, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/notices") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", worker.Token);
        request.Headers.Add("Idempotency-Key", key);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await service.Client.SendAsync(request);
    }

    static async Task<NoticeAnswer> GiveAsync(TestService service, SignedInWorker worker, string key, params (string Name, string Value)[] headers)
    {
        using var answer = await SendAsync(service, worker, key, Confirmation, headers);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return await NoticeAnswer.ReadAsync(answer);
    }

    static async Task<string> RefusedAsync(TestService service, SignedInWorker worker, string key, params (string Name, string Value)[] headers)
    {
        using var answer = await SendAsync(service, worker, key, Confirmation, headers);
        return (await ProblemAnswer.ReadAsync(answer)).ToString();
    }

    static async Task<string> VerifiedAsync(TestService service, SignedInWorker worker, string number)
    {
        var (zip, keys) = (Path.Combine(service.DataFolder, "receipt.zip"), Path.Combine(service.DataFolder, "keys.json"));
        using (var answer = await service.GetAsync(worker.Token, $"/api/v1/notices/{number}/receipt.zip")) await File.WriteAllBytesAsync(zip, await answer.Content.ReadAsByteArrayAsync());
        await File.WriteAllBytesAsync(keys, await service.Client.GetByteArrayAsync("/.well-known/manzil/keys.json"));
        var output = new StringWriter();
        var root = new RootCommand { VerifyCommand.Create() };
        Assert.Equal(0, await root.Parse(["receipt", "verify", zip, "--keys", keys]).InvokeAsync(new InvocationConfiguration { Output = output }));
        return output.ToString();
    }

    static async Task<IReadOnlyList<string>> BodiesAsync(TestService service, SignedInWorker worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return [.. await connection.QueryAsync<string>("select body from message where worker_id = @Id", new { worker.Worker.Id })];
    }
}
