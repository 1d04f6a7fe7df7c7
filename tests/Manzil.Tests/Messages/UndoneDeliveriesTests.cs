using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Access;
using Manzil.Tests.Cases;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Messages;

/// <summary>rules.md, Delivery: a bounce undoes a delivery and everything that rested on it, however far the case has gone since; opening the service is a delivery.</summary>
public class UndoneDeliveriesTests
{
    // A case of Monday 2026-11-23: proposed and agreed on 9 December, in effect on the 29th.
    const int ToProposal = 16, ToEffect = 20;

    [Theory, EachDatabase(CaseStage.AwaitingAgreement), EachDatabase(CaseStage.RemovalPending), EachDatabase(CaseStage.Suspended), EachDatabase(CaseStage.Removed)]
    public async Task Bounce_OfTheOpening_UndoesWhatRestedOnIt(DatabaseKind kind, CaseStage stage)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var side = new Side(service, await CaseWalk.BeginAsync(service));
        var worker = await side.Gateway.ToldAsync();
        var opening = await side.OpenAsync(worker);
        await side.ReportAsync(opening, "delivered");
        var removed = await side.GoToAsync(worker.Worker.Id, stage);
        await side.ReportAsync(opening, "failed");

        Assert.Equal(stage == CaseStage.Removed ? (CaseStage.None, Standing.Registered) : (CaseStage.Open, Standing.UnderReview), await side.Walk.WhereAsync(worker.Worker.Id));
        var kinds = stage == CaseStage.Removed ? StatementKind.Reinstated : StatementKind.StepsUndone;
        var record = await side.RecordAsync(kinds);
        Assert.Equal("opening-not-delivered", record.Particulars["outcome"]);
        Assert.Contains(await side.Gateway.MessagesAsync(worker.Worker.Id), m => m.ActNumber == record.Number.ToString() && m.Body.Contains("had not reached you", StringComparison.Ordinal));
        if (stage == CaseStage.Removed)
        {
            Assert.Equal((removed, side.Today), (record.Particulars["registered-also-from"], record.Particulars["registered-also-to"]));
        }
        else
        {
            // The authority's time counts from the opening again, and nothing is left of the proposal.
            Assert.Equal("2026-11-23", await side.Gateway.AskAsync<string>("select step_left from case_file"));
            Assert.Equal(0, await side.Gateway.AskAsync<int>("select count(*) from case_file where proposed_by is not null or agreed_by is not null or decision_act is not null or appeal_act is not null"));
            Assert.Equal(new ActResult.Refused(CaseRefusal.OpeningNotDelivered.Name()), await side.Walk.DoAsync(worker.Worker.Id, CaseAct.ProposeRemoval, "P"));
        }

        // Said again, it changes nothing; and the worker and the officer see it in the file.
        await side.ReportAsync(opening, "failed");
        Assert.Equal(1, await side.Gateway.AskAsync<int>($"select count(*) from act where kind = {(int)kinds}"));
        await worker.SignInAgainAsync();
        Assert.Contains($"\"{kinds.Name()}\"", (await worker.ReadAsync("/api/v1/case")).ToString(), StringComparison.Ordinal);
        Assert.Equal(record.Number.ToString(), Record.Decode(System.Buffers.Text.Base64Url.DecodeFromChars((await worker.ReadAsync($"/api/v1/notices/{record.Number}")).GetProperty("record").GetString())).Number.ToString());
        if (stage == CaseStage.Removed) return;

