using System.Net;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.SignIn;

/// <summary>Ten codes on paper, and getting back in by one.</summary>
public class RecoveryCodesTests
{
    const string Phone = "+70000000001", Email = "aziz@example.com", Removed = "+70000000009";

    [Theory, EachDatabase]
    public async Task Make_Fresh_ShowsTenOnceAndTellsEveryChannel(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: Phone, email: Email);
        await service.AddRemovedChannelAsync(worker, Removed, daysAgo: 29);
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
        Assert.Contains("You have none", await reader.ReadAsync("/account"), StringComparison.Ordinal);

        var codes = await reader.MakeRecoveryCodesAsync();

        Assert.Equal(10, codes.Distinct().Count());
        var told = (await Outbox.NewestAsync(service.Core.Database, 10)).Where(m => m.Subject.EndsWith("New recovery codes", StringComparison.Ordinal)).ToList();
        Assert.Equal([Phone, Removed, Email], told.Select(m => m.Address).Order(StringComparer.Ordinal));
        Assert.Contains("10 of your ten codes are left", await reader.ReadAsync("/account"), StringComparison.Ordinal);
        var page = await reader.ReadAsync("/account/recovery-codes");
        Assert.All(codes, code => Assert.DoesNotContain(code, page, StringComparison.Ordinal));
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("select count(distinct salt) from recovery_code"));
    }

    [Theory, EachDatabase]
    public async Task Make_StaleSession_IsAskedForAFreshCodeFirst(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        await reader.SignInAsync(await service.EnrolAsync(), remember: true);
        service.Clock.AdvanceHours(1);
        using var opened = await reader.OpenAsync("/account/recovery-codes");
        Assert.Equal("/sign-in/fresh?return=%2Faccount%2Frecovery-codes", opened.Headers.Location?.OriginalString);
        using var sent = await reader.SendAsync("/account", new Dictionary<string, string> { ["Before"] = "0" }, "/account/recovery-codes");
        Assert.Equal("/sign-in/fresh?return=%2Faccount%2Frecovery-codes", sent.Headers.Location?.OriginalString);
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select count(*) from recovery_code"));
    }

    [Theory, EachDatabase]
    public async Task Make_New_EndsTheOldOnes(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
        var old = await reader.MakeRecoveryCodesAsync();
        service.Clock.AdvanceMinutes(1);
        var codes = await reader.MakeRecoveryCodesAsync();
        using var other = new WebReader(service);
        using var refused = await other.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, old[0]);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var entered = await other.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, codes[0]);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
    }

    // Pressed twice: the codes on the screen are the ones that count, or the page says that they are not.
    [Theory, EachDatabase]
    public async Task Make_FormSentTwice_TheSecondMakesNone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
        var form = new Dictionary<string, string> { ["Before"] = "0" };
        var answers = await Task.WhenAll(
            reader.SendAsync("/account/recovery-codes", form), reader.SendAsync("/account/recovery-codes", form), reader.SendAsync("/account/recovery-codes", form));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        Assert.Equal(2, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
        service.Clock.AdvanceMinutes(1);
        using var late = await reader.SendAsync("/account/recovery-codes", form);
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Single((await Outbox.NewestAsync(service.Core.Database, 10)).Where(m => m.Subject.EndsWith("New recovery codes", StringComparison.Ordinal)));
    }

    [Theory, EachDatabase(true, false), EachDatabase(false, true)]
    public async Task Recover_ByCardOrDocument_SignsInTellsEveryChannelAndLeavesAReceipt(DatabaseKind kind, bool byCard, bool endOthers)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: Phone, email: Email);
        await service.AddRemovedChannelAsync(worker, Removed, daysAgo: 29);
        await service.AddRemovedChannelAsync(worker, "+70000000008", daysAgo: 31);
        using var owner = new WebReader(service);
        await owner.SignInAsync(worker, remember: true);
        var codes = await owner.MakeRecoveryCodesAsync();
        using var reader = new WebReader(service);

        // As people type it.
        using var entered = await reader.RecoverAsync(
            byCard ? worker.CardNumber.ToLowerInvariant() : worker.Document.Number, worker.Document.BirthDate, codes[4].ToLowerInvariant().Replace('-', ' '), endOthers);

        var number = BackInSteps.NumberIn(entered);
        var record = await service.VerifiedAsync(reader, worker, number);
        Assert.Equal($"how=recovery-code, sessions={(endOthers ? "ended" : "kept")}", BackInSteps.Text(record));
        Assert.Equal([Phone, Removed, Email], (await service.MessagesOfAsync(number)).Select(m => m.Address).Order(StringComparer.Ordinal));
        Assert.Equal(!endOthers, await owner.IsSignedInAsync());
        Assert.Contains("9 of your ten codes are left", await reader.ReadAsync("/account"), StringComparison.Ordinal);
        using var again = await reader.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, codes[4]);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        using var next = await reader.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, codes[5]);
        Assert.Equal(HttpStatusCode.Redirect, next.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Recover_SameCodeAtTheSameMoment_OneWins(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, codes) = await WithCodesAsync(service);
        var readers = Enumerable.Range(0, 4).Select(_ => new WebReader(service)).ToList();
        var answers = await Task.WhenAll(readers.Select(r => r.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, codes[0])));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.Redirect));
        Assert.Single(await service.RestoredAsync(worker));
        readers.ForEach(r => r.Dispose());
    }

    [Theory, EachDatabase]
    public async Task Recover_WhateverIsWrong_AnswersAndWorkAreTheSame(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, codes) = await WithCodesAsync(service);
        var without = await service.EnrolAsync(phone: null);
        var (owner, others) = await WithCodesAsync(service);
        using (var used = new WebReader(service))
        {
            using var entered = await used.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, codes[0]);
        }

        var hashes = BackInSteps.Part<SlowHashes>(service);
        var seen = new List<string>();
        foreach (var (number, code) in new[]
            {
                ("NOBODY1", codes[1]), (worker.CardNumber, "AAAA-AAAA-AAAA"), (worker.CardNumber, codes[0]), (worker.CardNumber, others[0]),
                (without.CardNumber, codes[1]), (without.Document.Number, codes[1]),
            })
        {
            seen.Add(await WrongAsync(number, worker.Document.BirthDate, code));
        }

        seen.Add((await WrongAsync(worker.Document.Number, worker.Document.BirthDate.Whole!.Value.PlusYears(1), codes[1])).Replace("value=\"1991\"", "value=\"1990\"", StringComparison.Ordinal));
        Assert.Single(seen.Distinct());
        Assert.NotEqual(worker.Id, owner.Id);

        async Task<string> WrongAsync(string number, BirthDate birthDate, string code)
        {
            using var reader = new WebReader(service);
            var before = hashes.Made;
            using var answer = await reader.RecoverAsync(number, birthDate, code);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.DoesNotContain(code, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            return await BackInSteps.SeenAsync(answer, number) + (hashes.Made - before);
        }
    }

    [Theory, EachDatabase]
    public async Task Recover_StrangerGuesses_WaitsAndShutsNobodyOut(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var phone = new WebReader(service);
        await phone.SignInAsync(worker, remember: true);
        var codes = await phone.MakeRecoveryCodesAsync();
        using var stranger = new WebReader(service);
        HttpStatusCode last = default;
        for (var i = 0; i < 5; i++)
        {
            using var guess = await stranger.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, "AAAA-AAAA-AAAA");
            last = guess.StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        Assert.True(await phone.IsSignedInAsync());
        // The other ways are open meanwhile, and this one is soon.
        using var reader = new WebReader(service);
        Assert.NotNull(await service.AskForCodeAsync(reader, worker.Document));
        service.Clock.AdvanceMinutes(15);
        using var entered = await reader.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, codes[0]);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Recover_FieldsMissing_ErrorsStandBesideThemAndWhatWasTypedStays(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var reader = new WebReader(service);
        using var answer = await reader.SendAsync("/sign-in/recovery", new Dictionary<string, string> { ["Number"] = "FC 00-77", ["BirthDate.Day"] = "17" });
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("value=\"FC 00-77\"", html, StringComparison.Ordinal);
        Assert.Contains("value=\"17\"", html, StringComparison.Ordinal);
        Assert.Contains("id=\"birthdate-error\"", html, StringComparison.Ordinal);
        Assert.Contains("id=\"code-error\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"number-error\"", html, StringComparison.Ordinal);
    }

    static async Task<(TestWorker Worker, IReadOnlyList<string> Codes)> WithCodesAsync(TestService service)
    {
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
        return (worker, await reader.MakeRecoveryCodesAsync());
    }
}
