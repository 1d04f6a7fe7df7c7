using System.Text.Json.Nodes;
using Dapper;
using Manzil.Deadlines;
using Manzil.Register;
using Manzil.Simulation;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.Rules;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Deadlines;

/// <summary>
/// Who is reminded in rounds, by themselves, or moved from one to the other, is reminded as if each worker had a list of their own: of
/// the newest reminder that is due, once.
/// </summary>
public class ReminderRoundsTests
{
    const string Registration = """{"kind":"registration"}""", Confirmation = """{"kind":"confirmation"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""";
    static readonly int[] DaysBefore = [7, 1, 0];

    /// <param name="every">Days from one confirmation to the next. With 8, the rounds of the date have begun when it is told.</param>
    [Theory]
    [InlineData(DatabaseKind.Sqlite, 8, 1)]
    [InlineData(DatabaseKind.Sqlite, 12, 2)]
    [InlineData(DatabaseKind.Postgres, 8, 3)]
    [InlineData(DatabaseKind.Postgres, 9, 4)]
    [InlineData(DatabaseKind.Postgres, 12, 5)]
    [InlineData(DatabaseKind.Postgres, 30, 6)]
    public async Task Run_AnyOrderOfTellingsOutagesNodesAndDaysOff_RemindsAsAListOfEachWorkerWould(DatabaseKind kind, int every, int seed)
    {
        var rules = Path.Combine(Directory.CreateTempSubdirectory("manzil-test-").FullName, "rules.json");
        var json = JsonNode.Parse(await File.ReadAllTextAsync(RulesData.DemoPath, TestContext.Current.CancellationToken))!;
        json["intervals"]!["confirmEveryDays"] = every;
        await File.WriteAllTextAsync(rules, json.ToJsonString(), TestContext.Current.CancellationToken);
        await using var service = await TestService.StartAsync(kind, rules: rules);
        var dice = new Dice(seed);
        var workers = new List<Told>();
        foreach (var _ in Enumerable.Range(0, 16))
        {
            var worker = await SignedInWorker.NewAsync(service);
            await worker.GiveAsync(Registration);
            workers.Add(new Told(worker) { Due = (await worker.GiveAsync(Residence)).NextDeadline! });
        }

        var (reminded, alone) = (0, 0L);
        for (var day = 0; day < 80; day++)
        {
            var outage = dice.Throw(7);
            foreach (var turn in Enumerable.Range(0, 4).OrderBy(_ => dice.Throw(1000)))
            {
                if (turn == 0) foreach (var worker in workers.Where(_ => dice.Throw(every) == 0)) await worker.ConfirmAsync();
                if (turn == 1 && outage == 0) await OutageAsync(service, workers, nodes: 0);
                if (turn == 2 && dice.Throw(4) != 0) reminded += await RemindAsync(service, workers, dice.Between(1, 3));
                if (turn == 3 && outage == 1) reminded += await OutageAsync(service, workers, nodes: 2);
            }

            alone += await CountAloneAsync(service);
            service.Clock.AdvanceDays(1);
        }

        // Long after the last due date nothing of a round is left.
        service.Clock.AdvanceDays(every + 60);
        foreach (var worker in workers) await worker.ConfirmAsync();
        await SweepAsync(service, nodes: 1);
        Assert.Equal(0, await CountPartsOfThePastAsync(service));

        TestContext.Current.SendDiagnosticMessage($"{kind}, every {every} days: {reminded} reminders, on {alone} days of workers by themselves");
        Assert.True(reminded > 20, $"{reminded} reminders");
        Assert.True(alone > 0 || every > DaysBefore[0] + 1, "Nobody was reminded by themselves.");
        Directory.Delete(Path.GetDirectoryName(rules)!, recursive: true);
    }

    /// <summary>A sweep, of several nodes at once.</summary>
    static async Task<int> RemindAsync(TestService service, List<Told> workers, int nodes)
    {
        var was = await NewestAsync(service);
        await SweepAsync(service, nodes);
        var reminded = await RemindedAsync(service, was);
        foreach (var worker in workers) worker.See(reminded.Count(id => id == worker.Id), worker.StepOn(worker.Due, service));
        return reminded.Count;
    }

