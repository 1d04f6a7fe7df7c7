using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dapper;
using Manzil.Cases;
using Manzil.Helping;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Officer = Manzil.Tests.Cases.Desk.Officer;

namespace Manzil.Tests.SignIn;

/// <summary>
/// Who was signed out, dismissed or withdrawn while their request was on its way gets nothing done by it: not while its body came, and not
/// while it waited to be written. What they typed is not lost with it.
/// </summary>
public class EndedSessionTests
{
    const string Json = "Content-Type: application/json", Multipart = "Content-Type: multipart/form-data; boundary=b", Close = "Connection: close";

    static readonly byte[] Confirmation = """{"kind":"confirmation"}"""u8.ToArray();

    static readonly byte[] AnswerByApi = Form([("text", "I live there.")], "file");

    static byte[] Form(IEnumerable<(string Name, string Value)> fields, string? file = null) => [
        .. fields.SelectMany(f => Encoding.UTF8.GetBytes($"--b\r\nContent-Disposition: form-data; name=\"{f.Name}\"\r\n\r\n{f.Value}\r\n")),
        .. file is null ? [] : (byte[])[.. Encoding.ASCII.GetBytes($"--b\r\nContent-Disposition: form-data; name=\"{file}\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"), .. TaggedFiles.Jpeg(), .. "\r\n"u8],
        .. "--b--\r\n"u8];

