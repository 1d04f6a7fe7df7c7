using System.Net;
using Manzil.Cases;
using Manzil.Cases.Desk;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Desk;

/// <summary>privacy.md 16: exactly one entry for every look, before the content, or no content.</summary>
public class LooksTests
{
    [Theory, EachDatabase]
    public async Task Open_WithoutAReason_ShowsNothingAndRecordsNothing(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        await one.Web.GetAsync($"/staff/cases/{story.Case}");
        Assert.Equal("", one.Web.Form()["Reason"]);
        const string Short = "Write the reason in 3 to 500 characters";
        foreach (var (reason, said) in new[] { ("", Short), ("  ", Short), ("ab", Short), (new string('x', 501), "You wrote 501 characters. At most 500") })
        {
            await one.Web.PostAsync(("Reason", reason));
            Assert.Contains(said, one.Web.Text);
            Assert.DoesNotContain("Aziz", one.Web.Html);
        }

        foreach (var path in new[] { "keep", "propose", "agree", "disagree", "withdraw", "put-in-effect", "delivered", $"answers/{story.Case}", "documents/1" })
        {
            await one.Web.GetAsync($"/staff/cases/{story.Case}/{path}");
            Assert.DoesNotContain("Aziz", one.Web.Html);
        }

        Assert.Empty(await story.LooksAsync());
    }

    [Theory, EachDatabase]
    public async Task Open_ReadAgainAndAgain_IsOneLookUntilTheSittingEnds(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        await story.AnswerAsync("I do live there.", DeskStory.Picture());
        await story.OpenFileAsync(one);
        for (var i = 0; i < 3; i++) await one.Web.GetAsync($"/staff/cases/{story.Case}");
        Assert.Equal(["file"], await story.LooksAsync());
        var actions = one.Actions();
        Assert.Equal(2, actions.Count);
        // A link followed without the button opens nothing.
        foreach (var action in actions) Assert.DoesNotContain("I do live there.", (await one.Web.GetAsync(action)).Text);
        Assert.Equal(["file"], await story.LooksAsync());

        Assert.Contains("I do live there.", (await one.PostAsync(actions[0])).Text);
        await one.PostAsync(actions[1]);
        Assert.Equal(DeskStory.Picture().Content, one.Web.Bytes);
        var headers = one.Web.Answer.Content.Headers;
        Assert.Equal("image/jpeg", headers.ContentType?.ToString());
        Assert.StartsWith("inline; filename=", headers.ContentDisposition?.ToString());
        Assert.Contains("sandbox", one.Web.Answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", one.Web.Answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-store", one.Web.Answer.Headers.CacheControl?.ToString());
        foreach (var action in actions) await one.Web.GetAsync(action);
        foreach (var action in actions) await one.PostAsync(action);
        Assert.Equal(["file", "answer", "document"], await story.LooksAsync());

        // Another officer's sitting is their own; so is the next one of this officer.
        var two = await story.OfficerAsync(StaffRole.Reviewer);
        await two.Web.GetAsync(actions[0]);
        Assert.DoesNotContain("I do live there.", two.Web.Text);
        Assert.DoesNotContain("Aziz", two.Web.Html);
        story.Service.Clock.Advance(Sitting.Length);
        await one.SignInAgainAsync();
        foreach (var action in actions.Append($"/staff/cases/{story.Case}")) Assert.DoesNotContain("Aziz", (await one.Web.GetAsync(action)).Html);
        await story.OpenFileAsync(one);
        Assert.DoesNotContain("I do live there.", one.Web.Text);
        Assert.Equal(["file", "answer", "document", "file"], await story.LooksAsync());
    }