    /// <summary>Today does not count; deadlines are moved, and meanwhile some nodes sweep.</summary>
    static async Task<int> OutageAsync(TestService service, List<Told> workers, int nodes)
    {
        var today = IsoDate.Write(service.Core.Rules.DateOf(service.Clock.GetCurrentInstant()))!;
        var was = await NewestAsync(service);
        await OutageCommand.RecordAsync(service.Core, today, today, "SMS did not arrive", service.Clock.GetCurrentInstant());
        await service.Services.GetRequiredService<CurrentRules>().RefreshAsync(service.Core.Database);
        await Task.WhenAll(SweepAsync(service, nodes), Task.Run(() => service.Services.GetRequiredService<MoveDeadlines>().RunAsync(service.Clock.GetCurrentInstant())));
        var reminded = await RemindedAsync(service, was);
        foreach (var worker in workers)
        {
            var (messages, due) = (reminded.Count(id => id == worker.Id), await DueAsync(service, worker.Id));
            if (due != worker.Due) worker.Move(messages, due, service);
            else worker.See(messages, worker.StepOn(due, service), isLast: false);
        }

        return reminded.Count;
    }

    static Task SweepAsync(TestService service, int nodes) => Task.WhenAll(
        Enumerable.Range(0, nodes).Select(_ => Task.Run(() => service.Services.GetRequiredService<SendReminders>().RunAsync(service.Clock.GetCurrentInstant()))));

    static async Task<long> NewestAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long?>("select max(id) from message") ?? 0;
    }

    static async Task<List<long>> RemindedAsync(TestService service, long after)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return [.. await connection.QueryAsync<long>("select worker_id from message where reminds_of is not null and id > @after", new { after })];
    }

    static async Task<long> CountAloneAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from register_entry where reminded < 0");
    }

    static async Task<long> CountPartsOfThePastAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>(
            "select count(*) from reminder_part where due < @today", new { today = IsoDate.Write(service.Core.Rules.DateOf(service.Clock.GetCurrentInstant())) });
    }

    static async Task<string> DueAsync(TestService service, long worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return (await connection.ExecuteScalarAsync<string>("select next_deadline from register_entry where worker_id = @worker", new { worker }))!;
    }

    /// <summary>A worker, and how many of the period's reminders may have been dealt with by what was seen.</summary>
    sealed class Told(SignedInWorker worker)
    {
        HashSet<int> _done = [0];

        public long Id => worker.Worker.Id;

        public required string Due { get; set; }

        public async Task ConfirmAsync()
        {
            await worker.SignInAgainAsync();
            var due = (await worker.GiveAsync(Confirmation)).NextDeadline!;
            if (due != Due) _done = [0];
            Due = due;
        }

        public int StepOn(string due, TestService service)
        {
            var today = service.Core.Rules.DateOf(service.Clock.GetCurrentInstant());
            return DaysBefore.Count(days => IsoDate.Read(due) <= today.PlusDays(days));
        }

        /// <summary>
        /// A sweep beside it may have come before the move, with the reminder that was due of the date before, or after it, or both. What was
        /// sent counts for those reminders alone whose day for the new date is over: of the others they are reminded again.
        /// </summary>
        public void Move(int messages, string due, TestService service)
        {
            var today = service.Core.Rules.DateOf(service.Clock.GetCurrentInstant());
            var passed = DaysBefore.Count(days => IsoDate.Read(due)!.Value.PlusDays(-days) < today);
            var (before, after, was) = (StepOn(Due, service), StepOn(due, service), string.Join(", ", _done));
            _done = [..
                from done in _done
                from first in done < before ? new[] { done, before } : [done]
                let moved = Math.Min(first, passed)
                from second in moved < after ? new[] { moved, after } : [moved]
                where (first == done ? 0 : 1) + (second == moved ? 0 : 1) == messages
                select second];
            Assert.True(_done.Count > 0, $"Worker {Id}, moved from {Due} to {due} on {today:R}: {messages} messages, with {was} reminders dealt with before");
            Due = due;
        }

        /// <param name="step">Which reminder is due.</param>
        /// <param name="isLast">False where the next sweep may be the one that reminds.</param>
        public void See(int messages, int step, bool isLast = true)
        {
            Assert.InRange(messages, 0, 1);
            var was = string.Join(", ", _done);
            if (messages == 1) _done = _done.Any(done => done < step) ? [step] : [];
            else if (isLast) _done.RemoveWhere(done => done < step);
            Assert.True(_done.Count > 0, $"Worker {Id}, due on {Due}: {messages} messages, with {was} of {step} reminders dealt with before");
        }
    }
}
