using Dapper;
using Manzil.Layout;
using Manzil.Rules;
using Manzil.Tests.Layout;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Desk;

/// <summary>An officer's file reads from the top: what is due, where the worker lives today and what they read, then what nobody has read yet (found.md 23).</summary>
public class FileOrderTests
{
    // Nobody's own language, so that what stands there is the worker's.
    [Theory, InlineData("en", "kk"), InlineData("ru", "en"), InlineData("kk", "ru")]
    public async Task File_OneAnswerReadAndOneNot_StandsInTheOrderOfTheWork(string lang, string reads)
    {
        await using var story = await DeskStory.NewAsync(DatabaseKind.Sqlite, language: reads);
        var (t, officer) = (Texts.For(lang), await story.OfficerAsync(StaffRole.Caseworker, lang));
        await story.OpenAsync(officer);
        var read = await AnswerAsync(story, "I do live there.");
        await story.OpenAllAsync(officer);
        story.Service.Clock.Advance(Duration.FromMinutes(1));
        var unread = await AnswerAsync(story, "I was at work.");
        var main = await MainAsync(story, officer);

        Assert.Equal(
            [t["desk.first"], t["desk.unread"], t["desk.now"], t["desk.not-now"], t["desk.who"], t["desk.where"], t["desk.timeline.title"]],
            main.All.Where(e => e.Name == "h2").Select(Said));

        var first = main.All.First(e => e.Name == "dl").All.ToList();
        var rules = story.Service.Core.Rules;
        var until = new CaseFacts { Stage = CaseStage.Open, StepLeft = rules.DateOf(TestService.Start) }.AuthorityUntil(rules)!.Value;
        Assert.Equal(
            [
                (t["desk.stage"], t["desk.stage.open"]), (t["desk.authority-until"], Dates.InWords(until, lang)),
                (t["desk.address"], "Tverskoy, Long Street, 5"), (t["desk.language"], Language.NameOf(reads)),
            ],
            first.Where(e => e.Name == "dt").Zip(first.Where(e => e.Name == "dd"), (label, value) => (Said(label), Said(value))));

        // What is not read is opened at the top and nowhere else; what is read stands further down with its words.
        var opens = Assert.Single(main.All, e => e.Name == "form" && e["action"]?.Contains("/answers/", StringComparison.Ordinal) == true);
        Assert.Equal($"/staff/cases/{story.Case}/answers/{unread}", opens["action"]);
        Assert.Equal(t["desk.unread"], Said(main.All.TakeWhile(e => e != opens).Last(e => e.Name == "h2")));
        Assert.Equal($"/staff/cases/{story.Case}/answers/{read}", Assert.Single(main.All, e => e.Name == "a" && e["href"]?.Contains("/answers/", StringComparison.Ordinal) == true)["href"]);
        Assert.Contains("I do live there.", Said(main), StringComparison.Ordinal);
        Assert.DoesNotContain("I was at work.", officer.Web.Html, StringComparison.Ordinal);

        await story.OpenAllAsync(officer);
        main = await MainAsync(story, officer);
        Assert.DoesNotContain(t["desk.unread"], main.All.Where(e => e.Name == "h2").Select(Said));
    }

    [Theory, InlineData("en"), InlineData("ru"), InlineData("kk")]
    public async Task File_WithMessages_HasThemFoldedUp(string lang)
    {
        await using var story = await DeskStory.NewAsync(DatabaseKind.Sqlite);
        var officer = await story.OfficerAsync(StaffRole.Caseworker, lang);
        await story.OpenAsync(officer);
        await story.OpenFileAsync(officer);
        var main = await MainAsync(story, officer);

        var folded = main.All.Where(e => e.Name == "details").ToList();
        Assert.NotEmpty(folded);
        Assert.All(folded, f => Assert.Null(f["open"]));
        Assert.Equal(folded.Count, folded.Count(f => Said(f.Children[0]) == Texts.For(lang)["desk.timeline.told", ("count", f.All.Count(e => e.Name == "p"))]));
        await using var connection = await story.Service.Core.Database.OpenAsync();
        var messages = folded.SelectMany(f => f.All).Where(e => e.Name == "p").ToList();
        Assert.Equal(await connection.ExecuteScalarAsync<int>("select count(*) from message where worker_id = @Id", new { story.Worker.Worker.Id }), messages.Count);
        // None of them is said anywhere else on the page.
        foreach (var said in messages.Select(Said).Distinct())
            Assert.All(main.All.Where(e => e.Name is "p" or "li" or "span" && !e.Around.Append(e).Any(a => a.Name == "details") && !e.All.Any(c => c.Name == "details")), e => Assert.DoesNotContain(said, Said(e), StringComparison.Ordinal));
    }

    static async Task<Element> MainAsync(DeskStory story, Officer officer)
    {
        await officer.Web.GetAsync($"/staff/cases/{story.Case}");
        return Element.Parse(officer.Web.Html).All.Single(e => e.Name == "main");
    }

    /// <summary>The worker answers; the receipt's number.</summary>
    static async Task<string> AnswerAsync(DeskStory story, string text)
    {
        await story.AnswerAsync(text);
        await using var connection = await story.Service.Core.Database.OpenAsync();
        return (await connection.ExecuteScalarAsync<string>("select number from act where worker_id = @Id and kind = 33 order by log desc, leaf desc limit 1", new { story.Worker.Worker.Id }))!;
    }

    static string Said(Element of) =>
        string.Join(' ', of.Words.Replace("\u2068", "", StringComparison.Ordinal).Replace("\u2069", "", StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
