using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Dapper;
using Manzil.Receipts;
using Manzil.SignIn;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.SignIn;

/// <summary>
/// Guessers by the thousand, and the people beside them (docs/decisions/0039-guessing.md). What an honest sign-in waits for is counted in
/// slow hashes; the times are printed, and nothing is asserted of them.
/// </summary>
public class GuessingTests
{
    const string Dormitory = "203.0.113.7", Elsewhere = "198.51.100.4";

    [Theory, EachDatabase]
    public async Task Api_ThousandGuessesAtOnceFromOneAddress_CostNoSlowHashAndLetOthersIn(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, trustedProxy: "127.0.0.1");
        var (honest, resident) = (await service.EnrolAsync(), await service.EnrolAsync());
        // A part of them guesses at people who exist, with the right birth date.
        var victims = new List<TestWorker>();
        for (var i = 0; i < 8; i++) victims.Add(await service.EnrolAsync());
        var hashes = BackInSteps.Part<SlowHashes>(service);
        var guesses = Enumerable.Range(0, 1000)
            .Select(i => TryAsync(service, Dormitory, i < victims.Count ? victims[i].CardNumber : $"NONE{i}", honest.Document.BirthDate, "AAAAA-AAAAA")).ToList();

        var beside = await TimedAsync("an honest sign-in beside them", () => TryAsync(service, Elsewhere, honest.CardNumber, honest.Document.BirthDate, honest.ActivationCode));
        var within = await TimedAsync("a resident behind the same address", () => TryAsync(service, Dormitory, resident.CardNumber, resident.Document.BirthDate, resident.ActivationCode));
        var answers = await Task.WhenAll(guesses);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (beside, within));
        // Their own two, and not one before them.
        Assert.Equal(2, hashes.Made);
        Assert.Equal(Attempts.FreeByAddress, answers.Count(a => a == HttpStatusCode.Unauthorized));
        Assert.Equal(1000 - Attempts.FreeByAddress, answers.Count(a => a == HttpStatusCode.TooManyRequests));
    }

    [Theory, EachDatabase]
    public async Task Api_FourHundredGuessesAtOneCardAtOnce_ThreeAreLookedAt(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, trustedProxy: "127.0.0.1");
        var (honest, victim) = (await service.EnrolAsync(), await service.EnrolAsync());
        var hashes = BackInSteps.Part<SlowHashes>(service);
        // From as many addresses: the card counts.
        var guesses = Enumerable.Range(0, 400)
            .Select(i => TryAsync(service, $"10.0.{i / 250}.{i % 250}", victim.CardNumber, victim.Document.BirthDate, $"AAAAA-{i:D5}")).ToList();
        var beside = await TimedAsync("an honest sign-in beside them", () => TryAsync(service, Elsewhere, honest.CardNumber, honest.Document.BirthDate, honest.ActivationCode));
        var answers = await Task.WhenAll(guesses);

        Assert.Equal(HttpStatusCode.Created, beside);
        Assert.Equal(1, hashes.Made);
        Assert.Equal(Attempts.FreeByName, answers.Count(a => a == HttpStatusCode.Unauthorized));
        Assert.Equal(400 - Attempts.FreeByName, answers.Count(a => a == HttpStatusCode.TooManyRequests));
    }

    [Theory, EachDatabase]
    public async Task Recover_ManyGuessesAtOnceAtOneNumber_ThreeAreLookedAtAndANeighbourGetsIn(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (victim, resident) = (await service.EnrolAsync(), await service.EnrolAsync());
        var codes = await RecoveryCodesAsync(service, resident);
        await RecoveryCodesAsync(service, victim);
        var hashes = BackInSteps.Part<SlowHashes>(service);
        var before = hashes.Made;
        var readers = Enumerable.Range(0, 100).Select(_ => new WebReader(service)).ToList();
        var guesses = readers.ConvertAll(r => r.RecoverAsync(victim.CardNumber, victim.Document.BirthDate, "AAAA-AAAA-AAAA"));
        using var reader = new WebReader(service);
        using var entered = await reader.RecoverAsync(resident.CardNumber, resident.Document.BirthDate, codes[0]);
        var answers = await Task.WhenAll(guesses);

        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        Assert.Equal(1, hashes.Made - before);
        Assert.Equal(Attempts.FreeByName, answers.Count(a => a.StatusCode == HttpStatusCode.Unauthorized));
        readers.ForEach(r => r.Dispose());
    }

    [Theory, EachDatabase]
    public async Task Ask_ManyDocumentsAtOnceFromOneAddress_AResidentStillGetsACode(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var resident = await service.EnrolAsync();
        var readers = Enumerable.Range(0, 120).Select(_ => new WebReader(service)).ToList();
        var asked = await Task.WhenAll(readers.Select((r, i) => r.AskAsync(new IdentityDocument("UZB", $"ZZ{i:D7}", resident.Document.BirthDate))));
        Assert.All(asked, a => Assert.Equal(BackInSteps.CodePath, a.Headers.Location?.OriginalString));
        using var reader = new WebReader(service);
        var code = await service.AskForCodeAsync(reader, resident.Document);
        using var entered = await reader.EnterAsync(code!);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        Assert.Equal(0, BackInSteps.Part<SlowHashes>(service).Made);
        readers.ForEach(r => r.Dispose());
    }

    // The example that was found: 60 wrong guesses each 15 minutes from one address, and whoever lives there is shut out of everything.
    [Theory, EachDatabase]
    public async Task Dormitory_NeighbourGuessesAllDay_ResidentsGetInByEveryWay(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        var helperCode = await HelperTests.NameAsync(await setting.VisitAsync(), "Legal aid, Nagorny", "see");
        var (byCard, byProgram, byDocument, byRecovery) = (await service.EnrolAsync(), await service.EnrolAsync(), await service.EnrolAsync(), await service.EnrolAsync());
        var codes = await RecoveryCodesAsync(service, byRecovery);
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 60; i++)
            {
                using var guess = await service.Client.PostAsJsonAsync(
                    "/api/v1/sessions", new { cardNumber = $"NONE{round}{i}", birthDate = "1990-05-17", activationCode = "AAAAA-AAAAA" }, TestContext.Current.CancellationToken);
            }

            service.Clock.AdvanceMinutes(round == 3 ? 0 : 15);
        }

        using var browser = new WebReader(service);
        // The neighbour's guessing does count: what is wrong is told to wait.
        using var wrong = await browser.TrySignInAsync(byCard.CardNumber, byCard.Document.BirthDate, "AAAAA-AAAAA");
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromMinutes(15)), (wrong.StatusCode, wrong.Headers.RetryAfter?.Delta));
        Assert.Contains("what is right gets you in at any time", await wrong.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await browser.SignInAsync(byCard);
        await service.SignInAsync(byProgram);
        using var other = new WebReader(service);
        var code = await service.AskForCodeAsync(other, byDocument.Document);
        using var entered = await other.EnterAsync(code!);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        using var third = new WebReader(service);
        using var recovered = await third.RecoverAsync(byRecovery.CardNumber, byRecovery.Document.BirthDate, codes[3]);
        Assert.Equal(HttpStatusCode.Redirect, recovered.StatusCode);
        var helper = new Visitor(service, "nobody", "en");
        await HelperTests.EnterAsync(helper, helperCode);
        Assert.Equal("/helper/file", helper.Path);
    }

    [Theory, EachDatabase]
    public async Task Api_AtACrowdedAddress_WhateverIsWrongTheAnswerIsTheSameByteForByte(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, trustedProxy: "127.0.0.1");
        var right = await service.EnrolAsync();
        for (var i = 0; i < 60; i++) await TryAsync(service, Dormitory, $"NONE{i}", right.Document.BirthDate, "AAAAA-AAAAA");
        var answers = new List<string>();
        foreach (var (card, born, code) in new[]
            {
                ("NOBODY1", right.Document.BirthDate, right.ActivationCode),
                (right.CardNumber, (BirthDate)right.Document.BirthDate.Whole!.Value.PlusYears(1), right.ActivationCode),
                (right.CardNumber, right.Document.BirthDate, "AAAAA-AAAAA"),
            })
        {
            using var answer = await SendAsync(service, Dormitory, card, born, code);
            answer.Headers.Date = null;
            answers.Add($"{answer.StatusCode} {answer.Headers}{answer.Content.Headers}{await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }

        Assert.Single(answers.Distinct());
        Assert.Contains("urn:manzil:problem:sign-in-crowded", answers[0], StringComparison.Ordinal);
        Assert.Equal(0, BackInSteps.Part<SlowHashes>(service).Made);
    }

    [Theory, EachDatabase]
    public async Task SignIn_WhileNoPlaceIsLeft_Is503AndNoTryIsCounted(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var hashes = BackInSteps.Part<SlowHashes>(service);
        var places = 0;
        while (hashes.TryReserve()) places++;
        var waiting = Enumerable.Range(0, SlowHashes.MaxWaiting).Select(i => hashes.OfAsync("A", new byte[SecretCode.SaltLength], $"card-{i}")).ToList();
        using var reader = new WebReader(service);
        for (var i = 0; i < 5; i++)
        {
            using var page = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), (page.StatusCode, page.Headers.RetryAfter?.Delta));
        }

        using (var program = await service.Client.PostAsJsonAsync("/api/v1/sessions", worker.Credentials, TestContext.Current.CancellationToken))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), (program.StatusCode, program.Headers.RetryAfter?.Delta));
        }

        for (var i = 0; i < places; i++) hashes.Release();
        await Task.WhenAll(waiting);
        await reader.SignInAsync(worker);
    }

    // A form of a signed-in worker that is sent by the hundred is no ten slow hashes each time.
    [Theory, EachDatabase]
    public async Task MakeRecoveryCodes_ManyAtOnce_CostOneSet(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync());
        var hashes = BackInSteps.Part<SlowHashes>(service);
        var before = hashes.Made;
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => reader.SendAsync("/account/recovery-codes", new Dictionary<string, string> { ["Before"] = "0" })));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        Assert.All(answers, a => Assert.Contains(a.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.ServiceUnavailable }));
        Assert.Equal(RecoveryCodes.InASet, hashes.Made - before);
    }

    // Made by a version that kept no marks.
    [Theory, EachDatabase]
    public async Task SignIn_CodesWithoutAMark_StillWorkOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var codes = await RecoveryCodesAsync(service, worker);
        string code;
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            code = await ActivationCodes.IssueAsync(connection, null, worker.Id, service.Clock.GetCurrentInstant() + Duration.FromDays(1));
            await connection.ExecuteAsync("update recovery_code set mark = null");
        }

        using var reader = new WebReader(service);
        using var wrong = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, "AAAAA-AAAAA");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        await reader.SignInAsync(worker with { ActivationCode = code });
        using var again = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, code);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        using var recovered = await reader.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, codes[0]);
        Assert.Equal(HttpStatusCode.Redirect, recovered.StatusCode);
    }

    // A stolen database alone can check no guess at what was sent, and knows of what is on paper no more than a slow hash.
    [Theory, EachDatabase]
    public async Task Marks_OfOneCodeInTwoInstallations_Differ(DatabaseKind kind)
    {
        await using var one = await TestService.StartAsync(kind);
        await using var two = await TestService.StartAsync(kind);
        var salt = new byte[SecretCode.SaltLength];
        var (first, second) = (new KeyedCodes(one.Core.Installation), new KeyedCodes(two.Core.Installation));
        Assert.Equal(2, first.Mark("AAAAA-AAAAA", salt).Length);
        Assert.Contains(Enumerable.Range(0, 50), i => !first.Mark($"{i}", salt).AsSpan().SequenceEqual(second.Mark($"{i}", salt)));
        var (kept, hash) = first.Keep("123456");
        Assert.True(first.Matches("12 34 56", kept, hash));
        Assert.False(second.Matches("123456", kept, hash));
    }

    static async Task<IReadOnlyList<string>> RecoveryCodesAsync(TestService service, TestWorker worker)
    {
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
        return await reader.MakeRecoveryCodesAsync();
    }

    static async Task<T> TimedAsync<T>(string what, Func<Task<T>> act)
    {
        var began = Stopwatch.GetTimestamp();
        var result = await act();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms"));
        return result;
    }

    static async Task<HttpStatusCode> TryAsync(TestService service, string address, string card, BirthDate born, string code)
    {
        using var answer = await SendAsync(service, address, card, born, code);
        return answer.StatusCode;
    }

    static async Task<HttpResponseMessage> SendAsync(TestService service, string address, string cardNumber, BirthDate born, string activationCode)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions")
        {
            Content = JsonContent.Create(new { cardNumber, birthDate = born.ToString(), activationCode }),
        };
        request.Headers.Add("X-Forwarded-For", address);
        return await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
