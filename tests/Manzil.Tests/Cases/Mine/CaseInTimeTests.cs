using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Dapper;
using Manzil.Cases.Files;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using static Manzil.Tests.Notices.InTimeSteps;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Cases.Mine;

/// <summary>rules.md, Days, for answers and appeals: signed, or turned away, before the worker's time was over, and sent again within 24 hours.</summary>
public class CaseInTimeTests
{
    // Told on 2026-11-23 that a case is open: to answer until Tuesday 2026-12-08. Decided on 2026-12-09: to appeal until 2026-12-23. In Moscow.
    static readonly Instant AnswerEnds = Instant.FromUtc(2026, 12, 8, 21, 0), AppealEnds = Instant.FromUtc(2026, 12, 23, 21, 0);
    static readonly Duration Minute = Duration.FromMinutes(1);
    static readonly (string, byte[])[] NoFiles = [];

    [Theory, EachDatabase]
    public async Task Answer_TurnedAwayInTime_SaysSoToTheWorkerAndToTheOfficerBeforeItIsOpened(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        var opened = await setting.OpenAsync();
        service.Clock.Reset(AnswerEnds - Minute);
        await setting.Worker.SignInAgainAsync();
        var token = "";
        await service.WhileFullAsync(async () => token = await TurnedAwayAsync(service, setting, "answers", "k1"));
        // While too many files come at once, nothing of the body is read, and there is a token all the same.
        var uploads = service.Services.GetRequiredService<Uploads>();
        using (uploads.Enter(new DefaultHttpContext(), Uploads.Worker(setting.Worker.Worker.Id)))
        using (uploads.Enter(new DefaultHttpContext(), Uploads.Worker(setting.Worker.Worker.Id)))
            Assert.StartsWith(token + ",", await TurnedAwayAsync(service, setting, "answers", "k1", token), StringComparison.Ordinal);

        service.Clock.Reset(AnswerEnds + Minute);
        // It holds for this key and this act: of another it says nothing, and takes nothing away.
        var other = await SentAsync(service, setting, "answers", "I live there.", "k2", (TurnedAwayTokens.Header, token));
        Assert.False(Particulars(other).ContainsKey("in-time"));
        var given = await SentAsync(service, setting, "answers", "I live there, see the photo.", "k1", (TurnedAwayTokens.Header, token));
        AssertInTime(given, "turned-away", "2026-12-08T20:59:00Z", "2026-12-08");
        Assert.Contains("first sent on 8 December 2026, 23:59", (await (await setting.VisitAsync()).GetAsync($"/notices/{given.Number}")).Text, StringComparison.Ordinal);

        var story = new DeskStory(service, setting.Worker);
        story.Begun(opened);
        var officer = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenFileAsync(officer);
        Assert.Contains("first sent on 8 December 2026, 23:59", officer.Web.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("see the photo", officer.Web.Text, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Appeal_SignedByThePhoneInTime_NeedsNoReasonWhenItArrivesLate(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await DecidedAsync(service);
        service.Clock.Reset(AppealEnds + Minute);
        await setting.Worker.SignInAgainAsync();
        using var phone = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (form, body) = await BodyAsync("");
        var signed = phone.Sign(AppealEnds - Minute, "k1", body);
        Assert.Equal("409 session-key-missing", await RefusedAsync(service, setting, form, "k1", signed));
        await service.RecordKeyAsync(setting.Worker, phone);
        // Without the signature it is late, and then it needs a reason; one of other bytes does not hold.
        Assert.Equal("400 malformed", await RefusedAsync(service, setting, (await BodyAsync("")).Form, "k1"));
        Assert.Equal("400 signature-wrong", await RefusedAsync(service, setting, (await BodyAsync("")).Form, "k1", signed));

        (form, body) = await BodyAsync("");
        using var answer = await SendAsync(service, setting, "appeals", form, "k1", phone.Sign(AppealEnds - Minute, "k1", body));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        AssertInTime(await NoticeAnswer.ReadAsync(answer), "signed", "2026-12-23T20:59:00Z", "2026-12-23");
        Assert.Equal("suspended", (await setting.Worker.ReadAsync("/api/v1/case")).GetProperty("stage").GetString());
    }

    [Fact]
    public async Task Answer_WhileTheDatabaseIsGone_IsGivenATokenToo()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        service.Clock.Reset(AnswerEnds - Minute);
        await setting.Worker.SignInAgainAsync();
        service.Clock.Reset(AnswerEnds - Minute + Duration.FromSeconds(50));
        var token = "";
        await WithoutSessionsAsync(service, async () => token = await TurnedAwayAsync(service, setting, "answers", "k1"));
        service.Clock.Advance(Minute);
        AssertInTime(await SentAsync(service, setting, "answers", "I live there.", "k1", (TurnedAwayTokens.Header, token)), "turned-away", "2026-12-08T20:59:50Z", "2026-12-08");
    }

    // Words stay, with the key; files are chosen again. An appeal that was turned away in time then needs no words at all.
    [Theory]
    [InlineData(DatabaseKind.Sqlite, "en", "We could not take it just now", "Files cannot be kept. If you chose some, choose them again.")]
    [InlineData(DatabaseKind.Sqlite, "kk", "Қазір қабылдай алмадық", "Файлдарды сақтау мүмкін емес.")]
    [InlineData(DatabaseKind.Postgres, "ru", "Сейчас не удалось это принять", "Файлы сохранить нельзя.")]
    public async Task Pages_TurnedAwayInTime_KeepTheWordsAndOneButtonSendsThemAgain(DatabaseKind kind, string lang, string heading, string files)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await DecidedAsync(service);
        service.Clock.Reset(AppealEnds - Minute);
        var visitor = await setting.VisitAsync(lang);
        await visitor.GetAsync("/case/appeal");
        var shown = visitor.Form();
        await service.WhileFullAsync(() => visitor.PostFilesAsync([("Text", "I was <b>ill</b>.\r\nSee the letter.")], ("a.jpg", TaggedFiles.Jpeg())));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, heading), (visitor.Status, visitor.Heading));
        Assert.NotNull(visitor.Answer.Headers.RetryAfter);
        Assert.Contains(files, visitor.Text, StringComparison.Ordinal);
        Assert.Contains("I was <b>ill</b>. See the letter.", visitor.Text, StringComparison.Ordinal);
        Assert.Equal(shown["Key"], visitor.Form()["Key"]);
        Assert.Equal(0, await setting.CountAsync("attachment"));

