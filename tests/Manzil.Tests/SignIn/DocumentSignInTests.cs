using System.Net;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.SignIn;

/// <summary>Back in by identity document and a code that was sent.</summary>
public class DocumentSignInTests
{
    const string Phone = "+70000000001", Email = "aziz@example.com", Removed = "+70000000009";

    [Theory, EachDatabase]
    public async Task Enter_RightCode_SignsInMarksTheCardLostAndTellsEveryChannel(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: Phone, email: Email);
        await service.AddRemovedChannelAsync(worker, Removed, daysAgo: 29);
        await service.AddRemovedChannelAsync(worker, "+70000000008", daysAgo: 31);
        using var reader = new WebReader(service);

        var code = await service.AskForCodeAsync(reader, worker.Document);
        // The code goes to the channels that count, and to no other.
        Assert.Equal([Phone, Email], (await Manzil.Messages.Outbox.NewestAsync(service.Core.Database, 10)).Select(m => m.Address).Order(StringComparer.Ordinal));
        using var entered = await reader.EnterAsync(code!);

        var number = BackInSteps.NumberIn(entered);
        Assert.Equal($"/sign-in/passkey-offer?return=%2Fnotices%2F{number}", entered.Headers.Location!.OriginalString);
        var record = await service.VerifiedAsync(reader, worker, number);
        Assert.Equal($"card={worker.CardNumber}, card-lost=yes, how=document-and-code, sessions=kept", BackInSteps.Text(record));
        Assert.Equal((RecordChannel.Web, worker.Document), (record.Channel, record.Holder!.Document));
        Assert.Equal([Phone, Removed, Email], (await service.MessagesOfAsync(number)).Select(m => m.Address).Order(StringComparer.Ordinal));
        var page = await reader.ReadAsync($"/notices/{number}");
        Assert.Contains("With the identity document and a code that was sent", page, StringComparison.Ordinal);
        Assert.Contains($"{worker.CardNumber}, marked as lost", page, StringComparison.Ordinal);
        Assert.Contains("Your card is marked as lost since 23 November 2026", await reader.ReadAsync("/account"), StringComparison.Ordinal);
        using var finder = new WebReader(service);
        using var withCard = await finder.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode);
        Assert.Equal(HttpStatusCode.Unauthorized, withCard.StatusCode);
    }

    [Theory, EachDatabase(false), EachDatabase(true)]
    public async Task Enter_EndingOtherSessions_OnlyWhenAsked(DatabaseKind kind, bool asked)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var lost = new WebReader(service);
        await lost.SignInAsync(worker, remember: true);
        using var neighbour = new WebReader(service);
        await neighbour.SignInAsync(await service.EnrolAsync(phone: "+70000000002"));
        using var reader = new WebReader(service);
        using var entered = await reader.EnterAsync((await service.AskForCodeAsync(reader, worker.Document))!, endOthers: asked);
        Assert.Equal(!asked, await lost.IsSignedInAsync());
        Assert.True(await neighbour.IsSignedInAsync());
        Assert.True(await reader.IsSignedInAsync());
        Assert.Equal(asked ? "ended" : "kept", Assert.Single(await service.RestoredAsync(worker)).Particulars["sessions"]);
    }

    [Theory, EachDatabase]
    public async Task Enter_CodeUsed_WorksOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        var code = await service.AskForCodeAsync(reader, worker.Document);
        using var other = Twin(service, reader);
        using var entered = await reader.EnterAsync(code!);
        using var again = await other.EnterAsync(code!);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.False(await other.IsSignedInAsync());
        Assert.Single(await service.RestoredAsync(worker));
    }

    [Theory, EachDatabase]
    public async Task Enter_SameCodeAtTheSameMoment_OneWins(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        var code = await service.AskForCodeAsync(reader, worker.Document);
        var readers = Enumerable.Range(0, 4).Select(_ => Twin(service, reader)).ToList();
        var answers = await Task.WhenAll(readers.Select(r => r.EnterAsync(code!)));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.Redirect));
        Assert.Single(await service.RestoredAsync(worker));
        readers.ForEach(r => r.Dispose());
    }

    [Theory, EachDatabase(9, true), EachDatabase(10, false)]
    public async Task Enter_After_LivesTenMinutes(DatabaseKind kind, int minutes, bool works)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        var worker = await service.EnrolAsync();
        var code = await service.AskForCodeAsync(reader, worker.Document);
        service.Clock.AdvanceMinutes(minutes);
        using var answer = await reader.EnterAsync(code!);
        Assert.Equal(works ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized, answer.StatusCode);
        // A try that failed leaves the card as it was.
        Assert.Equal(works ? 1 : 0, (await service.RestoredAsync(worker)).Count);
    }

    [Theory, EachDatabase(4, true), EachDatabase(5, false)]
    public async Task Enter_AfterWrongCodes_HasFiveTries(DatabaseKind kind, int wrong, bool works)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        var worker = await service.EnrolAsync();
        var code = (await service.AskForCodeAsync(reader, worker.Document))!;
        for (var i = 0; i < wrong; i++)
        {
            using var answer = await reader.EnterAsync(code == "00000000" ? "00000001" : "00000000");
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        using var last = await reader.EnterAsync(code);
        Assert.Equal(works ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized, last.StatusCode);
    }

    // Somebody who knows the document asks too, and guesses: the worker's own code is as good as before, and worth nothing elsewhere.
    [Theory, EachDatabase]
    public async Task Enter_StrangerTriesMeanwhile_TheWorkersCodeStaysTheirs(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        using var stranger = new WebReader(service);
        var code = (await service.AskForCodeAsync(reader, worker.Document))!;
        var strangers = (await service.AskForCodeAsync(stranger, worker.Document))!;
        Assert.NotEqual(code, strangers);
        for (var i = 0; i < 5; i++)
        {
            using var stolen = await stranger.EnterAsync(code);
            Assert.Equal(HttpStatusCode.Unauthorized, stolen.StatusCode);
        }

        using var nobody = new WebReader(service);
        using var without = await nobody.OpenAsync(BackInSteps.CodePath);
        Assert.Equal("/sign-in/document", without.Headers.Location?.OriginalString);
        using var entered = await reader.EnterAsync(code);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
    }

    // The same typed fields each time: what is wrong lies with the people.
    [Theory, EachDatabase]
    public async Task Ask_WhoeverItIs_AnswersAndWorkAreTheSame(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var known = await service.EnrolAsync();
        var unreachable = await service.EnrolAsync(phone: null);
        var born = known.Document.BirthDate;
        var seen = new List<string>();
        var hashes = BackInSteps.Part<SlowHashes>(service);
        foreach (var document in new[]
            {
                known.Document,
                new IdentityDocument("UZB", "ZZ0000001", born),
                new IdentityDocument("TJK", known.Document.Number, born),
                new IdentityDocument("UZB", known.Document.Number, born.Whole!.Value.PlusYears(1)),
                unreachable.Document,
            })
        {
            using var reader = new WebReader(service);
            var before = hashes.Made;
            using var asked = await reader.AskAsync(document);
            await service.SettleAsync();
            var sent = await reader.OpenAsync(BackInSteps.CodePath);
            using var wrong = await reader.EnterAsync("x");
            using var wrongAgain = await reader.EnterAsync("12 34");
            seen.Add(string.Join(
                '\n', await BackInSteps.SeenAsync(asked), await BackInSteps.SeenAsync(sent), await BackInSteps.SeenAsync(wrong), await BackInSteps.SeenAsync(wrongAgain), hashes.Made - before));
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
            sent.Dispose();
        }

        Assert.Single(seen.Distinct());
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(5, await connection.ExecuteScalarAsync<long>("select count(*) from back_in_try where attempts_left = 3"));
    }

    [Theory, EachDatabase]
    public async Task Ask_Often_WaitsAreTheSameForAnyDocumentAndGrowTo15Minutes(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var nobodys = new IdentityDocument("UZB", "ZZ0000001", worker.Document.BirthDate);
        var (own, other) = (await WaitsAsync(service, worker.Document), await WaitsAsync(service, nobodys));
        Assert.Equal(own, other);
        Assert.Equal([0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900], own);
    }

    // The seconds to wait after each asking.
    static async Task<IReadOnlyList<int>> WaitsAsync(TestService service, IdentityDocument document)
    {
        using var reader = new WebReader(service);
        var waits = new List<int>();
        for (var i = 0; i < 14; i++)
        {
            using var asked = await reader.AskAsync(document);
            Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
            await service.SettleAsync();
            // Looked at and given back: it was no asking.
            int wait;
            using (var looked = BackInSteps.Part<Attempts>(service).Begin("document", document.Number, null)) wait = looked.MustWait?.Seconds ?? 0;
            waits.Add(wait);
            if (wait == 0) continue;
            using var early = await reader.AskAsync(document);
            Assert.Equal(HttpStatusCode.TooManyRequests, early.StatusCode);
            Assert.Equal(wait, early.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
            service.Clock.AdvanceSeconds(wait);
        }

        return waits;
    }

    [Theory, EachDatabase]
    public async Task Ask_AllDay_NobodyIsFloodedAndWhoIsSignedInStaysSo(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: Phone, email: Email);
        using var phone = new WebReader(service);
        await phone.SignInAsync(worker, remember: true);
        using var stranger = new WebReader(service);
        var sent = 0;
        for (var i = 0; i < 20; i++)
        {
            if (await service.AskForCodeAsync(stranger, worker.Document) is not null) sent++;
            service.Clock.AdvanceMinutes(16);
        }

        Assert.Equal(5, sent);
        Assert.Equal(5, (await Manzil.Messages.Outbox.NewestAsync(service.Core.Database, 100)).Count(m => m.Address == Phone));
        // A code for the phone that is signed in is another matter, and so is the phone itself.
        Assert.True(await phone.IsSignedInAsync());
        using var fresh = await phone.SendAsync("/sign-in/fresh", action: "/sign-in/fresh?handler=Send");
        Assert.Equal("/sign-in/fresh?sent=true&return=", fresh.Headers.Location?.OriginalString);
        service.Clock.AdvanceHours(24);
        Assert.NotNull(await service.AskForCodeAsync(stranger, worker.Document));
    }

    [Theory, EachDatabase]
    public async Task Ask_DocumentRenewedSince_LeadsToNobody(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var renewed = new IdentityDocument("UZB", "AB7777777", worker.Document.BirthDate);
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            await connection.ExecuteAsync(
                "insert into document (worker_id, state, number, birth_date, stretched, recorded_at) values (@Id, 'UZB', 'AB7777777', @birth, @stretched, @at)",
                new { worker.Id, birth = renewed.BirthDate.ToString(), stretched = renewed.Stretch(), at = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds() + 1 });
        }

        using var reader = new WebReader(service);
        Assert.Null(await service.AskForCodeAsync(reader, worker.Document));
        Assert.NotNull(await service.AskForCodeAsync(reader, renewed));
    }

    [Theory, EachDatabase]
    public async Task Ask_FieldsWrong_ErrorsStandBesideThemAndWhatWasTypedStays(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        // The number has a Cyrillic letter that looks like no Latin one; a look-alike beside it is read as meant.
        using var answer = await reader.SendAsync("/sign-in/document", new Dictionary<string, string> { ["State"] = "УЗБ", ["Number"] = "\u0416\u0410 123", ["BirthDate.Day"] = "31", ["BirthDate.Month"] = "2", ["BirthDate.Year"] = "1990" });
        var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        foreach (var part in new[] { "id=\"state-error\"", "id=\"number-error\"", "id=\"birthdate-error\"", "value=\"YЗБ\"", "value=\"\u0416A 123\"", "value=\"31\"" })
            Assert.Contains(part, html, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Enter_CodeMissingOrWrong_ChoicesStayAndTheCodeDoesNot(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        await service.AskForCodeAsync(reader, worker.Document);
        foreach (var code in new[] { "", "00001111", new string('1', 41) })
        {
            using var answer = await reader.EnterAsync(code, endOthers: true, remember: true);
            var html = await answer.Content.ReadAsStringAsync();
            Assert.Equal(code == "00001111" ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains("id=\"code-error\"", html, StringComparison.Ordinal);
            Assert.Equal(2, html.Split("checked").Length - 1);
            Assert.DoesNotContain("1111", html, StringComparison.Ordinal);
        }
    }

    /// <summary>Another tab of the same browser: it has the try, and no session yet.</summary>
    static WebReader Twin(TestService service, WebReader reader)
    {
        var twin = new WebReader(service);
        twin.Cookies.Add(reader.Cookies.GetCookies(new Uri(service.Url, BackInSteps.CodePath)));
        return twin;
    }
}
