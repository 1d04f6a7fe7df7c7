using Dapper;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Rules;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>rules.md, Days: an outage makes the time to answer and to appeal longer, the worker is told, and no time becomes shorter than was told.</summary>
public class MoveCaseDeadlinesTests
{
    [Theory, EachDatabase]
    public async Task Run_OutageWhileTheWorkerHasTime_TellsThemOnceUntilWhen(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        Assert.Contains("You have until 8 December 2026 to answer.", await HomeAsync(setting), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync(service));

        service.Clock.AdvanceDays(8);
        Assert.Contains("later now: 1.", await OutageAsync(service, "2026-11-30"), StringComparison.Ordinal);
        Assert.Equal((1, 0), (await RunAsync(service), await RunAsync(service)));
        Assert.Contains("You have until 9 December 2026 to answer.", await HomeAsync(setting), StringComparison.Ordinal);
        Assert.Contains("until 9 December 2026 to answer in your case", (await ToldAsync(service)).Single(), StringComparison.Ordinal);

        await setting.ProposeAsync();
        await setting.AgreeAsync();
        Assert.Contains("You have until 31 December 2026 to appeal.", await HomeAsync(setting), StringComparison.Ordinal);
        service.Clock.AdvanceDays(1);
        Assert.Equal(0, await RunAsync(service));
        Assert.Contains("later now: 1.", await OutageAsync(service, "2026-12-18"), StringComparison.Ordinal);
        Assert.Equal((1, 0), (await RunAsync(service), await RunAsync(service)));
        Assert.Contains("You have until 11 January 2027 to appeal.", await HomeAsync(setting), StringComparison.Ordinal);
        Assert.Contains("until 11 January 2027 to appeal.", (await ToldAsync(service))[0], StringComparison.Ordinal);

        var status = await service.Client.GetStringAsync("/status", TestContext.Current.CancellationToken);
        Assert.Contains("1 deadline moved", status, StringComparison.Ordinal);
        // A day before the time began moves nothing.
        Assert.Contains("later now: 0.", await OutageAsync(service, "2026-12-16"), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync(service));
    }

    [Theory, EachDatabase]
    public async Task Decide_BeforeTheDateThatTheWorkerWasTold_IsRefusedWhateverTheCalendarSaysNow(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        await HomeAsync(setting);
        await RunAsync(service);
        // As if the calendar had been another one when they were told.
        await using (var connection = await service.Core.Database.OpenAsync()) await connection.ExecuteAsync("update told_until set until_day = '2026-12-30'");
        Assert.Equal(0, await RunAsync(service));
        Assert.Contains("You have until 30 December 2026 to answer.", await HomeAsync(setting), StringComparison.Ordinal);
        service.Clock.AdvanceDays(20);
        await using var register = await service.Core.Database.OpenAsync();
        var rules = service.Core.CurrentRules.Now;
        var facts = await CaseFile.FactsAsync(register, null, await CaseFile.NewestAsync(register, null, setting.Worker.Worker.Id), Standing.UnderReview, rules);
        var words = new CaseWords { GroundIsKnown = true, Facts = CaseSetting.Facts, Change = "A confirmation.", OpenedEveryAnswer = true, OpenedEveryDocument = true };
        CaseRefusal? On(int day) => CaseRules.Refuse(CaseAct.ProposeRemoval, Actor.Staff(StaffRole.Caseworker, "S1"), facts with { StepLeft = new(2026, 12, 20) }, words, Standing.UnderReview, new(2026, 12, day), rules);
        Assert.Equal((CaseRefusal.AnswerPeriodRuns, null), (On(30), On(31)));
    }

    static async Task<string> HomeAsync(CaseSetting setting) => (await (await setting.VisitAsync()).GetAsync("/")).Text;

    static Task<int> RunAsync(TestService service)
    {
        service.Clock.AdvanceMinutes(61);
        return service.Services.GetRequiredService<MoveCaseDeadlines>().RunAsync(service.Clock.GetCurrentInstant());
    }

    static async Task<string> OutageAsync(TestService service, string day)
    {
        var printed = await OutageCommand.RecordAsync(service.Core, day, day, "SMS did not arrive", service.Clock.GetCurrentInstant());
        await service.Core.CurrentRules.RefreshAsync(service.Core.Database);
        return printed;
    }

    /// <summary>Newest first.</summary>
    static async Task<IReadOnlyList<string>> ToldAsync(TestService service) =>
        [.. (await Outbox.NewestAsync(service.Core.Database, 100)).Where(m => m.Subject == "You have more time").Select(m => m.Body)];
}
