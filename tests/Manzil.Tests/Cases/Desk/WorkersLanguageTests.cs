using System.Net;
using Manzil.Layout;
using Manzil.Rules;
using Manzil.Tests.Layout;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Desk;

/// <summary>Where an officer writes what the worker will read, the page says in which language they read it (found.md 25).</summary>
public class WorkersLanguageTests
{
    [Theory, InlineData("en", "kk"), InlineData("ru", "en"), InlineData("kk", "ru")]
    public async Task Form_WhoseWordsTheWorkerReads_NamesTheirLanguage(string lang, string reads)
    {
        await using var story = await DeskStory.NewAsync(DatabaseKind.Sqlite, language: reads);
        var (one, two, reviewer) = (await story.OfficerAsync(StaffRole.Caseworker, lang), await story.OfficerAsync(StaffRole.Caseworker, lang), await story.OfficerAsync(StaffRole.Reviewer, lang));
        async Task AfterDaysAsync(int days)
        {
            story.Service.Clock.AdvanceDays(days);
            foreach (var officer in new[] { one, two, reviewer }) await officer.SignInAgainAsync(lang);
        }

        async Task SaysAsync(Officer officer, params string[] slugs)
        {
            await story.OpenAllAsync(officer);
            foreach (var slug in slugs)
            {
                await officer.Web.GetAsync($"/staff/cases/{story.Case}/{slug}");
                Says(officer, lang, reads);
            }
        }

        await one.Web.GetAsync("/staff/search");
        await one.Web.PostAsync(("Kind", "card"), ("Exact", story.Worker.Worker.CardNumber), ("Reason", "A letter came back."));
        await one.Web.GetAsync(one.Web.Path + "/open");
        Says(one, lang, reads);
        await one.Web.PostAsync(("Reason", DeskStory.Why), ("Go", "check"));
        await one.Web.PostAsync(("Go", "do"));
        story.Begun(one.Web.Path.Split('/')[^1].Split('?')[0]);
        await SaysAsync(one, "keep");
        await AfterDaysAsync(16);
        await SaysAsync(one, "propose");
        await story.ProposeAsync(one);
        await SaysAsync(one, "withdraw");
        await SaysAsync(two, "agree", "disagree");
        await story.DoneAsync(two, "agree");
        await AfterDaysAsync(18);
        await story.OpenFileAsync(two);
        await story.DoneAsync(two, "put-in-effect");
        await SaysAsync(reviewer, "reinstate");
        await story.AppealAsync("The landlord does not tell the truth.");
        await SaysAsync(reviewer, "decide-for", "decide-against");
    }

    static void Says(Officer officer, string lang, string reads)
    {
        Assert.Equal((officer.Web.Path, HttpStatusCode.OK), (officer.Web.Path, officer.Web.Status));
        // In the form itself, before the first field for words.
        var form = Element.Parse(officer.Web.Html).All.Single(e => e.Name == "form" && e.All.Any(f => f.Name == "textarea"));
        var before = string.Join(' ', form.All.TakeWhile(e => e.Name != "textarea").Where(e => e.Name == "p").SelectMany(e => e.Words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains($"{Texts.For(lang)["desk.reads"]} {Language.NameOf(reads)}", before, StringComparison.Ordinal);
    }
}
