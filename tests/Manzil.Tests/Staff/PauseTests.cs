using System.Net;
using Dapper;
using Manzil.Cases;
using Manzil.Cases.Desk;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.SignIn;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Staff;

/// <summary>The circuit breaker trips by itself, in public, and only a lead reviewer lifts it, in public too.</summary>
public class PauseTests
{
    [Theory, EachDatabase]
    public async Task Decide_OneAppealTooManyForWorkers_PausesRemovalsAndALeadReviewerLiftsIt(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var workers = await AppealedAsync(service, 6);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        await DecideAsync(service, workers[..5]);
        var breaker = service.Services.GetRequiredService<Breaker>();
        await breaker.RunAsync(service.Clock.GetCurrentInstant());
        Assert.Contains("None so far", await ReadStatusAsync(service));
        Assert.Contains("Removals are not paused", await lead.Browser.ReadAsync("/staff/lead/pause"));

        var (reviewer, _) = await service.StaffAsync(StaffRole.Reviewer);
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            var file = await CaseFile.NewestAsync(connection, null, workers[5]);
            var decided = await service.Services.GetRequiredService<DeskActs>().DoAsync(
                DeskAct.Find("decide-for")!, reviewer.Actor, workers[5], file!.Mark, new DeskWords("The landlord was wrong."), Guid.NewGuid().ToString("N"));
            Assert.IsType<ActResult.Accepted>(decided);
        }

        var status = await ReadStatusAsync(service);
        Assert.Contains("6 of 6 appeals were decided for workers", status);
        Assert.Contains("Not lifted yet", status);
        await AssertWholeAsync(service, status, StatementKind.RemovalsPaused);

