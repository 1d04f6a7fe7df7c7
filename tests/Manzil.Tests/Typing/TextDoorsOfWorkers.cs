using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Manzil.Helping;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.SignIn;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Manzil.Typing;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Typing;

/// <summary>What workers and their helpers type.</summary>
static partial class TextDoorsOfWorkers
{
    public static Task<TextDoor> AddressByProgramAsync(DatabaseKind kind, int count) => AddressAsync(kind, async (worker, _, typed) =>
    {
        var parts = PartsOf(typed);
        var json = JsonSerializer.Serialize(new { kind = "residence", from = "<today>", address = parts.ToDictionary(p => p.Part, p => p.Text) });
        using var answer = await worker.PostAsync(json.Replace("\\u003Ctoday\\u003E", "<today>", StringComparison.Ordinal));
        if (answer.StatusCode == HttpStatusCode.Created) return (await NoticeAnswer.ReadAsync(answer)).Number;
        Assert.Contains(TypedText.Of(TextKind.Line, typed).Fault!, (await ProblemAnswer.ReadAsync(answer)).Faults.Select(f => f.Reason));
        return null;
    });

    public static Task<TextDoor> AddressOnThePageAsync(DatabaseKind kind, int count) => AddressAsync(kind, async (_, web, typed) =>
    {
        await web.GetAsync("/residence");
        await web.PostAsync(("From.Day", "23"), ("From.Month", "11"), ("From.Year", "2026"), ("Go", "address"));
        // What is left out of the six is emptied: the form has what was typed into it before.
        var parts = PartsOf(typed).ToDictionary(p => p.Part, p => p.Text);
        await web.PostAsync([.. All.Select(part => (char.ToUpperInvariant(part[0]) + part[1..], parts.GetValueOrDefault(part, ""))), ("Go", "check")]);
        if (!TextDoor.IsNamed(web)) await web.PostAsync(("Go", "give"));
        return TextDoor.NumberAt(web, "/notices/");
    });

    static readonly string[] All = ["locality", "street", "building", "unit", "postcode", "note"];

    /// <summary>Into every part of an address that has room for it.</summary>
    static IEnumerable<(string Part, string Text)> PartsOf(string typed)
    {
        var length = TypedText.Of(TextKind.Line, typed).Text.Length;
        return from part in All where length <= (part switch { "postcode" => 12, "building" or "unit" => 30, _ => 120 }) select (part, typed);
    }

    static async Task<TextDoor> AddressAsync(DatabaseKind kind, Func<SignedInWorker, Visitor, string, Task<string?>> type)
    {
        var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        var web = await Visitor.SignInAsync(service, worker.Worker);
        static IReadOnlyList<string?> Parts(Manzil.Receipts.Record record)
        {
            var a = record.Address!;
            Assert.True(a.Locality is not null && a.Street is not null && a.Note is not null);
            return [.. ((string?[])[a.Locality, a.Street, a.Building, a.Unit, a.Postcode, a.Note]).Where(p => p is not null)];
        }

        return new TextDoor(TextKind.Line, service, service)
        {
            Type = typed => type(worker, web, typed),
            Count = "select count(*) from act",
            Whole = (typed, n) => $"{typed} {n}",
            Recorded = async number => Parts(await TextDoor.RecordAsync(service, number)),
            Shown = number => TextDoor.PagesAsync(web, $"/notices/{number}", "/"),
            Verified = async number => Parts(await TextDoor.VerifiedAsync(service, number, worker.Worker.Document)),
        };
    }

    public static Task<TextDoor> AnswerOnThePageAsync(DatabaseKind kind, int count) => WordsAsync(kind, appeal: false, setting => SendByPageAsync(setting, "/case/answer", "/notices/"));

    public static Task<TextDoor> AppealOnThePageAsync(DatabaseKind kind, int count) => WordsAsync(kind, appeal: true, setting => SendByPageAsync(setting, "/case/appeal", "/notices/"));

    public static Task<TextDoor> AnswerByProgramAsync(DatabaseKind kind, int count) => WordsAsync(kind, appeal: false, setting => SendByProgramAsync(setting, "answers"));

    public static Task<TextDoor> AppealByProgramAsync(DatabaseKind kind, int count) => WordsAsync(kind, appeal: true, setting => SendByProgramAsync(setting, "appeals"));

    public static Task<TextDoor> AnswerOfAHelperAsync(DatabaseKind kind, int count) => WordsAsync(kind, appeal: false, setting => SendByHelperAsync(setting, "/helper/answer"));

    public static Task<TextDoor> AppealOfAHelperAsync(DatabaseKind kind, int count) => WordsAsync(kind, appeal: true, setting => SendByHelperAsync(setting, "/helper/appeal"));

