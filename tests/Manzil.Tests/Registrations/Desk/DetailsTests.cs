using System.CommandLine;
using System.Net;
using Dapper;
using Manzil.Cases;
using Manzil.Cases.Desk;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using static Manzil.Tests.Registrations.Desk.DetailsStory;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>A renewed document or a changed name, written down at the desk (kind 8).</summary>
public class DetailsTests
{
    [Theory, EachDatabase]
    public async Task Change_AtTheDesk_BindsTheNewDocumentAndTellsEveryChannel(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service, email: "aziz@example.org");
        var before = (await worker.ReadAsync("/api/v1/notices")).GetProperty("notices")[0].GetProperty("number").GetString()!;
        service.Clock.AdvanceHours(1);
        var (staff, clerk) = await ServeAsync(service, worker.Worker.CardNumber);
        await ChangeAsync(clerk, ("Name", "Aziza Karimova"), ("Number", "fa 765-4321"), ("BirthDate.Day", "18"));
        Assert.Equal(HttpStatusCode.OK, clerk.Status);
        var number = clerk.Path.Split('/')[^1].Split('?')[0];
        var now = new IdentityDocument("UZB", "FA7654321", new LocalDate(1990, 5, 18));
        var (record, report) = await Offline.VerifiedAsync(service, number, now);
        Assert.Equal((StatementKind.DetailsChanged, DocumentFinding.Matches, RecordChannel.Desk), (record.Kind, report.Document, record.Channel));
        Assert.Equal(new RecordHolder("Aziza Karimova", now), record.Holder);
        Assert.Equal(
            $"centre={staff.Office}, changed=document-and-name, document-before={worker.Worker.Document}, name-before=Aziz Rahimov 1, officer={staff.Number}, role=clerk",
            string.Join(", ", record.Particulars.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}")));

        // The clerk's own receipt is a link away, and names nobody; another clerk at the same receipt has none.
        var own = $"/staff/desk/receipts/{number}";
        Assert.Contains($"href=\"{own}\"", clerk.Html);
        Assert.Contains("Document or name changed", (await clerk.GetAsync(own)).Text);
        Assert.DoesNotContain("Aziz", clerk.Html);

        // Exactly one look, and the worker sees it; every channel is told.
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(["desk"], await connection.QueryAsync<string>("select what from look"));
        Assert.Equal(["email", "sms"], await connection.QueryAsync<string>("select channel_kind from message where act_number = @number order by channel_kind", new { number }));
        var visitor = await Visitor.SignInAsync(service, worker.Worker);
        Assert.Contains(Why, (await visitor.GetAsync("/looks")).Text);
        await visitor.GetAsync($"/notices/{number}");
        Assert.Contains("The document and the name", visitor.Text);
        Assert.DoesNotContain("/staff/", visitor.Html);
        Assert.Contains(worker.Worker.Document.Number, visitor.Text);

        // The old receipt stays bound to the old document; a verifier is told what it was always told.
        Assert.Equal(DocumentFinding.Matches, (await Offline.VerifiedAsync(service, before, worker.Worker.Document)).Report.Document);
        Assert.Equal(DocumentFinding.AnotherDocument, (await Offline.VerifiedAsync(service, before, now)).Report.Document);
        // Both documents stay the worker's, and the newest counts, also for signing in.
        Assert.Equal(2, await connection.ExecuteScalarAsync<int>("select count(*) from document where worker_id = @Id", new { worker.Worker.Id }));
        Assert.Null(await DocumentLookup.FindAsync(connection, worker.Worker.Document));
        Assert.Equal(worker.Worker.Id, await DocumentLookup.FindAsync(connection, now));
        var code = await ActivationCodes.IssueAsync(connection, null, worker.Worker.Id, service.Clock.GetCurrentInstant() + Duration.FromDays(1));
        using (var old = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(service.Client, "/api/v1/sessions", (worker.Worker with { ActivationCode = code }).Credentials))
            Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
        await service.SignInAsync(worker.Worker with { Document = now, ActivationCode = code });
        // Somebody who still shows the old one is found by it.
        var (_, another) = await ServeAsync(service, worker.Worker.Document.Number, "document");
        await another.GetAsync($"{another.Path}/notices/{number}");
        Assert.Contains("Aziza Karimova", another.Text);
        Assert.DoesNotContain(own, another.Html);
        Assert.Equal(HttpStatusCode.NotFound, (await another.GetAsync(own)).Status);
    }

