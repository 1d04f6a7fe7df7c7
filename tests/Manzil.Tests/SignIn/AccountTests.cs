using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using NodaTime;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.SignIn;

public partial class AccountTests
{
    const string OldPhone = "+70000000001", NewPhone = "+70000000002";

    [Theory, EachDatabase]
    public async Task FreshCode_Right_BringsBackAndWorksOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = await StaleReaderAsync(service);
        using var asked = await reader.OpenAsync("/account/export");
        Assert.Equal("/sign-in/fresh?return=%2Faccount%2Fexport", asked.Headers.Location?.OriginalString);
        var code = await FreshCodeAsync(service, reader);
        using var shown = await EnterAsync(reader, code);
        Assert.Equal("/account/export", shown.Headers.Location?.OriginalString);
        using var open = await reader.OpenAsync("/account/export");
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        using var again = await EnterAsync(reader, code);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task FreshCode_ThreeWrong_TheRightOneIsDead(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = await StaleReaderAsync(service);
        var code = await FreshCodeAsync(service, reader);
        for (var i = 0; i < 3; i++)
        {
            using var wrong = await EnterAsync(reader, code == "000000" ? "000001" : "000000");
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        }

        using var late = await EnterAsync(reader, code);
        Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode);
    }

    [Theory, EachDatabase(9, true), EachDatabase(10, false)]
    public async Task FreshCode_After_LivesTenMinutes(DatabaseKind kind, int minutes, bool works)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = await StaleReaderAsync(service);
        var code = await FreshCodeAsync(service, reader);
        service.Clock.AdvanceMinutes(minutes);
        using var answer = await EnterAsync(reader, code);
        Assert.Equal(works ? HttpStatusCode.Redirect : HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Fresh_NewActivationCodeFromTheCentre_Counts(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: null);
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker, remember: true);
        service.Clock.AdvanceHours(1);
        Assert.Contains("We know no phone number", await reader.ReadAsync("/sign-in/fresh"), StringComparison.Ordinal);
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            var code = await ActivationCodes.IssueAsync(connection, null, worker.Id, service.Clock.GetCurrentInstant() + Duration.FromDays(30));
            using var answer = await reader.SendAsync("/sign-in/fresh", new Dictionary<string, string> { ["ActivationCode"] = code, ["Return"] = "/account/export" }, "/sign-in/fresh?handler=Activation");
            Assert.Equal("/account/export", answer.Headers.Location?.OriginalString);
        }

        using var open = await reader.OpenAsync("/account/export");
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Sessions_EndOthers_OnlyThisOneStays(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var lost = new WebReader(service);
        await lost.SignInAsync(worker, remember: true);
        using var mine = new WebReader(service);
        await mine.SignInAsync(worker with { ActivationCode = await NewCodeAsync(service, worker) });
        Assert.Contains("Remembered phone", await mine.ReadAsync("/account"), StringComparison.Ordinal);
        using var ended = await mine.SendAsync("/account", action: "/account?handler=EndOthers");
        Assert.False(await lost.IsSignedInAsync());
        Assert.True(await mine.IsSignedInAsync());
    }

    [Theory, EachDatabase]
    public async Task Sessions_EndOne_EndsThatOne(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var lost = new WebReader(service);
        await lost.SignInAsync(worker);
        using var mine = new WebReader(service);
        await mine.SignInAsync(worker with { ActivationCode = await NewCodeAsync(service, worker) });
        var id = SessionId().Match(await mine.ReadAsync("/account")).Groups[1].Value;
        using var ended = await mine.SendAsync("/account", new Dictionary<string, string> { ["id"] = id }, "/account?handler=End");
        Assert.False(await lost.IsSignedInAsync());
        Assert.True(await mine.IsSignedInAsync());
    }

    [Theory, EachDatabase]
    public async Task Channel_Added_NeedsFreshAndItsOwnCodeAndTellsTheOld(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: OldPhone);
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker, remember: true);
        service.Clock.AdvanceHours(1);
        using var asked = await reader.OpenAsync("/account/channel");
        Assert.Equal("/sign-in/fresh?return=%2Faccount%2Fchannel", asked.Headers.Location?.OriginalString);
        using var fresh = await EnterAsync(reader, await FreshCodeAsync(service, reader));

        using var sent = await reader.SendAsync("/account/channel", new Dictionary<string, string> { ["Address"] = "+7 000 000-00-02" });
        Assert.Equal("/account/channel/code", sent.Headers.Location?.OriginalString);
        var message = (await Outbox.NewestAsync(service.Core.Database, 1))[0];
        Assert.Equal(NewPhone, message.Address);
        Assert.DoesNotContain(NewPhone, await reader.ReadAsync("/account"), StringComparison.Ordinal);
        using var wrong = await reader.SendAsync("/account/channel/code", new Dictionary<string, string> { ["Code"] = "x" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var done = await reader.SendAsync("/account/channel/code", new Dictionary<string, string> { ["Code"] = Digits(message) });

        Assert.StartsWith("/account?changed=", done.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.Contains(NewPhone, await reader.ReadAsync(done.Headers.Location!.OriginalString), StringComparison.Ordinal);
        Assert.Equal(OldPhone, (await Outbox.NewestAsync(service.Core.Database, 1))[0].Address);
        var record = await NewestRecordAsync(service, worker);
        Assert.Equal(StatementKind.ChannelChanged, record.Kind);
        Assert.Equal([("change", "added"), ("channel", "sms"), ("ending", "002")], record.Particulars.Select(p => (p.Key, p.Value)).Order());
        using var form = await reader.OpenAsync("/account/channel/code");
        Assert.Equal("/account/channel", form.Headers.Location?.OriginalString);
    }

    // A form sent twice, by a slow network or with Back: the same receipt, and not a page for another channel.
    [Theory, EachDatabase]
    public async Task Channel_CodeSentTwice_IsAnsweredWithTheSameReceipt(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: OldPhone);
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
        using var sent = await reader.SendAsync("/account/channel", new Dictionary<string, string> { ["Address"] = NewPhone });
        var code = Digits((await Outbox.NewestAsync(service.Core.Database, 1))[0]);
        var shown = Shown().Match(await reader.ReadAsync("/account/channel/code")).Groups[1].Value;
        var fields = new Dictionary<string, string> { ["Code"] = code, ["Shown"] = shown };
        using var done = await reader.SendAsync("/account/channel/code", fields);
        using var again = await reader.SendAsync("/account", fields, "/account/channel/code");
        Assert.StartsWith("/account?changed=", done.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.Equal(done.Headers.Location, again.Headers.Location);
        Assert.Equal(1L, await CountAsync(service, worker));
        // What somebody else was shown, and what was enrolled with, is no receipt to hand out.
        using var other = new WebReader(service);
        await other.SignInAsync(await service.EnrolAsync(phone: "+70000000003"));
        using var others = await other.SendAsync("/account", fields, "/account/channel/code");
        Assert.Equal("/account/channel", others.Headers.Location?.OriginalString);
        var enrolled = (await ChannelIdAsync(service, worker, OldPhone)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var old = await reader.SendAsync("/account", new Dictionary<string, string> { ["Code"] = code, ["Shown"] = enrolled }, "/account/channel/code");
        Assert.Equal("/account", old.Headers.Location?.OriginalString);
        Assert.Equal(1L, await CountAsync(service, worker));
    }

    static async Task<long> CountAsync(TestService service, TestWorker worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from act where worker_id = @Id and kind = @kind", new { worker.Id, kind = (int)StatementKind.ChannelChanged });
    }

    static async Task<long> ChannelIdAsync(TestService service, TestWorker worker, string address)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select id from channel where worker_id = @Id and address = @address", new { worker.Id, address });
    }

    [GeneratedRegex("name=\"Shown\" value=\"([0-9]+)\"", RegexOptions.None, 5000)]
    private static partial Regex Shown();

    // The code belongs to one worker's waiting channel: another worker's own session can do nothing with it.
    [Theory, EachDatabase]
    public async Task Channel_CodeOfAnotherWorker_ConfirmsNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync());
        using var other = new WebReader(service);
        await other.SignInAsync(await service.EnrolAsync(phone: "+70000000003"));
        using var sent = await reader.SendAsync("/account/channel", new Dictionary<string, string> { ["Address"] = NewPhone });
        var code = Digits((await Outbox.NewestAsync(service.Core.Database, 1))[0]);
        using var others = await other.SendAsync("/account/channel", new Dictionary<string, string> { ["Address"] = "+70000000004" });
        using var wrong = await other.SendAsync("/account/channel/code", new Dictionary<string, string> { ["Code"] = code });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var right = await reader.SendAsync("/account/channel/code", new Dictionary<string, string> { ["Code"] = code });
        Assert.Equal(HttpStatusCode.Redirect, right.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Channel_BegunAllDay_AddressGetsFiveCodesADay(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync());
        for (var i = 0; i < 7; i++)
        {
            using var sent = await reader.SendAsync("/account/channel", new Dictionary<string, string> { ["Address"] = "aziz@example.com" });
            Assert.Equal(i < 5 ? HttpStatusCode.Redirect : HttpStatusCode.BadRequest, sent.StatusCode);
            service.Clock.AdvanceMinutes(2);
        }

        Assert.Equal(5, (await Outbox.NewestAsync(service.Core.Database, 100)).Count(m => m.Address == "aziz@example.com"));
    }

    [Theory, EachDatabase]
    public async Task SendCode_AllDay_ChannelGetsTenCodesADayAndThenAProblem(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var token = await service.SignInAsync(await service.EnrolAsync(phone: OldPhone));
        async Task<HttpResponseMessage> SendAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions/code");
            request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", token);
            return await service.Client.SendAsync(request);
        }

        for (var i = 0; i < 10; i++)
        {
            using var sent = await SendAsync();
            Assert.Equal(HttpStatusCode.Accepted, sent.StatusCode);
            service.Clock.AdvanceMinutes(2);
        }

        using var refused = await SendAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Contains("urn:manzil:problem:codes-today", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(10, (await Outbox.NewestAsync(service.Core.Database, 100)).Count(m => m.Address == OldPhone));
        // The refusal made no code: the last one that was sent still counts.
        var code = Digits((await Outbox.NewestAsync(service.Core.Database, 1))[0]);
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions/fresh") { Content = JsonContent.Create(new { code }) })
        {
            request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", token);
            using var fresh = await service.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.NoContent, fresh.StatusCode);
        }

        service.Clock.AdvanceHours(11);
        service.Clock.AdvanceMinutes(30);
        using var nextDay = await SendAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, nextDay.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Channel_Removed_GetsCopiesFor30DaysAndNoCodes(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: OldPhone, email: "aziz@example.com");
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker, remember: true);
        var link = RemoveLink().Match(await reader.ReadAsync("/account")).Value;
        using var done = await reader.SendAsync(link);
        Assert.StartsWith("/account?changed=", done.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.Equal([OldPhone, "aziz@example.com"], await NewestAddressesAsync(service, 2));

        using var code = await reader.SendAsync("/sign-in/fresh", action: "/sign-in/fresh?handler=Send");
        Assert.Equal(["aziz@example.com", "aziz@example.com"], (await Outbox.NewestAsync(service.Core.Database, 2)).Select(m => m.Address));

        service.Clock.AdvanceDays(29);
        using var soon = await service.PostNoticeAsync(await service.SignInAsync(worker with { ActivationCode = await NewCodeAsync(service, worker) }), """{"kind":"registration"}""");
        Assert.Equal([OldPhone, "aziz@example.com"], await NewestAddressesAsync(service, 2));
        service.Clock.AdvanceDays(2);
        using var later = await service.PostNoticeAsync(
            await service.SignInAsync(worker with { ActivationCode = await NewCodeAsync(service, worker) }),
            """{"kind":"residence","from":"2026-11-20","address":{"locality":"Zarnitsa","note":"the blue house"}}""");
        Assert.Equal(HttpStatusCode.Created, later.StatusCode);
        Assert.Equal("aziz@example.com", Assert.Single((await Outbox.NewestAsync(service.Core.Database, 2)).Where(m => m.Subject == "Manzil: Your address has been received")).Address);
    }

    [Theory, EachDatabase]
    public async Task Export_Fresh_HasEveryRowAndEveryReceipt(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(email: "aziz@example.com");
        await service.EnrolAsync(phone: "+79999999999");
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
        using var answer = await reader.SendAsync("/account/export");
        using var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(3, zip.Entries.Count);
        Assert.NotNull(zip.GetEntry("index.html"));
        using var text = new StreamReader(zip.GetEntry("everything.json")!.Open());
        var json = await text.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var rows = JsonDocument.Parse(json);
        foreach (var expected in new[] { worker.CardNumber, worker.Document.Number, "1990-05-17", "aziz@example.com", "+70000000001" })
            Assert.Contains(expected, json, StringComparison.Ordinal);
        Assert.DoesNotContain("+79999999999", json, StringComparison.Ordinal);
        Assert.Equal("browser", rows.RootElement.GetProperty("session")[0].GetProperty("kind").GetString());
        var number = rows.RootElement.GetProperty("act")[0].GetProperty("number").GetString();
        Assert.NotNull(zip.GetEntry($"receipts/{number}.zip"));
    }

    /// <summary>Signed in long enough ago that it is asked again who they are.</summary>
    static async Task<WebReader> StaleReaderAsync(TestService service)
    {
        var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync(), remember: true);
        service.Clock.AdvanceHours(1);
        return reader;
    }

    static async Task<string> FreshCodeAsync(TestService service, WebReader reader)
    {
        using var sent = await reader.SendAsync("/sign-in/fresh", action: "/sign-in/fresh?handler=Send");
        return Digits((await Outbox.NewestAsync(service.Core.Database, 1))[0]);
    }

    static Task<HttpResponseMessage> EnterAsync(WebReader reader, string code) =>
        reader.SendAsync("/sign-in/fresh?sent=true", new Dictionary<string, string> { ["Code"] = code, ["Return"] = "/account/export" }, "/sign-in/fresh?handler=Code");

    static string Digits(Message message) => SixDigits().Match(message.Body).Value;

    static async Task<string> NewCodeAsync(TestService service, TestWorker worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await ActivationCodes.IssueAsync(connection, null, worker.Id, service.Clock.GetCurrentInstant() + Duration.FromDays(30));
    }

    static async Task<IEnumerable<string>> NewestAddressesAsync(TestService service, int count) =>
        (await Outbox.NewestAsync(service.Core.Database, count)).Select(m => m.Address).Order(StringComparer.Ordinal);

    static async Task<Record> NewestRecordAsync(TestService service, TestWorker worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return Record.Decode(await connection.ExecuteScalarAsync<byte[]>(
            "select record from act where worker_id = @Id order by leaf desc limit 1", new { worker.Id }) ?? []);
    }

    [GeneratedRegex("[0-9]{6}", RegexOptions.None, 5000)]
    private static partial Regex SixDigits();

    [GeneratedRegex("handler=End\"[^>]*>\\s*<input type=\"hidden\" name=\"id\" value=\"([^\"]+)\"", RegexOptions.None, 5000)]
    private static partial Regex SessionId();

    [GeneratedRegex("/account/channel/[0-9]+/remove", RegexOptions.None, 5000)]
    private static partial Regex RemoveLink();
}
