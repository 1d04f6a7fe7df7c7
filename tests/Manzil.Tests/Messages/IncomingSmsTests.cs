using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

/// <summary>A worker confirms by answering an SMS: the same act, deadline and receipt as from the web (privacy 23).</summary>
public class IncomingSmsTests
{
    const string Phone = "+70000000001", Other = "+70000000002";
    const int ToFirstReminder = 23;

    static readonly string Confirmations = $"select count(*) from act where kind = {(int)StatementKind.Confirmation}";

    [Theory]
    [InlineData("123456", "123456")]
    [InlineData("  Код: 123 456, спасибо!", "123456")]
    [InlineData("123-456", "123456")]
    [InlineData("123456 123456", "123456")]
    [InlineData("kod 654321.", "654321")]
    [InlineData("١٢٣٤٥٦", "123456")]
    [InlineData("کد ۱۲۳ ۴۵۶\u200F", "123456")]
    [InlineData("１２３\u2011４５６", "123456")]
    [InlineData("१२३\u200B४५६", "123456")]
    [InlineData("12O456", "120456")]
    [InlineData("Код: 12О 45І", "120451")]
    [InlineData("l23-456", "123456")]
    [InlineData("код 482 19O", "482190")]
    [InlineData("12З456", null)]
    [InlineData("hello 123", null)]
    [InlineData("Oil 100", null)]
    [InlineData("12O456 or 12O457", null)]
    [InlineData("123\n456", null)]
    [InlineData("1234567", null)]
    [InlineData("12345", null)]
    [InlineData("123456 654321", null)]
    [InlineData("2026-09-30", null)]
    [InlineData("yes", null)]
    [InlineData("", null)]
    public void CodeIn_WhatPeopleWrite_IsTheOneCode(string text, string? code) => Assert.Equal(code, IncomingSms.CodeIn(text));

    [Theory, EachDatabase]
    public async Task Reply_WithTheCode_IsTheSameActAsFromTheWebAndAnswered(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var (bySms, byWeb) = (await gateway.ToldAsync(Phone), await gateway.ToldAsync(Other));
        await gateway.PassDaysAsync(ToFirstReminder);
        var code = await CodeAsync(gateway, bySms);
        await gateway.SmsAsync("in-1", Phone, $"Salom, {code} rahmat");
        await byWeb.SignInAgainAsync();
        var web = await byWeb.GiveAsync("""{"kind":"confirmation"}""");

        await bySms.SignInAgainAsync();
        var listed = (await bySms.ReadAsync("/api/v1/notices")).GetProperty("notices")[0];
        Assert.Equal("confirmation", listed.GetProperty("kind").GetString());
        Assert.Equal(web.NextDeadline, listed.GetProperty("nextDeadline").GetString());
        var number = listed.GetProperty("number").GetString()!;
        var receipt = await bySms.ReadAsync($"/api/v1/notices/{number}");
        var record = Manzil.Receipts.Record.Decode(System.Buffers.Text.Base64Url.DecodeFromChars(receipt.GetProperty("record").GetString()));
        Assert.Equal((RecordChannel.Sms, StatementKind.Confirmation), (record.Channel, record.Kind));

        var answer = (await gateway.MessagesAsync(bySms.Worker.Id))[^1];
        Assert.Equal((number, "sms"), (answer.ActNumber, answer.Kind));
        Assert.Contains(number, answer.Body, StringComparison.Ordinal);
        Assert.Contains("15 January 2027", answer.Body, StringComparison.Ordinal);
        Assert.Equal("2027-01-15", web.NextDeadline);
    }

