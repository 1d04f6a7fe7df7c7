using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Manzil.Tests.SignIn;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Typing;

/// <summary>found.md 13, at every door where a code is typed: digits and look-alikes of other scripts are read as meant, other letters are named, and no guess.</summary>
public partial class CodesInOtherLettersTests
{
    // No code has such a letter, in any script.
    const string NoCode = "ЖЖЖЖ-ЖЖЖЖ", Named = "Use only digits and Latin letters";

    [Theory, EachDatabase("recovery"), EachDatabase("document"), EachDatabase("sent"), EachDatabase("helper"), EachDatabase("fresh"), EachDatabase("fresh-activation"), EachDatabase("channel")]
    public async Task Code_OnThePage_IsReadAsMeantOrNamedAndNoGuess(DatabaseKind kind, string door)
    {
        await using var service = await TestService.StartAsync(kind);
        var (code, enter) = await OpenAsync(service, door);
        // More often than wrong codes may be typed there; a helper's is counted by the address alone, which has 30.
        for (var i = 0; i < (door == "helper" ? 32 : 7); i++)
        {
            using var named = await enter(NoCode);
            Assert.True(named.StatusCode == HttpStatusCode.BadRequest, $"{door}, {i}: {named.StatusCode}");
            Assert.Contains(Named, await named.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var entered = await enter(InOtherLetters(code));
        Assert.True(entered.StatusCode == HttpStatusCode.Redirect, $"{door}, {InOtherLetters(code)}: {entered.StatusCode} {await entered.Content.ReadAsStringAsync()}");
    }

    // The same of the numbers that stand beside the codes.
    [Theory, EachDatabase]
    public async Task Number_BesideACode_IsReadAsMeantOrNamedAndNoGuess(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var owner = new WebReader(service);
        await owner.SignInAsync(worker);
        var codes = await owner.MakeRecoveryCodesAsync();
        using var reader = new WebReader(service);
        for (var i = 0; i < 7; i++)
        {
            using var number = await reader.RecoverAsync("FЖ0000001", worker.Document.BirthDate, codes[0]);
            using var document = await AskAsync(reader, worker.Document, "ЖЖ0000001");
            foreach (var named in new[] { number, document })
            {
                Assert.Equal(HttpStatusCode.BadRequest, named.StatusCode);
                Assert.Contains(Named, await named.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }

        using var asked = await AskAsync(reader, worker.Document, InOtherLetters(worker.Document.Number));
        Assert.Equal(BackInSteps.CodePath, asked.Headers.Location?.OriginalString);
        await service.SettleAsync();
        Assert.Matches(@"(?<!\d)\d{8}(?!\d)", (await Outbox.NewestAsync(service.Core.Database, 1))[0].Body);
        using var entered = await reader.RecoverAsync(InOtherLetters(worker.CardNumber), worker.Document.BirthDate, codes[0]);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Code_ByProgram_IsReadAsMeantOrNamedAndNoGuess(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var token = await service.SignInAsync(worker);
        async Task<HttpResponseMessage> FreshAsync(string path, string? code)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions/" + path) { Content = code is null ? null : JsonContent.Create(new { code }) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        using (var sent = await FreshAsync("code", null)) Assert.Equal(HttpStatusCode.Accepted, sent.StatusCode);
        var fresh = await NewestCodeAsync(service);
        var (asked, back) = await service.AskByProgramAsync(worker.CardNumber, worker.Document.BirthDate);
        for (var i = 0; i < 7; i++)
        {
            using var one = await FreshAsync("fresh", NoCode);
            using var other = await service.EnterByProgramAsync(asked, NoCode);
            foreach (var named in new[] { one, other }) Assert.Equal(("code", "letters-not-latin"), (await ProblemAnswer.ReadAsync(named)).Faults.Single());
        }

        using var made = await FreshAsync("fresh", InOtherLetters(fresh));
        Assert.Equal(HttpStatusCode.NoContent, made.StatusCode);
        using var entered = await service.EnterByProgramAsync(asked, InOtherLetters(back!));
        Assert.Equal(HttpStatusCode.Created, entered.StatusCode);
    }

    // An SMS without six digits is answered with what to do. Each answer costs a message, so it is one of five a day; the right code is still read after it.
    [Theory, EachDatabase]
    public async Task Code_BySms_IsReadAsMeantOrAnsweredInWords(DatabaseKind kind)
    {
        const string phone = "+70000000001";
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync(phone);
        await gateway.PassDaysAsync(23);
        var code = (await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))[^1].ReplyCode!;
        for (var i = 1; i < IncomingSms.TriesADay; i++)
        {
            await gateway.SmsAsync($"letters-{i}", phone, "ЖЖЖЖЖЖ");
            Assert.Contains("Reply with the 6 digits", (await gateway.MessagesAsync(worker.Worker.Id))[^1].Body, StringComparison.Ordinal);
        }

        await gateway.SmsAsync("meant", phone, InOtherLetters(code));
        var answer = (await gateway.MessagesAsync(worker.Worker.Id))[^1];
        Assert.True(answer.ActNumber is not null, answer.Body);
        // Four were answered; the right one is given back.
        Assert.Equal(IncomingSms.TriesADay - 1, await gateway.AskAsync<int>("select sum(tries) from sms_try"));
    }

    /// <summary>A door that waits for a code: the right one, and how it is typed.</summary>
    static async Task<(string Code, Func<string, Task<HttpResponseMessage>> Enter)> OpenAsync(TestService service, string door)
    {
        var reader = new WebReader(service);
        if (door == "helper")
        {
            var setting = await CaseSetting.NewAsync(service);
            return (await HelperTests.NameAsync(await setting.VisitAsync(), "Sister", "see"), code => SendAsync(reader, "/helper", "Code", code));
        }

        var worker = await service.EnrolAsync();
        switch (door)
        {
            case "recovery":
                using (var owner = new WebReader(service))
                {
                    await owner.SignInAsync(worker);
                    return ((await owner.MakeRecoveryCodesAsync())[3], code => reader.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, code));
                }

            case "document":
                return ((await service.AskForCodeAsync(reader, worker.Document))!, code => reader.EnterAsync(code));
            case "sent":
                return ((await service.SentCodeAsync(reader, worker))!, code => reader.EnterSentAsync(code));
            case "channel":
                await reader.SignInAsync(worker);
                using (await SendAsync(reader, "/account/channel", "Address", "+7 000 000-00-02")) return (await NewestCodeAsync(service), code => SendAsync(reader, "/account/channel/code", "Code", code));
            case "fresh":
                await reader.SignInAsync(worker, remember: true);
                service.Clock.AdvanceHours(1);
                using (await reader.SendAsync("/sign-in/fresh", action: "/sign-in/fresh?handler=Send"))
                    return (await NewestCodeAsync(service), code => SendAsync(reader, "/sign-in/fresh?sent=true", "Code", code, "/sign-in/fresh?handler=Code"));
            case "fresh-activation":
                await reader.SignInAsync(worker, remember: true);
                service.Clock.AdvanceHours(1);
                await using (var connection = await service.Core.Database.OpenAsync())
                {
                    var made = await Manzil.SignIn.ActivationCodes.IssueAsync(connection, null, worker.Id, service.Clock.GetCurrentInstant() + Duration.FromDays(30));
                    return (made, code => SendAsync(reader, "/sign-in/fresh", "ActivationCode", code, "/sign-in/fresh?handler=Activation"));
                }

            default:
                throw new ArgumentOutOfRangeException(nameof(door), door, null);
        }
    }

    static Task<HttpResponseMessage> AskAsync(WebReader reader, Manzil.Receipts.IdentityDocument document, string number) => reader.SendAsync("/sign-in/document", new Dictionary<string, string>
    {
        ["State"] = document.State,
        ["Number"] = number,
        ["BirthDate.Day"] = $"{document.BirthDate.Day}",
        ["BirthDate.Month"] = $"{document.BirthDate.Month}",
        ["BirthDate.Year"] = $"{document.BirthDate.Year}",
    });

    static Task<HttpResponseMessage> SendAsync(WebReader reader, string page, string field, string value, string? action = null) =>
        reader.SendAsync(page, new Dictionary<string, string> { [field] = value }, action);

    static async Task<string> NewestCodeAsync(TestService service) => SixDigits().Match((await Outbox.NewestAsync(service.Core.Database, 1))[0].Body).Value;

    /// <summary>The same code as somebody types it whose keyboard has other digits, and letters that only look like these.</summary>
    static string InOtherLetters(string code) =>
        string.Concat(code.Select((c, i) => char.IsAsciiDigit(c) ? (char)((i % 3) switch { 0 => '\u0660', 1 => '\u06F0', _ => '\uFF10' } + c - '0') : "ABCEHKMOPTXY".Contains(c) ? "АВСЕНКМОРТХУ"["ABCEHKMOPTXY".IndexOf(c)] : c));

    [GeneratedRegex(@"(?<!\d)\d{6}(?!\d)", RegexOptions.None, 5000)]
    private static partial Regex SixDigits();
}
