using System.Net;
using Manzil.Cases;
using Manzil.Cases.Desk;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>rules.md, Confirming an address, 3: the list to be reached, until a clerk records that they were reached, and how.</summary>
public class ReachTests
{
    [Theory, EachDatabase]
    public async Task Reach_FromTheListToTheReceipt_IsOneLookOneActAndTold(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind);
        var (staff, clerk) = await story.OfficerAsync();
        var entry = await ReachStory.EntryAsync(clerk);
        Assert.Matches("/staff/desk/reach/[0-9A-Z]{5}-[0-9A-Z]{5}$", entry);
        Assert.Contains("29 December 2026", clerk.Text);
        Assert.DoesNotContain("English", clerk.Text);
        AssertNothing(clerk, story);

        // Nothing shows before a reason is recorded.
        await clerk.GetAsync(entry);
        AssertNothing(clerk, story);
        Assert.DoesNotContain("English", clerk.Text);
        await clerk.PostAsync(("Reason", "ab"));
        Assert.Contains("Write the reason in 3 to 500 characters", clerk.Text);
        AssertNothing(clerk, story);
        Assert.Empty(await story.LooksAsync());
        await clerk.PostAsync(("Reason", ReachStory.Why));
        for (var i = 0; i < 2; i++) await clerk.GetAsync(entry);
        Assert.Contains("Aziz Rahimov", clerk.Text);
        Assert.Contains("Tverskoy", clerk.Text);
        Assert.Contains("Language English", clerk.Text);
        Assert.Contains("+7000", clerk.Text);
        Assert.Contains("not known whether it arrived", clerk.Text);
        Assert.Equal(["reach"], await story.LooksAsync());

        // What is missing is said, and what was written stays.
        await clerk.PostAsync(("How", ""), ("Words", "He"));
        Assert.Contains("Choose how you reached them", clerk.Text);
        Assert.Contains("Write 3 to 1000 characters", clerk.Text);
        Assert.Equal("He", clerk.Form()["Words"]);
        await clerk.PostAsync(("How", "relative"), ("Words", ReachStory.Words));
        Assert.True(clerk.Path.StartsWith("/staff/desk/receipts/", StringComparison.Ordinal), clerk.Text);
        Assert.Equal(HttpStatusCode.OK, clerk.Status);
        Assert.Contains("Worker reached", clerk.Text);
        AssertNothing(clerk, story);
        Assert.Equal(["reach"], await story.LooksAsync());

        var number = clerk.Path.Split('/')[^1].Split('?')[0];
        var (record, report) = await Offline.VerifiedAsync(story.Service, number, story.Worker.Worker.Document);
        Assert.Equal(DocumentFinding.Matches, report.Document);
        Assert.Equal(StatementKind.Reached, record.Kind);
        Assert.Equal((RecordChannel.Desk, staff.Office, ReachStory.Words), (record.Channel, record.Office, record.Reason));
        Assert.Equal($"centre={staff.Office}, due=2026-12-23, officer={staff.Number}, reached-by=relative, role=clerk", string.Join(", ", record.Particulars.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}")));
        Assert.Equal(story.Service.Core.Rules.DateOf(story.Gateway.Now), record.EffectiveFrom);

        // Off the list, and the worker is told, sees the words and who looked.
        Assert.False(await story.IsOnListAsync());
        Assert.Contains("Nobody waits to be reached", (await clerk.GetAsync(ReachStory.List)).Text);
        Assert.Contains("we recorded that we reached you", Assert.Single(await story.Gateway.MessagesAsync(story.Worker.Worker.Id), m => m.ActNumber == number).Body);
        var visitor = await Visitor.SignInAsync(story.Service, story.Worker.Worker);
        await visitor.GetAsync($"/notices/{number}");
        Assert.Contains(ReachStory.Words, visitor.Text);
        Assert.Contains("Through a relative", visitor.Text);
        Assert.Contains($"Clerk, {story.Service.Core.Rules.Offices.Single(o => o.Code.Value == staff.Office).Name.In("en")}, staff number {staff.Number}", visitor.Text);
        Assert.Contains(ReachStory.Why, (await visitor.GetAsync("/looks")).Text);
    }