    [Theory, EachDatabase]
    public async Task Api_SignedOutWhileTheBodyArrives_NothingIsFiled(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var sessions = service.Services.GetRequiredService<Sessions>();
        (string Path, byte[] Body, string Type)[] doors =
        [
            ("/api/v1/notices", Confirmation, Json),
            ("/api/v1/case/answers", AnswerByApi, Multipart),
            ("/api/v1/case/appeals", AnswerByApi, Multipart),
            ("/api/v1/sessions/key", "{}"u8.ToArray(), Json),
            ("/api/v1/sessions/fresh", """{"code":"00000000"}"""u8.ToArray(), Json),
        ];
        (string Name, Func<string, Task> End)[] ends =
        [
            ("signed out", async token =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/sessions");
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            }),
            ("signed out everywhere else", async _ => await sessions.EndOthersAsync((await sessions.StartAsync(setting.Worker.Worker.Id, Session.Phone)).Session)),
            ("card lost", _ => CodeAtTheCentreAsync(service, setting.Worker.Worker)),
            ("on another node", _ => ForgetAsync(service, "session")),
        ];
        foreach (var (path, body, type) in doors)
        {
            foreach (var (name, end) in ends)
            {
                await setting.Worker.SignInAgainAsync();
                long before = 0;
                var (status, text) = await SendAsync(service, path, body, [type, $"Authorization: Bearer {setting.Worker.Token}", $"Idempotency-Key: {Guid.NewGuid()}"], async () =>
                {
                    await end(setting.Worker.Token);
                    before = await ActsAsync(service);
                });
                Assert.True(status == 401 && text.Contains("application/problem+json", StringComparison.Ordinal), $"{path}, {name}: {text}");
                Assert.Equal(before, await ActsAsync(service));
            }
        }
    }

    // At a page nothing that was typed is lost: it stands in the form again after signing in, and is shown to nobody before.
    [Theory]
    [InlineData(DatabaseKind.Sqlite, "en", "What you entered is kept for you")]
    [InlineData(DatabaseKind.Postgres, "ru", "То, что вы ввели, сохранено для вас")]
    [InlineData(DatabaseKind.Sqlite, "kk", "Енгізгеніңіз сіз үшін бір күн сақталады")]
    public async Task Page_SignedOutWhileTheBodyArrives_NothingIsFiledAndWhatWasTypedStays(DatabaseKind kind, string lang, string words)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        foreach (var (path, withFile) in new[] { ("/confirmation", false), ("/case/answer", true) })
        {
            var worker = await setting.VisitAsync(lang);
            await worker.GetAsync(path);
            var fields = worker.Form();
            fields.Remove("Files");
            if (withFile) fields["Text"] = "I live there, in house 5.";
            var before = await ActsAsync(service);
            var body = Form(fields.Select(f => (f.Key, f.Value)), withFile ? "Files" : null);
            var (status, text) = await SendAsync(service, path, body, [Multipart, $"Cookie: {worker.Cookie}"], async () =>
            {
                var other = new Visitor(service, "nobody", lang);
                other.Use(worker);
                await other.GetAsync("/confirmation");
                await other.PostAsync("/sign-out", TokenOf(other));
            });
            var to = $"/sign-in?kept=1&return={Uri.EscapeDataString(path + "?at=again")}";
            Assert.True(status == 302 && text.Contains($"Location: {to}", StringComparison.Ordinal), $"{path}: {text}");
            Assert.Equal(before, await ActsAsync(service));
            await worker.GetAsync(to);
            Assert.Contains(words, worker.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("house 5", worker.Html, StringComparison.Ordinal);
            worker.Use(await setting.VisitAsync(lang));
            await worker.GetAsync(worker.Form(f => f.Contains("name=\"Card\"", StringComparison.Ordinal))["Return"]);
            Assert.Equal(fields["Key"], worker.Form()["Key"]);
            if (!withFile) continue;
            Assert.Equal("I live there, in house 5.", worker.Form()["Text"]);
            Assert.Contains("id=\"files-error\"", worker.Html, StringComparison.Ordinal);
        }
    }

    // The same for whoever finds out when they press the button: with files that no stranger may send, and until they have signed in.
    [Theory, EachDatabase]
    public async Task Page_SessionOverWhenTheFormIsSent_IsSentOnceSignedInAgain(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var worker = await setting.VisitAsync();
        await worker.GetAsync("/case/answer");
        var key = worker.Form()["Key"];
        await ForgetAsync(service, "session");
        await worker.PostFilesAsync([("Text", "I live there.")], ("a.jpg", [.. TaggedFiles.Jpeg(), .. new byte[200_000]]));
        Assert.Equal("/sign-in?kept=1&return=%2Fcase%2Fanswer%3Fat%3Dagain", worker.Path);
        Assert.DoesNotContain("I live there.", worker.Html, StringComparison.Ordinal);
        await worker.GetAsync("/case/answer?at=again");
        Assert.StartsWith("/sign-in", worker.Path, StringComparison.Ordinal);
        worker.Use(await setting.VisitAsync());
        await worker.GetAsync("/case/answer?at=again");
        Assert.Equal((key, "I live there."), (worker.Form()["Key"], worker.Form()["Text"]));
        await worker.PostFilesAsync([], ("a.jpg", TaggedFiles.Jpeg()));
        Assert.StartsWith("/notices/", worker.Path, StringComparison.Ordinal);
    }

    // An officer: at the desk for a worker, in a case, and over removals; dismissed, given another role, or signed out.
    [Theory, EachDatabase]
    public async Task Officer_OutWhileTheBodyArrives_SignsNothing(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var service = story.Service;
        await story.OpenAsync(await story.OfficerAsync(StaffRole.Caseworker));
        var appointments = service.Services.GetRequiredService<Appointments>();
        (string Name, Func<Officer, Task> End)[] ends =
        [
            ("dismissed", o => appointments.DismissAsync(o.Staff.Number)),
            ("signed out", o => o.Web.PostAsync("/staff/sign-out", new(TokenOf(o.Web)) { ["Anyway"] = "yes" })),
            ("another role", o => appointments.ChangeRoleAsync(o.Staff.Number, o.Staff.Role == StaffRole.Clerk ? StaffRole.Caseworker : StaffRole.Clerk)),
        ];
        foreach (var (name, end) in ends)
        {
            var clerk = await story.OfficerAsync(StaffRole.Clerk);
            var root = await new ClerkDesk(service, clerk).ServeAsync(story.Worker.Worker);
            await clerk.Web.GetAsync(root + "/confirmation");
            await OutAsync(clerk, root + "/confirmation", clerk.Web.Form(), [302]);
            clerk = await story.OfficerAsync(StaffRole.Clerk);
            root = await new ClerkDesk(service, clerk).ServeAsync(story.Worker.Worker);
            await clerk.Web.GetAsync(root + "/case/answer");
            await OutAsync(clerk, root + "/case/answer", new(clerk.Web.Form()) { ["Text"] = "She says that she lives there." }, [302]);

            var caseworker = await story.OfficerAsync(StaffRole.Caseworker);
            await CheckedAsync(story, caseworker);
            await OutAsync(caseworker, $"/staff/cases/{story.Case}/keep", new(caseworker.Web.Form()) { ["Go"] = "do" }, [302]);

            async Task OutAsync(Officer officer, string path, Dictionary<string, string> fields, int[] answers)
            {
                fields.Remove("Files");
                var cookie = officer.Web.Cookie;
                var before = await ActsAsync(service);
                var (status, text) = await SendAsync(service, path, Form(fields.Select(f => (f.Key, f.Value))), [Multipart, $"Cookie: {cookie}"], () => end(officer));
                Assert.True(answers.Contains(status), $"{path}, {name}: {text}");
                Assert.Contains("/staff/sign-in", text, StringComparison.Ordinal);
                Assert.Equal(before, await ActsAsync(service));
            }
        }
    }

    // The body has come and the session was found: it ends while the act waits to be written.
    [Theory, EachDatabase]
    public async Task Act_SessionEndsWhileItWaitsToBeWritten_IsNotDone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        foreach (var (path, body, type) in new[] { ("/api/v1/notices", Confirmation, Json), ("/api/v1/case/answers", AnswerByApi, Multipart) })
        {
            await setting.Worker.SignInAgainAsync();
            var bystander = await SignedInWorker.NewAsync(service);
            await bystander.GiveAsync("""{"kind":"registration"}""");
            var before = await ActsAsync(service);
            using var half = await HalfSent.AskedForAsync(service.Url, path, body.Length, type, $"Authorization: Bearer {setting.Worker.Token}", "Idempotency-Key: waits-" + type[14], Close);
            Task<NoticeAnswer> beside;
            await using (var held = await HeldWriter.BeginAsync(service))
            {
                await half.SendAsync(body);
                await HeldWriter.UntilWaitingAsync(service, 1);
                // Somebody whose session stands is written in the same batch.
                beside = bystander.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
                await HeldWriter.UntilWaitingAsync(service, 2);
                await held.ExecuteAsync("delete from session where worker_id = @id", new { id = setting.Worker.Worker.Id });
            }

            var (status, text) = await half.AnswerAsync();
            Assert.True(status == 401, text);
            await beside;
            Assert.Equal(before + 1, await ActsAsync(service));
        }
    }

    // A refusal, too, would say how the worker stands: it is not told.
    [Theory, EachDatabase]
    public async Task Act_OfAnEndedSessionThatWouldBeRefusedOrRepeated_SaysNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""", "same");
        foreach (var key in new[] { "same", "another" })
        {
            await worker.SignInAgainAsync();
            using (var known = await service.GetAsync(worker.Token, "/api/v1/me")) Assert.Equal(HttpStatusCode.OK, known.StatusCode);
            // This node has it from the last seconds; another one ends it.
            using (var once = await worker.PostAsync("""{"kind":"registration"}""", "before-" + key)) Assert.Equal(HttpStatusCode.Conflict, once.StatusCode);
            await ForgetAsync(service, "session");
            Assert.Equal("401 sign-in-needed", (await worker.RefusedAsync("""{"kind":"registration"}""", key)).ToString());
        }
    }

    [Fact]
    public async Task Officer_DismissedWhileTheirActWaitsToBeWritten_SignsNothing()
    {
        await using var story = await DeskStory.NewAsync(DatabaseKind.Postgres);
        var service = story.Service;
        await story.OpenAsync(await story.OfficerAsync(StaffRole.Caseworker));
        var clerk = await story.OfficerAsync(StaffRole.Clerk);
        var root = await new ClerkDesk(service, clerk).ServeAsync(story.Worker.Worker);
        await clerk.Web.GetAsync(root + "/confirmation");
        var caseworker = await story.OfficerAsync(StaffRole.Caseworker);
        await CheckedAsync(story, caseworker);
        var before = await ActsAsync(service);
        Task<Visitor> confirming, keeping;
        await using (await HeldWriter.BeginAsync(service))
        {
            confirming = clerk.Web.PostAsync();
            keeping = caseworker.Web.PostAsync(("Go", "do"));
            await HeldWriter.UntilWaitingAsync(service, 2);
            foreach (var officer in new[] { clerk, caseworker }) await service.Services.GetRequiredService<Appointments>().DismissAsync(officer.Staff.Number);
        }

        Assert.StartsWith("/staff/sign-in", (await confirming).Path, StringComparison.Ordinal);
        Assert.StartsWith("/staff/sign-in", (await keeping).Path, StringComparison.Ordinal);
        Assert.Equal(before, await ActsAsync(service));
    }

    // Withdrawn while the helper's slow files arrive, and while they wait behind the withdrawal itself.
    [Theory, EachDatabase]
    public async Task Helper_WithdrawnWhileTheirAnswerIsOnItsWay_FilesNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var worker = await setting.VisitAsync();
        var grants = service.Services.GetRequiredService<HelperGrants>();
        var id = setting.Worker.Worker.Id;
        async Task<ActResult> WithdrawAsync()
        {
            var withdrawn = await grants.WithdrawAsync((await service.Core.Workers.FindAsync(id))!, (await grants.InForceAsync(id)).Single().Id);
            return Assert.IsType<ActResult.Accepted>(withdrawn);
        }

        var helper = await HelperTests.OfAsync(service, worker);
        await helper.GetAsync("/helper/answer");
        var fields = new Dictionary<string, string>(helper.Form()) { ["Text"] = "She lives there." };
        fields.Remove("Files");
        var (status, text) = await SendAsync(service, "/helper/answer", Form(fields.Select(f => (f.Key, f.Value)), "Files"), [Multipart, $"Cookie: {helper.Cookie}"], WithdrawAsync);
        Assert.True(status == 302 && text.Contains("/helper?ended=1", StringComparison.Ordinal), text);

        helper = await HelperTests.OfAsync(service, worker);
        await helper.GetAsync("/helper/answer");
        Task<Visitor> sending;
        Task<ActResult> withdrawing;
        await using (await HeldWriter.BeginAsync(service))
        {
            withdrawing = WithdrawAsync();
            await HeldWriter.UntilWaitingAsync(service, 1);
            sending = helper.PostFilesAsync([("Text", "She lives there.")], ("a.jpg", TaggedFiles.Jpeg()));
            await HeldWriter.UntilWaitingAsync(service, 2);
        }

        await withdrawing;
        Assert.Equal("/helper?ended=1", (await sending).Path);
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select count(*) from act where kind = 33"));
        Assert.Equal(0, await setting.CountAsync("attachment"));
    }

    // The case that a helper was given is over, and another is open, by the time their answer is written.
    [Theory, EachDatabase]
    public async Task Helper_OfACaseThatIsOver_AnswersInNoOther(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        await using var connection = await service.Core.Database.OpenAsync();
        var open = await connection.ExecuteScalarAsync<long>("select id from case_file");
        foreach (var (only, isTaken) in new[] { (open + 1, false), (open, true) })
        {
            var act = new AnswerCase(Actor.Helper, "She lives there.", [], service.Core.CurrentRules.Now, service.Services.GetRequiredService<Telling>())
            {
                ReceivedAt = service.Clock.GetCurrentInstant(),
                Channel = RecordChannel.Web,
                WorkerId = setting.Worker.Worker.Id,
                OnlyIn = only,
            };
            Assert.Equal(isTaken, await service.Core.Writer.SubmitAsync(act) is ActResult.Accepted);
        }
    }

    // Honest and slow: the session stands all the time, and nothing is lost.
    [Theory, EachDatabase]
    public async Task Page_BodyThatTakesAnHourInAStandingSession_IsFiled(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var worker = await setting.VisitAsync();
        await worker.GetAsync("/case/answer");
        var fields = new Dictionary<string, string>(worker.Form()) { ["Text"] = "I live there." };
        fields.Remove("Files");
        var (status, text) = await SendAsync(service, "/case/answer", Form(fields.Select(f => (f.Key, f.Value)), "Files"), [Multipart, $"Cookie: {worker.Cookie}"], () =>
        {
            service.Clock.AdvanceHours(1);
            return Task.CompletedTask;
        });
        Assert.True(status == 302 && text.Contains("/notices/", StringComparison.Ordinal), text);
    }

    /// <summary>Sends half, lets something happen once the service has asked for the body, and sends the rest.</summary>
    static async Task<(int Status, string Text)> SendAsync(TestService service, string path, byte[] body, string[] headers, Func<Task> meanwhile)
    {
        using var half = await HalfSent.AskedForAsync(service.Url, path, body.Length, [.. headers, Close]);
        await half.SendAsync(body.AsMemory(0, body.Length / 2));
        await meanwhile();
        await half.SendAsync(body.AsMemory(body.Length / 2));
        return await half.AnswerAsync();
    }

    // One press before the act: the caseworker reads once more what they are about to do.
    static async Task CheckedAsync(DeskStory story, Officer officer)
    {
        await story.OpenFileAsync(officer);
        await officer.Web.GetAsync($"/staff/cases/{story.Case}/keep");
        await officer.Web.PostAsync(("Reason", "The neighbours were asked again, and she lives there."), ("Go", "check"));
        Assert.Equal(HttpStatusCode.OK, officer.Web.Status);
    }

    static Dictionary<string, string> TokenOf(Visitor visitor) => new() { ["__RequestVerificationToken"] = visitor.Form()["__RequestVerificationToken"] };

    // A lost card: the centre gives a new code, and every session is over (kind 49).
    static async Task CodeAtTheCentreAsync(TestService service, TestWorker worker)
    {
        var known = await service.Core.Workers.FindAsync(worker.Id);
        var act = new IssueCode(known!.Office, null, endsSessions: true, service.Core.CurrentRules.Now, service.Services.GetRequiredService<Telling>()) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Operator, WorkerId = worker.Id };
        Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act, known));
        service.Services.GetRequiredService<Sessions>().Forget(worker.Id);
    }

    static async Task ForgetAsync(TestService service, string table)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync($"delete from {table}");
    }

    static async Task<long> ActsAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from act");
    }
}
