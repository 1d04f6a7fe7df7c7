using System.Net;
using Manzil.Cases.Desk;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>privacy.md 7 and 16 at the desk: one exact number, at most one person, one look before anything shows.</summary>
public class ServePageTests
{
    [Theory, EachDatabase]
    public async Task Serve_ByCardOrDocument_ShowsOnePersonAfterOneLookThatTheWorkerSees(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var (worker, other) = (await desk.Service.EnrolAsync(), await desk.Service.EnrolAsync());
        (string, string)[] numbers = [("card", worker.CardNumber), ("card", worker.CardNumber.ToLowerInvariant()), ("document", $"{worker.Document.State} {worker.Document.Number}")];
        foreach (var (type, number) in numbers)
        {
            await desk.SearchAsync(type, number);
            Assert.Matches("^/staff/desk/[0-9]+$", desk.Web.Path);
            Assert.Contains(worker.Document.Number, desk.Web.Text);
            Assert.DoesNotContain(other.CardNumber, desk.Web.Html);
        }

        var root = desk.Web.Path;
        for (var i = 0; i < 3; i++) await desk.Web.GetAsync(root);
        foreach (var path in new[] { "/registration", "/account/channel", "/code" }) await desk.Web.GetAsync(root + path);
        Assert.Equal(Enumerable.Repeat(desk.Look, numbers.Length), await desk.LooksAsync(worker.Id));
        Assert.Empty(await desk.LooksAsync(other.Id));

        var own = await Visitor.SignInAsync(desk.Service, worker);
        await own.GetAsync("/looks");
        Assert.Contains("Your details were opened at a centre’s desk", own.Text);
        Assert.Contains($"Reason: {ClerkDesk.Reason}", own.Text);
        Assert.Contains("Clerk", own.Text);
        Assert.DoesNotContain(desk.Clerk.Staff.Name, own.Text);
    }

    [Theory, EachDatabase]
    public async Task Serve_WildcardsPartsStrangersOrNoReason_ShowsNobodyAndRecordsNothing(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        foreach (var (type, number) in new[] { ("card", "FC%"), ("card", "FC000000_"), ("card", "FC00000*"), ("card", "FC001"), ("card", ""), ("document", "AA00%"), ("document", "Aziz"), ("card", "FC0000001' or '1'='1") })
        {
            await desk.SearchAsync(type, number);
            Assert.Contains("Write the whole number, letters and digits only", desk.Web.Text);
        }

        foreach (var (type, number) in new[] { ("card", "FC9999999"), ("document", "AA9999999"), ("card", worker.Document.Number), ("document", worker.CardNumber), ("document", $"KGZ {worker.Document.Number}") })
        {
            await desk.SearchAsync(type, number);
            Assert.Contains("Nobody was found by this number.", desk.Web.Text);
        }

        foreach (var reason in new[] { "", "  ", "ab", new string('x', 501) })
        {
            await desk.SearchAsync("card", worker.CardNumber, reason);
            Assert.Contains(reason.Length > 500 ? "You wrote 501 characters. At most 500 fit here." : "Write the reason in 3 to 500 characters", desk.Web.Text);
            Assert.DoesNotContain("Aziz", desk.Web.Html);
            Assert.Equal(worker.CardNumber, desk.Web.Form()["Exact"]);
        }

        // A receipt's number is no sign that somebody is here.
        await desk.SearchAsync("receipt", (await desk.ActsAsync(worker.Id))[0]);
        Assert.Contains("Choose which number you have", desk.Web.Text);
        await desk.Web.GetAsync($"/staff/desk/serve?Kind=card&Exact={worker.CardNumber}&Reason=Is%20here");
        Assert.DoesNotContain("Aziz", desk.Web.Html);
        Assert.Empty(await desk.LooksAsync(worker.Id));
    }

