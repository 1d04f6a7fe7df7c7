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

    // Whatever is done in a case, the worker is told of it, once, in the words of that act.
    [Theory, EachDatabase]
    public async Task Act_OfAnybody_TellsTheWorkerInItsOwnWords(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var workers = await walk.RipeAsync(s => s switch { CaseStage.AwaitingAgreement => 3, CaseStage.Open or CaseStage.RemovalPending or CaseStage.Suspended => 2, _ => 1 });
        await using var connection = await service.Core.Database.OpenAsync();
        async Task TellsAsync(CaseStage stage, int which, CaseAct act, string who, string key)
        {
            var worker = workers[stage][which];
            await walk.DoneAsync(worker, act, who);
            var newest = await connection.QuerySingleAsync<(string Number, int Kind)>("select number, kind from act where worker_id = @worker order by given_at desc, leaf desc limit 1", new { worker });
            var told = await connection.QuerySingleAsync<(string Subject, string Body)>("select subject, body from message where act_number = @Number", new { newest.Number });
            Assert.Equal(Manzil.Layout.Texts.For("en")[$"message.{key}.subject"], told.Subject);
            Assert.Contains(newest.Number, told.Body, StringComparison.Ordinal);
            if (key is not ("removal-agreed" or "appeal-decided-against" or "case-opened-by-officer")) return;
            // The last day stands in the SMS, and is kept: no calendar makes it earlier.
            var day = await connection.QuerySingleAsync<string>("select until_day from told_until where act_number = @Number", new { newest.Number });
            Assert.Contains("until " + Manzil.Layout.Dates.InWords(IsoDate.Read(day)!.Value, "en"), told.Body, StringComparison.Ordinal);
        }

        await TellsAsync(CaseStage.None, 0, CaseAct.OpenWithReason, "C", "case-opened-by-officer");
        await TellsAsync(CaseStage.Open, 0, CaseAct.Answer, "worker", "answer");
        await TellsAsync(CaseStage.Open, 1, CaseAct.Keep, "P", "case-kept");
        await TellsAsync(CaseStage.AwaitingAgreement, 0, CaseAct.Disagree, "A", "disagreed");
        await TellsAsync(CaseStage.AwaitingAgreement, 1, CaseAct.Agree, "A", "removal-agreed");
        await TellsAsync(CaseStage.AwaitingAgreement, 2, CaseAct.WithdrawProposal, "P", "proposal-withdrawn");
        await TellsAsync(CaseStage.RemovalPending, 0, CaseAct.PutInEffect, "C", "removal-in-effect");
        await TellsAsync(CaseStage.RemovalPending, 1, CaseAct.Appeal, "worker", "appeal");
        await TellsAsync(CaseStage.Suspended, 0, CaseAct.DecideAppealForWorker, "R", "appeal-decided-for");
        await TellsAsync(CaseStage.Suspended, 1, CaseAct.DecideAppealAgainstWorker, "R", "appeal-decided-against");
        await TellsAsync(CaseStage.Removed, 0, CaseAct.Reinstate, "R", "reinstated");
    }

    // As if never removed: the receipt says since when and until when they were registered all the same.
    [Theory]
    [EachDatabase("reinstated")]
    [EachDatabase("appeal won")]
    [EachDatabase("second appeal won")]
    [EachDatabase("removed again, reinstated")]
    [EachDatabase("appeal not decided in time")]
    public async Task Removed_WhateverUndoesItForTheWorker_HasTheGapErasedInTheReceipt(DatabaseKind kind, string how)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var worker = (await walk.RipeAsync(s => s == CaseStage.Removed ? 1 : 0))[CaseStage.Removed][0];
        var removed = IsoDate.Write(walk.Rules.DateOf(walk.Now));
        async Task AfterDaysAsync(int days, CaseAct act, string who)
        {
            service.Clock.AdvanceDays(days);
            await walk.OpenEverythingAsync();
            await walk.DoneAsync(worker, act, who);
        }

        walk.Actors["R2"] = (await service.StaffAsync(StaffRole.Reviewer)).Staff.Actor;

        service.Clock.AdvanceDays(3);
        if (how != "reinstated") await AfterDaysAsync(0, CaseAct.Appeal, "worker");
        if (how is "second appeal won" or "removed again, reinstated") await AfterDaysAsync(1, CaseAct.DecideAppealAgainstWorker, "R");
        if (how == "second appeal won") await AfterDaysAsync(1, CaseAct.Appeal, "worker");
        if (how == "removed again, reinstated") await AfterDaysAsync(26, CaseAct.PutInEffect, "C");
        if (how == "appeal not decided in time")
        {
            service.Clock.AdvanceDays(120);
            Assert.Equal(1, await service.Services.GetRequiredService<CloseOverdueCases>().RunAsync(walk.Now));
        }
        else
        {
            await AfterDaysAsync(2, how is "appeal won" or "second appeal won" ? CaseAct.DecideAppealForWorker : CaseAct.Reinstate, how == "second appeal won" ? "R2" : "R");
        }

        await using var connection = await service.Core.Database.OpenAsync();
        var record = Manzil.Receipts.Record.Decode(await connection.QuerySingleAsync<byte[]>("select record from act where worker_id = @worker order by given_at desc, leaf desc limit 1", new { worker }));
        Assert.Equal(how is "appeal not decided in time" ? StatementKind.CaseClosed : how is "appeal won" or "second appeal won" ? StatementKind.AppealDecided : StatementKind.Reinstated, record.Kind);
        Assert.Equal((removed, IsoDate.Write(walk.Rules.DateOf(walk.Now))), (record.Particulars["registered-also-from"], record.Particulars["registered-also-to"]));
        Assert.Equal(await connection.QuerySingleAsync<string>("select act_number from removal where worker_id = @worker order by in_effect_on, act_number limit 1", new { worker }), record.Particulars["removal"]);
        foreach (var lang in new[] { "en", "ru", "kk" })
        {
            var t = Manzil.Layout.Texts.For(lang);
            Assert.Contains(Manzil.Receipts.ReceiptFacts.Of(record, walk.Rules, t), f => f.Label == t["receipt.case-gap"]);
        }
    }

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
                "insert into look (worker_id, staff_number, role, office, what, item, reason, looked_at, keep_until) values (@worker, @staff, (select role from staff where number = @staff), 'NRV-01', 'answer', @answer, 'test', 1, 2)",
                new { worker, staff, answer });
        }
    }
}