        service.Clock.Advance(2 * Minute);
        await visitor.PostFilesAsync([], ("b.jpg", TaggedFiles.Jpeg()));
        Assert.StartsWith("/notices/", visitor.Path, StringComparison.Ordinal);
        var said = await NewestAsync(service);
        Assert.Equal(("turned-away", "2026-12-23T20:59:00Z", "2026-12-23"), (said.Particulars["in-time"], said.Particulars["sent-at"], said.Particulars["deadline"]));
        Assert.Equal("I was <b>ill</b>.\nSee the letter.", said.Reason);
        Assert.Equal(1, await setting.CountAsync("attachment"));
    }

    [Fact]
    public async Task Pages_WhileTheDatabaseIsGoneAndWithFilesTooLargeToRead_KeepTheWords()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        var setting = await DecidedAsync(service);
        service.Clock.Reset(AppealEnds - Minute);
        var visitor = await setting.VisitAsync();
        await visitor.GetAsync("/case/appeal");
        var large = new byte[4 * 1024 * 1024];
        service.Clock.Advance(Duration.FromSeconds(50));
        await WithoutSessionsAsync(service, () => visitor.PostFilesAsync([("Text", "Words that took an hour.")], ("a.jpg", large), ("b.jpg", large)));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "We could not take it just now"), (visitor.Status, visitor.Heading));
        Assert.Equal("Words that took an hour.", visitor.Form()["Text"]);
        service.Clock.Advance(Minute);
        await visitor.PostFilesAsync([], NoFiles);
        Assert.StartsWith("/notices/", visitor.Path, StringComparison.Ordinal);
        Assert.Equal("2026-12-23T20:59:50Z", (await NewestAsync(service)).Particulars["sent-at"]);
    }

    [Theory, EachDatabase]
    public async Task Pages_OfHelperAndDesk_CountAsInTimeLikewise(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var service = desk.Service;
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        service.Clock.Reset(AnswerEnds - Minute);
        var code = await HelperTests.NameAsync(await setting.VisitAsync(), "Legal aid", "act");
        var helper = new Visitor(service, "nobody", "en");
        await HelperTests.EnterAsync(helper, code);
        await helper.GetAsync("/helper/answer");
        await desk.Clerk.SignInAgainAsync();
        await desk.Web.GetAsync(await desk.ServeAsync(setting.Worker.Worker) + "/case/answer");
        await service.WhileFullAsync(async () =>
        {
            await helper.PostFilesAsync([("Text", "She lives there.")], NoFiles);
            await desk.Web.PostFilesAsync([("Text", "I live there.")], NoFiles);
        });
        service.Clock.Advance(2 * Minute);
        foreach (var (visitor, text) in new[] { (helper, "She lives there."), (desk.Web, "I live there.") })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, visitor.Status);
            await visitor.PostFilesAsync([], NoFiles);
            Assert.Equal(HttpStatusCode.OK, visitor.Status);
            var said = await NewestAsync(service);
            Assert.Equal((text, "turned-away", "2026-12-08T20:59:00Z", "2026-12-08"), (said.Reason, said.Particulars["in-time"], said.Particulars["sent-at"], said.Particulars["deadline"]));
        }
    }

    static async Task<CaseSetting> DecidedAsync(TestService service)
    {
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        await setting.ProposeAsync();
        await setting.AgreeAsync();
        return setting;
    }

    static async Task WithoutSessionsAsync(TestService service, Func<Task> act)
    {
        await using var connection = await service.Database.OpenAsync();
        await connection.ExecuteAsync("alter table session rename to elsewhere");
        await act();
        await connection.ExecuteAsync("alter table elsewhere rename to session");
    }

    static async Task<string> TurnedAwayAsync(TestService service, CaseSetting setting, string what, string key, string? carried = null)
    {
        var (form, _) = await BodyAsync("I live there.");
        using var answer = await SendAsync(service, setting, what, form, key, carried is null ? [] : [(TurnedAwayTokens.Header, carried)]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        return Assert.Single(answer.Headers.GetValues(TurnedAwayTokens.Header));
    }

    static async Task<NoticeAnswer> SentAsync(TestService service, CaseSetting setting, string what, string text, string key, params (string, string)[] headers)
    {
        using var answer = await SendAsync(service, setting, what, (await BodyAsync(text)).Form, key, headers);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await NoticeAnswer.ReadAsync(answer);
    }

    static async Task<string> RefusedAsync(TestService service, CaseSetting setting, HttpContent form, string key, params (string, string)[] headers)
    {
        using var answer = await SendAsync(service, setting, "appeals", form, key, headers);
        return $"{await ProblemAnswer.ReadAsync(answer)}";
    }

    static async Task<HttpResponseMessage> SendAsync(TestService service, CaseSetting setting, string what, HttpContent form, string key, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/case/{what}") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", setting.Worker.Token);
        request.Headers.Add("Idempotency-Key", key);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await service.Client.SendAsync(request);
    }

    /// <summary>A form with a picture, and its bytes as they are sent: the boundary is another each time.</summary>
    static async Task<(HttpContent Form, byte[] Body)> BodyAsync(string text)
    {
        var form = new MultipartFormDataContent { { new StringContent(text), "text" }, { new ByteArrayContent(TaggedFiles.Jpeg()), "file", "photo.jpg" } };
        return (form, await form.ReadAsByteArrayAsync());
    }

    static async Task<Record> NewestAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return Record.Decode((await connection.ExecuteScalarAsync<byte[]>("select record from act order by leaf desc limit 1"))!);
    }
}
