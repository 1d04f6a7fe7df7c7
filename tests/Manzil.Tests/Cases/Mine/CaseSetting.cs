using Dapper;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;

namespace Manzil.Tests.Cases.Mine;

/// <summary>A registered worker and the officers of their case, who act by the acts themselves.</summary>
sealed class CaseSetting(TestService service, SignedInWorker worker, StaffMember one, StaffMember two)
{
    public const string Reason = "Two neighbours say that nobody lives there.", Facts = "The landlord says that the worker left on 3 March and took everything along.";

    public TestService Service => service;

    public SignedInWorker Worker => worker;

    public static async Task<CaseSetting> NewAsync(TestService service)
    {
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        return new(service, worker, (await service.StaffAsync(StaffRole.Caseworker)).Staff, (await service.StaffAsync(StaffRole.Caseworker)).Staff);
    }

    Telling Telling => service.Services.GetRequiredService<Telling>();

    Jurisdiction Rules => service.Core.CurrentRules.Now;

    async Task<string> DoAsync(Act act)
    {
        act.WorkerId = worker.Worker.Id;
        return Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act)).Number.ToString();
    }

    public Task<string> OpenAsync() =>
        DoAsync(new OpenCaseWithReason(one.Actor, Reason, Rules, Telling) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Desk });

    public async Task<string> ProposeAsync()
    {
        service.Clock.AdvanceDays(16);
        await OpenAllAsync(one);
        return await DoAsync(new ProposeRemoval(one.Actor, new Proposal("LEFT", Facts, "A confirmation."), Rules, Telling) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Desk });
    }

    public async Task<string> AgreeAsync()
    {
        await OpenAllAsync(two);
        return await DoAsync(new AgreeToRemoval(two.Actor, null, Rules, Telling) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Desk });
    }

    public async Task<string> PutInEffectAsync()
    {
        service.Clock.AdvanceDays(18);
        return await DoAsync(new PutRemovalInEffect(two.Actor, Rules, Telling) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Desk });
    }

    /// <summary>A reviewer who was not in the case decides an appeal against the worker, who can appeal again.</summary>
    public async Task<string> DecideAgainstAsync()
    {
        var reviewer = (await service.StaffAsync(StaffRole.Reviewer)).Staff;
        await OpenAllAsync(reviewer);
        return await DoAsync(new DecideAppeal(reviewer.Actor, forWorker: false, Facts, Rules, Telling) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Desk });
    }

    public Task<Visitor> VisitAsync(string lang = "en") => Visitor.SignInAsync(service, worker.Worker, lang);

    async Task OpenAllAsync(StaffMember staff)
    {
        var looks = service.Services.GetRequiredService<Looks>();
        await using var connection = await service.Core.Database.OpenAsync();
        var file = (await CaseFile.NewestAsync(connection, null, worker.Worker.Id))!;
        foreach (var answer in await file.UnopenedAnswersAsync(connection, null, staff.Number)) await looks.RecordAsync(staff, worker.Worker.Id, Looks.Answer, answer, "to decide");
        foreach (var id in await file.UnopenedDocumentsAsync(connection, null, staff.Number)) await looks.RecordAsync(staff, worker.Worker.Id, Looks.Document, id.ToString(), "to decide");
    }

    public async Task<long> CountAsync(string table)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>($"select count(*) from {table} where worker_id = {worker.Worker.Id}");
    }
}
