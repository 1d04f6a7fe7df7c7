using System.Net;
using Dapper;
using Manzil.Receipts;
using Manzil.Rules;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Cases.Desk;

/// <summary>A case through the officers' pages, from the search that opens it to a reinstatement.</summary>
public class CaseStoryTests
{
    // The file as a timeline: what was told and whether it arrived, notices, and who looked.
    [Theory, EachDatabase]
    public async Task File_WithMessagesNoticesAndLooks_ShowsEachInItsPlace(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var (one, two) = (await story.OfficerAsync(StaffRole.Caseworker), await story.OfficerAsync(StaffRole.Caseworker));
        await story.OpenAsync(one);
        await using (var connection = await story.Service.Core.Database.OpenAsync())
        {
            var ids = (await connection.QueryAsync<long>("select id from message order by id")).ToList();
            Assert.True(ids.Count >= 3, $"{ids.Count} messages");
            var at = story.Service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds();
            await connection.ExecuteAsync("update message set sent_at = null, delivered_at = null, arrived_at = null, bounced_at = null, failed_at = null");
            await connection.ExecuteAsync("update message set sent_at = @at, delivered_at = @at, reminds_of = '2026-12-23', act_number = null where id = @id", new { at, id = ids[0] });
            await connection.ExecuteAsync("update message set sent_at = @at, bounced_at = @at where id = @id", new { at, id = ids[1] });
            await connection.ExecuteAsync("update message set act_number = null where id = @id", new { id = ids[2] });
        }

        await story.OpenFileAsync(two, "The neighbours wrote again.");
        var t = Manzil.Layout.Texts.For("en");
        foreach (var said in new[]
        {
            "delivered 23 November 2026", "came back 23 November 2026", "not sent yet", t["desk.timeline.reminder", ("date", "23 December 2026")], t["desk.timeline.message"],
            t["kind.registration"], t["kind.residence"], t["desk.look.file"], "The neighbours wrote again.", DeskStory.Why,
        }) Assert.Contains(said, two.Web.Text);
    }

