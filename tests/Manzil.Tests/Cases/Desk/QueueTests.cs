using System.Net;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Cases.Desk;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Simulation;
using Manzil.Tests.Databases;
using Manzil.Tests.Register;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Desk;

/// <summary>The officers' list of open cases: dates alone order it, and it says what waits.</summary>
public class QueueTests
{
    [Theory, EachDatabase]
    public async Task Queue_ManyCases_AreInTheOrderOfDatesAloneInPages(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        var numbers = await ManyAsync(story, 53);
        var first = (await one.Web.GetAsync("/staff/cases")).Html;
        Assert.Equal(numbers.Take(Queue.PageSize), Numbers(first));
        await one.Web.GetAsync(Link(first, "next")!);
        Assert.Equal(numbers.Skip(Queue.PageSize), Numbers(one.Web.Html));
        foreach (var wrong in new[] { "x", "s2026-11-30", "s2026-11-31.1.1", "s2026-11-30.-1.1", "q2026-11-30.1.1", "s2026-11-30.1.1.1", "s2026-11-30.99999999999999999999.1" })
            Assert.Equal(HttpStatusCode.NotFound, (await one.Web.GetAsync("/staff/cases?after=" + wrong)).Status);
        await one.Web.GetAsync("/staff/cases?sort=name&state=UZB&name=Aziz");
        Assert.Equal(numbers.Take(Queue.PageSize), Numbers(one.Web.Html));

        // An appeal has its own, shorter time; for a reviewer it stands first, whatever the dates of others.
        // The acts that lead there are left out, so the database must not ask for them.
        await story.ExecuteAsync($"drop trigger case_file_moves{(kind == DatabaseKind.Postgres ? " on case_file" : "")}");
        var suspended = numbers[40];
        await story.ExecuteAsync("update case_file set stage = 4, proposed_by = 'S1', agreed_by = 'S2', step_left = '2026-12-30' where act_number = @suspended", new { suspended });
        var reviewer = await story.OfficerAsync(StaffRole.Reviewer);
        await reviewer.Web.GetAsync("/staff/cases");
        Assert.Equal(suspended, Numbers(reviewer.Web.Html)[0]);
        Assert.Equal(numbers.Where(n => n != suspended).Take(Queue.PageSize - 1), Numbers(reviewer.Web.Html).Skip(1));

        // Names, states, languages and birth dates swapped: not one byte differs.
        var before = WithoutToken((await one.Web.GetAsync("/staff/cases")).Html);
        await story.ExecuteAsync("update worker set name = 'Xenia ' || (100000 - id), language = 'kk'");
        await story.ExecuteAsync("update document set state = 'TJK', birth_date = '1971-01-01'");
        Assert.Equal(before, WithoutToken((await one.Web.GetAsync("/staff/cases")).Html));
        Assert.Empty(await story.LooksAsync());
    }