    static async Task<TextDoor> WordsAsync(DatabaseKind kind, bool appeal, Func<CaseSetting, Task<Func<string, Task<string?>>>> open)
    {
        var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        if (appeal)
        {
            await setting.ProposeAsync();
            await setting.AgreeAsync();
            await setting.Worker.SignInAgainAsync();
        }

        var send = await open(setting);
        return new TextDoor(TextKind.Long, service, service)
        {
            Type = async typed =>
            {
                var number = await send(typed);
                // Decided, so that they can appeal again.
                if (number is not null && appeal) await setting.DecideAgainstAsync();
                return number;
            },
            Count = $"select count(*) from act where kind = {(int)(appeal ? StatementKind.Appeal : StatementKind.Answer)}",
            Recorded = async number => [(await TextDoor.RecordAsync(service, number)).Reason],
            Shown = async number => await TextDoor.PagesAsync(await setting.VisitAsync(), $"/notices/{number}", "/case"),
            Verified = async number => [(await TextDoor.VerifiedAsync(service, number, setting.Worker.Worker.Document)).Reason],
        };
    }

    static async Task<Func<string, Task<string?>>> SendByPageAsync(CaseSetting setting, string path, string done)
    {
        var web = await setting.VisitAsync();
        return async typed =>
        {
            await web.GetAsync(path);
            await web.PostFilesAsync([("Text", typed)]);
            return TextDoor.NumberAt(web, done);
        };
    }

    static async Task<Func<string, Task<string?>>> SendByHelperAsync(CaseSetting setting, string path)
    {
        var helper = await HelperTests.OfAsync(setting.Service, await setting.VisitAsync());
        return async typed =>
        {
            await helper.GetAsync(path);
            await helper.PostFilesAsync([("Text", typed)]);
            if (!helper.Path.StartsWith("/helper/file?done=", StringComparison.Ordinal)) return TextDoor.NumberAt(helper, "/helper/file?done=");
            // The helper reads it there, too.
            Assert.Contains(TypedText.Of(TextKind.Long, typed).Text, TextDoor.Decoded(helper), StringComparison.Ordinal);
            return helper.Path["/helper/file?done=".Length..];
        };
    }

    static Task<Func<string, Task<string?>>> SendByProgramAsync(CaseSetting setting, string what) => Task.FromResult<Func<string, Task<string?>>>(async typed =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/case/{what}") { Content = new MultipartFormDataContent { { new StringContent(typed), "text" } } };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", setting.Worker.Token);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await setting.Service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        if (answer.StatusCode == HttpStatusCode.Created) return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetString();
        Assert.Equal(("text", TypedText.Of(TextKind.Long, typed).Fault!), (await ProblemAnswer.ReadAsync(answer)).Faults.Single());
        return null;
    });

    public static async Task<TextDoor> HelpersNameAsync(DatabaseKind kind, int count)
    {
        var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        var (web, worker) = (await setting.VisitAsync(), setting.Worker.Worker);
        return new TextDoor(TextKind.Line, service, service)
        {
            Type = async typed =>
            {
                await web.GetAsync("/helpers/new");
                await web.PostAsync(("Name", typed), ("Scope", "see"), ("Days", "30"));
                if (!TextDoor.IsNamed(web)) return await TextDoor.NewestAsync(service, worker.Id);
                return null;
            },
            Count = "select count(*) from helper_grant",
            // Read aloud and typed again by others: pictures have no place in it.
            Takes = text => text.Length <= HelperGrant.MaxName && !text.Any(char.IsSurrogate),
            Recorded = async number => [(await TextDoor.RecordAsync(service, number)).Particulars["helper"], await TextDoor.AskAsync<string>(service, "select name from helper_grant where act_number = @number", new { number })],
            Shown = number => TextDoor.PagesAsync(web, $"/notices/{number}", "/helpers"),
            Verified = async number => [(await TextDoor.VerifiedAsync(service, number, worker.Document)).Particulars["helper"]],
        };
    }

    /// <summary>An address of a phone's owner; receipts and messages have no more of it than its end.</summary>
    public static async Task<TextDoor> EmailOfAChannelAsync(DatabaseKind kind, int count)
    {
        var service = await TestService.StartAsync(kind);
        var workers = new Dictionary<string, Visitor>();
        return new TextDoor(TextKind.Email, service, service)
        {
            Type = async typed =>
            {
                // A worker has six, and a code a minute.
                var worker = await service.EnrolAsync();
                var web = await Visitor.SignInAsync(service, worker);
                await web.GetAsync("/account/channel");
                await web.PostAsync(("Address", typed));
                if (TextDoor.IsNamed(web)) return null;
                Assert.Equal("/account/channel/code", web.Path);
                await web.PostAsync(("Code", SixDigits().Match((await Outbox.NewestAsync(service.Core.Database, 1))[0].Body).Value));
                Assert.StartsWith("/account?changed=", web.Path, StringComparison.Ordinal);
                workers[worker.Document.Number] = web;
                return worker.Document.Number;
            },
            Count = "select count(*) from channel where kind = 'email' and confirmed_at is not null",
            Whole = (typed, n) => $"a{typed}z{n}@example.org",
            Takes = text => ContactAddress.Email(text) == text,
            Recorded = async number => [await TextDoor.AskAsync<string>(service, "select c.address from channel c join document d on d.worker_id = c.worker_id where d.number = @number and c.kind = 'email'", new { number })],
            Shown = number => TextDoor.PagesAsync(workers[number], "/account"),
        };
    }

    [GeneratedRegex(@"(?<!\d)\d{6}(?!\d)", RegexOptions.None, 5000)]
    private static partial Regex SixDigits();
}