    [Theory, EachDatabase]
    public async Task Look_ThatCannotBeWritten_ShowsNothing(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        await story.AnswerAsync("I do live there.", DeskStory.Picture());
        await story.OpenFileAsync(one);
        var actions = one.Actions();
        var two = await story.OfficerAsync(StaffRole.Caseworker);
        await story.ExecuteAsync(kind == DatabaseKind.Sqlite
            ? "create trigger look_fails before insert on look begin select raise(abort, 'the disk is full'); end"
            : "create function look_fails() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$; create trigger look_fails before insert on look for each row execute function look_fails()");

        await two.Web.GetAsync($"/staff/cases/{story.Case}");
        await two.Web.PostAsync(("Reason", "I work on this case."));
        AssertNothing(two);
        await two.Web.GetAsync("/staff/search");
        await two.Web.PostAsync(("Kind", "card"), ("Exact", story.Worker.Worker.CardNumber), ("Reason", "A letter came back."));
        AssertNothing(two);
        foreach (var action in actions)
        {
            await one.PostAsync(action);
            AssertNothing(one);
        }

        Assert.Equal(["file"], await story.LooksAsync());

        static void AssertNothing(Officer officer)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, officer.Web.Status);
            Assert.DoesNotContain("Aziz", officer.Web.Html);
            Assert.DoesNotContain("I do live there.", officer.Web.Html);
        }
    }

    [Theory, EachDatabase]
    public async Task Items_OfAnotherPersonsFile_AreUnknown(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        await story.AnswerAsync("I do live there.", DeskStory.Picture());
        await story.OpenFileAsync(one);
        var items = one.Actions().Select(a => a[$"/staff/cases/{story.Case}/".Length..]).ToList();
        var other = await SignedInWorker.NewAsync(story.Service);
        await other.GiveAsync("""{"kind":"registration"}""");
        var act = new OpenCaseWithReason(one.Staff.Actor, DeskStory.Why, story.Service.Core.CurrentRules.Now, story.Telling)
        {
            ReceivedAt = story.Service.Clock.GetCurrentInstant(),
            Channel = RecordChannel.Desk,
            WorkerId = other.Worker.Id,
        };
        var number = Assert.IsType<ActResult.Accepted>(await story.Service.Core.Writer.SubmitAsync(act)).Number.ToString();
        await one.Web.GetAsync($"/staff/cases/{number}");
        await one.Web.PostAsync(("Reason", "I work on this case."));
        Assert.DoesNotContain("Aziz Rahimov 1<", one.Web.Html);
        await one.Web.GetAsync("/staff/search");
        var token = one.Web.Form()["__RequestVerificationToken"];
        foreach (var item in items)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await one.Web.GetAsync($"/staff/cases/{number}/{item}")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await one.Web.PostAsync($"/staff/cases/{number}/{item}", new() { ["__RequestVerificationToken"] = token })).Status);
        }

        Assert.Equal(["file"], await story.LooksAsync());
    }

    [Theory, EachDatabase]
    public async Task Refusal_Each_HasWordsInEachLanguage(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        await story.OpenFileAsync(one);
        var desk = story.Service.Services.GetRequiredService<CaseDesk>();
        var file = (await desk.ReadAsync(one.Staff, (await desk.FindAsync(story.Case))!))!;
        foreach (var lang in story.Service.Core.Rules.Languages)
        {
            var words = Enum.GetValues<CaseRefusal>().Select(r => RefusalWords.Of(r, file, Texts.For(lang))).ToList();
            Assert.Equal(words.Count, words.Distinct().Count());
            Assert.Contains(words, w => w.Contains("2026", StringComparison.Ordinal));
        }
    }

    [Theory, EachDatabase]
    public async Task Desk_OtherRoles_AreForbidden(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        await story.OpenAsync(await story.OfficerAsync(StaffRole.Caseworker));
        string[] pages = ["/staff/cases", $"/staff/cases/{story.Case}", $"/staff/cases/{story.Case}/keep", $"/staff/cases/{story.Case}/delivered", $"/staff/cases/{story.Case}/documents/1", "/staff/search", "/staff/search/1", "/staff/search/1/open", $"/staff/receipts/{story.Case}"];
        foreach (var role in new[] { StaffRole.Clerk, StaffRole.Auditor, StaffRole.Operator })
        {
            var officer = await story.OfficerAsync(role);
            foreach (var page in pages) Assert.Equal(HttpStatusCode.Forbidden, (await officer.Web.GetAsync(page)).Status);
        }

        // A reviewer reads, and does what a caseworker does not: the page itself says so.
        var reviewer = await story.OfficerAsync(StaffRole.Reviewer);
        await story.OpenFileAsync(reviewer);
        Assert.DoesNotContain("Propose removal", reviewer.Web.Text);
        await reviewer.Web.GetAsync($"/staff/cases/{story.Case}/keep");
        Assert.Equal(HttpStatusCode.Conflict, reviewer.Web.Status);
        Assert.Contains("This is for an officer of another role.", reviewer.Web.Text);
    }
}
