using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>rules.md, Days: a silence period that an outage makes longer is told, and none ends before the day that the worker was told.</summary>
public class MoveSilencePeriodsTests
{
    // Told on 2026-11-23: due on Wednesday 2026-12-23, silence over with Monday the 28th.
    [Theory, EachDatabase]
    public async Task Run_OutageInTheSilencePeriod_TellsTheWorkerOnceAndIsCounted(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await SilentAsync(service, days: 31);
        Assert.Equal(0, await RunAsync(service));
        service.Clock.AdvanceDays(1);
        Assert.Contains("later now: 1.", await OutageAsync(service, "2026-12-25"), StringComparison.Ordinal);
        var told = await Task.WhenAll(RunAsync(service), new MoveSilencePeriods(service.Core.Database, service.Core.CurrentRules, service.Services.GetRequiredService<Telling>()).RunAsync(service.Clock.GetCurrentInstant()));
        Assert.Equal((1, 0), (told.Sum(), await RunAsync(service)));
        Assert.Contains("nothing happens before 29 December 2026 is over", Assert.Single(await MovedAsync(service)), StringComparison.Ordinal);
        service.Clock.AdvanceMinutes(2);
        Assert.Contains("1 deadline moved", await service.Client.GetStringAsync("/status", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // A day before it began moves nothing.
        Assert.Contains("later now: 0.", await OutageAsync(service, "2026-12-22"), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync(service));
    }

    [Theory, EachDatabase]
    public async Task Run_WhoConfirmedSince_IsToldOfNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SilentAsync(service, days: 31);
        await RunAsync(service);
        await worker.SignInAgainAsync();
        await worker.GiveAsync("""{"kind":"confirmation"}""");
        service.Clock.AdvanceDays(1);
        Assert.Contains("later now: 0.", await OutageAsync(service, "2026-12-25"), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync(service));
        Assert.Empty(await MovedAsync(service));
    }

    // As if Tuesday the 29th had been a day off in the calendar that they were told by.
    [Theory, EachDatabase]
    public async Task Open_BeforeTheDayThatTheWorkerWasTold_WaitsWhateverTheCalendarSaysNow(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SilentAsync(service, days: 31);
        await RunAsync(service);
        await using (var connection = await service.Core.Database.OpenAsync()) Assert.Equal(1, await connection.ExecuteAsync("update told_until set until_day = '2026-12-30'"));
        var home = (await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/")).Text;
        foreach (var said in new[] { "Nothing happens before 30 December 2026 is over.", "This is the date that we told you." }) Assert.Contains(said, home, StringComparison.Ordinal);
        for (var day = 25; day <= 30; day++)
        {
            service.Clock.AdvanceDays(1);
            Assert.Equal(0, await RunAsync(service));
            Assert.Equal(0, await OpenAsync(service));
        }

        service.Clock.AdvanceDays(1);
        Assert.Equal(1, await OpenAsync(service));
        await worker.SignInAgainAsync();
        Assert.Equal("under-review", await worker.StandingAsync());
    }

    static async Task<SignedInWorker> SilentAsync(TestService service, int days)
    {
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        service.Clock.AdvanceDays(days - 1);
        await service.Services.GetRequiredService<SendReminders>().RunAsync(service.Clock.GetCurrentInstant());
        service.Clock.AdvanceDays(1);
        return worker;
    }

    static async Task<string> OutageAsync(TestService service, string day)
    {
        var said = await OutageCommand.RecordAsync(service.Core, day, day, "No SMS", service.Clock.GetCurrentInstant());
        await service.Core.CurrentRules.RefreshAsync(service.Core.Database);
        return said;
    }

    static Task<int> RunAsync(TestService service) => service.Services.GetRequiredService<MoveSilencePeriods>().RunAsync(service.Clock.GetCurrentInstant());

    static Task<int> OpenAsync(TestService service) => service.Services.GetRequiredService<OpenSilentCases>().RunAsync(service.Clock.GetCurrentInstant());

    static async Task<IReadOnlyList<string>> MovedAsync(TestService service) =>
        [.. (await Outbox.NewestAsync(service.Core.Database, 100)).Where(m => m.Subject == "You have more time").Select(m => m.Body)];
}
