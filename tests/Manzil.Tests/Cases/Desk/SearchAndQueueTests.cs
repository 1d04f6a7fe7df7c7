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
}