    // Cases of every stage, many with the same last day of the authority, from page to page and back.
    [Theory]
    [InlineData(DatabaseKind.Sqlite, StaffRole.Caseworker)]
    [InlineData(DatabaseKind.Sqlite, StaffRole.Reviewer)]
    [InlineData(DatabaseKind.Postgres, StaffRole.Caseworker)]
    [InlineData(DatabaseKind.Postgres, StaffRole.Reviewer)]
    public async Task Queue_CasesOfEveryStage_ArePagedThereAndBackInTheOrderOfTheirLastDays(DatabaseKind kind, StaffRole role)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var (officer, rules) = (await story.OfficerAsync(role), story.Service.Core.Rules);
        await story.OfficerAsync(StaffRole.Caseworker);
        var numbers = await ManyAsync(story, 170);
        await using var rows = await TableRows.OpenAsync(story.Service.Database);
        var dice = new Dice(14);
        var cases = new List<(string Number, QueuePosition At, LocalDate Until)>();
        foreach (var number in numbers)
        {
            var (stage, opened, left) = ((CaseStage)dice.Between(1, 4), new LocalDate(2026, 9, 1).PlusDays(dice.Throw(40)), (LocalDate?)new LocalDate(2026, 10, 1).PlusDays(dice.Throw(50)));
            if (stage is CaseStage.Open or CaseStage.AwaitingAgreement && dice.Throw(3) > 0) left = null;
            var at = opened.AtStartOfDayInZone(rules.Zone).ToInstant().ToUnixTimeMilliseconds() + dice.Throw(3);
            await rows.ExecuteAsync(
                "update case_file set stage = @stage, opened_at = @at, step_left = @left, proposed_by = 'S1', agreed_by = 'S2' where act_number = @number",
                new { stage = (int)stage, at, left = IsoDate.Write(left), number });
            await using var connection = await story.Service.Core.Database.OpenAsync();
            var position = new QueuePosition(stage == CaseStage.Suspended, left ?? opened, at, await connection.ExecuteScalarAsync<long>("select id from case_file where act_number = @number", new { number }));
            // Every third has an answer, which is said and moves nothing.
            if (cases.Count % 3 == 0)
            {
                await rows.ExecuteAsync(
                    """
                    insert into act (log, leaf, number, worker_id, kind, given_at, effective_from, channel, statement, record)
                    select a.log, 100000 + c.id, @answer, c.worker_id, @kind, c.opened_at, a.effective_from, a.channel, a.statement, a.record
                    from case_file c, (select * from act order by leaf limit 1) a where c.act_number = @number
                    """,
                    new { answer = ReceiptNumber.New(TestService.Start).ToString(), kind = (int)StatementKind.Answer, number });
            }

            cases.Add((number, position, new CaseFacts { Stage = stage, StepLeft = position.Left }.AuthorityUntil(rules)!.Value));
        }

        Assert.True(cases.Select(c => c.Until).Distinct().Count() < 60);
        var expected = cases.OrderBy(c => role == StaffRole.Reviewer && c.At.IsSuspended ? 0 : 1).ThenBy(c => c.Until).ThenBy(c => c.At.Left).ThenBy(c => c.At.OpenedAt).ThenBy(c => c.At.Id).Select(c => c.Number).ToList();
        var (pages, next, answered) = (new List<List<string>>(), (string?)"/staff/cases", 0);
        while (next is not null)
        {
            await officer.Web.GetAsync(next);
            pages.Add(Numbers(officer.Web.Html));
            answered += Regex.Count(officer.Web.Html, "Answered, not read yet", RegexOptions.None, TimeSpan.FromSeconds(5));
            next = Link(officer.Web.Html, "next");
        }

        Assert.Equal(expected, pages.SelectMany(p => p));
        Assert.Equal([50, 50, 50, 20], pages.Select(p => p.Count));
        Assert.Equal(57, answered);
        foreach (var page in pages.AsEnumerable().Reverse().Skip(1))
        {
            await officer.Web.GetAsync(Link(officer.Web.Html, "prev")!);
            Assert.Equal(page, Numbers(officer.Web.Html));
        }