    // found.md, 18: the gateway hands an SMS over twice, or the phone sends it twice: the same receipt again, and no try is used up.
    [Theory, EachDatabase]
    public async Task Reply_TheSameCodeAgain_IsAnsweredWithTheSameReceiptAndCostsNoTry(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        await gateway.PassDaysAsync(ToFirstReminder);
        var code = await CodeAsync(gateway, worker);
        await gateway.SmsAsync("in-1", Phone, code);
        var first = (await gateway.MessagesAsync(worker.Worker.Id))[^1];
        Assert.NotNull(first.ActNumber);
        // The gateway's own name for it is the same: it was answered, and is not answered again.
        await gateway.SmsAsync("in-1", Phone, code);
        Assert.Equal(first.Id, (await gateway.MessagesAsync(worker.Worker.Id))[^1].Id);
        // Another name, also days later while the period lasts.
        await gateway.SmsAsync("in-2", Phone, code);
        await gateway.PassDaysAsync(3);
        await gateway.SmsAsync("in-3", Phone, $"{code[..3]} {code[3..]}");
        Assert.Equal(1, await gateway.AskAsync<int>(Confirmations));
        var answers = (await gateway.MessagesAsync(worker.Worker.Id)).Where(m => m.ActNumber == first.ActNumber).ToList();
        Assert.Equal([first.Body, first.Body, first.Body], answers.Select(a => a.Body));
        Assert.Equal(0, await gateway.AskAsync<int>("select coalesce(sum(tries), 0) from sms_try"));
        // Two machines that answer each other end.
        for (var i = 0; i < 20; i++) await gateway.SmsAsync($"loop-{i}", Phone, code);
        Assert.Equal(IncomingSms.TriesADay, (await gateway.MessagesAsync(worker.Worker.Id)).Count(m => m.ActNumber == first.ActNumber));
        Assert.Equal(0, await gateway.AskAsync<int>("select coalesce(sum(tries), 0) from sms_try"));
        // A code that nobody was sent is a wrong one as before.
        await gateway.SmsAsync("wrong", Phone, code == "000000" ? "000001" : "000000");
        Assert.Contains("no valid code", (await gateway.MessagesAsync(worker.Worker.Id))[^1].Body, StringComparison.Ordinal);
        Assert.Equal(1, await gateway.AskAsync<int>("select coalesce(sum(tries), 0) from sms_try"));
    }

    // A code of a period before the last one confirms nothing, and is no repetition of what began the present one.
    [Theory, EachDatabase]
    public async Task Reply_WithACodeOfAnEarlierPeriod_IsNoValidCode(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        await gateway.PassDaysAsync(ToFirstReminder);
        var code = await CodeAsync(gateway, worker);
        await gateway.SmsAsync("in-1", Phone, code);
        service.Clock.AdvanceDays(1);
        await worker.SignInAgainAsync();
        await worker.GiveAsync("""{"kind":"confirmation"}""");
        await gateway.SmsAsync("in-2", Phone, code);
        Assert.Equal(2, await gateway.AskAsync<int>(Confirmations));
        Assert.Contains("no valid code", (await gateway.MessagesAsync(worker.Worker.Id))[^1].Body, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Reply_TheSameSmsManyTimesAtOnce_CountsAndIsAnsweredOnce(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        await gateway.PassDaysAsync(ToFirstReminder);
        var code = await CodeAsync(gateway, worker);
        var before = (await gateway.MessagesAsync(worker.Worker.Id)).Count;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => gateway.SmsAsync("in-1", Phone, code))));
        await gateway.SmsAsync("in-1", Phone, code);
        Assert.Equal(1, await gateway.AskAsync<int>(Confirmations));
        Assert.Equal(before + 1, (await gateway.MessagesAsync(worker.Worker.Id)).Count);
        Assert.Equal(1, await gateway.AskAsync<int>("select count(*) from incoming_sms"));
        Assert.Equal(0, await gateway.AskAsync<int>("select coalesce(sum(tries), 0) from sms_try"));

