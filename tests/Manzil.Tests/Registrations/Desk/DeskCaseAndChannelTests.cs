using System.Net;
using System.Text.RegularExpressions;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Rules;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.SignIn;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>What is handed in on paper, and how a worker wants to be reached.</summary>
public partial class DeskCaseAndChannelTests
{
    [Theory, EachDatabase]
    public async Task Answer_HandedInOnPaper_IsTheWorkersAnswerWithACleanedFile(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        await story.OpenAsync(await story.OfficerAsync(StaffRole.Caseworker));
        var desk = new ClerkDesk(story.Service, await story.OfficerAsync(StaffRole.Clerk));
        var worker = story.Worker.Worker;
        var root = await desk.ServeAsync(worker);
        Assert.Contains($"{root}/case/answer", desk.Web.Html);
        Assert.DoesNotContain($"{root}/case/appeal", desk.Web.Html);
        await desk.Web.GetAsync(root + "/case/answer");
        await desk.Web.PostAsync(("Text", ""));
        Assert.Equal(HttpStatusCode.BadRequest, desk.Web.Status);
        await desk.Web.PostFilesAsync([("Text", "I was in hospital, here is the paper.")], ("scan.jpg", TaggedFiles.Jpeg()));
        var number = (await desk.ActsAsync(worker.Id))[^1];
        Assert.Equal((HttpStatusCode.OK, $"{root}/notices/{number}?done=1"), (desk.Web.Status, desk.Web.Path));
        var report = await desk.VerifyAsync(worker, number);
        Assert.Equal((StatementKind.Answer, RecordChannel.Desk, "I was in hospital, here is the paper."), (report.Statement!.Kind, report.Record!.Channel, report.Record.Reason));
        Assert.DoesNotContain("officer", report.Record.Particulars.Keys);
        Assert.Equal(1, await desk.ScalarAsync<long>("select count(*) from attachment where act_number = @number", new { number }));
        await desk.Web.GetAsync($"{root}/notices/{number}/print");
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);

        // After the sitting even this clerk does not read it again.
        story.Service.Clock.Advance(Manzil.Cases.Desk.Sitting.Length);
        await desk.Clerk.SignInAgainAsync();
        root = await desk.ServeAsync(worker);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.Web.GetAsync($"{root}/notices/{number}")).Status);
    }

    [Theory, EachDatabase]
    public async Task Appeal_HandedInAtTheDeskWithoutAWord_SuspendsTheRemoval(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        await setting.ProposeAsync();
        var decision = await setting.AgreeAsync();
        var (staff, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var desk = new ClerkDesk(service, new(service, staff, Visitor.Officer(service, cookie)));
        var worker = setting.Worker.Worker;
        var root = await desk.ServeAsync(worker);
        Assert.DoesNotContain(CaseSetting.Facts, desk.Web.Html);
        await desk.Web.GetAsync(root + "/case/appeal");
        await desk.Web.PostFilesAsync([("Text", "")]);
        var number = (await desk.ActsAsync(worker.Id))[^1];
        Assert.Equal($"{root}/notices/{number}?done=1", desk.Web.Path);
        var report = await desk.VerifyAsync(worker, number);
        Assert.Equal((StatementKind.Appeal, RecordChannel.Desk), (report.Statement!.Kind, report.Record!.Channel));
        Assert.Equal(decision, report.Record.Particulars["decision"]);
        Assert.Equal((int)CaseStage.Suspended, await desk.ScalarAsync<int>("select stage from case_file where worker_id = @Id", new { worker.Id }));
        // Beside those of the caseworkers.
        Assert.Equal([$"{staff.Number} desk: {ClerkDesk.Reason}"], (await desk.LooksAsync(worker.Id)).Where(l => l.StartsWith(staff.Number + " ", StringComparison.Ordinal)));
    }

    [Theory, EachDatabase]
    public async Task Case_WithoutOne_TakesNeitherAnswerNorAppeal(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var root = await desk.ServeAsync(await desk.Service.EnrolAsync());
        foreach (var page in new[] { "/case/answer", "/case/appeal" })
        {
            await desk.Web.GetAsync(root + page);
            Assert.Equal(HttpStatusCode.Conflict, desk.Web.Status);
            Assert.Contains($"href=\"{root}\"", desk.Web.Html);
        }
    }

    [Theory, EachDatabase]
    public async Task Channel_AddedAndRemovedAtTheDesk_IsConfirmedByItsCodeAndTheOthersAreTold(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        var root = await desk.ServeAsync(worker);
        Assert.DoesNotContain("+70000000001", desk.Web.Html);
        await desk.Web.GetAsync(root + "/account/channel");
        await desk.Web.PostAsync(("Address", "aziz@example.com"));
        Assert.Equal(root + "/account/channel/code", desk.Web.Path);
        // Until its code has come back it counts for nothing.
        Assert.Single((await desk.WorkerAsync(worker.Id)).Channels);
        await desk.Web.PostAsync(("Code", "000000"));
        Assert.Equal(HttpStatusCode.BadRequest, desk.Web.Status);
        var sent = (await Outbox.OfAsync(desk.Service.Core.Database, worker.Id, 1)).Single();
        await desk.Web.PostAsync(("Code", SixDigits().Match(sent.Body).Value));
        var added = (await desk.ActsAsync(worker.Id))[^1];
        Assert.Equal($"{root}/notices/{added}?done=1", desk.Web.Path);
        Assert.Contains($"href=\"/staff/desk/receipts/{added}\"", desk.Web.Html);
        var record = await desk.VerifiedAsync(worker, added);
        Assert.Equal(RecordChannel.Desk, record.Channel);
        Assert.Equal($"centre={desk.Clerk.Staff.Office}, change=added, channel=email, ending=com, officer={desk.Clerk.Staff.Number}, role=clerk", BackInSteps.Text(record));
        Assert.Equal(["+70000000001"], (await desk.Service.MessagesOfAsync(added)).Select(m => m.Address));

        var phone = (await desk.WorkerAsync(worker.Id)).Channels[0];
        await desk.Web.GetAsync($"{root}/account/channel/{phone.Id}/remove");
        await desk.Web.PostAsync();
        var removed = (await desk.ActsAsync(worker.Id))[^1];
        Assert.Equal($"{root}/notices/{removed}?done=1", desk.Web.Path);
        Assert.Contains("change=removed", BackInSteps.Text(await desk.VerifiedAsync(worker, removed)));
        Assert.Equal(["aziz@example.com"], (await desk.WorkerAsync(worker.Id)).Channels.Select(c => c.Address));
        // Whoever removed it may be a thief: the old one is told too.
        Assert.Equal(["+70000000001", "aziz@example.com"], (await desk.Service.MessagesOfAsync(removed)).Select(m => m.Address).Order(StringComparer.Ordinal));
        Assert.Equal("Phone or e-mail changed", (await desk.Web.GetAsync($"/staff/desk/receipts/{removed}")).Heading);
        Assert.DoesNotContain("example.com", desk.Web.Html);
        Assert.Equal([desk.Look], await desk.LooksAsync(worker.Id));

        var own = await Visitor.SignInAsync(desk.Service, worker);
        await own.GetAsync($"/notices/{added}");
        Assert.Contains(desk.ClerkInWords, own.Text);
    }

    [GeneratedRegex(@"(?<!\d)\d{6}(?!\d)", RegexOptions.None, 5000)]
    private static partial Regex SixDigits();
}
