using System.Net;
using System.Text.RegularExpressions;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.SignIn;

/// <summary>Back in at a centre, which has seen the document: a new activation code.</summary>
public class CentreCodeTests
{
    const string Phone = "+70000000001", Email = "aziz@example.com", Removed = "+70000000009";

    [Theory, EachDatabase]
    public async Task Issue_CardWasLost_ItCountsAgainWithTheNewCodeAlone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: Phone, email: Email);
        await service.AddRemovedChannelAsync(worker, Removed, daysAgo: 29);
        await service.AddRemovedChannelAsync(worker, "+70000000008", daysAgo: 31);
        using var lost = new WebReader(service);
        using var entered = await lost.EnterAsync((await service.AskForCodeAsync(lost, worker.Document))!);

        var (code, number) = await IssueAsync(service, worker);

        using var reader = new WebReader(service);
        using var old = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode);
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
        await reader.SignInAsync(worker with { ActivationCode = code });
        var record = await service.VerifiedAsync(reader, worker, number);
        Assert.Equal($"card={worker.CardNumber}, how=centre, sessions=kept", BackInSteps.Text(record));
        Assert.Equal((RecordChannel.Operator, "NRV-02"), (record.Channel, record.Office));
        Assert.Equal([Phone, Removed, Email], (await service.MessagesOfAsync(number)).Select(m => m.Address).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("marked as lost", await reader.ReadAsync("/account"), StringComparison.Ordinal);
        Assert.True(await lost.IsSignedInAsync());
    }

    [Theory, EachDatabase]
    public async Task Issue_CodeUnusedSoFar_TheNewOneEndsIt(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var (code, _) = await IssueAsync(service, worker);
        using var reader = new WebReader(service);
        using var old = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode);
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
        await reader.SignInAsync(worker with { ActivationCode = code });
    }

    [Theory, EachDatabase]
    public async Task Issue_NewCardAndSessionsEnded_OnlyTheNewNumberSignsIn(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var thief = new WebReader(service);
        await thief.SignInAsync(worker, remember: true);

        var (code, number) = await IssueAsync(service, worker, newCard: "FC9999999", endSessions: true);

        // A session ended in the act's own transaction is gone for whoever asks the database; this node forgets it after half a minute.
        service.Clock.AdvanceSeconds(31);
        Assert.False(await thief.IsSignedInAsync());
        using var reader = new WebReader(service);
        using var oldCard = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, code);
        Assert.Equal(HttpStatusCode.Unauthorized, oldCard.StatusCode);
        await reader.SignInAsync(worker with { CardNumber = "FC9999999", ActivationCode = code });
        var record = await service.VerifiedAsync(reader, worker, number);
        Assert.Equal($"card=FC9999999, card-before={worker.CardNumber}, how=centre, sessions=ended", BackInSteps.Text(record));
        Assert.Contains($"FC9999999, in place of {worker.CardNumber}", await reader.ReadAsync($"/notices/{number}"), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Issue_CardOfAnother_IsRefusedAndNothingChanges(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, other) = (await service.EnrolAsync(), await service.EnrolAsync());
        var result = await service.Core.Writer.SubmitAsync(Act(service, worker, other.CardNumber));
        Assert.Equal("card-known", Assert.IsType<ActResult.Refused>(result).Reason);
        Assert.Empty(await service.RestoredAsync(worker));
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
    }

    // The phone that has no channel for a code: strangers' guesses at its card must not hold up the code from the centre.
    [Theory, EachDatabase]
    public async Task Issue_WhileStrangersGuessAtTheCard_MakesTheRememberedPhoneFresh(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(phone: null);
        using var phone = new WebReader(service);
        await phone.SignInAsync(worker, remember: true);
        service.Clock.AdvanceHours(1);
        using var stranger = new WebReader(service);
        HttpStatusCode last = default;
        for (var i = 0; i < 40 && last != HttpStatusCode.TooManyRequests; i++)
        {
            using var guess = await stranger.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, "AAAAA-AAAAA");
            last = guess.StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        var (code, _) = await IssueAsync(service, worker);
        using var shown = await phone.SendAsync(
            "/sign-in/fresh", new Dictionary<string, string> { ["ActivationCode"] = code, ["Return"] = "/account/export" }, "/sign-in/fresh?handler=Activation");
        Assert.Equal("/account/export", shown.Headers.Location?.OriginalString);
    }

    static IssueCode Act(TestService service, TestWorker worker, string? newCard = null, bool endSessions = false) =>
        new("NRV-02", newCard, endSessions, service.Core.Rules, new Telling(service.Core.Rules, service.Core.Settings.PublicUrl, shownAtOnce: false))
        {
            ReceivedAt = service.Clock.GetCurrentInstant(),
            Channel = RecordChannel.Operator,
            WorkerId = worker.Id,
        };

    // Every other act waits while a batch's transaction is open: no slow hash is made there, but with the act.
    [Theory, EachDatabase]
    public async Task Issue_WithinATransaction_TakesOnlyACodeThatWasMadeBefore(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var expires = service.Clock.GetCurrentInstant() + Duration.FromDays(30);
        var made = new ActivationCodes.Made();
        await using var connection = await service.Core.Database.OpenAsync();
        await using (var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await Assert.ThrowsAsync<ArgumentNullException>(() => ActivationCodes.IssueAsync(connection, transaction, worker.Id, expires));
            Assert.Equal(made.Code, await ActivationCodes.IssueAsync(connection, transaction, worker.Id, expires, new KeyedCodes(service.Core.Installation), made));
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        await service.SignInAsync(worker with { ActivationCode = made.Code });
    }

    static async Task<(string Code, string Number)> IssueAsync(TestService service, TestWorker worker, string? newCard = null, bool endSessions = false)
    {
        var act = Act(service, worker, newCard, endSessions);
        var accepted = Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act));
        Assert.Matches(new Regex("^[0-9A-Z]{5}-[0-9A-Z]{5}$", RegexOptions.None, TimeSpan.FromSeconds(5)), act.ActivationCode);
        return (act.ActivationCode, accepted.Number.ToString());
    }
}