    // On Tuesday 2027-01-05 the silence period begins (there is a holiday until the 8th in the demo).
    [Theory, EachDatabase]
    public async Task Reach_BeginsTheSilencePeriod_AndNothingOpensEarlierOrIsMovedByALateReport(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind);
        var (staff, _) = await story.OfficerAsync();
        Assert.IsType<ActResult.Accepted>(await story.DoAsync(story.Act(staff)));
        var rules = story.Service.Core.Rules;
        var today = rules.DateOf(story.Gateway.Now);
        var ends = Manzil.Rules.Deadlines.SilenceEnds(new LocalDate(2026, 12, 23), today, rules.WorkersCalendar, rules.Intervals)!.Value;
        await story.Gateway.PassDaysAsync(1);
        // A handset's report of an old reminder that comes in now neither begins the period anew nor shortens it.
        var reminders = await story.Gateway.MessagesAsync(story.Worker.Worker.Id, remindersOnly: true);
        await story.Gateway.ReportAsync(reminders[0].Id, "delivered", story.Gateway.Now - Duration.FromDays(20));
        await story.Gateway.PassDaysAsync(Period.DaysBetween(today, ends) - 1);
        Assert.Equal(0, await story.Gateway.AskAsync<int>("select count(*) from case_file"));
        await story.Gateway.PassDaysAsync(1);
        Assert.Equal(1, await story.Gateway.AskAsync<int>("select count(*) from case_file"));
        // The case rests on the clerk's record: that the reminder came back after all says nothing against it.
        Assert.Equal(await story.Gateway.AskAsync<long>("select recorded_at from reached"), await story.Gateway.AskAsync<long>("select reminded_at from case_file"));
        await story.Gateway.ReportAsync(reminders[0].Id, "failed");
        Assert.Equal("under-review", Name(await StandingAsync(story)));
        Assert.Equal(1, await story.Gateway.AskAsync<int>("select count(*) from case_file where stage = 1"));
    }

    [Theory, EachDatabase]
    public async Task Reach_ThenConfirmed_TheNextPeriodNeedsItsOwnReminder(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind);
        var (staff, _) = await story.OfficerAsync();
        Assert.IsType<ActResult.Accepted>(await story.DoAsync(story.Act(staff)));
        story.Service.Clock.Advance(Duration.FromHours(1));
        await story.Worker.SignInAgainAsync();
        await story.Worker.GiveAsync("""{"kind":"confirmation"}""");
        await story.Gateway.PassDaysAsync(50);
        Assert.Equal(0, await story.Gateway.AskAsync<int>("select count(*) from case_file"));
        Assert.True(await story.IsOnListAsync());
        // Another number: nobody can follow a person from period to period.
        var (_, clerk) = await story.OfficerAsync();
        await ReachStory.EntryAsync(clerk);
    }

    [Theory, EachDatabase]
    public async Task Reach_SomebodyNotOnTheList_IsRefusedAndWritesNothing(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind, isOnList: false);
        var (staff, clerk) = await story.OfficerAsync();
        Assert.Equal(new ActResult.Refused(RecordReached.NotOnList), await story.DoAsync(story.Act(staff)));
        Assert.Contains("Nobody waits to be reached", (await clerk.GetAsync(ReachStory.List)).Text);
        await clerk.GetAsync(ReachStory.List + "/00000-00000");
        Assert.Equal(HttpStatusCode.Conflict, clerk.Status);
        Assert.Contains("This entry is not on the list", clerk.Text);
        Assert.Equal(0, await story.Gateway.AskAsync<int>("select count(*) from reached"));
        Assert.Empty(await story.LooksAsync());
    }

    [Theory, EachDatabase]
    public async Task Reach_WorkerConfirmsMeanwhile_IsToldAndNothingIsRecorded(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind);
        var (_, clerk) = await story.OfficerAsync();
        await ReachStory.OpenAsync(clerk);
        await story.Worker.SignInAgainAsync();
        await story.Worker.GiveAsync("""{"kind":"confirmation"}""");
        await clerk.PostAsync(("How", "visit"), ("Words", ReachStory.Words));
        Assert.Equal(HttpStatusCode.Conflict, clerk.Status);
        Assert.Contains("Nothing was recorded now", clerk.Text);
        AssertNothing(clerk, story);
        Assert.Equal(0, await story.Gateway.AskAsync<int>("select count(*) from reached"));
    }

    [Theory, EachDatabase]
    public async Task Reach_TwoClerksAtOnce_OneRecordsAndTheOtherIsRefused(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind);
        var (one, _) = await story.OfficerAsync();
        var (two, _) = await story.OfficerAsync();
        var results = await Task.WhenAll(Task.Run(() => story.DoAsync(story.Act(one))), Task.Run(() => story.DoAsync(story.Act(two, "visit"))));
        Assert.Single(results.OfType<ActResult.Accepted>());
        Assert.Equal(new ActResult.Refused(RecordReached.NotOnList), Assert.Single(results.OfType<ActResult.Refused>()));
        Assert.Equal(1, await story.Gateway.AskAsync<int>("select count(*) from reached"));
    }

    [Theory, EachDatabase]
    public async Task Post_TheSameFormTwice_IsOneActAndOneReceipt(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind);
        var (_, clerk) = await story.OfficerAsync();
        var entry = await ReachStory.OpenAsync(clerk);
        var form = clerk.Form();
        (form["How"], form["Words"]) = ("desk", ReachStory.Words);
        await clerk.PostAsync(entry, form);
        var first = clerk.Path;
        await clerk.PostAsync(entry, form);
        Assert.Equal(first, clerk.Path);
        Assert.Equal(1, await story.Gateway.AskAsync<int>("select count(*) from reached"));
        // With the key of another it is nobody's receipt.
        form["Key"] = ActOutcomesKey();
        await clerk.PostAsync(entry, form);
        Assert.Equal(HttpStatusCode.Conflict, clerk.Status);
    }

    [Theory, EachDatabase]
    public async Task Post_HalfAnHourLater_AsksAgainWhyAndKeepsWhatWasWritten(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind);
        var (staff, clerk) = await story.OfficerAsync();
        await ReachStory.OpenAsync(clerk);
        story.Service.Clock.Advance(Sitting.Length - Duration.FromMinutes(10));
        await clerk.GetAsync("/staff");
        await clerk.GetAsync(await ReachStory.EntryAsync(clerk));
        story.Service.Clock.Advance(Duration.FromMinutes(10));
        await clerk.PostAsync(("How", "phone"), ("Words", ReachStory.Words));
        Assert.Contains("Half an hour has passed", clerk.Text);
        AssertNothing(clerk, story);
        Assert.Equal(0, await story.Gateway.AskAsync<int>("select count(*) from reached"));
        await clerk.PostAsync(("Reason", ReachStory.Why));
        Assert.Equal(ReachStory.Words, clerk.Form()["Words"]);
        Assert.Contains("value=\"phone\" checked", clerk.Html);
        Assert.Equal(["reach", "reach"], await story.LooksAsync());
        await clerk.PostAsync(("How", "phone"));
        Assert.StartsWith("/staff/desk/receipts/", clerk.Path);
        Assert.NotEmpty(staff.Number);
    }

    [Theory, EachDatabase]
    public async Task Open_LookThatCannotBeWritten_ShowsNothing(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind);
        var (_, clerk) = await story.OfficerAsync();
        var entry = await ReachStory.EntryAsync(clerk);
        await story.ExecuteAsync(kind == DatabaseKind.Sqlite
            ? "create trigger look_fails before insert on look begin select raise(abort, 'the disk is full'); end"
            : "create function look_fails() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$; create trigger look_fails before insert on look for each row execute function look_fails()");
        await clerk.GetAsync(entry);
        await clerk.PostAsync(("Reason", ReachStory.Why));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, clerk.Status);
        AssertNothing(clerk, story);
        AssertNothing(await clerk.GetAsync(entry), story);
    }

    [Theory, EachDatabase]
    public async Task Reach_OfAnotherOfficeOrRole_IsRefused(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind);
        var (_, clerk) = await story.OfficerAsync();
        var entry = await ReachStory.EntryAsync(clerk);
        var (elsewhere, other) = await story.OfficerAsync(office: story.Service.Core.Rules.Offices[^1].Code.Value);
        Assert.NotEqual(story.Service.Core.Rules.DefaultOffice.Code.Value, elsewhere.Office);
        Assert.Contains("Nobody waits to be reached", (await other.GetAsync(ReachStory.List)).Text);
        Assert.Equal(HttpStatusCode.Conflict, (await other.GetAsync(entry)).Status);
        AssertNothing(other, story);
        Assert.Equal(new ActResult.Refused("not-found"), await story.DoAsync(story.Act(elsewhere)));
        foreach (var role in StaffRoles.All.Where(r => r != StaffRole.Clerk))
        {
            var (staff, web) = await story.OfficerAsync(role);
            Assert.Equal(HttpStatusCode.Forbidden, (await web.GetAsync(ReachStory.List)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await web.GetAsync(entry)).Status);
            Assert.Equal(new ActResult.Refused(CaseRefusal.NotForThisRole.Name()), await story.DoAsync(story.Act(staff)));
        }

        Assert.Empty(await story.LooksAsync());
        Assert.True(await story.IsOnListAsync());
    }

    [Theory, EachDatabase]
    public async Task Database_ReachedOfNobodyOnTheListByNoClerkOrRewritten_IsRefused(DatabaseKind kind)
    {
        await using var story = await ReachStory.NewAsync(kind, isOnList: false);
        var (clerk, _) = await story.OfficerAsync();
        var (caseworker, _) = await story.OfficerAsync(StaffRole.Caseworker);
        Task InsertAsync(string staff) => story.ExecuteAsync(
            "insert into reached (act_number, worker_id, due, how, staff_number, recorded_at) select '0000-00000-00000', worker_id, next_deadline, 'phone', @staff, 1 from register_entry", new { staff });
        async Task RefusedAsync(Func<Task> write, string why) => Assert.Contains(why, (await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(write)).Message);
        await RefusedAsync(() => InsertAsync(clerk.Number), "only who is to be reached");
        await story.Gateway.PassDaysAsync(ReachStory.DaysToList);
        await RefusedAsync(() => InsertAsync(caseworker.Number), "a clerk records");
        await InsertAsync(clerk.Number);
        await RefusedAsync(() => story.ExecuteAsync("update reached set recorded_at = 0"), "only grows");
    }

    static void AssertNothing(Visitor page, ReachStory story)
    {
        foreach (var of in new[] { "Aziz", "Rahimov", story.Worker.Worker.CardNumber, story.Worker.Worker.Document.Number, "Tverskoy", "+7000" }) Assert.DoesNotContain(of, page.Html);
    }

    static string ActOutcomesKey() => Guid.NewGuid().ToString("N");

    static async Task<Standing> StandingAsync(ReachStory story) => (await story.Service.Core.Workers.FindAsync(story.Worker.Worker.Id))!.Entry.Standing;

    static string Name(Standing standing) => standing.Name();
}