    [Theory, EachDatabase]
    public async Task Serve_LookCannotBeWritten_ShowsNothing(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        await desk.ExecuteAsync(kind == DatabaseKind.Sqlite
            ? "create trigger look_fails before insert on look begin select raise(abort, 'the disk is full'); end"
            : "create function look_fails() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$; create trigger look_fails before insert on look for each row execute function look_fails()");
        await desk.SearchAsync("card", worker.CardNumber);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, desk.Web.Status);
        Assert.DoesNotContain("Aziz", desk.Web.Html);
        Assert.DoesNotContain(worker.Document.Number, desk.Web.Html);
        await desk.Web.GetAsync("/staff/desk/1");
        Assert.DoesNotContain("Aziz", desk.Web.Html);
        Assert.Empty(await desk.LooksAsync(worker.Id));
    }

    static readonly string[] Pages =
    [
        "", "/registration", "/residence", "/confirmation", "/departure", "/departure/undo", "/case/answer", "/case/appeal", "/code", "/account/channel", "/account/channel/code",
    ];

    [Theory, EachDatabase]
    public async Task Sitting_OfAnotherClerkOrOver_ShowsAndFilesNothing(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        var root = await desk.ServeAsync(worker);
        await desk.Web.GetAsync(root + "/registration");
        var form = desk.Web.Form();
        var number = (await desk.ActsAsync(worker.Id)).Single();
        var second = await desk.OfficerAsync(StaffRole.Clerk);
        foreach (var page in Pages.Append($"/notices/{number}").Append($"/notices/{number}/print"))
        {
            await second.Web.GetAsync(root + page);
            Assert.Equal("/staff/desk/serve", second.Web.Path);
            Assert.DoesNotContain("Aziz", second.Web.Html);
        }

        // A look of another kind is no sitting at the desk.
        await desk.ExecuteAsync(
            "insert into look (worker_id, staff_number, role, office, what, reason, looked_at, keep_until) values (@Id, @Number, 'clerk', 'NRV-01', 'search', 'Other', @at, @at + 1)",
            new { worker.Id, desk.Clerk.Staff.Number, at = desk.Service.Clock.GetCurrentInstant().ToUnixTimeMilliseconds() });
        await desk.Web.GetAsync($"/staff/desk/{await desk.ScalarAsync<long>("select max(id) from look")}");
        Assert.DoesNotContain("Aziz", desk.Web.Html);

        desk.Service.Clock.Advance(Sitting.Length);
        await desk.Clerk.SignInAgainAsync();
        foreach (var page in Pages) Assert.DoesNotContain("Aziz", (await desk.Web.GetAsync(root + page)).Html);
        await desk.Web.GetAsync("/staff/desk/serve");
        form["__RequestVerificationToken"] = desk.Web.Form()["__RequestVerificationToken"];
        await desk.Web.PostAsync(root + "/registration", form);
        Assert.Contains("Write again why you look", desk.Web.Text);
        Assert.Equal([number], await desk.ActsAsync(worker.Id));
        await second.Web.GetAsync("/staff/desk/serve");
        form["__RequestVerificationToken"] = second.Web.Form()["__RequestVerificationToken"];
        foreach (var path in new[] { root + "/registration", root + "/again?to=/registration" })
        {
            await second.Web.PostAsync(path, new(form) { ["LookReason"] = "Not mine" });
            Assert.DoesNotContain("Aziz", second.Web.Html);
        }

        Assert.Equal([number], await desk.ActsAsync(worker.Id));
        Assert.DoesNotContain(await desk.LooksAsync(worker.Id), l => l.Contains("Not mine", StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Sitting_EndsWhileSomethingIsTyped_AsksForAReasonAgainAndKeepsTheRest(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await SignedInWorker.NewAsync(desk.Service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        var root = await desk.ServeAsync(worker.Worker);
        await desk.Web.GetAsync(root + "/residence");
        desk.Service.Clock.Advance(Sitting.Length);
        await desk.Clerk.SignInAgainAsync();
        await desk.Web.GetAsync("/staff/desk/serve");
        var token = desk.Web.Form()["__RequestVerificationToken"];
        var typed = new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = token,
            ["Key"] = Guid.NewGuid().ToString("N"),
            ["Go"] = "give",
            ["From.Day"] = "23",
            ["From.Month"] = "11",
            ["From.Year"] = "2026",
            ["Locality"] = "Нагорный \"O'Brien\" <b>",
            ["Note"] = "the white house",
        };
        await desk.Web.PostAsync(root + "/residence", typed);
        Assert.Contains("You have served this person for half an hour", desk.Web.Text);
        Assert.DoesNotContain("Aziz", desk.Web.Html);
        Assert.DoesNotContain("<b>", desk.Web.Html);
        await desk.Web.PostAsync(("LookReason", "x"));
        Assert.Contains("Write the reason in 3 to 500 characters", desk.Web.Text);
        Assert.Equal([desk.Look], await desk.LooksAsync(worker.Worker.Id));

        await desk.Web.PostAsync(("LookReason", "Still here, the form took long."));
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);
        var record = await desk.VerifiedAsync(worker.Worker, (await desk.ActsAsync(worker.Worker.Id))[^1]);
        Assert.Equal(("Нагорный \"O'Brien\" <b>", "the white house"), (record.Address!.Locality, record.Address.Note));
        Assert.Equal([desk.Look, $"{desk.Clerk.Staff.Number} desk: Still here, the form took long."], await desk.LooksAsync(worker.Worker.Id));
    }

    [Theory, EachDatabase]
    public async Task Serve_OfOnePerson_OpensNothingOfAnother(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var (worker, other) = (await desk.Service.EnrolAsync(), await SignedInWorker.NewAsync(desk.Service));
        await other.GiveAsync("""{"kind":"registration"}""");
        var residence = await other.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        var channel = (await desk.WorkerAsync(other.Worker.Id)).Channels[0].Id;
        var root = await desk.ServeAsync(worker);
        foreach (var page in new[] { $"/notices/{residence.Number}", $"/notices/{residence.Number}/print", $"/residence/{residence.Number}", $"/account/channel/{channel}/remove" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await desk.Web.GetAsync(root + page)).Status);
            Assert.DoesNotContain("Tverskoy", desk.Web.Html);
        }

        Assert.Empty(await desk.LooksAsync(other.Worker.Id));
    }

    [Theory, EachDatabase]
    public async Task Desk_OtherRoles_AreForbidden(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        var root = await desk.ServeAsync(worker);
        string[] pages = [.. Pages.Select(p => root + p), "/staff/desk", "/staff/desk/serve", "/staff/desk/enrol", "/staff/desk/receipts/AAAA-AAAAA-AAAAA"];
        foreach (var role in StaffRoles.All.Where(r => r != StaffRole.Clerk))
        {
            var officer = await desk.OfficerAsync(role);
            foreach (var page in pages) Assert.Equal(HttpStatusCode.Forbidden, (await officer.Web.GetAsync(page)).Status);
            await officer.Web.GetAsync("/staff");
            Assert.DoesNotContain("/staff/desk", officer.Web.Html);
        }

        await desk.Web.GetAsync("/staff");
        Assert.Contains("href=\"/staff/desk\"", desk.Web.Html);
    }

    // The authority's reasons and a worker's earlier answers are in the case's file, which a clerk does not open.
    [Theory, EachDatabase]
    public async Task Receipts_OfACase_AreNotShownAtTheDesk(DatabaseKind kind)
    {
        await using var story = await Cases.Desk.DeskStory.NewAsync(kind);
        await story.OpenAsync(await story.OfficerAsync(StaffRole.Caseworker));
        await story.AnswerAsync("I was in hospital.");
        var clerk = await story.OfficerAsync(StaffRole.Clerk);
        var desk = new ClerkDesk(story.Service, clerk);
        var worker = story.Worker.Worker;
        var root = await desk.ServeAsync(worker);
        Assert.Contains("Under review, every right stays", desk.Web.Text);
        Assert.DoesNotContain(Cases.Desk.DeskStory.Why, desk.Web.Html);
        var acts = await desk.ActsAsync(worker.Id);
        var shown = acts.Where(n => desk.Web.Html.Contains($"{root}/notices/{n}\"", StringComparison.Ordinal)).ToList();
        // Enrolment, registration, residence; neither the opening of the case nor the answer.
        Assert.Equal(acts.Take(3), shown);
        foreach (var hidden in acts.Skip(3))
        {
            Assert.Equal(HttpStatusCode.NotFound, (await desk.Web.GetAsync($"{root}/notices/{hidden}")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await desk.Web.GetAsync($"{root}/notices/{hidden}/print")).Status);
            Assert.DoesNotContain("hospital", desk.Web.Html);
        }
    }
}
