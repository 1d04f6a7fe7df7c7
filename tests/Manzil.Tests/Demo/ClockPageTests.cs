using System.Net;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Demo;

/// <summary>A visitor of the demo moves its clock, and sees what the days bring.</summary>
public class ClockPageTests
{
    [Theory, EachDatabase]
    public async Task Move_AMonthAndMore_BringsEachReminderOnItsDayAndTakesNothingAway(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demoClock: true);
        var worker = await service.EnrolAsync();
        var visitor = await Visitor.SignInAsync(service, worker);
        var token = await service.SignInAsync(worker with { ActivationCode = await NewCodeAsync(service, worker) });
        foreach (var json in new[] { """{"kind":"registration"}""", $$"""{"kind":"residence","from":"2026-11-20","address":{{SignedInWorker.HomeAddress}}}""" })
        {
            using var answer = await service.PostNoticeAsync(token, json);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        await visitor.GetAsync("/demo/clock");
        Assert.Contains("23 November 2026", visitor.Text);
        await visitor.PostAsync(("Days", "30"));
        await visitor.GetAsync("/demo/clock");
        Assert.Contains("23 December 2026, 10:00", visitor.Text);
        await visitor.PostAsync(("Days", "7"));

        var text = (await visitor.GetAsync("/demo/messages")).Text;
        foreach (var day in new[] { "16 December 2026, 10:00", "22 December 2026, 10:00", "23 December 2026, 10:00" }) Assert.Contains(day, text);
        Assert.DoesNotContain("17 December", text);
        Assert.DoesNotContain("24 December", text);
        // Days that were jumped over are no outage, and the visitor is still signed in.
        Assert.Empty(service.Core.CurrentRules.Outages);
        // Silence was over with the 28th: a case is open, takes nothing, and one tap ends it.
        var t = Manzil.Layout.Texts.For("en");
        Assert.Contains(t["case.now.silence.title"], (await visitor.GetAsync("/")).Text);
        Assert.Contains(t["message.case-opened.subject"], (await visitor.GetAsync("/demo/messages")).Text);

        await service.RestartAsync();
        Assert.Contains("30 December 2026", (await visitor.GetAsync("/demo/clock")).Text);
        using var later = await service.PostNoticeAsync(token, """{"kind":"confirmation"}""");
        Assert.Equal(HttpStatusCode.Created, later.StatusCode);
        Assert.DoesNotContain(t["case.now.silence.title"], (await visitor.GetAsync("/")).Text);
    }

    // README: "Press 30 days ahead, then 7 days ahead until the start page says that a case is open: once, or twice where long holidays lie between, as from the end of November to the first week of December."
    [Theory]
    [InlineData(2026, 6, 10, 1)]
    [InlineData(2026, 11, 23, 1)]
    [InlineData(2026, 11, 30, 2)]
    [InlineData(2026, 12, 1, 2)]
    [InlineData(2026, 12, 5, 2)]
    [InlineData(2026, 12, 12, 1)]
    [InlineData(2026, 12, 20, 1)]
    [InlineData(2026, 12, 31, 1)]
    public async Task Move_AsTheReadmeSays_OpensACaseThatOneTapEnds(int year, int month, int day, int presses)
    {
        Assert.Contains("until the start page says that a case is open: once, or twice where long holidays lie between, as from the end of November to the first week of December.", Repository.Read("README.md"), StringComparison.Ordinal);
        Assert.InRange(presses, 1, (month, day) is (11, > 24) or (12, < 8) ? 2 : 1);
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, demoClock: true, start: NodaTime.Instant.FromUtc(year, month, day, 9, 0));
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        var (visitor, open) = (await Visitor.SignInAsync(service, worker.Worker), Manzil.Layout.Texts.For("en")["case.now.silence.title"]);
        async Task<bool> IsOpenAfterAsync(int days)
        {
            await visitor.GetAsync("/demo/clock");
            await visitor.PostAsync(("Days", $"{days}"));
            return (await visitor.GetAsync("/")).Heading == open;
        }

        Assert.False(await IsOpenAfterAsync(30));
        var pressed = 1;
        while (!await IsOpenAfterAsync(7) && pressed < 5) pressed++;
        Assert.Equal(presses, pressed);

        await visitor.PostAsync("/confirmation", visitor.Form(f => f.Contains("action=\"/confirmation\"", StringComparison.Ordinal)));
        Assert.NotEqual(open, (await visitor.GetAsync("/")).Heading);
        Assert.Equal("registered", await worker.StandingAsync());
    }

    // The command line goes by the clock that the visitor has moved: what it writes is not before what stands there.
    [Theory, EachDatabase]
    public async Task Command_BesideADemoWhoseClockWasMoved_Works(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind, demoClock: true, start: NodaTime.SystemClock.Instance.GetCurrentInstant());
        var visitor = await Visitor.SignInAsync(service, await service.EnrolAsync());
        var (clerk, _) = await service.StaffAsync(StaffRole.Clerk);
        await visitor.GetAsync("/demo/clock");
        await visitor.PostAsync(("Days", "30"));
        foreach (var (command, said) in new (string[], string)[]
        {
            (["staff", "dismiss", "--number", clerk.Number], "Dismissed: sessions and passkeys have ended."),
            (["staff", "invite", "Anna", "--number", "4711", "--role", "reviewer", "--office", "NRV-01"], "Invited: Anna"),
            (["staff", "role", "--number", "4711", "--role", "clerk"], "The old role has ended"),
            (["worker", "enrol", "--card", "FC9000001", "--name", "Aziz Rahimov", "--document", "UZB|AB1234567|1990-05-17"], "FC9000001"),
            (["worker", "code", "--card", "FC9000001"], "FC9000001"),
            (["outage", "record", "2026-01-05", "2026-01-05", "--reason", "No power."], "Recorded, with receipt"),
        })
        {
            var (code, output, errors) = await ServerProcess.RunAsync([.. command, .. ServerProcess.Where(service.DataFolder, service.Database.Argument)]);
            Assert.Equal((0, ""), (code, errors));
            Assert.Contains(said, output);
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1000")]
    [InlineData("x")]
    public async Task Move_AnotherNumberOfDays_IsRefused(string days)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, demoClock: true);
        var visitor = await Visitor.SignInAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/demo/clock");
        await visitor.PostAsync(("Days", days));
        Assert.Equal(HttpStatusCode.BadRequest, visitor.Status);
    }

    [Fact]
    public async Task Get_OutsideTheDemo_DoesNotExist()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, demo: false);
        var visitor = await Visitor.SignInAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/demo/clock");
        Assert.Equal(HttpStatusCode.NotFound, visitor.Status);
    }

    static async Task<string> NewCodeAsync(TestService service, TestWorker worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await Manzil.SignIn.ActivationCodes.IssueAsync(connection, null, worker.Id, service.Clock.GetCurrentInstant() + NodaTime.Duration.FromDays(1));
    }
}
