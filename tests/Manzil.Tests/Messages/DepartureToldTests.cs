using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.Rules;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

/// <summary>rules.md, A case: a departure is in effect 3 working days after every channel was told, so that somebody else's is noticed.</summary>
public class DepartureToldTests
{
    const string Departure = """{"kind":"departure","on":"<today>"}""";

    // Told on Monday 23 November; 1 December is a holiday of the demo.
    [Theory, EachDatabase]
    public async Task Depart_WithAPhone_CountsFromItsReportAndNotFromOpeningTheService(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var (worker, message) = await LeavingAsync(gateway, email: null);
        // The day that was told is not the day of the ending.
        Assert.Contains("you leave on 23 November 2026. Your registration ends on 26 November 2026 at the earliest.", message.Body, StringComparison.Ordinal);
        await gateway.PassDaysAsync(2);
        // Whoever holds the phone opens the service: that tells nobody else.
        await worker.SignInAgainAsync();
        await worker.ReadAsync("/api/v1/me");
        await gateway.StepAsync();
        Assert.Null(await ToldAsync(gateway));

        await gateway.ReportAsync(message.Id, "delivered");
        await gateway.StepAsync();
        Assert.Equal("2026-11-25", await ToldAsync(gateway));
        Assert.Equal("2026-11-30", (await worker.ReadAsync("/api/v1/me")).GetProperty("endsOn").GetString());
        await gateway.PassDaysAsync(6);
        await worker.SignInAgainAsync();
        Assert.Equal("ended", await worker.StandingAsync());
        // Ended is what an act finds, too, though no act made it so.
        await worker.GiveAsync("""{"kind":"registration"}""");
        Assert.Equal("registered", await worker.StandingAsync());
    }

    [Theory, EachDatabase]
    public async Task Depart_MessageComesBack_IsNotTold(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var (worker, message) = await LeavingAsync(gateway, email: null);
        await gateway.ReportAsync(message.Id, "delivered");
        await gateway.StepAsync();
        Assert.Equal("2026-11-23", await ToldAsync(gateway));
        await gateway.PassDaysAsync(1);
        await gateway.ReportAsync(message.Id, "failed");
        await gateway.StepAsync();
        Assert.Null(await ToldAsync(gateway));
        // A dead phone does not keep anybody for ever: 10 working days after the notice it counts as told.
        await gateway.PassDaysAsync(14);
        Assert.Null(await ToldAsync(gateway));
        await gateway.PassDaysAsync(1);
        Assert.Equal("2026-12-08", await ToldAsync(gateway));
        await worker.SignInAgainAsync();
        Assert.Equal("2026-12-11", (await worker.ReadAsync("/api/v1/me")).GetProperty("endsOn").GetString());
    }

    [Theory, EachDatabase]
    public async Task Depart_WithEmail_CountsFromItsSendingUnlessItComesBack(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var (worker, sms) = await LeavingAsync(gateway, email: "worker@example.org");
        var email = (await gateway.MessagesAsync(worker.Worker.Id))[^1];
        Assert.Equal("email", email.Kind);
        await gateway.ReportAsync(sms.Id, "delivered");
        await gateway.StepAsync();
        Assert.Equal("2026-11-23", await ToldAsync(gateway));
        await gateway.BounceEmailAsync(email.Id);
        await gateway.StepAsync();
        Assert.Null(await ToldAsync(gateway));
    }

    // Whoever takes a phone may remove the owner's channels first: those that were removed are told as well, and waited for.
    [Theory, EachDatabase]
    public async Task Depart_AfterRemovingEveryChannel_WaitsForTheRemovedToBeTold(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        var known = (await service.Core.Workers.FindAsync(worker.Worker.Id))!;
        var act = new ChangeChannel(known.Channels[0], added: false, service.Core.Rules, new Manzil.Messages.Telling(service.Core.Rules, service.Core.Settings.PublicUrl, shownAtOnce: false))
        {
            ReceivedAt = gateway.Now,
            Channel = Manzil.Receipts.RecordChannel.Web,
            WorkerId = known.Id,
        };
        Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act, known));
        await worker.GiveAsync(Departure);
        await gateway.StepAsync();
        Assert.Null(await ToldAsync(gateway));
        await gateway.ReportAsync((await gateway.MessagesAsync(worker.Worker.Id))[^1].Id, "delivered");
        await gateway.StepAsync();
        Assert.Equal("2026-11-23", await ToldAsync(gateway));
    }

    [Fact]
    public void LastTold_OfChannels_IsNeverEarlierForADeadOne()
    {
        var rules = SmallRules.In("Europe/Moscow");
        LocalDate? Last(int day, params LocalDate?[] told) =>
            DepartureTelling.LastTold(new(2026, 3, 2), told, new LocalDate(2026, 3, day), rules.WorkersCalendar, rules.Intervals);

        Assert.Equal(new(2026, 3, 2), Last(2));
        Assert.Equal(new(2026, 3, 4), Last(5, new LocalDate(2026, 3, 4), new LocalDate(2026, 3, 3)));
        var until = Manzil.Rules.Deadlines.AnswerUntil(new(2026, 3, 2), rules.WorkersCalendar, rules.Intervals)!.Value;
        Assert.Null(Last(until.Day, null, new LocalDate(2026, 3, 3)));
        Assert.Equal(until, Last(until.Day + 1, null, new LocalDate(2026, 3, 3)));
        Assert.Equal(until.PlusDays(1), Last(until.Day + 1, null, until.PlusDays(1)));
    }

    static async Task<(SignedInWorker Worker, SentMessage Message)> LeavingAsync(GatewaySide gateway, string? email)
    {
        var worker = await gateway.ToldAsync(email: email);
        var departure = await worker.GiveAsync(Departure);
        await gateway.StepAsync();
        Assert.Null(email is null ? await ToldAsync(gateway) : null);
        return (worker, (await gateway.MessagesAsync(worker.Worker.Id)).First(m => m.ActNumber == departure.Number));
    }

    static Task<string?> ToldAsync(GatewaySide gateway) => gateway.AskAsync<string>("select departure_told from register_entry");
}