        // That was a delivery: ten working days from now, as the worker is told, and not from the SMS that came back.
        var until = (await worker.ReadAsync("/api/v1/case")).GetProperty("until").GetString();
        Assert.Equal(IsoDate.Write(Manzil.Rules.Deadlines.AnswerUntil(side.Walk.Rules.DateOf(side.Walk.Now), side.Walk.Rules.WorkersCalendar, side.Walk.Rules.Intervals)), until);
        service.Clock.AdvanceDays(1);
        Assert.Equal(new ActResult.Refused(CaseRefusal.AnswerPeriodRuns.Name()), await side.Walk.DoAsync(worker.Worker.Id, CaseAct.ProposeRemoval, "P"));
    }

    // On the day of the opening, so that a proposal on 9 December was in time; on the 5th day the period would have run on the 9th.
    [Theory, EachDatabase(0, CaseStage.AwaitingAgreement), EachDatabase(5, CaseStage.Open)]
    public async Task Bounce_OfTheOpeningAfterTheWorkerOpenedTheService_UndoesWhatThatDoesNotCarry(DatabaseKind kind, int openedAfter, CaseStage left)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var side = new Side(service, await CaseWalk.BeginAsync(service));
        var worker = await side.Gateway.ToldAsync(email: "worker@example.org");
        var opening = await side.OpenAsync(worker);
        await side.ReportAsync(opening, "delivered");
        service.Clock.AdvanceDays(openedAfter);
        await worker.SignInAgainAsync();
        await worker.ReadAsync("/api/v1/me");
        service.Clock.AdvanceDays(ToProposal - openedAfter);
        await side.Walk.OpenEverythingAsync();
        await side.Walk.DoneAsync(worker.Worker.Id, CaseAct.ProposeRemoval, "P");
        await side.Gateway.BounceEmailAsync((await side.Gateway.MessagesAsync(worker.Worker.Id)).Single(m => m.ActNumber == opening && m.Kind == "email").Id);
        Assert.Equal(CaseStage.AwaitingAgreement, (await side.Walk.WhereAsync(worker.Worker.Id)).Stage);
        await side.ReportAsync(opening, "failed");
        Assert.Equal((left, Standing.UnderReview), await side.Walk.WhereAsync(worker.Worker.Id));
    }

    [Theory, EachDatabase]
    public async Task Bounce_OfTheDecision_UndoesTheRemovalInEffect(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var side = new Side(service, await CaseWalk.BeginAsync(service));
        var (one, two) = (await side.Gateway.ToldAsync(), await side.Gateway.ToldAsync());
        foreach (var worker in (SignedInWorker[])[one, two]) await side.ReportAsync(await side.OpenAsync(worker), "delivered");
        await side.GoToAsync(two.Worker.Id, CaseStage.RemovalPending);
        await side.ReportAsync(await side.DecisionAsync(two.Worker.Id), "failed");
        // Nothing rested on it yet; nothing can be put in effect.
        Assert.Equal((CaseStage.RemovalPending, Standing.RemovalPending), await side.Walk.WhereAsync(two.Worker.Id));
        await side.Walk.OpenEverythingAsync();
        await side.Walk.DoneAsync(one.Worker.Id, CaseAct.ProposeRemoval, "P");
        await side.Walk.DoneAsync(one.Worker.Id, CaseAct.Agree, "A");
        await side.Gateway.SendAllAsync();
        var decision = await side.DecisionAsync(one.Worker.Id);
        await side.ReportAsync(decision, "delivered");
        service.Clock.AdvanceDays(ToEffect);
        Assert.Equal(new ActResult.Refused(CaseRefusal.DecisionNotDelivered.Name()), await side.Walk.DoAsync(two.Worker.Id, CaseAct.PutInEffect, "C"));
        await side.Walk.DoneAsync(one.Worker.Id, CaseAct.PutInEffect, "C");
        service.Clock.AdvanceDays(3);
        await side.ReportAsync(decision, "failed");

        Assert.Equal((CaseStage.None, Standing.Registered), await side.Walk.WhereAsync(one.Worker.Id));
        var record = await side.RecordAsync(StatementKind.Reinstated);
        Assert.Equal(("decision-not-delivered", "2026-12-29", side.Today), (record.Particulars["outcome"], record.Particulars["registered-also-from"], record.Particulars["registered-also-to"]));
        Assert.Equal(0, await side.Gateway.AskAsync<int>("select count(*) from removal where undone_act is null"));
    }

    // The appeal has suspended the removal only: were it rejected, the days would stay on which somebody had been removed whom nobody told.
    [Theory, EachDatabase(true), EachDatabase(false)]
    public async Task Bounce_OfTheDecisionWhileAnAppealIsOpen_UndoesARemovalThatWasInEffect(DatabaseKind kind, bool wasInEffect)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var side = new Side(service, await CaseWalk.BeginAsync(service));
        var worker = await side.Gateway.ToldAsync();
        await side.ReportAsync(await side.OpenAsync(worker), "delivered");
        var inEffect = await side.GoToAsync(worker.Worker.Id, wasInEffect ? CaseStage.Removed : CaseStage.Suspended);
        service.Clock.AdvanceDays(2);
        if (wasInEffect) await side.Walk.DoneAsync(worker.Worker.Id, CaseAct.Appeal, "worker");
        await side.ReportAsync(await side.DecisionAsync(worker.Worker.Id), "failed");

        Assert.Equal(wasInEffect ? (CaseStage.None, Standing.Registered) : (CaseStage.Suspended, Standing.RemovalPending), await side.Walk.WhereAsync(worker.Worker.Id));
        if (!wasInEffect) return;
        var record = await side.RecordAsync(StatementKind.CaseClosed);
        Assert.Contains(await side.Gateway.MessagesAsync(worker.Worker.Id), m => m.ActNumber == record.Number.ToString() && m.Body.Contains("as if never removed", StringComparison.Ordinal));
        Assert.Equal(("decision-not-delivered", inEffect, side.Today), (record.Particulars["outcome"], record.Particulars["registered-also-from"], record.Particulars["registered-also-to"]));
    }

    // Told on 23 November and silent since the 29th of December; reminded by SMS alone.
    [Theory, EachDatabase(CaseStage.AwaitingAgreement), EachDatabase(CaseStage.Suspended), EachDatabase(CaseStage.Removed)]
    public async Task Bounce_OfTheReminder_ClosesTheCaseForTheWorkerWhereverItIs(DatabaseKind kind, CaseStage stage)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var side = new Side(service, await CaseWalk.BeginAsync(service));
        var worker = await side.Gateway.ToldAsync();
        await side.Gateway.PassDaysAsync(30);
        var reminder = (await side.Gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))[0].Id;
        await side.Gateway.ReportAsync(reminder, "delivered");
        await side.Gateway.PassDaysAsync(6);
        await side.ReportAsync((await side.Gateway.AskAsync<string>("select act_number from case_file"))!, "delivered");
        service.Clock.AdvanceDays(12);
        var removed = await side.GoToAsync(worker.Worker.Id, stage);
        await side.Gateway.ReportAsync(reminder, "failed");

        Assert.Equal((CaseStage.None, Standing.Registered), await side.Walk.WhereAsync(worker.Worker.Id));
        var record = await side.RecordAsync(stage == CaseStage.Removed ? StatementKind.Reinstated : StatementKind.CaseClosed);
        Assert.Equal("reminder-not-delivered", record.Particulars["outcome"]);
        if (stage == CaseStage.Removed) Assert.Equal((removed, side.Today), (record.Particulars["registered-also-from"], record.Particulars["registered-also-to"]));
        Assert.True(await side.Gateway.AskAsync<string>("select next_deadline from register_entry") is { } due && string.CompareOrdinal(due, side.Today) > 0);
    }

    [Theory, EachDatabase]
    public async Task Bounce_InTheSameMomentAsAnAgreement_LeavesNothingThatRestsOnIt(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var side = new Side(service, await CaseWalk.BeginAsync(service));
        var workers = new List<(long Id, string Opening)>();
        for (var i = 0; i < 6; i++)
        {
            var worker = await side.Gateway.ToldAsync();
            workers.Add((worker.Worker.Id, await side.OpenAsync(worker)));
        }

        foreach (var (_, opening) in workers) await side.ReportAsync(opening, "delivered");
        service.Clock.AdvanceDays(ToProposal);
        await side.Walk.OpenEverythingAsync();
        foreach (var (id, _) in workers) await side.Walk.DoneAsync(id, CaseAct.ProposeRemoval, "P");
        await Task.WhenAll(workers.SelectMany(w => (Task[])[Task.Run(() => side.Walk.DoAsync(w.Id, CaseAct.Agree, "A")), Task.Run(() => side.ReportAsync(w.Opening, "failed"))]));
        foreach (var (id, _) in workers) Assert.Equal((CaseStage.Open, Standing.UnderReview), await side.Walk.WhereAsync(id));
        Assert.Equal(workers.Count, await side.Gateway.AskAsync<int>($"select count(*) from act where kind = {(int)StatementKind.StepsUndone}"));
    }

    [Theory]
    [EachDatabase("/api/v1/me", false), EachDatabase("/api/v1/case", false), EachDatabase("page", false), EachDatabase("/api/v1/case", true)]
    public async Task Open_TheServiceWithoutAChannelOrAfterABounce_IsTheDelivery(DatabaseKind kind, string what, bool cameBack)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var side = new Side(service, await CaseWalk.BeginAsync(service));
        var worker = await side.Gateway.ToldAsync(hasPhone: cameBack);
        var id = worker.Worker.Id;
        async Task OpenServiceAsync()
        {
            await worker.SignInAgainAsync();
            if (what == "page") await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/");
            else await worker.ReadAsync(what);
        }

        var opening = await side.OpenAsync(worker);
        if (cameBack) await side.ReportAsync(opening, "failed");
        Assert.Null(await side.ToldAsync(opening));
        await OpenServiceAsync();
        // The file that officers see and the act agree on the day.
        Assert.Equal("2026-11-23", IsoDate.Write(await side.ToldAsync(opening)));
        if (cameBack)
        {
            // A later report on the SMS says nothing against it.
            service.Clock.AdvanceMinutes(5);
            await side.ReportAsync(opening, "failed");
            Assert.Equal("2026-11-23", IsoDate.Write(await side.ToldAsync(opening)));
        }

        service.Clock.AdvanceDays(ToProposal);
        await side.Walk.OpenEverythingAsync();
        await side.Walk.DoneAsync(id, CaseAct.ProposeRemoval, "P");
        await side.Walk.DoneAsync(id, CaseAct.Agree, "A");
        await side.Gateway.SendAllAsync();
        if (cameBack) await side.ReportAsync(await side.DecisionAsync(id), "failed");
        await OpenServiceAsync();
        Assert.Equal("2026-12-09", IsoDate.Write(await side.ToldAsync(await side.DecisionAsync(id))));
        // So for an appeal's result.
        await side.Walk.DoneAsync(id, CaseAct.Appeal, "worker");
        await side.Walk.OpenEverythingAsync();
        service.Clock.AdvanceDays(1);
        await side.Walk.DoneAsync(id, CaseAct.DecideAppealAgainstWorker, "R");
        Assert.Null(await side.ToldAsync(await side.DecisionAsync(id)));
        await OpenServiceAsync();
        service.Clock.AdvanceDays(ToEffect);
        await side.Walk.DoneAsync(id, CaseAct.PutInEffect, "C");
    }

    // A helper who reads the file is not the worker: nothing begins to run for somebody who has not been told.
    [Theory, EachDatabase]
    public async Task Open_TheFileByAHelper_IsNoDelivery(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var side = new Side(service, await CaseWalk.BeginAsync(service));
        var worker = await side.Gateway.ToldAsync(hasPhone: false);
        var opening = await side.OpenAsync(worker);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/helper/file");
        request.Headers.Add("Cookie", (await Visitors.HelperSessionAsync(service, await Visitors.GrantAsync(service, worker.Worker.Id, acts: true))).Cookie);
        using var file = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, file.StatusCode);
        Assert.Contains("Legal aid", await file.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Null(await side.ToldAsync(opening));
        Assert.Equal(0, await side.Gateway.AskAsync<int>("select count(*) from act_opened"));
        await worker.SignInAgainAsync();
        await worker.ReadAsync("/api/v1/me");
        Assert.Equal("2026-11-23", IsoDate.Write(await side.ToldAsync(opening)));
    }

    sealed record Side(TestService Service, CaseWalk Walk)
    {
        public GatewaySide Gateway { get; } = new(Service);

        public string Today => IsoDate.Write(Walk.Rules.DateOf(Walk.Now))!;

        /// <summary>The number of the act that opened a case with a reason.</summary>
        public async Task<string> OpenAsync(SignedInWorker worker)
        {
            Service.Clock.AdvanceMinutes(1);
            await Walk.DoneAsync(worker.Worker.Id, CaseAct.OpenWithReason, "C");
            await Gateway.SendAllAsync();
            return (await Gateway.AskAsync<string>("select act_number from case_file where worker_id = @Id", new { worker.Worker.Id }))!;
        }

        public async Task<string> DecisionAsync(long worker) => (await Gateway.AskAsync<string>("select decision_act from case_file where worker_id = @worker", new { worker }))!;

        public async Task ReportAsync(string act, string status) =>
            await Gateway.ReportAsync(await Gateway.AskAsync<long>("select id from message where act_number = @act and channel_kind = 'sms'", new { act }), status);

        public async Task<NodaTime.LocalDate?> ToldAsync(string act)
        {
            await using var connection = await Service.Core.Database.OpenAsync();
            return await CaseFile.DeliveredOnAsync(connection, null, act, Walk.Rules);
        }

        public async Task<Record> RecordAsync(StatementKind kind) =>
            Record.Decode((await Gateway.AskAsync<byte[]>($"select record from act where kind = {(int)kind}"))!);

        /// <returns>The date on which a removal is in effect; null where the walk ends before.</returns>
        public async Task<string?> GoToAsync(long worker, CaseStage stage)
        {
            Service.Clock.AdvanceDays(ToProposal);
            await Walk.OpenEverythingAsync();
            await Walk.DoneAsync(worker, CaseAct.ProposeRemoval, "P");
            if (stage == CaseStage.AwaitingAgreement) return null;
            await Walk.DoneAsync(worker, CaseAct.Agree, "A");
            await Gateway.SendAllAsync();
            await ReportAsync(await DecisionAsync(worker), "delivered");
            Service.Clock.AdvanceMinutes(5);
            if (stage == CaseStage.Suspended) await Walk.DoneAsync(worker, CaseAct.Appeal, "worker");
            if (stage != CaseStage.Removed) return null;
            Service.Clock.AdvanceDays(ToEffect);
            await Walk.DoneAsync(worker, CaseAct.PutInEffect, "C");
            Service.Clock.AdvanceMinutes(5);
            return Today;
        }
    }
}
