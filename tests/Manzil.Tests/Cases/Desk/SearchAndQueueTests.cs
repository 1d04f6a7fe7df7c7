using System.Net;
using Dapper;
using Manzil.Cases.Desk;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Cases.Desk;

public class SearchAndQueueTests
{
    [Theory, EachDatabase]
    public async Task Search_ByEachWholeNumber_FindsOnePersonAndRecordsOneLook(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        await story.Service.EnrolAsync();
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        var document = story.Worker.Worker.Document;
        (string, string)[] numbers =
        [
            ("card", story.Worker.Worker.CardNumber), ("card", story.Worker.Worker.CardNumber.ToLowerInvariant().Insert(2, " ")),
            ("document", document.Number), ("document", $"{document.State} {document.Number}"), ("document", $"{document.State}|{document.Number}"),
            ("receipt", story.Case), ("receipt", story.Case.Replace("-", "", StringComparison.Ordinal)),
        ];
        foreach (var (type, number) in numbers)
        {
            await SearchAsync(one, type, number);
            Assert.True(one.Web.Text.Contains(story.Worker.Worker.CardNumber, StringComparison.Ordinal), $"{type} {number}: {one.Web.Text}");
            Assert.DoesNotContain("FC0000002", one.Web.Html);
            Assert.Contains(story.Case, one.Web.Text);
            Assert.Matches("^/staff/search/[0-9]+$", one.Web.Path);
        }

        Assert.Equal(Enumerable.Repeat("search", numbers.Length), await story.LooksAsync());
        // The page stands under this officer's look, and under nobody else's; and not for long.
        var found = one.Web.Path;
        var two = await story.OfficerAsync(StaffRole.Caseworker);
        foreach (var path in new[] { found, found + "/open" }) Assert.DoesNotContain("Aziz", (await two.Web.GetAsync(path)).Html);
        story.Service.Clock.Advance(Sitting.Length);
        await one.SignInAgainAsync();
        foreach (var path in new[] { found, found + "/open" }) Assert.DoesNotContain("Aziz", (await one.Web.GetAsync(path)).Html);
    }

    [Theory, EachDatabase]
    public async Task Search_WildcardsPartsAndStrangers_FindNothingAndRecordNothing(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        (string, string)[] refused =
        [
            ("card", "FC%"), ("card", "FC000000_"), ("card", "FC00000*"), ("card", "FC00?0001"), ("card", "FC001"), ("card", ""), ("document", "AA00%"), ("document", "Aziz"),
            ("receipt", "FC0000001"), ("receipt", "AAAA-"), ("card", "Рахимов"), ("card", "FC0000001' or '1'='1"),
        ];
        foreach (var (type, number) in refused)
        {
            await SearchAsync(one, type, number);
            Assert.Contains("Write the whole number, letters and digits only", one.Web.Text);
        }

        foreach (var (type, number) in new[] { ("card", "FC9999999"), ("document", "AA9999999"), ("card", "AA0000001"), ("document", "FC0000001"), ("document", "KGZ AA0000001"), ("receipt", ReceiptNumber.New(TestService.Start).ToString()) })
        {
            await SearchAsync(one, type, number);
            Assert.True(one.Web.Text.Contains("Nobody was found by this number.", StringComparison.Ordinal), $"{type} {number}: {one.Web.Text}");
        }

        await one.Web.GetAsync("/staff/search");
        await one.Web.PostAsync(("Kind", "card"), ("Exact", story.Worker.Worker.CardNumber), ("Reason", "x"));
        Assert.Contains("Write the reason in 3 to 500 characters", one.Web.Text);
        Assert.Empty(await story.LooksAsync());
    }

    [Theory, EachDatabase]
    public async Task Search_MoreThanThirtyInAnHour_Waits(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        for (var i = 0; i < Searches.AnHour; i++)
        {
            await SearchAsync(one, "card", $"FC99999{i:D2}");
            Assert.Equal(HttpStatusCode.OK, one.Web.Status);
        }

        await SearchAsync(one, "card", story.Worker.Worker.CardNumber);
        Assert.Equal(HttpStatusCode.TooManyRequests, one.Web.Status);
        Assert.Empty(await story.LooksAsync());
        await SearchAsync(await story.OfficerAsync(StaffRole.Reviewer), "card", story.Worker.Worker.CardNumber);
        Assert.Equal(["search"], await story.LooksAsync());
        story.Service.Clock.Advance(Duration.FromHours(1));
        await one.SignInAgainAsync();
        await SearchAsync(one, "card", story.Worker.Worker.CardNumber);
        Assert.Contains("Aziz Rahimov", one.Web.Text);
    }

