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

/// <summary>Receipts that are issued anew for a renewed document or a changed name (decision 23).</summary>
public class ReissueTests
{
    [Theory, EachDatabase("worker"), EachDatabase("desk")]
    public async Task Reissue_AResidence_StatesTheSameForTheNewDocumentInTheOldOnesPlace(DatabaseKind kind, string door)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        var (registration, residence) = await NumbersAsync(worker);
        var visitor = await Visitor.SignInAsync(service, worker.Worker);
        Assert.DoesNotContain("Issue this receipt anew", (await visitor.GetAsync($"/notices/{residence}")).Text);
        var before = await service.Core.Workers.FindAsync(worker.Worker.Id);
        service.Clock.AdvanceHours(3);
        await RenewAsync(service, worker);
        var (staff, clerk) = await ServeAsync(service, worker.Worker.CardNumber);
        var (at, root) = door == "worker" ? (visitor, "") : (clerk, clerk.Path);
        if (door == "desk") Assert.Contains("/notices/" + residence, (await clerk.GetAsync(root + "/details")).Html);
        await at.GetAsync($"{root}/notices/{residence}");
        Assert.Contains("It stays true", at.Text);
        var form = at.Form();
        await at.PostAsync($"{root}/notices/{residence}", form);
        Assert.Equal(HttpStatusCode.OK, at.Status);
        Assert.StartsWith($"{root}/notices/", at.Path);
        var number = at.Path.Split('/')[^1].Split('?')[0];
        Assert.NotEqual(residence, number);
        // Sent twice, it is one.
        await at.PostAsync($"{root}/notices/{residence}", form);
        Assert.Equal(number, at.Path.Split('/')[^1].Split('?')[0]);

        var old = (await Offline.VerifiedAsync(service, residence, worker.Worker.Document)).Record;
        var (record, report) = await Offline.VerifiedAsync(service, number, Renewed);
        Assert.Equal(DocumentFinding.Matches, report.Document);
        Assert.Equal((old.Kind, old.EffectiveFrom, old.NextDeadline, old.Office, old.Address, old.Reason), (record.Kind, record.EffectiveFrom, record.NextDeadline, record.Office, record.Address, record.Reason));
        Assert.Equal(old.Number, record.Replaces);
        Assert.Equal(
            $"first-given=2026-11-23T09:00:00Z{(door == "desk" ? $", reissued-at={staff.Office}, reissued-by={staff.Number}" : "")}",
            string.Join(", ", record.Particulars.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}")));
        Assert.Equal(door == "desk" ? RecordChannel.Desk : RecordChannel.Web, record.Channel);

        // The register is what it was, and its residence stands by the new receipt.
        var after = await service.Core.Workers.FindAsync(worker.Worker.Id);
        Assert.Equal(before!.Entry with { ResidenceNumber = number }, after!.Entry);
        // The old one says by which it was replaced, and stays true.
        await visitor.GetAsync($"/notices/{residence}");
        Assert.Contains("This receipt was issued anew", visitor.Text);
        Assert.Contains(number, visitor.Text);
        Assert.DoesNotContain("Issue this receipt anew", visitor.Text);
        Assert.Contains("What it states was first stated on 23 November 2026", (await visitor.GetAsync($"/notices/{number}")).Text);

        // The new one is corrected; who was replaced is not.
        Assert.Equal("already-replaced", (await worker.RefusedAsync($$"""{"kind":"correction","replaces":"{{residence}}","from":"<today>"}""")).Type);
        await worker.GiveAsync($$"""{"kind":"correction","replaces":"{{number}}","from":"<today-1>"}""");
        // The registration's receipt shows the old document still.
        Assert.Contains("Issue this receipt anew", (await visitor.GetAsync($"/notices/{registration}")).Text);
    }

    [Theory, EachDatabase]
    public async Task Reissue_WhatShowsTheNewestOrIsAnothers_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        var (registration, residence) = await NumbersAsync(worker);
        var visitor = await Visitor.SignInAsync(service, worker.Worker);
        var form = (await visitor.GetAsync("/language")).Form().Where(f => f.Key.StartsWith("__", StringComparison.Ordinal)).ToDictionary();
        await visitor.PostAsync($"/notices/{residence}", form);
        Assert.Equal(HttpStatusCode.Conflict, visitor.Status);
        Assert.Contains("was not issued anew", visitor.Text);

