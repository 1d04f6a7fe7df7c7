using System.Net;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>privacy.md 23: what is filed at the desk is the same act, with the same deadline and receipt, as from a phone or a program.</summary>
public class DeskNoticesTests
{
    static readonly (string, string)[] Home = [("Locality", "Tverskoy"), ("Street", "Long Street"), ("Building", "5")];

    [Theory, EachDatabase]
    public async Task Notice_FiledAtTheDesk_IsThatOfWebAndApiButForTheChannel(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var service = desk.Service;
        var byApi = await SignedInWorker.NewAsync(service);
        var (onWeb, here) = (await service.EnrolAsync(), await service.EnrolAsync());
        var web = await Visitor.SignInAsync(service, onWeb);
        var root = "";
        var filed = 1;

        async Task EqualAsync(string json, Func<Visitor, string, Task> file)
        {
            service.Clock.Advance(Duration.FromMinutes(1));
            await byApi.GiveAsync(json);
            await file(web, "");
            await file(desk.Web, root);
            filed++;
            var numbers = new[] { (await desk.ActsAsync(byApi.Worker.Id))[^1], (await desk.ActsAsync(onWeb.Id))[^1], (await desk.ActsAsync(here.Id))[^1] };
            Assert.Equal(filed, (await desk.ActsAsync(here.Id)).Count);
            var reports = new[] { await desk.VerifyAsync(byApi.Worker, numbers[0]), await desk.VerifyAsync(onWeb, numbers[1]), await desk.VerifyAsync(here, numbers[2]) };
            Assert.Equal([RecordChannel.Api, RecordChannel.Web, RecordChannel.Desk], reports.Select(r => r.Record!.Channel));
            var stated = reports.Select(r => (r.Statement!.Kind, r.Statement.EffectiveFrom, r.Statement.NextDeadline, r.Statement.Office, r.Statement.Replaces is null, Said(r.Record!))).ToList();
            Assert.Single(stated.Distinct());
            var entries = new[] { byApi.Worker.Id, onWeb.Id, here.Id }.Select(async id => (await desk.WorkerAsync(id)).Entry with { ResidenceNumber = null, DepartureNumber = null }).Select(t => t.Result).ToList();
            Assert.Single(entries.Distinct());
            var told = await Task.WhenAll(numbers.Select(async n => string.Join('|', (await Outbox.NewestAsync(service.Core.Database, 100)).Where(m => m.ActNumber == n).Select(m => m.Subject))));
            Assert.Single(told.Distinct());
            // The receipt stands there to be printed.
            Assert.Equal((HttpStatusCode.OK, $"{root}/notices/{numbers[2]}?done=1"), (desk.Web.Status, desk.Web.Path));
            Assert.Contains(numbers[2], desk.Web.Text);
            Assert.Contains("At the desk of a centre", desk.Web.Text);
            Assert.DoesNotContain("At the desk of a centre", web.Text);
        }

        root = await desk.ServeAsync(here);
        await EqualAsync("""{"kind":"registration"}""", async (v, at) =>
        {
            await v.GetAsync(at + "/registration");
            await v.PostAsync();
        });
        await EqualAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""", (v, at) => ResidenceAsync(v, at + "/residence", ("From.Day", "23"), ("From.Month", "11"), ("From.Year", "2026")));
        await EqualAsync("""{"kind":"correction","replaces":"<2>","address":{"locality":"Tverskoy","street":"Long Street","building":"7"}}""", async (v, at) =>
        {
            var residence = (await desk.ActsAsync(v == web ? onWeb.Id : here.Id))[^1];
            await v.GetAsync($"{at}/residence/{residence}");
            await v.PostAsync(("Go", "change-address"));
            await v.PostAsync(("Building", "7"), ("Go", "check"));
            await v.PostAsync(("Go", "give"));
        });
        await EqualAsync("""{"kind":"confirmation"}""", async (v, at) =>
        {
            await v.GetAsync(at + "/confirmation");
            Assert.Contains("Tverskoy, Long Street, 7", v.Text);
            await v.PostAsync();
        });
        await EqualAsync("""{"kind":"residence","from":"<today>","address":{"locality":"Nagorny","note":"the white house"}}""", (v, at) =>
            ResidenceAsync(v, at + "/residence", ("From.Day", "23"), ("From.Month", "11"), ("From.Year", "2026"), ("Locality", "Nagorny"), ("Street", ""), ("Building", ""), ("Note", "the white house")));
        await EqualAsync("""{"kind":"departure","on":"<today+20>"}""", async (v, at) =>
        {
            await v.GetAsync(at + "/departure");
            await v.PostAsync(("On.Day", "13"), ("On.Month", "12"), ("On.Year", "2026"), ("Go", "check"));
            Assert.Equal("Check before you send", v.Heading);
            await v.PostAsync(("Go", "give"));
        });
        Assert.Contains($"{root}/departure/undo", desk.Web.Html);
        await EqualAsync("""{"kind":"withdrawal","replaces":"<6>"}""", async (v, at) =>
        {
            await v.GetAsync(at + "/departure/undo");
            await v.PostAsync();
        });
        Assert.Equal([desk.Look], await desk.LooksAsync(here.Id));
        Assert.Equal(Standing.Registered, (await desk.WorkerAsync(here.Id)).Entry.Standing);
    }

    // A record without what tells three people's acts apart: numbers are each one's own.
    static string Said(Record record) =>
        $"{record.Kind} {record.EffectiveFrom} {record.NextDeadline} {record.Office} {record.IssuedAt} {record.Address} {record.Reason} "
        + string.Join(", ", record.Particulars.Where(p => p.Key != GiveNotice.Confirms).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));

    static async Task ResidenceAsync(Visitor visitor, string path, params (string, string)[] fields)
    {
        await visitor.GetAsync(path);
        await visitor.PostAsync([.. Home, .. fields, ("Go", "give")]);
    }

    [Theory, EachDatabase]
    public async Task Print_OfAReceipt_HasBothCodesInTheWorkersLanguage(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync("kk");
        var root = await desk.ServeAsync(worker);
        await desk.Web.GetAsync(root + "/registration");
        await desk.Web.PostAsync();
        await desk.Web.GetAsync(desk.Web.Path.Split('?')[0] + "/print");
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);
        Assert.Equal(2, desk.Web.Html.Split("<svg").Length - 1);
        Assert.Contains("<main lang=\"kk\"", desk.Web.Html);
        Assert.Contains("Орталықта тіркелу", desk.Web.Text);
        Assert.DoesNotContain("Registration", desk.Web.Text);
    }

    [Theory, EachDatabase]
    public async Task Notice_SentTwiceFromOneForm_IsOneNoticeThatItsClerkCanBeToldBy(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        var root = await desk.ServeAsync(worker);
        await desk.Web.GetAsync(root + "/registration");
        var form = desk.Web.Form();
        await desk.Web.PostAsync(root + "/registration", form);
        await desk.Web.PostAsync(root + "/registration", form);
        var numbers = await desk.ActsAsync(worker.Id);
        Assert.Equal(2, numbers.Count);
        Assert.Equal($"{root}/notices/{numbers[1]}?done=1", desk.Web.Path);
        Assert.Equal(
            IdempotencyKey.OfOfficer(desk.Clerk.Staff.Number, form["Key"]).Stored, await desk.ScalarAsync<string>("select idempotency_key from act where number = @number", new { number = numbers[1] }));
        Assert.StartsWith($"officer/{desk.Clerk.Staff.Number}/desk/", IdempotencyKey.OfOfficer(desk.Clerk.Staff.Number, form["Key"]).Stored, StringComparison.Ordinal);
        // What the rules refuse at the worker's own door they refuse here, in the same words.
        await desk.Web.GetAsync(root + "/registration");
        Assert.Equal(HttpStatusCode.Conflict, desk.Web.Status);
        Assert.Contains($"{root}/residence", desk.Web.Html);
        Assert.DoesNotContain("href=\"/residence\"", desk.Web.Html);
    }

    // What the service turned away at the desk before the day was over is in time for the worker.
    [Theory, EachDatabase]
    public async Task Confirmation_TurnedAwayAtTheDesk_CountsAsInTimeWhenItIsSentAgain(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var service = desk.Service;
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        await worker.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
        service.Clock.Reset(Instant.FromUtc(2026, 12, 23, 20, 59));
        await desk.Clerk.SignInAgainAsync();
        var root = await desk.ServeAsync(worker.Worker);
        await desk.Web.GetAsync(root + "/confirmation");
        await service.WhileFullAsync(() => desk.Web.PostAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, desk.Web.Status);
        service.Clock.Advance(Duration.FromMinutes(2));
        await desk.Web.PostAsync();
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);
        var record = await desk.VerifiedAsync(worker.Worker, (await desk.ActsAsync(worker.Worker.Id))[^1]);
        Assert.Equal(RecordChannel.Desk, record.Channel);
        Assert.Equal(("turned-away", "2026-12-23T20:59:00Z", "2026-12-23"), (record.Particulars["in-time"], record.Particulars["sent-at"], record.Particulars["deadline"]));
    }
}