    [Theory, EachDatabase]
    public async Task Queue_ManyCases_AreInTheOrderOfDatesAloneInPages(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        var numbers = await ManyAsync(story, 53);
        var first = (await one.Web.GetAsync("/staff/cases")).Html;
        Assert.Equal(numbers.Take(Queue.PageSize), Numbers(first));
        await one.Web.GetAsync("/staff/cases?page-number=2");
        Assert.Equal(numbers.Skip(Queue.PageSize), Numbers(one.Web.Html));
        Assert.Equal(HttpStatusCode.NotFound, (await one.Web.GetAsync("/staff/cases?page-number=0")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await one.Web.GetAsync("/staff/cases?page-number=x")).Status);
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

    [Theory, EachDatabase]
    public async Task Delivery_ByPost_IsAnActOnceAndBeginsTheWorkersTime(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind, isTold: false);
        var one = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(one);
        story.Service.Clock.AdvanceDays(16);
        await one.SignInAgainAsync();
        await story.OpenFileAsync(one);
        Assert.Contains("Nothing shows yet that the worker was told of this case.", one.Web.Text);
        await one.Web.GetAsync($"/staff/cases/{story.Case}/delivered");
        Assert.DoesNotContain("checked", one.Web.Html);
        Assert.Equal("", one.Web.Form()["On.Day"]);
        await DeliverAsync(one, "post", new LocalDate(2026, 12, 10));
        Assert.Contains("The date must not be in the future", one.Web.Text);
        await DeliverAsync(one, "post", new LocalDate(2026, 11, 22));
        Assert.Contains("The date is before the day of the act itself", one.Web.Text);
        await DeliverAsync(one, "post", new LocalDate(2026, 11, 30));
        Assert.Contains("Done and signed", one.Web.Text);
        await one.Web.GetAsync($"/staff/cases/{story.Case}");
        Assert.Contains("The worker’s time to answer runs until 23 December 2026.", one.Web.Text);
        Assert.Contains("By post", one.Web.Text);
        Assert.DoesNotContain("Record a delivery", one.Web.Text);
        Assert.Equal(HttpStatusCode.Conflict, (await one.Web.GetAsync($"/staff/cases/{story.Case}/delivered")).Status);
        await using var connection = await story.Service.Core.Database.OpenAsync();
        var record = Record.Decode(await connection.ExecuteScalarAsync<byte[]>("select record from act where worker_id = @Id and kind = 53", new { story.Worker.Worker.Id }) ?? []);
        Assert.Equal((story.Case, "post", "2026-11-30"), (record.Particulars["delivered"], record.Particulars["how"], record.Particulars["delivered-on"]));
        // The worker's receipt keeps the day that the officer named; their time runs from the day on which it was recorded.
        var receipt = ReceiptFacts.Of(record, story.Service.Core.Rules, Manzil.Layout.Texts.For("en")).Select(f => f.Value).ToList();
        Assert.Superset(new HashSet<string> { story.Case, "By post", "30 November 2026" }, receipt.ToHashSet());
    }

    static async Task DeliverAsync(Officer officer, string how, LocalDate on) => await officer.Web.PostAsync(
        ("How", how), ("On.Day", on.Day.ToString()), ("On.Month", on.Month.ToString()), ("On.Year", on.Year.ToString()));

    static async Task SearchAsync(Officer officer, string kind, string number)
    {
        await officer.Web.GetAsync("/staff/search");
        Assert.Equal(("", ""), (officer.Web.Form()["Exact"], officer.Web.Form()["Reason"]));
        await officer.Web.PostAsync(("Kind", kind), ("Exact", number), ("Reason", "A letter came back."));
    }

    static List<string> Numbers(string html) =>
        [.. System.Text.RegularExpressions.Regex.Matches(html, "href=\"/staff/cases/([0-9A-Z-]{16})\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Select(m => m.Groups[1].Value)];

    // The only bytes that are drawn at random for each page.
    static string WithoutToken(string html) =>
        System.Text.RegularExpressions.Regex.Replace(html, "(name=\"__RequestVerificationToken\" type=\"hidden\" value=)\"[^\"]+\"", "$1", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5));

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