        Assert.Null(Link(officer.Web.Html, "prev"));
        // A case that left the queue meanwhile moves nothing else.
        var second = Link(officer.Web.Html, "next")!;
        await rows.ExecuteAsync("update case_file set stage = 0 where act_number in (@first, @last)", new { first = expected[0], last = expected[49] });
        await officer.Web.GetAsync(second);
        Assert.Equal(pages[1], Numbers(officer.Web.Html));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite, "en", "Nothing yet", "Answered, not read yet", "Answered, read", "May be decided now")]
    [InlineData(DatabaseKind.Postgres, "ru", "Пока ничего", "Есть ответ, ещё не прочитан", "Есть ответ, прочитан", "Можно решать")]
    public async Task Queue_CaseFromOpeningToDecision_SaysWhatWaits(DatabaseKind kind, string lang, string nothing, string unread, string read, string decide)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var (one, reviewer) = (await story.OfficerAsync(StaffRole.Caseworker, lang), await story.OfficerAsync(StaffRole.Reviewer, lang));
        await story.OpenAsync(one);
        Assert.Equal(nothing, await WaitsAsync(one));
        await story.AnswerAsync("I was in hospital.");
        Assert.Equal(unread, await WaitsAsync(one));
        await story.OpenFileAsync(one);
        Assert.Equal(unread, await WaitsAsync(one));
        await story.OpenAllAsync(one);
        Assert.Equal(read, await WaitsAsync(one));
        await story.AnswerAsync("And here is the paper.");
        Assert.Equal(unread, await WaitsAsync(one));
        story.Service.Clock.AdvanceDays(17);
        await one.SignInAgainAsync(lang);
        await reviewer.SignInAgainAsync(lang);
        Assert.Equal($"{unread} {decide}", await WaitsAsync(one));
        // Appeals are a reviewer's, and nothing else is.
        Assert.Equal(unread, await WaitsAsync(reviewer));
    }

    static async Task<string> WaitsAsync(Officer officer)
    {
        await officer.Web.GetAsync("/staff/cases");
        var cell = Regex.Match(officer.Web.Html, "<td[^>]*>(.*?)</td>", RegexOptions.Singleline, TimeSpan.FromSeconds(5)).Groups[1].Value;
        return Regex.Replace(WebUtility.HtmlDecode(Regex.Replace(cell, "<[^>]*>", " ", RegexOptions.None, TimeSpan.FromSeconds(5))), "\\s+", " ", RegexOptions.None, TimeSpan.FromSeconds(5)).Trim();
    }

    static string? Link(string html, string rel) =>
        Regex.Match(html, $"rel=\"{rel}\" href=\"([^\"]+)\"", RegexOptions.None, TimeSpan.FromSeconds(5)) is { Success: true } link ? WebUtility.HtmlDecode(link.Groups[1].Value) : null;

    static List<string> Numbers(string html) =>
        [.. Regex.Matches(html, "href=\"/staff/cases/([0-9A-Z-]{16})\"", RegexOptions.None, TimeSpan.FromSeconds(5)).Select(m => m.Groups[1].Value)];

    // The only bytes that are drawn at random for each page.
    static string WithoutToken(string html) =>
        Regex.Replace(html, "(name=\"__RequestVerificationToken\" type=\"hidden\" value=)\"[^\"]+\"", "$1", RegexOptions.None, TimeSpan.FromSeconds(5));

    /// <summary>Open cases of as many people, in the order in which the authority has to act.</summary>
    static async Task<IReadOnlyList<string>> ManyAsync(DeskStory story, int count)
    {
        var day = new LocalDate(2026, 10, 1);
        var cases = Enumerable.Range(0, count).Select(i => (Number: ReceiptNumber.New(TestService.Start).ToString(), Left: day.PlusDays(i / 2))).ToList();
        await using var connection = await story.Service.Core.Database.OpenAsync();
        // Written down in another order than theirs, so that the order of rows decides nothing but a tie of dates.
        foreach (var (number, left) in cases.Chunk(2).Reverse().SelectMany(c => c))
        {
            var id = await connection.ExecuteScalarAsync<long>(
                "insert into worker (card_number, name, language, office, enrolled_at) values (@card, 'Somebody', 'en', 'NRV-01', 1) returning id", new { card = "Z" + number });
            await connection.ExecuteAsync(
                """
                insert into register_entry (worker_id, standing) values (@id, 1);
                insert into case_file (worker_id, ground, act_number, opened_at, opened_by, reason, step_left, stage)
                values (@id, 'other', @number, @at, (select min(number) from staff where role = 'caseworker'), 'A reason.', @left, 1);
                update register_entry set standing = 2 where worker_id = @id;
                """,
                new { id, number, at = left.AtMidnight().InUtc().ToInstant().ToUnixTimeMilliseconds(), left = IsoDate.Write(left) });
        }

        return [.. cases.Select(c => c.Number)];
    }
}
