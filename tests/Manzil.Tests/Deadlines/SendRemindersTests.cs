using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Deadlines;

/// <summary>rules.md, Confirming an address, 2: reminders 7 days before, 1 day before and on the day, between 09:00 and 20:00.</summary>
public class SendRemindersTests
{
    const string Registration = """{"kind":"registration"}""", Confirmation = """{"kind":"confirmation"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""";

    // Told on 2026-11-23 at noon in Moscow: due on 2026-12-23.
    [Theory, EachDatabase]
    public async Task Run_EveryHourOfAPeriod_RemindsThreeTimesOnTheRightDaysInDaytime(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await ToldAsync(service);
        for (var hour = 0; hour < 35 * 24; hour++)
        {
            service.Clock.AdvanceHours(1);
            await RunAsync(service);
        }

        var sent = (await ReadAsync(service)).Select(m => Instant.FromUnixTimeMilliseconds(m.CreatedAt).InZone(service.Core.Rules.Zone).LocalDateTime);
        Assert.Equal(
            [new(2026, 12, 16, 9, 0), new(2026, 12, 22, 9, 0), new(2026, 12, 23, 9, 0)],
            sent);
        var bodies = (await ReadAsync(service)).Select(m => m.Body).ToList();
        Assert.All(bodies, body => Assert.Contains("23 December 2026", body, StringComparison.Ordinal));
        // None is a copy of another.
        Assert.Equal([true, true, true], bodies.Zip((string[])["Reminder 1 of 3.", "Reminder 2 of 3.", "Last reminder."], (body, which) => body.Contains(which, StringComparison.Ordinal)));
    }

    [Theory, EachDatabase]
    public async Task Run_ServiceWasOffForDays_SendsOneReminderOnly(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await ToldAsync(service);
        service.Clock.AdvanceDays(32);
        Assert.Equal(1, await RunAsync(service));
        Assert.Equal(0, await RunAsync(service));
        Assert.Contains("was to be confirmed", Assert.Single(await ReadAsync(service)).Body, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Run_WorkerConfirmedOrLeaves_IsNotReminded(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var confirmed = await ToldAsync(service);
        var leaving = await ToldAsync(service);
        await confirmed.PassDaysAsync(24);
        Assert.Equal(2, await RunAsync(service));
        await leaving.SignInAgainAsync();
        await confirmed.GiveAsync(Confirmation);
        await leaving.GiveAsync("""{"kind":"departure","on":"<today+60>"}""");
        service.Clock.AdvanceDays(6);
        Assert.Equal(0, await RunAsync(service));
        // The confirmation began a new period, with reminders of its own.
        service.Clock.AdvanceDays(20);
        Assert.Equal(1, await RunAsync(service));
    }

    [Theory, EachDatabase]
    public async Task Run_ManyNodesAtOnce_RemindEachWorkerOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        foreach (var _ in Enumerable.Range(0, 12)) await ToldAsync(service);
        service.Clock.AdvanceDays(24);
        var reminded = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => RunAsync(service))));
        Assert.Equal(12, reminded.Sum());
        Assert.Equal(12, (await ReadAsync(service)).Select(m => m.WorkerId).Distinct().Count());
        Assert.Equal(12, (await ReadAsync(service)).Count);
    }

    static async Task<SignedInWorker> ToldAsync(TestService service)
    {
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync(Registration);
        await worker.GiveAsync(Residence);
        return worker;
    }

    static Task<int> RunAsync(TestService service) => service.Services.GetRequiredService<SendReminders>().RunAsync(service.Clock.GetCurrentInstant());

    static async Task<IReadOnlyList<Message>> ReadAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return [.. await connection.QueryAsync<Message>(
            "select id, worker_id as WorkerId, body, created_at as CreatedAt from message where reminds_of is not null order by id")];
    }
}
