using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.SignIn;

/// <summary>In with the card, the birth date and a code to a phone or address on file: an ordinary way, by which nothing changes (docs/decisions/0049).</summary>
public class SentCodeTests
{
    const string Phone = "+70000000001", Email = "aziz@example.com", Removed = "+70000000009", Told = "ou were signed in with your card number";

    // found.md, 1: the slip's code is used, twelve hours are over, and there is neither passkey nor remembered phone.
    [Theory, EachDatabase]
    public async Task Enter_SlipUsedAndSessionOver_IsBackInWithoutACentreAndNothingIsLost(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: Phone, email: Email);
        await service.AddRemovedChannelAsync(worker, Removed, daysAgo: 29);
        await service.AddRemovedChannelAsync(worker, "+70000000008", daysAgo: 31);
        var token = await service.SignInAsync(worker);
        service.Clock.AdvanceHours(11);
        var acts = await CountAsync(service, "act");

        using var reader = new WebReader(service);
        var code = await service.SentCodeAsync(reader, worker);
        Assert.Equal([Phone, Email], (await service.MessagesAsync(code!)).Select(m => m.Address).Order(StringComparer.Ordinal));
        using var entered = await reader.EnterSentAsync(code!);

        Assert.Equal("/sign-in/passkey-offer?return=%2F", entered.Headers.Location?.OriginalString);
        Assert.True(await reader.IsSignedInAsync());
        // Like every sign-in with a card it is no act; no card is lost, and no other session over.
        Assert.Equal(acts, await CountAsync(service, "act"));
        var account = await reader.ReadAsync("/account");
        Assert.DoesNotContain("marked as lost", account, StringComparison.Ordinal);
        using (var other = await service.GetAsync(token, "/api/v1/me")) Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        // Everybody who should know is told at once: also the phone that was removed lately.
        Assert.Equal([Phone, Removed, Email], (await service.MessagesAsync(Told)).Select(m => m.Address).Order(StringComparer.Ordinal));
        Assert.Contains("With a code that we sent", account, StringComparison.Ordinal);
        Assert.Contains("With the code on a slip", account, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Program_AskAndEnter_IsASessionAsAnyOther(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var (token, code) = await service.AskByProgramAsync(worker.CardNumber, worker.Document.BirthDate);
        using (var wrong = await service.EnterByProgramAsync(token, code == "00000000" ? "00000001" : "00000000")) Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        using var entered = await service.EnterByProgramAsync(token, code!);
        Assert.Equal(HttpStatusCode.Created, entered.StatusCode);
        var said = await entered.Content.ReadFromJsonAsync<JsonElement>();
        using (var me = await service.GetAsync(said.GetProperty("token").GetString()!, "/api/v1/me")) Assert.Equal(HttpStatusCode.OK, me.StatusCode);
        using var again = await service.EnterByProgramAsync(token, code!);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.Single(await service.MessagesAsync(Told));

        foreach (var body in new object[] { new { cardNumber = worker.CardNumber }, new { cardNumber = worker.CardNumber, birthDate = "17.5.1990" }, new { cardNumber = worker.CardNumber, birthDate = "1990-05-17", activationCode = "x" } })
        {
            using var malformed = await service.Client.PostAsJsonAsync("/api/v1/sessions/sent-code", body);
            Assert.Equal(HttpStatusCode.BadRequest, malformed.StatusCode);
        }
    }

    [Theory, EachDatabase]
    public async Task Enter_SameCodeAtTheSameMoment_OneWinsAndIsToldOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var (token, code) = await service.AskByProgramAsync(worker.CardNumber, worker.Document.BirthDate);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.EnterByProgramAsync(token, code!)));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        Assert.Single(await service.MessagesAsync(Told));
    }

    [Theory, EachDatabase(9, 0, true), EachDatabase(10, 0, false), EachDatabase(0, 4, true), EachDatabase(0, 5, false)]
    public async Task Enter_AfterMinutesOrWrongCodes_LivesTenMinutesAndFiveTries(DatabaseKind kind, int minutes, int wrong, bool works)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        var code = (await service.SentCodeAsync(reader, worker))!;
        service.Clock.AdvanceMinutes(minutes);
        for (var i = 0; i < wrong; i++)
        {
            using var guess = await reader.EnterSentAsync(code == "00000000" ? "00000001" : "00000000");
            Assert.Equal(HttpStatusCode.Unauthorized, guess.StatusCode);
        }

        using var last = await reader.EnterSentAsync(code);
        Assert.Equal(works ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized, last.StatusCode);
        Assert.Equal(works ? 1 : 0, (await service.MessagesAsync(Told)).Count);
    }

    // A code is its browser's and its way's: a stranger who asks too uses up and learns nothing, and what was sent for the card opens no
    // way by which the card would be marked lost, nor the other way round.
    [Theory, EachDatabase]
    public async Task Enter_ByAnotherBrowserOrAnotherWay_IsWrong(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        using var stranger = new WebReader(service);
        var code = (await service.SentCodeAsync(reader, worker))!;
        Assert.NotEqual(code, await service.SentCodeAsync(stranger, worker));
        for (var i = 0; i < 5; i++)
        {
            using var stolen = await stranger.EnterSentAsync(code);
            Assert.Equal(HttpStatusCode.Unauthorized, stolen.StatusCode);
        }

        using (var byDocument = await reader.EnterAsync(code)) Assert.Equal(HttpStatusCode.Unauthorized, byDocument.StatusCode);
        using var other = new WebReader(service);
        var ofDocument = (await service.AskForCodeAsync(other, worker.Document))!;
        using (var byCard = await other.EnterSentAsync(ofDocument)) Assert.Equal(HttpStatusCode.Unauthorized, byCard.StatusCode);
        using var nobody = new WebReader(service);
        using (var without = await nobody.OpenAsync(SentCodeSteps.CodePath)) Assert.Equal("/sign-in", without.Headers.Location?.OriginalString);
        using var entered = await reader.EnterSentAsync(code);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        Assert.Empty(await service.RestoredAsync(worker));
    }

    // Whoever finds a bag has the card and the phone in it. Once the card is marked lost, also while a code is on its way, this way is shut.
    [Theory, EachDatabase]
    public async Task Card_MarkedLost_GetsNoCodeAndOneOnItsWayIsWorthNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var thief = new WebReader(service);
        var code = (await service.SentCodeAsync(thief, worker))!;
        using var owner = new WebReader(service);
        using (var back = await owner.EnterAsync((await service.AskForCodeAsync(owner, worker.Document))!)) Assert.Equal(HttpStatusCode.Redirect, back.StatusCode);
        using (var entered = await thief.EnterSentAsync(code)) Assert.Equal(HttpStatusCode.Unauthorized, entered.StatusCode);
        Assert.Null(await service.SentCodeAsync(thief, worker));
        Assert.False(await thief.IsSignedInAsync());
        Assert.Empty(await service.MessagesAsync(Told));
    }

    // A channel that waits for its own code is not confirmed, and one that was removed is none: neither gets a code to sign in with.
    [Theory, EachDatabase]
    public async Task Ask_ChannelUnderChange_GoesToConfirmedOnesAlone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: Phone);
        await service.AddRemovedChannelAsync(worker, Removed, daysAgo: 1);
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            await connection.ExecuteAsync("insert into channel (worker_id, kind, address) values (@Id, 'sms', '+70000000007')", new { worker.Id });
        }

        using var reader = new WebReader(service);
        var code = await service.SentCodeAsync(reader, worker);
        Assert.Equal([Phone], (await service.MessagesAsync(code!)).Select(m => m.Address));
    }

    // Whoever has told that they leave, or has left, still reads their receipts.
    [Theory, EachDatabase]
    public async Task Ask_RegistrationEnded_StillSignsIn(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await Manzil.Tests.Notices.SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{Manzil.Tests.Notices.SignedInWorker.HomeAddress}}}""");
        await worker.GiveAsync("""{"kind":"departure","on":"<today+1>"}""");
        service.Clock.AdvanceDays(20);
        using var reader = new WebReader(service);
        using var entered = await reader.EnterSentAsync((await service.SentCodeAsync(reader, worker.Worker))!);
        Assert.True(await reader.IsSignedInAsync());
        var home = await reader.ReadAsync("/");
        Assert.True(home.Contains("Your registration has ended", StringComparison.Ordinal) || home.Contains("you are leaving", StringComparison.Ordinal), home);
    }

    // A stranger who knows card and birth date and asks all day: the phone gets three codes from that address and five in all, and the
    // owner, at another address, need not wait and gets one of them. What is used does not count.
    [Theory, EachDatabase]
    public async Task Ask_ByAStrangerAllDay_OwnerElsewhereGetsACodeAtOnceAndNobodyIsFlooded(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, trustedProxy: "127.0.0.1");
        var worker = await service.EnrolAsync(phone: Phone);
        async Task<bool> FromAsync(string address)
        {
            service.Client.DefaultRequestHeaders.Remove("X-Forwarded-For");
            service.Client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
            var (token, code) = await service.AskByProgramAsync(worker.CardNumber, worker.Document.BirthDate);
            if (code is null || address != "198.51.100.7") return code is not null;
            using var entered = await service.EnterByProgramAsync(token, code);
            return entered.StatusCode == HttpStatusCode.Created;
        }

        var sent = 0;
        for (var i = 0; i < 12; i++)
        {
            if (await FromAsync("203.0.113.5")) sent++;
            service.Clock.AdvanceMinutes(16);
        }

        Assert.Equal(SentLately.OfOneAddress, sent);
        // Four times in a row, as somebody on a shared phone does: each code was used, so none counts.
        for (var i = 0; i < 4; i++) Assert.True(await FromAsync("198.51.100.7"), $"{i}");
        // Other strangers: no more than five that nobody used.
        var more = 0;
        foreach (var address in new[] { "203.0.113.6", "203.0.113.6", "203.0.113.7", "203.0.113.8", "203.0.113.9", "203.0.113.10" })
            if (await FromAsync(address)) more++;
        Assert.Equal(CodePurpose.ByCard.ADay - sent, more);
        // The other ways in have codes of their own.
        using var reader = new WebReader(service);
        Assert.NotNull(await service.AskForCodeAsync(reader, worker.Document));
    }

    [Theory, EachDatabase]
    public async Task Ask_FieldsMissing_ErrorsStandBesideThemAndNoCodeIsMissed(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        using var answer = await reader.SendAsync("/sign-in", new Dictionary<string, string> { ["Card"] = "FC 00-77", ["BirthDate.Day"] = "31", ["BirthDate.Month"] = "2", ["BirthDate.Year"] = "1990" }, "/sign-in?handler=Send");
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("value=\"FC 00-77\"", html, StringComparison.Ordinal);
        Assert.Contains("id=\"birthdate-error\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"code-error\"", html, StringComparison.Ordinal);
        // Whoever has no code on a slip is told, beside the field, that there is another choice.
        using var empty = await reader.TrySignInAsync("FC0000077", new NodaTime.LocalDate(1990, 5, 17), "");
        Assert.Contains("or choose “Send a code”", WebUtility.HtmlDecode(await empty.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Theory, EachDatabase("/account", "/account"), EachDatabase("https://elsewhere.example/", "/"), EachDatabase("//elsewhere.example/", "/")]
    public async Task Enter_AskedForAPage_LeadsThereAndNowhereElse(DatabaseKind kind, string back, string leads)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        using var asked = await reader.SendCodeAsync(worker.CardNumber, worker.Document.BirthDate, back);
        Assert.Equal(SentCodeSteps.CodePath + "?return=" + Uri.EscapeDataString(leads), asked.Headers.Location?.OriginalString);
        await service.SettleAsync();
        var code = System.Text.RegularExpressions.Regex.Match((await Manzil.Messages.Outbox.NewestAsync(service.Core.Database, 1))[0].Body, "[0-9]{8}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Value;
        using var entered = await reader.EnterSentAsync(code, remember: true, back: back);
        Assert.Equal("/sign-in/passkey-offer?return=" + Uri.EscapeDataString(leads), entered.Headers.Location?.OriginalString);
        service.Clock.AdvanceDays(89);
        Assert.True(await reader.IsSignedInAsync());
    }

    static async Task<long> CountAsync(TestService service, string table)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>($"select count(*) from {table}");
    }
}
