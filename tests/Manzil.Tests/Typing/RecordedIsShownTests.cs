using System.Net;
using System.Text.Json;
using Dapper;
using FsCheck.Fluent;
using Manzil.Receipts;
using Manzil.Rules;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using Manzil.Typing;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Typing;

/// <summary>For a text field of each door, whatever is typed: what is recorded is what is shown, is what is verified, and nothing that is not seen is in it.</summary>
public sealed class RecordedIsShownTests
{
    const int Texts = 12;

    // A form has no halves of characters and no zeros, and JSON refuses the halves before the door.
    static IEnumerable<string> Typed => TypedTextTests.AnyText.Where(Fits).Sample(Texts).Concat(TypedTextTests.HarmlessText.Where(Fits).Sample(Texts)).Concat(["Аул\u202E 5", "\u200B", "и\u0306\u00A0 5", "רחוב 5", "می\u200Cخواهم"]);

    [Fact]
    public async Task Address_ByApi()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var (worker, web) = await RegisteredAsync(service);
        foreach (var typed in Typed)
        {
            var json = $$$"""{"kind":"residence","from":"<today>","address":{"locality":"Aul","street":"Long Street","building":"5","note":{{{JsonSerializer.Serialize(typed)}}}}}""";
            using var answer = await worker.PostAsync(json);
            if (TypedText.Of(TextKind.Line, typed).Fault is { } fault) Assert.Contains(fault, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            else await AssertShownAsync(service, worker, web, typed, (await NoticeAnswer.ReadAsync(answer)).Number);
        }
    }

    [Fact]
    public async Task Address_OnThePage()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var (worker, web) = await RegisteredAsync(service);
        foreach (var typed in Typed)
        {
            await web.GetAsync("/residence");
            await web.PostAsync(("From.Day", "23"), ("From.Month", "11"), ("From.Year", "2026"), ("Go", "address"));
            await web.PostAsync(("Locality", "Aul"), ("Street", "Long Street"), ("Building", "5"), ("Note", typed), ("Go", "check"));
            if (TypedText.Of(TextKind.Line, typed).Fault is not null)
            {
                Assert.True(web.Html.Contains("href=\"#note\"", StringComparison.Ordinal), TypedTextTests.Hex(typed));
                Assert.DoesNotContain("value=\"give\"", web.Html, StringComparison.Ordinal);
                // What the form shows can be sent.
                await web.PostAsync(("Go", "check"));
            }

            await web.PostAsync(("Go", "give"));
            await AssertShownAsync(service, worker, web, typed, web.Path.Split('/')[^1].Split('?')[0]);
        }
    }

    [Fact]
    public async Task Answer_OnThePage()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var web = await setting.VisitAsync();
        foreach (var typed in Typed.Take(8))
        {
            await web.GetAsync("/case/answer");
            await web.PostAsync(("Text", typed + " yes"));
            if (web.Path.StartsWith("/case", StringComparison.Ordinal)) await web.PostAsync();
            var number = web.Path.Split('/')[^1].Split('?')[0];
            var record = await RecordAsync(service, number);
            TypedTextTests.AssertRecordable(record.Reason!, hasLines: true);
            Assert.Equal(TypedText.Of(TextKind.Long, typed + " yes").Text, record.Reason);
            Assert.Contains(WebUtility.HtmlEncode("yes"), web.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Name_AtTheDesk()
    {
        await using var desk = await ClerkDesk.NewAsync(DatabaseKind.Sqlite);
        var n = 0;
        foreach (var typed in Typed)
        {
            n++;
            await desk.Web.GetAsync("/staff/desk/enrol");
            await desk.Web.PostAsync(
                ("State", "KGZ"), ("Number", $"AN{n:D7}"), ("Name", typed + " Асанов"), ("BirthDate.Day", "9"), ("BirthDate.Month", "2"), ("BirthDate.Year", "94"), ("Card", $"FC{n:D7}"), ("Spoken", "kk"), ("Go", "check"));
            var text = TypedText.Of(TextKind.Line, typed + " Асанов").Text;
            Assert.True(desk.Web.Html.Length > 0, TypedTextTests.Hex(typed));
            if (TypedText.Of(TextKind.Line, typed + " Асанов").Fault is not null) await desk.Web.PostAsync(("Spoken", "kk"), ("Go", "check"));
            Assert.Contains(text, WebUtility.HtmlDecode(desk.Web.Html), StringComparison.Ordinal);
            await desk.Web.PostAsync(("Go", "do"));
            await using var connection = await desk.Service.Database.OpenAsync();
            var name = await connection.QuerySingleAsync<string>("select name from worker where card_number = @card", new { card = $"FC{n:D7}" });
            Assert.Equal(text, name);
            TypedTextTests.AssertRecordable(name, hasLines: false);
        }
    }

    [Fact]
    public async Task Reason_OfALook()
    {
        await using var desk = await ClerkDesk.NewAsync(DatabaseKind.Sqlite);
        var worker = await desk.Service.EnrolAsync();
        await using var connection = await desk.Service.Database.OpenAsync();
        foreach (var typed in Typed.Take(20))
        {
            var (text, fault) = TypedText.Of(TextKind.Line, "Came " + typed);
            var before = await connection.ExecuteScalarAsync<long>("select count(*) from look");
            await desk.SearchAsync("card", worker.CardNumber, "Came " + typed);
            Assert.Equal(before + (fault is null ? 1 : 0), await connection.ExecuteScalarAsync<long>("select count(*) from look"));
            if (fault is null) Assert.Equal(text, await connection.ExecuteScalarAsync<string>("select reason from look order by id desc limit 1"));
        }
    }

    static async Task AssertShownAsync(TestService service, SignedInWorker worker, Visitor web, string typed, string number)
    {
        var record = await RecordAsync(service, number);
        var text = TypedText.Of(TextKind.Line, typed).Text;
        Assert.Equal(text.Length == 0 ? null : text, record.Address?.Note);
        if (text.Length > 0) TypedTextTests.AssertRecordable(text, hasLines: false);
        await web.GetAsync($"/notices/{number}");
        Assert.Contains(text, WebUtility.HtmlDecode(web.Html), StringComparison.Ordinal);
        var (verified, report) = await Offline.VerifiedAsync(service, number, worker.Worker.Document);
        Assert.True(report.IsValid);
        Assert.Equal(record.Address, verified.Address);
    }

    static async Task<Record> RecordAsync(TestService service, string number)
    {
        await using var connection = await service.Database.OpenAsync();
        return Record.Decode(await connection.QuerySingleAsync<byte[]>("select record from act where number = @number", new { number }));
    }

    static async Task<(SignedInWorker Worker, Visitor Web)> RegisteredAsync(TestService service)
    {
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        return (worker, await Visitor.SignInAsync(service, worker.Worker));
    }

    static bool Fits(string text) => text.Length is > 0 and < 60 && !text.Contains('\0', StringComparison.Ordinal) && !HasHalf(text);

    static bool HasHalf(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)) != text;
}
