using Manzil.Cases;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Rules;
using Manzil.Tests.Access;
using Manzil.Tests.Cases;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Messages;

/// <summary>What people read of steps that were undone since a message came back (kind 44): the worker, their helper, and the officers.</summary>
public class UndoneStepsPagesTests
{
    [Theory, EachDatabase("en"), EachDatabase("ru"), EachDatabase("kk")]
    public async Task File_WithStepsUndone_SaysWhatWasUndoneAndWhyAndThatNobodyIsRemoved(DatabaseKind kind, string lang)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var (gateway, walk, t) = (new GatewaySide(service), await CaseWalk.BeginAsync(service), Texts.For(lang));
        var worker = await gateway.ToldAsync();
        var id = worker.Worker.Id;
        service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(id, CaseAct.OpenWithReason, "C");
        await gateway.SendAllAsync();
        var opening = await gateway.AskAsync<string>("select act_number from case_file");
        var message = await gateway.AskAsync<long>("select id from message where act_number = @opening", new { opening });
        await gateway.ReportAsync(message, "delivered");
        service.Clock.AdvanceDays(16);
        await walk.OpenEverythingAsync();
        await walk.DoneAsync(id, CaseAct.ProposeRemoval, "P");
        await walk.DoneAsync(id, CaseAct.Agree, "A");
        await gateway.SendAllAsync();
        service.Clock.AdvanceMinutes(1);
        await gateway.ReportAsync(message, "failed");
        var undone = (await gateway.AskAsync<string>($"select number from act where kind = {(int)StatementKind.StepsUndone}"))!;

        // The officer first: their looking tells the worker nothing.
        var officer = Visitor.Officer(service, (await service.StaffAsync(StaffRole.Caseworker)).Cookie, lang);
        await officer.GetAsync($"/staff/cases/{opening}");
        await officer.PostAsync(("Reason", "I work on this case."));
        AssertEntry(officer.Text, undone, t["kind.steps-undone"], t["desk.by.service-message"], t["desk.outcome.opening-not-delivered"]);
        // What was undone stands in the file still, and the case as it is now above it.
        Assert.Contains(t["kind.removal-agreed"], officer.Text, StringComparison.Ordinal);
        Assert.Contains(t["desk.stage.open"], officer.Text, StringComparison.Ordinal);
        Assert.Contains(t["desk.not-delivered"], officer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(t["desk.proposed-by"], officer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(t["desk.agreed-by"], officer.Text, StringComparison.Ordinal);

        var (cookie, _) = await Visitors.HelperSessionAsync(service, await Visitors.GrantAsync(service, id, acts: true));
        using (var request = new HttpRequestMessage(HttpMethod.Get, "/helper/file"))
        {
            request.Headers.Add("Cookie", $"{cookie}; lang={lang}");
            using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == System.Net.HttpStatusCode.OK, $"{answer.StatusCode} {answer.Headers.Location}");
            var read = System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Contains(t["kind.steps-undone"], read, StringComparison.Ordinal);
            Assert.Contains(t["case.by-service-message"], read, StringComparison.Ordinal);
        }

        // The worker: on the page of the case what was undone and why, and time to answer that runs from this opening of the page.
        var mine = await (await Visitor.SignInAsync(service, worker.Worker, lang)).GetAsync("/case");
        AssertEntry(mine.Text, undone, t["kind.steps-undone"], t["case.by-service-message"], t["receipt.case-outcome-opening-not-delivered"]);
        var until = Manzil.Rules.Deadlines.AnswerUntil(walk.Rules.DateOf(walk.Now), walk.Rules.WorkersCalendar, walk.Rules.Intervals)!.Value;
        Assert.Contains(Dates.InWords(until, lang), mine.Text, StringComparison.Ordinal);
        Assert.Equal((CaseStage.Open, Standing.UnderReview), await walk.WhereAsync(id));

        // And its receipt says the same.
        await mine.GetAsync($"/notices/{undone}");
        Assert.Contains(t["kind.steps-undone"], mine.Text, StringComparison.Ordinal);
        Assert.Contains(t["receipt.case-outcome-opening-not-delivered"], mine.Text, StringComparison.Ordinal);
    }

    // Each in the entry of this act, and not somewhere on the page.
    static void AssertEntry(string page, string number, string heading, params string[] said)
    {
        var at = page.LastIndexOf(number, StringComparison.Ordinal);
        Assert.True(at > 0, $"{number} is not on the page: {page}");
        var from = page.LastIndexOf(heading, at, StringComparison.Ordinal);
        Assert.True(from >= 0 && at - from < 400, page);
        var entry = page.Substring(from, Math.Min(900, page.Length - from));
        foreach (var words in said) Assert.Contains(words, entry, StringComparison.Ordinal);
    }
}
