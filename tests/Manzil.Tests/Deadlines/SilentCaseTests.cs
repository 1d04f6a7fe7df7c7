using System.Net;
using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Deadlines;

/// <summary>rules.md, Confirming an address, 3 to 5: silence opens a case, which takes nothing away and which one tap ends.</summary>
public class SilentCaseTests
{
    const string Registration = """{"kind":"registration"}""", Confirmation = """{"kind":"confirmation"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""";

    // Told on 2026-11-23: due on Wednesday 2026-12-23, silence over with Monday the 28th.
    [Theory, EachDatabase]
    public async Task Step_NoAnswerToDeliveredReminders_OpensOneCaseTheDayAfterTheSilencePeriod(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        for (var day = 0; day < 36; day++)
        {
            await StepAsync(service);
            service.Clock.AdvanceDays(1);
        }

        await StepAsync(service);
        var opened = Assert.Single(await CasesAsync(service));
        Assert.Equal("2026-12-29", opened.Day);
        await worker.SignInAgainAsync();
        Assert.Equal("under-review", await worker.StandingAsync());

        // The worker has a receipt of it that says why.
        var notices = (await worker.ReadAsync("/api/v1/notices")).ToString();
        Assert.Contains(opened.Number, notices, StringComparison.Ordinal);
        using (var zip = await service.GetAsync(worker.Token, $"/api/v1/notices/{opened.Number}/receipt.zip")) Assert.Equal(HttpStatusCode.OK, zip.StatusCode);

        // One tap ends it, and a new period begins.
        var confirmed = await worker.GiveAsync(Confirmation);
        Assert.Equal("registered", await worker.StandingAsync());
        Assert.Equal("2027-01-28", confirmed.NextDeadline);
        await StepAsync(service);
        Assert.Single(await CasesAsync(service));
    }

    [Theory, EachDatabase]
    public async Task Step_NoReminderDelivered_WaitsAndAsksTheCentreToReachTheWorker(DatabaseKind kind)
    {
        // Outside the demo nothing is delivered by being written down.
        await using var service = await TestService.StartAsync(kind, demo: false);
        var worker = await ToldAsync(service);
        for (var day = 0; day < 60; day++)
        {
            await StepAsync(service);
            service.Clock.AdvanceDays(1);
        }

        Assert.Empty(await CasesAsync(service));
        Assert.Equal(1, await CountAsync(service, OpenSilentCases.ToBeReached));

        // Whoever confirms is to be reached no longer.
        await worker.SignInAgainAsync();
        await worker.GiveAsync(Confirmation);
        Assert.Equal(0, await CountAsync(service, OpenSilentCases.ToBeReached));
        Assert.Equal("registered", await worker.StandingAsync());
    }

    [Theory, EachDatabase]
    public async Task Step_ReminderDeliveredLate_SilenceCountsFromItsDelivery(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demo: false);
        await ToldAsync(service);
        service.Clock.AdvanceDays(30);
        await StepAsync(service);
        // The report comes in on Friday 2026-12-25: silence is over with Wednesday the 30th.
        service.Clock.AdvanceDays(2);
        await DeliverAsync(service);
        for (var day = 0; day < 10; day++)
        {
            await StepAsync(service);
            service.Clock.AdvanceDays(1);
        }

