using System.Net;
using System.Net.Http.Json;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using NodaTime;

namespace Manzil.Tests.SignIn;

public class SignInPageTests
{
    [Theory, EachDatabase]
    public async Task SignIn_RightCode_WorksOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var first = new WebReader(service);
        using var second = new WebReader(service);

        using var entered = await first.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode);
        using var refused = await second.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode);

        Assert.Equal("/sign-in/passkey-offer?return=%2F", entered.Headers.Location?.OriginalString);
        Assert.True(await first.IsSignedInAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.False(await second.IsSignedInAsync());
    }

    [Theory, EachDatabase(29, true), EachDatabase(30, false)]
    public async Task SignIn_CodeOfSomeDaysAgo_WorksFor30Days(DatabaseKind kind, int days, bool works)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        service.Clock.AdvanceDays(days);
        using var reader = new WebReader(service);
        using var answer = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode);
        Assert.Equal(works ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task SignIn_TwoAtOnceWithOneCode_OneEnters(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var readers = Enumerable.Range(0, 6).Select(_ => new WebReader(service)).ToList();
        var answers = await Task.WhenAll(readers.Select(r => r.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode)));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.Redirect));
        readers.ForEach(r => r.Dispose());
    }

    // The same fields are typed each time; what is wrong with them lies with the worker.
    [Theory, EachDatabase]
    public async Task SignIn_WhateverIsWrong_TheAnswerIsTheSame(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var answers = new List<string>();
        BirthDate otherBirthDate = new LocalDate(1991, 5, 17);
        var right = await service.EnrolAsync();
        foreach (var (card, birthDate, code) in new[]
            {
                ("NOBODY1", right.Document.BirthDate, right.ActivationCode),
                (right.CardNumber, otherBirthDate, right.ActivationCode),
                (right.CardNumber, right.Document.BirthDate, "AAAAA-AAAAA"),
            })
        {
            using var reader = new WebReader(service);
            using var answer = await reader.TrySignInAsync(card, birthDate, code);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            var text = await WebReader.TextAsync(answer);
            Assert.Contains(code, text, StringComparison.Ordinal);
            answers.Add(text.Replace(card, "CARD", StringComparison.Ordinal).Replace(code, "CODE", StringComparison.Ordinal).Replace("1991", "1990", StringComparison.Ordinal));
        }

        Assert.Single(answers.Distinct());
    }

    [Theory, EachDatabase]
    public async Task Api_WhateverIsWrong_TheAnswerIsTheSameByteForByte(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var right = await service.EnrolAsync();
        var lost = await service.EnrolAsync();
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            await connection.ExecuteAsync("update worker set card_lost_at = 1 where id = @Id", new { lost.Id });
        }

        var hashes = BackInSteps.Part<SlowHashes>(service);
        var answers = new List<string>();
        foreach (var (cardNumber, birthDate, activationCode) in new[]
            {
                ("NOBODY1", "1990-05-17", right.ActivationCode),
                (lost.CardNumber, "1990-05-17", lost.ActivationCode),
                (right.CardNumber, "1991-05-17", right.ActivationCode),
                (right.CardNumber, "1990-05-17", "AAAAA-AAAAA"),
            })
        {
            var before = hashes.Made;
            using var answer = await service.Client.PostAsJsonAsync("/api/v1/sessions", new { cardNumber, birthDate, activationCode });
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            answer.Headers.Date = null;
            answers.Add($"{hashes.Made - before} " + answer.Headers + answer.Content.Headers + await answer.Content.ReadAsStringAsync());
        }

        Assert.Single(answers.Distinct());
    }

    [Theory, EachDatabase]
    public async Task SignIn_FieldsMissing_ErrorsStandBesideThemAndTypedTextStays(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        using var answer = await reader.SendAsync("/sign-in", new Dictionary<string, string> { ["Card"] = "FC 00-77", ["BirthDate.Day"] = "31", ["BirthDate.Month"] = "2", ["BirthDate.Year"] = "1990" });
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("value=\"FC 00-77\"", html, StringComparison.Ordinal);
        Assert.Contains("value=\"31\"", html, StringComparison.Ordinal);
        Assert.Contains("id=\"birthdate-error\"", html, StringComparison.Ordinal);
        Assert.Contains("id=\"code-error\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"card-error\"", html, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task SignIn_ManyWrongCodes_DelayGrowsTo15MinutesAndSparesTheRememberedPhone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var phone = new WebReader(service);
        await phone.SignInAsync(worker, remember: true);
        using var guesser = new WebReader(service);
        var longest = 0;
        for (var i = 0; i < 40; i++)
        {
            using var guess = await guesser.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, "AAAAA-AAAAA");
            if (guess.StatusCode != HttpStatusCode.TooManyRequests) continue;
            var seconds = (int)guess.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
            Assert.InRange(seconds, longest, 15 * 60);
            longest = seconds;
            service.Clock.AdvanceSeconds(seconds);
        }

        Assert.Equal(15 * 60, longest);
        service.Clock.AdvanceSeconds(longest);
        using var last = await guesser.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, "AAAAA-AAAAA");
        using var told = await guesser.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, "AAAAA-AAAAA");
        Assert.Contains("15 minutes", await told.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(await phone.IsSignedInAsync());
    }

    [Theory, EachDatabase]
    public async Task RememberedPhone_EachUse_MovesTheEndBy90Days(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var phone = new WebReader(service);
        await phone.SignInAsync(await service.EnrolAsync(), remember: true);
        service.Clock.AdvanceDays(89);
        Assert.True(await phone.IsSignedInAsync());
        service.Clock.AdvanceDays(89);
        Assert.True(await phone.IsSignedInAsync());
        service.Clock.AdvanceDays(90);
        Assert.False(await phone.IsSignedInAsync());
    }

    [Theory, EachDatabase]
    public async Task Browser_NotRemembered_EndsAfter12Hours(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync());
        service.Clock.AdvanceHours(11);
        Assert.True(await reader.IsSignedInAsync());
        service.Clock.AdvanceHours(1);
        Assert.False(await reader.IsSignedInAsync());
    }

    [Theory, EachDatabase]
    public async Task WorkerPage_NotSignedIn_AsksAndBringsBack(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        using var asked = await reader.OpenAsync("/account?changed=x");
        Assert.Equal("/sign-in?return=%2Faccount%3Fchanged%3Dx", asked.Headers.Location?.OriginalString);
        using var entered = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode, back: "/account?changed=x");
        Assert.Equal("/sign-in/passkey-offer?return=%2Faccount%3Fchanged%3Dx", entered.Headers.Location?.OriginalString);
        Assert.Contains("href=\"/account?changed=x\"", await reader.ReadAsync(entered.Headers.Location!.OriginalString), StringComparison.Ordinal);
    }

    [Theory, EachDatabase("https://elsewhere.example/"), EachDatabase("//elsewhere.example/"), EachDatabase("/\\elsewhere.example")]
    public async Task SignIn_ReturnToElsewhere_StaysHere(DatabaseKind kind, string back)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        using var entered = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode, back: back);
        Assert.Equal("/sign-in/passkey-offer?return=%2F", entered.Headers.Location?.OriginalString);
    }

    [Theory, EachDatabase]
    public async Task Pages_SignedInWorker_AreInTheirLanguage(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync(language: "kk"));
        Assert.Contains("<html lang=\"kk\"", await reader.ReadAsync("/account"), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task SignOut_Form_EndsTheSession(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync());
        var stolen = new WebReader(service);
        stolen.Cookies.Add(service.Url, reader.Cookies.GetCookies(service.Url));
        Assert.True(await stolen.IsSignedInAsync());
        using var left = await reader.SendAsync("/account", action: "/sign-out");
        Assert.Equal("/sign-out?ways=sent-code", left.Headers.Location?.OriginalString);
        Assert.False(await stolen.IsSignedInAsync());
        stolen.Dispose();
    }

    [Theory, EachDatabase("a", "b"), EachDatabase("", ""), EachDatabase("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "{}"), EachDatabase("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "not json")]
    public async Task Passkey_UnknownChallenge_IsRefusedInPlainWords(DatabaseKind kind, string challenge, string credential)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        using var answer = await reader.SendAsync("/sign-in", new Dictionary<string, string> { ["Challenge"] = challenge, ["Credential"] = credential }, "/sign-in?handler=Passkey");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("That passkey did not work", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Messages_Code_GoesToEveryChannel(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync(phone: "+70000000001", email: "aziz@example.com"));
        using var sent = await reader.SendAsync("/sign-in/fresh", action: "/sign-in/fresh?handler=Send");
        Assert.Equal("/sign-in/fresh?sent=true&return=", sent.Headers.Location?.OriginalString);
        using var again = await reader.SendAsync("/sign-in/fresh", action: "/sign-in/fresh?handler=Send");
        var messages = await Outbox.NewestAsync(service.Core.Database, 10);
        Assert.Equal(["+70000000001", "aziz@example.com"], messages.Select(m => m.Address).Order());
        // A letter and an SMS, with the same code: "Hello Aziz,\n\n035635 is your code…".
        Assert.Single(messages.Select(m => m.Body[..m.Body.IndexOf(" is your code", StringComparison.Ordinal)][^6..]).Distinct());
    }
}