        // One without a code is answered once, too.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => gateway.SmsAsync("in-2", Phone, "hello"))));
        Assert.Equal(before + 2, (await gateway.MessagesAsync(worker.Worker.Id)).Count);
        Assert.Equal(1, await gateway.AskAsync<int>("select coalesce(sum(tries), 0) from sms_try"));
    }

    [Theory, EachDatabase]
    public async Task Reply_WrongCodes_AreAnsweredAndReadFiveTimesADay(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        await gateway.PassDaysAsync(ToFirstReminder);
        var code = await CodeAsync(gateway, worker);
        var wrong = code == "000000" ? "000001" : "000000";
        var before = (await gateway.MessagesAsync(worker.Worker.Id)).Count;
        for (var i = 0; i < 9; i++) await gateway.SmsAsync($"in-{i}", Phone, wrong);
        var answers = (await gateway.MessagesAsync(worker.Worker.Id)).Skip(before).Select(m => m.Body).ToList();
        Assert.Equal(IncomingSms.TriesADay, answers.Count);
        Assert.Equal(4, answers.Count(a => a.Contains("Reply with the 6 digits", StringComparison.Ordinal)));
        Assert.Contains("Today we read no more", answers[^1], StringComparison.Ordinal);

        // Not even the right one any more today; tomorrow it is.
        await gateway.SmsAsync("right", Phone, code);
        Assert.Equal(0, await gateway.AskAsync<int>(Confirmations));
        service.Clock.AdvanceDays(1);
        await gateway.SmsAsync("right-again", Phone, code);
        Assert.Equal(1, await gateway.AskAsync<int>(Confirmations));
    }

    [Theory, EachDatabase]
    public async Task Reply_ManyWrongCodesAtOnce_AreNoMoreThanInTurn(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        await gateway.PassDaysAsync(ToFirstReminder);
        var code = await CodeAsync(gateway, worker);
        var before = (await gateway.MessagesAsync(worker.Worker.Id)).Count;
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => gateway.SmsAsync($"in-{i}", Phone, code == "000000" ? "000001" : "000000"))));
        Assert.Equal(before + IncomingSms.TriesADay, (await gateway.MessagesAsync(worker.Worker.Id)).Count);
    }

    [Theory, EachDatabase]
    public async Task Reply_FromANumberThatIsNobodysChannel_LeavesNoTraceAndGetsTheSameAnswer(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        await gateway.PassDaysAsync(ToFirstReminder);
        var code = await CodeAsync(gateway, worker);
        await gateway.AskAsync<int>("insert into channel (worker_id, kind, address) values (@Id, 'sms', @Other)", new { worker.Worker.Id, Other });
        var before = (await gateway.MessagesAsync(worker.Worker.Id)).Count;
        // Nobody's; the worker's own but not confirmed; the sender's name instead of a number.
        foreach (var from in new[] { "+79999999999", Other, "Bank", "70000000001", "" })
        {
            await gateway.SmsAsync("in-" + from.Length + from.Trim('+'), from, code);
        }

        Assert.Equal((before, 0, 0, 0), ((await gateway.MessagesAsync(worker.Worker.Id)).Count, await gateway.AskAsync<int>(Confirmations),
            await gateway.AskAsync<int>("select count(*) from incoming_sms"), await gateway.AskAsync<int>("select count(*) from sms_try")));
    }

    [Theory, EachDatabase]
    public async Task Reply_FromASharedPhone_ConfirmsForWhomTheCodeSays(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var (first, second, third) = (await gateway.ToldAsync(Phone), await gateway.ToldAsync(Phone, language: "ru"), await gateway.ToldAsync(Phone));
        await gateway.PassDaysAsync(ToFirstReminder);
        await gateway.SmsAsync("in-1", Phone, await CodeAsync(gateway, second));
        Assert.Equal(second.Worker.Id, await gateway.AskAsync<long>($"select worker_id from act where kind = {(int)StatementKind.Confirmation}"));
        Assert.Contains("подтверждён", (await gateway.MessagesAsync(second.Worker.Id))[^1].Body, StringComparison.Ordinal);

        // Equal by chance: for neither, rather than for the wrong one.
        var code = await CodeAsync(gateway, first);
        await gateway.AskAsync<int>("update message set reply_code = @code where worker_id = @Id and reply_code is not null", new { code, third.Worker.Id });
        await gateway.SmsAsync("in-2", Phone, code);
        Assert.Equal(1, await gateway.AskAsync<int>(Confirmations));
    }

    [Theory, EachDatabase]
    public async Task Reply_ToTheMessageOfACase_ClosesIt(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        await gateway.PassDaysAsync(30);
        await gateway.ReportAsync((await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))[0].Id, "delivered");
        await gateway.PassDaysAsync(6);
        Assert.Equal((int)Standing.UnderReview, await gateway.AskAsync<int>("select standing from register_entry"));
        var message = (await gateway.MessagesAsync(worker.Worker.Id))[^1];
        Assert.Contains(message.ReplyCode!, message.Body, StringComparison.Ordinal);
        await gateway.SmsAsync("in-1", Phone, message.ReplyCode!);
        Assert.Equal((int)Standing.Registered, await gateway.AskAsync<int>("select standing from register_entry"));
    }

    [Theory, EachDatabase]
    public async Task Reply_WhereNothingIsToBeConfirmed_IsAnsweredPlainly(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(Phone);
        await gateway.PassDaysAsync(ToFirstReminder);
        var code = await CodeAsync(gateway, worker);
        await worker.SignInAgainAsync();
        await worker.GiveAsync("""{"kind":"departure","on":"<today+60>"}""");
        await gateway.SmsAsync("in-1", Phone, code);
        await gateway.SmsAsync("in-1", Phone, code);
        Assert.Single(await gateway.MessagesAsync(worker.Worker.Id), m => m.Body.Contains("cannot be confirmed by SMS now", StringComparison.Ordinal));
        Assert.Equal(0, await gateway.AskAsync<int>(Confirmations));
    }

    static async Task<string> CodeAsync(GatewaySide gateway, SignedInWorker worker)
    {
        var reminder = (await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))[^1];
        Assert.Contains(reminder.ReplyCode!, reminder.Body, StringComparison.Ordinal);
        return reminder.ReplyCode!;
    }
}
