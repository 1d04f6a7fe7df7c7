using System.IO.Compression;
using System.Net;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Mine;

/// <summary>Whoever acted is shown by role, centre and number, and the centre is the officer's own: the worker is of the first, the officers are not.</summary>
public class OfficersCentreTests
{
    [Theory, EachDatabase]
    public async Task Act_OfAnOfficerOfAnotherCentre_ShowsThatCentreAndTheNumberEverywhere(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        var (caseworker, _) = await service.StaffAsync(StaffRole.Caseworker, office: "NRV-02");
        var (clerk, _) = await service.StaffAsync(StaffRole.Clerk, office: "NRV-03");
        var worker = (await service.Core.Workers.FindAsync(setting.Worker.Worker.Id))!;
        var (rules, telling) = (service.Core.CurrentRules.Now, service.Services.GetRequiredService<Telling>());
        async Task<string> DoAsync(Act act)
        {
            act.WorkerId = worker.Id;
            return Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act)).Number.ToString();
        }

        var opened = await DoAsync(new OpenCaseWithReason(caseworker.Actor, CaseSetting.Reason, rules, telling) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Desk });
        await service.Services.GetRequiredService<Looks>().RecordAsync(caseworker, worker.Id, Looks.File, opened, "The neighbours’ letter.");
        var removed = await DoAsync(new ChangeChannel(worker.Channels[0], added: false, rules, telling, clerk.Actor) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Desk });

        var who = $"Caseworker, Osmira Migration Centre, staff number {caseworker.Number}";
        var reader = await setting.VisitAsync();
        Assert.Contains(who, (await reader.GetAsync("/case")).Text, StringComparison.Ordinal);
        Assert.Contains(who, (await reader.GetAsync("/looks")).Text, StringComparison.Ordinal);
        Assert.Contains(who, (await reader.GetAsync($"/notices/{opened}")).Text, StringComparison.Ordinal);
        // A sibling at the clerks' desk, whose act is no act of a case.
        Assert.Contains($"Clerk, Tulvan Migration Centre, staff number {clerk.Number}", (await reader.GetAsync($"/notices/{removed}")).Text, StringComparison.Ordinal);

        // The copy that the worker takes away says it too.
        await reader.GetAsync("/account/export");
        await reader.PostAsync();
        using (var zip = new ZipArchive(new MemoryStream(reader.Bytes)))
        using (var index = new StreamReader(zip.GetEntry("index.html")!.Open()))
        {
            var words = WebUtility.HtmlDecode(await index.ReadToEndAsync(TestContext.Current.CancellationToken));
            // In the case, among the looks, and at the receipt.
            Assert.Equal(3, words.Split(who).Length - 1);
        }

        await setting.Worker.SignInAgainAsync();
        var json = await setting.Worker.ReadAsync("/api/v1/case");
        var act = json.GetProperty("cases")[0].GetProperty("acts")[0];
        Assert.Equal((caseworker.Number, "caseworker", "NRV-02"), (act.GetProperty("staffNumber").GetString(), act.GetProperty("role").GetString(), act.GetProperty("office").GetString()));
        var look = json.GetProperty("looks")[0];
        Assert.Equal((caseworker.Number, "NRV-02"), (look.GetProperty("staffNumber").GetString(), look.GetProperty("office").GetString()));
    }

    // A record of before: it says who, and not from where. The worker's own centre is no answer.
    [Fact]
    public void Words_OfARecordWithoutACentre_SayNone()
    {
        var record = Manzil.Tests.Receipts.Sample.Act with { Kind = StatementKind.CaseOpened };
        record = record with { Particulars = record.Particulars.SetItem("officer", "S7").SetItem("role", "caseworker") };
        Assert.Equal("Caseworker, staff number S7", OfficersOwn.InWords(record, Manzil.Tests.Rules.RulesData.DemoRules, Manzil.Layout.Texts.For("en")));
        Assert.Equal(
            "Caseworker, Osmira Migration Centre, staff number S7",
            OfficersOwn.InWords(record with { Particulars = record.Particulars.SetItem("centre", "NRV-02") }, Manzil.Tests.Rules.RulesData.DemoRules, Manzil.Layout.Texts.For("en")));
    }
}