        using (var empty = await lead.Browser.SendAsync("/staff/lead/pause", new Dictionary<string, string> { ["Reason"] = " " })) Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);
        using (var lifted = await lead.Browser.SendAsync("/staff/lead/pause", new Dictionary<string, string> { ["Reason"] = "The form asked for the wrong paper; it is corrected." }))
        {
            Assert.StartsWith("/staff/lead/pause?lifted=", lifted.Headers.Location?.OriginalString, StringComparison.Ordinal);
            var receipt = "/staff/receipts/" + lifted.Headers.Location!.OriginalString.Split('=')[1];
            Assert.Contains($"href=\"{receipt}\"", await lead.Browser.ReadAsync(lifted.Headers.Location.OriginalString));
            Assert.Contains("Pause of removals ended", await lead.Browser.ReadAsync(receipt));
            // Another lead reviewer did not lift it.
            var other = Visitor.Officer(service, (await service.StaffAsync(StaffRole.LeadReviewer)).Cookie);
            Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync(receipt)).Status);
        }

        Assert.Contains("Removals are not paused", await lead.Browser.ReadAsync("/staff/lead/pause"));
        status = await ReadStatusAsync(service);
        Assert.Contains("it is corrected", status);
        await AssertWholeAsync(service, status, StatementKind.PauseLifted);
        // The same appeals do not pause it again.
        await breaker.RunAsync(service.Clock.GetCurrentInstant());
        Assert.DoesNotContain("Not lifted yet", await ReadStatusAsync(service));
    }

    [Theory, EachDatabase]
    public async Task Timers_AppealsDecidedBeforeAStop_StateThePause(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await DecideAsync(service, await AppealedAsync(service, 6));
        await service.Services.GetRequiredService<Timers>().StepAsync();
        await service.Services.GetRequiredService<Timers>().StepAsync();
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("select count(*) from removal_pause where lifted_at is null"));
    }

    [Theory, EachDatabase]
    public async Task Status_Officers_AreCountedByRole(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        using var lead = await Invitee.EnterAsync(service, "L1", StaffRole.LeadReviewer);
        using var waiting = await Invitee.InviteAsync(service, "C1", StaffRole.Clerk);
        await service.StaffAsync(StaffRole.Caseworker);
        await service.StaffAsync(StaffRole.Caseworker);
        var t = Texts.For("en");
        var status = await ReadStatusAsync(service);
        foreach (var (role, count) in new[] { (StaffRole.LeadReviewer, 1), (StaffRole.Caseworker, 2), (StaffRole.Clerk, 0), (StaffRole.Operator, 0) })
            Assert.Contains($">{t[$"staff-role.{role.Name()}"]}</dt><dd class=\"govuk-summary-list__value\" dir=\"auto\">{count}</dd>", status);
        Assert.Contains("to whom no other lead reviewer had agreed", status);
        Assert.DoesNotContain("Officer L1", status);
    }

    /// <summary>Workers about whom two officers decided, and who have appealed.</summary>
    static async Task<long[]> AppealedAsync(TestService service, int count)
    {
        var (one, _) = await service.StaffAsync(StaffRole.Caseworker);
        var (two, _) = await service.StaffAsync(StaffRole.Caseworker);
        var rules = service.Core.CurrentRules.Now;
        var telling = service.Services.GetRequiredService<Telling>();
        var workers = new long[count];
        for (var i = 0; i < count; i++)
        {
            var worker = await SignedInWorker.NewAsync(service);
            await worker.GiveAsync("""{"kind":"registration"}""");
            await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
            workers[i] = worker.Worker.Id;
        }

        service.Clock.AdvanceMinutes(1);
        foreach (var worker in workers)
            await DoAsync(service, worker, at => new OpenCaseWithReason(one.Actor, "Two neighbours say that nobody lives there.", rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk });
        service.Clock.AdvanceDays(16);
        foreach (var worker in workers)
        {
            await DoAsync(service, worker, at => new ProposeRemoval(one.Actor, new Proposal("LEFT", "The landlord says that the worker left on 3 March and took everything along.", "A confirmation."), rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk });
            await DoAsync(service, worker, at => new AgreeToRemoval(two.Actor, null, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk });
            await DoAsync(service, worker, at => new AppealRemoval(Actor.Worker, "I live there.", [], rules, telling) { ReceivedAt = at, Channel = RecordChannel.Web });
        }

        return workers;
    }

    /// <summary>Decides their appeals for them, without asking whether that pauses anything.</summary>
    static async Task DecideAsync(TestService service, long[] workers)
    {
        var (reviewer, _) = await service.StaffAsync(StaffRole.Reviewer);
        var telling = service.Services.GetRequiredService<Telling>();
        foreach (var worker in workers)
            await DoAsync(service, worker, at => new DecideAppeal(reviewer.Actor, true, "The landlord was wrong.", service.Core.CurrentRules.Now, telling) { ReceivedAt = at, Channel = RecordChannel.Desk });
    }

    static async Task DoAsync(TestService service, long worker, Func<Instant, Act> make)
    {
        var act = make(service.Clock.GetCurrentInstant());
        act.WorkerId = worker;
        var result = await service.Core.Writer.SubmitAsync(act);
        Assert.True(result is ActResult.Accepted, result.ToString());
    }

    static async Task<string> ReadStatusAsync(TestService service)
    {
        // Counted once a minute.
        service.Clock.AdvanceMinutes(1);
        using var reader = new WebReader(service);
        return await reader.ReadAsync("/status");
    }

    /// <summary>The status page leads to the statement itself, which anybody can read whole.</summary>
    static async Task AssertWholeAsync(TestService service, string status, StatementKind kind)
    {
        var paths = System.Text.RegularExpressions.Regex.Matches(status, "href=\"(/log/(?:[0-9]+/)?statements/[0-9]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(paths);
        var kinds = new List<StatementKind>();
        foreach (var path in paths) kinds.Add(Manzil.Receipts.Record.Decode(await service.Client.GetByteArrayAsync(path + "/record", TestContext.Current.CancellationToken)).Kind);
        Assert.Contains(kind, kinds);
    }
}