        Assert.Equal("2026-12-31", Assert.Single(await CasesAsync(service)).Day);
    }

    [Theory, EachDatabase]
    public async Task Step_ReminderOfAnEarlierPeriod_CountsForNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demo: false);
        var worker = await ToldAsync(service);
        await worker.PassDaysAsync(24);
        await StepAsync(service);
        await DeliverAsync(service);
        service.Clock.AdvanceHours(1);
        await worker.GiveAsync(Confirmation);
        for (var day = 0; day < 60; day++)
        {
            service.Clock.AdvanceDays(1);
            await StepAsync(service);
        }

        Assert.Empty(await CasesAsync(service));
    }

    [Theory, EachDatabase]
    public async Task Step_OnManyNodesAtOnce_OpensEachCaseOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        foreach (var _ in Enumerable.Range(0, 8)) await ToldAsync(service);
        service.Clock.AdvanceDays(30);
        await StepAsync(service);
        service.Clock.AdvanceDays(8);
        var cases = service.Services.GetRequiredService<OpenSilentCases>();
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => cases.RunAsync(service.Clock.GetCurrentInstant()))));
        Assert.Equal(8, opened.Sum());
        Assert.Equal(8, (await CasesAsync(service)).Count);
    }

    [Theory, EachDatabase]
    public async Task Step_TenYearsOfSilence_NobodyIsWorseOffThanUnderReview(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        foreach (var _ in Enumerable.Range(0, 3)) await ToldAsync(service);
        for (var day = 0; day < 3653; day += 3)
        {
            service.Clock.AdvanceDays(3);
            await StepAsync(service);
        }

        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal([(int)Standing.UnderReview], await connection.QueryAsync<int>("select distinct standing from register_entry"));
        Assert.Equal(3, (await CasesAsync(service)).Count);
    }

    [Fact]
    public void Silence_OfWhoLeavesOrIsNotRegistered_IsNothing()
    {
        var rules = Manzil.Tests.Rules.SmallRules.In("Europe/Moscow");
        var entry = new RegisterEntry { Standing = Standing.Registered, LastTold = new(2026, 4, 1), NextDeadline = new(2026, 5, 1) };
        SilenceOutcome On(RegisterEntry e, LocalDate? delivered, int month, int day) =>
            Silence.On(e, delivered, new LocalDate(2026, month, day), rules.WorkersCalendar, rules.Intervals);

        Assert.Equal(SilenceOutcome.Wait, On(entry, new(2026, 4, 24), 5, 6));
        Assert.Equal(SilenceOutcome.OpenCase, On(entry, new(2026, 4, 24), 5, 7));
        Assert.Equal(SilenceOutcome.Wait, On(entry, null, 5, 6));
        Assert.Equal(SilenceOutcome.ToBeReached, On(entry, null, 5, 7));
        Assert.Equal(SilenceOutcome.Wait, On(entry, new(2026, 5, 5), 5, 8));
        Assert.Equal(SilenceOutcome.OpenCase, On(entry, new(2026, 5, 5), 5, 9));
        Assert.Equal(SilenceOutcome.Nothing, On(entry with { DepartureNumber = "0000-00000-00000" }, new(2026, 4, 24), 5, 30));
        foreach (var standing in Enum.GetValues<Standing>().Where(s => s != Standing.Registered))
            Assert.Equal(SilenceOutcome.Nothing, On(entry with { Standing = standing }, new(2026, 4, 24), 5, 30));
    }

    static async Task<SignedInWorker> ToldAsync(TestService service)
    {
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync(Registration);
        await worker.GiveAsync(Residence);
        return worker;
    }

    // As Timers does, but for heartbeats: the clock jumps here.
    static async Task StepAsync(TestService service)
    {
        var now = service.Clock.GetCurrentInstant();
        await service.Services.GetRequiredService<SendReminders>().RunAsync(now);
        await service.Services.GetRequiredService<OpenSilentCases>().RunAsync(now);
    }

    static async Task DeliverAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync(
            "update message set delivered_at = @now where reminds_of is not null", new { now = service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
    }

    static async Task<IReadOnlyList<(string Number, string Day)>> CasesAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return [.. (await connection.QueryAsync<(string Number, long At)>("select act_number, opened_at from case_file"))
            .Select(c => (c.Number, IsoDate.Write(service.Core.Rules.DateOf(Instant.FromUnixTimeMilliseconds(c.At)))!))];
    }

    static async Task<long> CountAsync(TestService service, int reminded)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from register_entry where reminded = @reminded", new { reminded });
    }
}
