using Manzil.Deadlines;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Deadlines;

/// <summary>A worker who is late reads until when nothing happens, how many working days that is, and why.</summary>
public class SilenceShownTests
{
    // Told on 2026-11-23: due on Wednesday 2026-12-23.
    [Theory, EachDatabase]
    public async Task Home_AfterTheDueDate_SaysUntilWhenNothingHappensAndWhy(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        Assert.Contains("It is 30 days after 23 November 2026, when you last told us where you live or your case was closed.", await HomeAsync(service, worker), StringComparison.Ordinal);
        service.Clock.AdvanceDays(24);
        await RemindAsync(service);
        Assert.DoesNotContain("Nothing happens before", await HomeAsync(service, worker), StringComparison.Ordinal);
        service.Clock.AdvanceDays(7);
        var home = await HomeAsync(service, worker);
        foreach (var said in new[] { "Nothing happens before 28 December 2026 is over.", "2 working days left.", "That is 3 working days after 23 December 2026, by which you were to confirm." })
            Assert.Contains(said, home, StringComparison.Ordinal);
        Assert.DoesNotContain("are not counted", home, StringComparison.Ordinal);
        Assert.Equal("2026-12-28", await SilenceEndsAsync(worker));

        service.Clock.AdvanceDays(1);
        await OutageCommand.RecordAsync(service.Core, "2026-12-25", "2026-12-25", "No SMS", service.Clock.GetCurrentInstant());
        await service.Core.CurrentRules.RefreshAsync(service.Core.Database);
        home = await HomeAsync(service, worker);
        foreach (var said in new[] { "Nothing happens before 29 December 2026 is over.", "Days on which the service did not work are not counted." }) Assert.Contains(said, home, StringComparison.Ordinal);
        Assert.Equal("2026-12-29", await SilenceEndsAsync(worker));
        await worker.GiveAsync("""{"kind":"confirmation"}""");
        Assert.Null(await SilenceEndsAsync(worker));
        Assert.DoesNotContain("Nothing happens before", await HomeAsync(service, worker), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Home_WithoutADeliveredReminder_SaysThatNoTimeRuns(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demo: false);
        var worker = await ToldAsync(service);
        service.Clock.AdvanceDays(31);
        Assert.Contains("No time runs against you, since no reminder has reached you.", await HomeAsync(service, worker), StringComparison.Ordinal);
        await worker.SignInAgainAsync();
        Assert.Null(await SilenceEndsAsync(worker));

        // Whoever reads it here has been reached, today.
        await RemindAsync(service);
        var home = await HomeAsync(service, worker);
        foreach (var said in new[] { "Nothing happens before 29 December 2026 is over.", "That is 3 working days after 24 December 2026, when our reminder, or an officer, reached you." }) Assert.Contains(said, home, StringComparison.Ordinal);
    }

    static async Task<SignedInWorker> ToldAsync(TestService service)
    {
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        return worker;
    }

    static Task<int> RemindAsync(TestService service) => service.Services.GetRequiredService<SendReminders>().RunAsync(service.Clock.GetCurrentInstant());

    static async Task<string> HomeAsync(TestService service, SignedInWorker worker)
    {
        await worker.SignInAgainAsync();
        return (await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/")).Text;
    }

    static async Task<string?> SilenceEndsAsync(SignedInWorker worker) => (await worker.ReadAsync("/api/v1/me")).GetProperty("silenceEnds").GetString();
}