    [Theory, EachDatabase]
    public async Task Change_SentTwiceOrBackAgain_CountsOnceAndTheNewestCounts(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        var (_, clerk) = await ServeAsync(service, worker.Worker.CardNumber);
        await FillAsync(clerk, ("Number", Renewed.Number));
        var (path, form) = (clerk.Path.Split('?')[0], clerk.Form());
        form["Go"] = "do";
        await clerk.PostAsync(path, form);
        var first = clerk.Path;
        Assert.Contains("/notices/", first);
        await clerk.PostAsync(path, form);
        Assert.Equal(first, clerk.Path);

        // A mistake is put right by writing down what stood before.
        await ChangeAsync(clerk, ("Number", worker.Worker.Document.Number));
        var found = (await service.Core.Workers.FindAsync(worker.Worker.Id))!;
        Assert.Equal(worker.Worker.Document, found.Document);
        Assert.Equal(worker.Worker.Document.Stretch(), found.StretchedDocument);
        await FillAsync(clerk);
        Assert.Contains("Nothing differs", clerk.Text);
        Assert.Equal(2, await CountAsync(service, "select count(*) from act where kind = 8"));
    }

    [Theory, EachDatabase]
    public async Task Change_ToSomebodyElsesOrUnreadable_IsRefusedInWordsAndKeepsWhatWasTyped(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        var other = await service.EnrolAsync(phone: "+70000000009");
        var (_, clerk) = await ServeAsync(service, worker.Worker.CardNumber);
        await FillAsync(clerk, ("Number", other.Document.Number));
        await clerk.PostAsync(("Go", "do"));
        Assert.Equal(HttpStatusCode.Conflict, clerk.Status);
        Assert.Contains("the number is somebody else’s", clerk.Text);
        Assert.DoesNotContain("Rahimov 2", clerk.Text);
        Assert.DoesNotContain(other.CardNumber, clerk.Html);
        Assert.Equal(other.Document.Number, clerk.Form()["Number"]);

        await FillAsync(clerk, ("Name", " "), ("State", "UZBE"), ("Number", "АЖ123"), ("BirthDate.Year", "2190"));
        foreach (var error in new[] { "Write the name in 1 to 200 characters", "Enter the letters as on the document", "Use only digits and Latin letters", "The year 2190 is not possible here" }) Assert.Contains(error, clerk.Text);
        Assert.Equal(("UZBE", "AЖ123", "2190"), (clerk.Form()["State"], clerk.Form()["Number"], clerk.Form()["BirthDate.Year"]));
        Assert.Equal(0, await CountAsync(service, "select count(*) from act where kind = 8"));
        Assert.Equal(2, await CountAsync(service, "select count(*) from document"));
    }

    [Theory, EachDatabase]
    public async Task Change_ByOtherRolesOrWithoutALook_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        var (_, clerk) = await ServeAsync(service, worker.Worker.CardNumber);
        var path = clerk.Path + "/details";
        var another = Visitor.Officer(service, (await service.StaffAsync(StaffRole.Clerk)).Cookie);
        Assert.DoesNotContain("Aziz", (await another.GetAsync(path)).Html);
        Assert.StartsWith("/staff/desk/serve", another.Path);
        foreach (var role in StaffRoles.All.Where(r => r != StaffRole.Clerk))
        {
            var (staff, cookie) = await service.StaffAsync(role);
            Assert.Equal(HttpStatusCode.Forbidden, (await Visitor.Officer(service, cookie).GetAsync(path)).Status);
            Assert.Equal(new ActResult.Refused(CaseRefusal.NotForThisRole.Name()), await service.Core.Writer.SubmitAsync(Change(service, worker, staff.Actor)));
        }

        Assert.Equal(0, await CountAsync(service, "select count(*) from act where kind = 8"));
    }
}