    [Theory, EachDatabase]
    public async Task Case_FromSearchToReinstatement_GoesThroughThePages(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        var two = await story.OfficerAsync(StaffRole.Caseworker);
        var reviewer = await story.OfficerAsync(StaffRole.Reviewer);

        // Found by the exact number, and opened with a reason.
        await one.Web.GetAsync("/staff/search");
        await one.Web.PostAsync(("Kind", "card"), ("Exact", story.Worker.Worker.CardNumber), ("Reason", "A letter came back."));
        Assert.Contains("Aziz Rahimov", one.Web.Text);
        Assert.Equal(["search"], await story.LooksAsync());
        await one.Web.GetAsync(one.Web.Path + "/open");
        Assert.Equal("", one.Web.Form()["Reason"]);
        await one.Web.PostAsync(("Reason", DeskStory.Why), ("Go", "check"));
        Assert.Contains(DeskStory.Why, one.Web.Text);
        await one.Web.PostAsync(("Go", "do"));
        Assert.Contains("Done and signed", one.Web.Text);
        Assert.DoesNotContain("Aziz", one.Web.Html);
        Assert.Equal(Standing.UnderReview, await story.StandingAsync());
        story.Begun(one.Web.Path.Split('/')[^1].Split('?')[0]);

        // The queue names the case, and nobody.
        await two.Web.GetAsync("/staff/cases");
        Assert.Contains(story.Case, two.Web.Text);
        Assert.Contains("Open, the worker is heard", two.Web.Text);
        Assert.DoesNotContain("Aziz", two.Web.Html);
        Assert.DoesNotContain(story.Worker.Worker.CardNumber, two.Web.Html);

        await story.AnswerAsync("I do live there.", DeskStory.Picture());
        await story.OpenFileAsync(one);
        Assert.Contains("The worker’s time to answer runs until 8 December 2026.", one.Web.Text);
        Assert.DoesNotContain("I do live there.", one.Web.Html);
        Assert.DoesNotContain("договор", WebUtility.HtmlDecode(one.Web.Html));

        await DaysAsync(story, 16, one, two, reviewer);
        await story.OpenFileAsync(one, "The time to answer is over.");
        Assert.Contains("You have not opened one answer. Open it first.", one.Web.Text);
        await one.Web.GetAsync($"/staff/cases/{story.Case}/propose");
        Assert.Equal(HttpStatusCode.Conflict, one.Web.Status);

        await story.OpenAllAsync(one);
        await one.Web.GetAsync($"/staff/cases/{story.Case}");
        Assert.Contains("I do live there.", one.Web.Text);
        Assert.Equal(["search", "file", "file", "answer", "document"], await story.LooksAsync(one));
        await story.ProposeAsync(one);
        Assert.Equal(["search", "file", "file", "answer", "document"], await story.LooksAsync(one));
        await one.Web.GetAsync($"/staff/cases/{story.Case}");
        Assert.Contains("You took part in this decision already. It takes another officer.", one.Web.Text);

        await story.OpenFileAsync(two);
        await two.Web.GetAsync($"/staff/cases/{story.Case}/agree");
        Assert.Equal(HttpStatusCode.Conflict, two.Web.Status);
        await story.OpenAllAsync(two);
        await two.Web.GetAsync($"/staff/cases/{story.Case}/agree");
        Assert.Contains(DeskStory.Facts, two.Web.Text);
        Assert.Contains(DeskStory.Change, two.Web.Text);
        Assert.Contains($"Caseworker, number {one.Staff.Number}", two.Web.Text);
        await story.DoneAsync(two, "agree");
        Assert.Equal(["file", "answer", "document"], await story.LooksAsync(two));
        Assert.Equal(Standing.RemovalPending, await story.StandingAsync());
        await two.Web.GetAsync($"/staff/cases/{story.Case}");
        Assert.Contains("The worker’s time to appeal runs until 23 December 2026.", two.Web.Text);

        await DaysAsync(story, 18, one, two, reviewer);
        await story.OpenFileAsync(two);
        await story.DoneAsync(two, "put-in-effect");
        Assert.Equal(Standing.Removed, await story.StandingAsync());

        await story.AppealAsync("The landlord does not tell the truth.");
        await reviewer.Web.GetAsync("/staff/cases");
        Assert.Contains("Appeal open, everything stands still", reviewer.Web.Text);
        await story.OpenFileAsync(reviewer);
        Assert.Contains($"Caseworker, number {one.Staff.Number}", reviewer.Web.Text);
        Assert.Contains($"Caseworker, number {two.Staff.Number}", reviewer.Web.Text);
        await reviewer.Web.GetAsync($"/staff/cases/{story.Case}/decide-against");
        Assert.Contains("You have not opened 2 answers. Open them first.", reviewer.Web.Text);
        await story.OpenAllAsync(reviewer);
        await story.DoneAsync(reviewer, "decide-against", ("Reason", "The landlord’s word stands."));
        Assert.Equal(Standing.RemovalPending, await story.StandingAsync());

        // The new year's days off lie between.
        await DaysAsync(story, 25, one, two, reviewer);
        await story.OpenFileAsync(one);
        await story.DoneAsync(one, "put-in-effect");
        await story.OpenFileAsync(reviewer);
        await story.DoneAsync(reviewer, "reinstate", ("Reason", "The landlord was wrong."));
        Assert.Equal(Standing.Registered, await story.StandingAsync());

        // The officers' receipts are theirs alone, and verify without the record.
        await reviewer.Web.GetAsync(reviewer.Web.Path.Split('?')[0]);
        Assert.Equal("Reinstated", reviewer.Web.Heading);
        var receipt = reviewer.Web.Path;
        Assert.Equal(HttpStatusCode.NotFound, (await one.Web.GetAsync(receipt)).Status);

        // From the closed case another can be opened, but not on what was decided already.
        await story.OpenFileAsync(one);
        Assert.Contains("No case is open", one.Web.Text);
        var link = System.Text.RegularExpressions.Regex.Match(one.Web.Html, "/staff/search/[0-9]+/open", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Value;
        await one.Web.GetAsync(link);
        await one.Web.PostAsync(("Reason", DeskStory.Why.ToUpperInvariant()), ("Go", "check"));
        await one.Web.PostAsync(("Go", "do"));
        Assert.Equal(HttpStatusCode.Conflict, one.Web.Status);
        Assert.Contains("A case with this reason was decided already. Write what is new.", one.Web.Text);
        Assert.Equal(DeskStory.Why.ToUpperInvariant(), one.Web.Form()["Reason"]);

        // Each act of an officer stands in the worker's own list, with number and role.
        await using var connection = await story.Service.Core.Database.OpenAsync();
        var officers = (await connection.QueryAsync<(int Kind, byte[] Record)>("select kind, record from act where worker_id = @Id and kind between 32 and 41 order by given_at, leaf", new { story.Worker.Worker.Id }))
            .Select(a => ((StatementKind)a.Kind, Record.Decode(a.Record).Particulars.GetValueOrDefault("officer"))).ToList();
        Assert.Equal(
            [
                (StatementKind.CaseOpened, one.Staff.Number), (StatementKind.Answer, null), (StatementKind.RemovalProposed, one.Staff.Number), (StatementKind.RemovalAgreed, two.Staff.Number),
                (StatementKind.RemovalInEffect, two.Staff.Number), (StatementKind.Appeal, null), (StatementKind.AppealDecided, reviewer.Staff.Number),
                (StatementKind.RemovalInEffect, one.Staff.Number), (StatementKind.Reinstated, reviewer.Staff.Number),
            ],
            officers);
    }

    [Theory, EachDatabase]
    public async Task Agree_TwoOfficersAtTheSameMoment_OneDecidesAndTheOtherIsTold(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        story.Service.Clock.AdvanceDays(16);
        await one.SignInAgainAsync();
        await story.OpenFileAsync(one);
        await story.ProposeAsync(one);
        var others = new[] { await story.OfficerAsync(StaffRole.Caseworker), await story.OfficerAsync(StaffRole.Caseworker) };
        foreach (var other in others)
        {
            await story.OpenFileAsync(other);
            await other.Web.GetAsync($"/staff/cases/{story.Case}/agree");
            await other.Web.PostAsync(("Reason", "As proposed."), ("Go", "check"));
        }

        await Task.WhenAll(others.Select(o => o.Web.PostAsync(("Go", "do"))));
        Assert.Single(others, o => o.Web.Text.Contains("Done and signed", StringComparison.Ordinal));
        var late = Assert.Single(others, o => o.Web.Status == HttpStatusCode.Conflict);
        Assert.Equal("The case has changed since you opened this page", late.Web.Heading);
        Assert.Contains("As proposed.", late.Web.Text);
        Assert.Equal(Standing.RemovalPending, await story.StandingAsync());
    }

    [Theory, EachDatabase]
    public async Task Agree_ProposalIsAnotherByNow_IsRefused(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        story.Service.Clock.AdvanceDays(16);
        await one.SignInAgainAsync();
        var (two, three) = (await story.OfficerAsync(StaffRole.Caseworker), await story.OfficerAsync(StaffRole.Caseworker));
        foreach (var officer in new[] { one, two, three }) await story.OpenFileAsync(officer);
        await story.ProposeAsync(one);
        await two.Web.GetAsync($"/staff/cases/{story.Case}/agree");
        await two.Web.PostAsync(("Go", "check"));
        await story.DoneAsync(three, "disagree", ("Reason", "The landlord has an interest in it."));
        await story.ProposeAsync(one);

        await two.Web.PostAsync(("Go", "do"));

        Assert.Equal((HttpStatusCode.Conflict, "The case has changed since you opened this page"), (two.Web.Status, two.Web.Heading));
        Assert.Equal(Standing.UnderReview, await story.StandingAsync());
    }

    [Theory, EachDatabase]
    public async Task Propose_WorkerAnswersMeanwhile_KeepsWhatWasWritten(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        story.Service.Clock.AdvanceDays(16);
        await one.SignInAgainAsync();
        await story.OpenFileAsync(one);
        await one.Web.GetAsync($"/staff/cases/{story.Case}/propose");
        Assert.Equal(("", ""), (one.Web.Form()["Facts"], one.Web.Form()["Change"]));
        Assert.DoesNotContain("checked", one.Web.Html);
        await one.Web.PostAsync(("Ground", "LEFT"), ("Facts", "Too short"), ("Change", ""), ("Go", "check"));
        Assert.Contains("Write at least 40 characters: you wrote 9", one.Web.Text);
        Assert.Equal("Too short", one.Web.Form()["Facts"]);
        await one.Web.PostAsync(("Ground", "LEFT"), ("Facts", DeskStory.Facts), ("Change", DeskStory.Change), ("Go", "check"));
        await story.AnswerAsync("I was in hospital.");

        await one.Web.PostAsync(("Go", "do"));

        Assert.Equal(HttpStatusCode.Conflict, one.Web.Status);
        Assert.Contains("You have not opened one answer. Open it first.", one.Web.Text);
        Assert.Equal((DeskStory.Facts, DeskStory.Change), (one.Web.Form()["Facts"], one.Web.Form()["Change"]));

        // The sitting ends while the officer reads the answer and writes on.
        var fields = one.Web.Form();
        fields["Ground"] = "LEFT";
        story.Service.Clock.Advance(Duration.FromMinutes(20));
        await one.Web.GetAsync("/staff/cases");
        story.Service.Clock.Advance(Duration.FromMinutes(20));
        fields["Go"] = "check";
        await one.Web.PostAsync($"/staff/cases/{story.Case}/propose", fields);
        Assert.DoesNotContain("Aziz", one.Web.Html);
        Assert.Equal((DeskStory.Facts, "LEFT", ""), (one.Web.Form()["Facts"], one.Web.Form()["Ground"], one.Web.Form()["LookReason"]));
        await one.Web.PostAsync(("LookReason", "I go on with the proposal."), ("Go", "edit"));
        Assert.Equal(DeskStory.Facts, one.Web.Form()["Facts"]);
        Assert.Equal(["file", "file"], await story.LooksAsync(one));
    }

    [Theory, EachDatabase]
    public async Task Post_SameFormTwice_IsOneAct(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        await story.OpenFileAsync(one);
        await one.Web.GetAsync($"/staff/cases/{story.Case}/keep");
        Assert.Equal("", one.Web.Form()["Reason"]);
        await one.Web.PostAsync(("Reason", "The letter was sent to another address."), ("Go", "check"));
        var fields = one.Web.Form();
        fields["Go"] = "do";
        var first = (await one.Web.PostAsync($"/staff/cases/{story.Case}/keep", fields)).Path;
        Assert.Equal(first, (await one.Web.PostAsync($"/staff/cases/{story.Case}/keep", fields)).Path);
        fields["Reason"] = "Another reason.";
        await one.Web.PostAsync($"/staff/cases/{story.Case}/keep", fields);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, one.Web.Status);
        Assert.Equal(Standing.Registered, await story.StandingAsync());
    }

    static async Task DaysAsync(DeskStory story, int days, params Officer[] officers)
    {
        story.Service.Clock.AdvanceDays(days);
        foreach (var officer in officers) await officer.SignInAgainAsync();
    }
}
