using Dapper;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>A case from its opening to a removal and back, by the acts themselves on both databases.</summary>
public class CaseActsTests
{
    static readonly Proposal Whole = new("LEFT", "The landlord says that the worker left on 3 March and took everything along.", "A confirmation from the worker.");

    [Theory, EachDatabase]
    public async Task Case_FromOpeningToRemovalAndBack_FollowsTheTable(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        var (one, _) = await service.StaffAsync(StaffRole.Caseworker);
        var (two, _) = await service.StaffAsync(StaffRole.Caseworker);
        var (reviewer, _) = await service.StaffAsync(StaffRole.Reviewer);
        var rules = service.Core.CurrentRules.Now;
        var telling = service.Services.GetRequiredService<Telling>();
        Task<ActResult> Do(Func<Instant, Act> make)
        {
            var act = make(service.Clock.GetCurrentInstant());
            act.WorkerId = worker.Worker.Id;
            return service.Core.Writer.SubmitAsync(act);
        }

        async Task Accepted(Func<Instant, Act> make, Standing standing)
        {
            var result = await Do(make);
            Assert.True(result is ActResult.Accepted, result.ToString());
            Assert.Equal(standing, (await service.Core.Workers.FindAsync(worker.Worker.Id))!.Entry.Standing);
        }

        async Task Refused(Func<Instant, Act> make, CaseRefusal reason) => Assert.Equal(new ActResult.Refused(reason.Name()), await Do(make));

        Act Propose(Instant at) => new ProposeRemoval(one.Actor, Whole, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk };
        Act Agree(Instant at, Actor by) => new AgreeToRemoval(by, null, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk };
        Act Put(Instant at) => new PutRemovalInEffect(two.Actor, rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk };
        Act Appeal(Instant at) => new AppealRemoval(Actor.Worker, "I live there.", [], rules, telling) { ReceivedAt = at, Channel = RecordChannel.Web };
        Act Open(Instant at) => new OpenCaseWithReason(one.Actor, "Two neighbours say that nobody lives there.", rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk };

        await Refused(Propose, CaseRefusal.NotAtThisStage);
        await Accepted(Open, Standing.UnderReview);
        await Refused(Propose, CaseRefusal.AnswerPeriodRuns);
        await Accepted(at => new AnswerCase(Actor.Worker, "I do live there.", [], rules, telling) { ReceivedAt = at, Channel = RecordChannel.Web }, Standing.UnderReview);
        // A confirmation answers such a case and does not close it.
        await worker.GiveAsync("""{"kind":"confirmation"}""");
        Assert.Equal(Standing.UnderReview, (await service.Core.Workers.FindAsync(worker.Worker.Id))!.Entry.Standing);
        service.Clock.AdvanceDays(16);
        await Refused(Propose, CaseRefusal.AnswersUnopened);
        await OpenAnswersAsync(service, worker.Worker.Id, one.Number);
        await Accepted(Propose, Standing.UnderReview);
        await Refused(at => Agree(at, one.Actor), CaseRefusal.SamePerson);
        await Refused(at => Agree(at, two.Actor), CaseRefusal.AnswersUnopened);
        await OpenAnswersAsync(service, worker.Worker.Id, two.Number);
        await Accepted(at => Agree(at, two.Actor), Standing.RemovalPending);
        await Refused(Put, CaseRefusal.AppealWindowRuns);
        service.Clock.AdvanceDays(18);
        await Accepted(Put, Standing.Removed);
        await Accepted(Appeal, Standing.RemovalPending);
        await OpenAnswersAsync(service, worker.Worker.Id, reviewer.Number);
        await Accepted(at => new DecideAppeal(reviewer.Actor, false, "The landlord's word stands.", rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk }, Standing.RemovalPending);
        await Refused(Put, CaseRefusal.AppealWindowRuns);
        // The new year's days off lie between.
        service.Clock.AdvanceDays(25);
        await Accepted(Put, Standing.Removed);
        await Accepted(at => new ReinstateWorker(reviewer.Actor, "The landlord was wrong.", rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk }, Standing.Registered);
        await Refused(Open, CaseRefusal.DecidedAlready);
    }

    static async Task OpenAnswersAsync(TestService service, long worker, string staff)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var file = (await CaseFile.NewestAsync(connection, null, worker))!;
        foreach (var answer in await file.UnopenedAnswersAsync(connection, null, staff))
        {
            await connection.ExecuteAsync(
                "insert into look (worker_id, staff_number, role, office, what, item, reason, looked_at, keep_until) values (@worker, @staff, 'caseworker', 'NRV-01', 'answer', @answer, 'test', 1, 2)",
                new { worker, staff, answer });
        }
    }
}