        await RenewAsync(service, worker);
        var stranger = await Visitor.SignInAsync(service, await service.EnrolAsync(phone: "+70000000009"));
        var theirs = (await stranger.GetAsync("/language")).Form().Where(f => f.Key.StartsWith("__", StringComparison.Ordinal)).ToDictionary();
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostAsync($"/notices/{residence}", theirs)).Status);
        // A step of its own, and the change itself, are not held against a document.
        var changed = await TextAsync(service, "select number from act where kind = 8");
        await visitor.PostAsync($"/notices/{changed}", form);
        Assert.Equal(HttpStatusCode.Conflict, visitor.Status);
        Assert.Equal(0, await CountAsync(service, "select count(*) from reissue"));

        // Of many at the same moment, one.
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            await using var connection = await service.Core.Database.OpenAsync();
            var act = await connection.QuerySingleAsync<StoredAct>($"select {StoredAct.Columns} from act where number = @registration", new { registration });
            return await service.Services.GetRequiredService<Reissuing>().IssueAsync((await service.Core.Workers.FindAsync(worker.Worker.Id))!, act, null);
        })));
        Assert.Single(results.Cast<ActResult.Accepted>().Select(r => r.Number).Distinct());
        Assert.Equal(1, await CountAsync(service, "select count(*) from reissue"));
    }

    [Theory, EachDatabase]
    public async Task Reissue_AConfirmation_BeginsNoPeriodAndAnswersNoCase(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        var confirmed = await worker.GiveAsync("""{"kind":"confirmation"}""");
        service.Clock.AdvanceHours(1);
        await RenewAsync(service, worker);
        var (staff, _) = await service.StaffAsync(StaffRole.Caseworker);
        var opened = Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(
            new OpenCaseWithReason(staff.Actor, "Two neighbours say that nobody lives there.", service.Core.CurrentRules.Now, service.Services.GetRequiredService<Manzil.Messages.Telling>())
            {
                ReceivedAt = service.Clock.GetCurrentInstant(),
                Channel = RecordChannel.Desk,
                WorkerId = worker.Worker.Id,
            }));
        service.Clock.AdvanceHours(1);
        var entry = (await service.Core.Workers.FindAsync(worker.Worker.Id))!.Entry;
        var again = await ReissueAsync(service, worker, confirmed.Number);
        Assert.Equal(entry, (await service.Core.Workers.FindAsync(worker.Worker.Id))!.Entry);
        await using var connection = await service.Core.Database.OpenAsync();
        var file = (await CaseFile.FindAsync(connection, opened.Number.ToString()))!;
        Assert.Empty(await file.UnopenedAnswersAsync(connection, null, staff.Number));
        var visitor = await Visitor.SignInAsync(service, worker.Worker);
        Assert.DoesNotContain(again, (await visitor.GetAsync("/case")).Text);
        Assert.Contains(again, (await visitor.GetAsync("/notices")).Text);
        // In the officer's file it is said what it is, and it cannot be opened as an answer.
        var (_, cookie) = await service.StaffAsync(StaffRole.Caseworker);
        var officer = Visitor.Officer(service, cookie);
        await officer.GetAsync($"/staff/cases/{opened.Number}");
        await officer.PostAsync(("Reason", "I work on this case."));
        Assert.Contains("What it states was first stated on", officer.Text);
        Assert.Equal(HttpStatusCode.NotFound, (await officer.GetAsync($"/staff/cases/{opened.Number}/answers/{again}")).Status);
    }

    [Theory, EachDatabase]
    public async Task Reissue_AfterAReminder_SilenceEndsWhenItWouldHave(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        var (_, residence) = await NumbersAsync(worker);
        await gateway.PassDaysAsync(24);
        await gateway.ReportAsync((await gateway.MessagesAsync(worker.Worker.Id, remindersOnly: true))[0].Id, "delivered");
        await RenewAsync(service, worker);
        await ReissueAsync(service, worker, residence);
        // Told on Monday 2026-11-23: due on Wednesday 2026-12-23, silence over with Monday 28.
        await gateway.PassDaysAsync(11);
        Assert.Equal(0, await CountAsync(service, "select count(*) from case_file"));
        await gateway.PassDaysAsync(1);
        Assert.Equal(1, await CountAsync(service, "select count(*) from case_file"));
    }

    [Theory, EachDatabase]
    public async Task Reissue_ADeparture_IsToldUndoneByABounceAndUndoneByTheWorkerAsBefore(DatabaseKind kind)
    {
        await using var service = await GatewaySide.StartServiceAsync(kind);
        var gateway = new GatewaySide(service);
        var worker = await gateway.ToldAsync();
        var departure = await worker.GiveAsync("""{"kind":"departure","on":"<today+20>"}""");
        await RenewAsync(service, worker);
        var again = await ReissueAsync(service, worker, departure.Number);
        Assert.Equal(again, await TextAsync(service, "select departure_number from register_entry"));
        await gateway.SendAllAsync();
        var message = (await gateway.MessagesAsync(worker.Worker.Id)).Single(m => m.ActNumber == departure.Number);
        await gateway.ReportAsync(message.Id, "delivered");
        await gateway.StepAsync();
        Assert.NotNull(await TextAsync(service, "select departure_told from register_entry"));
        // Of three receipts the newest stands, and what was told stays told.
        service.Clock.AdvanceHours(1);
        await RenewAsync(service, worker, new IdentityDocument("UZB", "FB0000001", Renewed.BirthDate));
        var third = await ReissueAsync(service, worker, again);
        Assert.Equal("2026-11-23", await TextAsync(service, "select departure_told from register_entry"));
        Assert.Equal("2026-11-23T09:00:00Z", (await Offline.VerifiedAsync(service, third, Renewed)).Record.Particulars["first-given"]);
        service.Clock.AdvanceHours(1);
        await gateway.ReportAsync(message.Id, "failed");
        Assert.Null(await TextAsync(service, "select departure_told from register_entry"));
        await worker.SignInAgainAsync();
        await worker.RefusedAsync("""{"kind":"confirmation"}""");
        var visitor = await Visitor.SignInAsync(service, worker.Worker);
        await visitor.GetAsync("/departure/undo");
        await visitor.PostAsync();
        Assert.Equal("registered", await worker.StandingAsync());
        Assert.Null(await TextAsync(service, "select departure_number from register_entry"));
    }

    [Fact]
    public async Task Verify_AReissuedReceipt_SaysSoInWords()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await ToldAsync(service);
        var (registration, _) = await NumbersAsync(worker);
        await RenewAsync(service, worker);
        var number = await ReissueAsync(service, worker, registration);
        var folder = Directory.CreateTempSubdirectory("manzil-reissue-").FullName;
        try
        {
            var (zip, keys) = (Path.Combine(folder, "receipt.zip"), Path.Combine(folder, "keys.json"));
            using (var answer = await service.GetAsync(worker.Token, $"/api/v1/notices/{number}/receipt.zip")) await File.WriteAllBytesAsync(zip, await answer.Content.ReadAsByteArrayAsync());
            await File.WriteAllBytesAsync(keys, await service.Client.GetByteArrayAsync("/.well-known/manzil/keys.json"));
            var said = await RunAsync(0, zip, "--keys", keys, "--document", Renewed.ToString());
            Assert.Contains("Kind of act: registration", said);
            Assert.Contains($"Replaces receipt: {registration}", said);
            Assert.Contains($"Issued anew: for a renewed document or a changed name, in place of receipt {registration}. What it states was first stated on 23 November 2026, 09:00:00 UTC.", said);
            Assert.Contains("possibly one that has since been renewed", await RunAsync(4, zip, "--keys", keys, "--document", worker.Worker.Document.ToString()));
            var statement = Path.Combine(folder, "statement.cose");
            await File.WriteAllBytesAsync(statement, ReceiptFile.Read(await File.ReadAllBytesAsync(zip)).Statement);
            Assert.Contains("the record says when it was first stated", await RunAsync(0, statement, "--keys", keys));

            foreach (var (file, words) in new[] { (zip, "What it states was first stated on 23 November 2026"), (statement, "The full text says when it was first stated") })
            {
                using var form = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(file)), "File", "receipt" } };
                using var answer = await service.Client.PostAsync("/verify", form);
                var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
                Assert.Contains("Issued anew", html);
                Assert.Contains(words, html);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<string> RunAsync(int code, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(code, await new RootCommand { VerifyCommand.Create() }.Parse(["receipt", "verify", .. arguments])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken));
        Assert.Empty(error.ToString());
        return output.ToString();
    }
}
