using System.Net;
using System.Text.RegularExpressions;
using Manzil.Cases.Desk;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.SignIn;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>A worker becomes known at the desk: one form, one check, one act, one slip.</summary>
public partial class EnrolPageTests
{
    static readonly IdentityDocument Document = new("KGZ", "AN1234567", new LocalDate(1994, 2, 9));

    static readonly (string, string)[] Typed =
    [
        ("State", " kgz "), ("Number", "an 123-4567"), ("Name", "Нурлан Асанов"), ("BirthDate.Day", "9"), ("BirthDate.Month", "2"), ("BirthDate.Year", "1994"),
        ("Card", "fc 777 0001"), ("Phone", "+7 (000) 000-00-77"), ("Email", "nurlan@example.com"), ("Spoken", "kk"),
    ];

    [Theory, EachDatabase]
    public async Task Enrol_CheckedAndDone_MakesTheWorkerKnownAndTheSlipSignsIn(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        await desk.Web.GetAsync("/staff/desk/enrol");
        Assert.All(desk.Web.Form().Where(f => f.Key is not ("Key" or "__RequestVerificationToken" or "Spoken")), f => Assert.Equal("", f.Value));
        Assert.DoesNotContain("checked", desk.Web.Html);
        await desk.Web.PostAsync([.. Typed, ("Go", "check")]);
        foreach (var shown in new[] { "Нурлан Асанов", "KGZ AN1234567", "9 February 1994", "FC7770001", "+70000000077", "nurlan@example.com", "Қазақша", desk.Clerk.Staff.Number }) Assert.Contains(shown, desk.Web.Text);
        Assert.Equal(0, await desk.ScalarAsync<long>("select count(*) from worker"));

        await desk.Web.PostAsync(("Go", "do"));
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);
        Assert.True(desk.Web.Answer.Headers.CacheControl?.NoStore);
        var slip = SlipElement().Match(desk.Web.Html).Value;
        Assert.Contains("lang=\"kk\"", slip);
        Assert.Contains("Белсендіру парағы", slip);
        var code = Code().Match(slip).Value;
        var worker = new TestWorker(await desk.ScalarAsync<long>("select id from worker where card_number = 'FC7770001'"), "FC7770001", Document, code);
        var number = (await desk.ActsAsync(worker.Id)).Single();
        Assert.Contains(number, slip);
        Assert.Equal(["+70000000077", "nurlan@example.com"], (await desk.WorkerAsync(worker.Id)).Channels.Select(c => c.Address));

        var report = await desk.VerifyAsync(worker, number);
        Assert.Equal(StatementKind.Enrolled, report.Statement!.Kind);
        Assert.Equal((RecordChannel.Desk, desk.Clerk.Staff.Office), (report.Record!.Channel, report.Record.Office));
        Assert.Equal($"card=FC7770001, centre={desk.Clerk.Staff.Office}, language=kk, officer={desk.Clerk.Staff.Number}, role=clerk", BackInSteps.Text(report.Record));
        // The clerk who typed it in has looked at nobody.
        Assert.Empty(await desk.LooksAsync(worker.Id));

        using var reader = new WebReader(desk.Service);
        await reader.SignInAsync(worker);
        Assert.Contains(number, await reader.ReadAsync("/notices"), StringComparison.Ordinal);

        // The clerk's own receipt names nobody.
        await desk.Web.GetAsync($"/staff/desk/receipts/{number}");
        Assert.Contains(number, desk.Web.Text);
        Assert.DoesNotContain("Нурлан", desk.Web.Html);
        var second = await desk.OfficerAsync(StaffRole.Clerk);
        Assert.Equal(HttpStatusCode.NotFound, (await second.Web.GetAsync($"/staff/desk/receipts/{number}")).Status);
    }

    // found.md 25: they stand there still. The enrolment is the reason, the worker reads it, and it is nobody else's way in.
    [Theory, EachDatabase]
    public async Task Serve_RightAfterEnrolling_NeedsNoNewReasonAndIsALook(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind, "ru");
        await desk.Web.GetAsync("/staff/desk/enrol");
        await desk.Web.PostAsync([.. Typed, ("Phone", ""), ("Email", ""), ("Go", "check")]);
        Assert.Contains("Нет ни телефона, ни почты", desk.Web.Text);
        await desk.Web.PostAsync(("Go", "do"));
        var worker = await desk.ScalarAsync<long>("select id from worker where card_number = 'FC7770001'");
        Assert.Empty(await Outbox.OfAsync(desk.Service.Core.Database, worker, 10));
        var number = (await desk.ActsAsync(worker)).Single();
        var form = desk.Web.Form(f => f.Contains("name=\"Receipt\"", StringComparison.Ordinal));
        Assert.Equal(number, form["Receipt"]);

        var second = await desk.OfficerAsync(StaffRole.Clerk);
        await second.Web.GetAsync("/staff/desk/enrol");
        await second.Web.PostAsync("/staff/desk/enrol?handler=Serve", new(second.Web.Form()) { ["Receipt"] = number });
        Assert.Equal("/staff/desk/serve", second.Web.Path);
        Assert.Empty(await desk.LooksAsync(worker));

        await desk.Web.PostAsync("/staff/desk/enrol?handler=Serve", form);
        Assert.Matches("^/staff/desk/[0-9]+$", desk.Web.Path);
        Assert.Contains("Нурлан Асанов", desk.Web.Text, StringComparison.Ordinal);
        Assert.Equal([$"{desk.Clerk.Staff.Number} desk: Сізді орталықта жаңа ғана есепке алды."], await desk.LooksAsync(worker));

        // Pressed again, it is that look.
        var root = desk.Web.Path;
        await desk.Web.PostAsync("/staff/desk/enrol?handler=Serve", form);
        Assert.Equal(root, desk.Web.Path);
        Assert.Single(await desk.LooksAsync(worker));

        desk.Service.Clock.Advance(Sitting.Length);
        await desk.Clerk.SignInAgainAsync();
        await desk.Web.GetAsync("/staff/desk/enrol");
        await desk.Web.PostAsync("/staff/desk/enrol?handler=Serve", new(desk.Web.Form()) { ["Receipt"] = number });
        Assert.Equal("/staff/desk/serve", desk.Web.Path);
        Assert.Single(await desk.LooksAsync(worker));
    }

    [Theory, EachDatabase]
    public async Task Enrol_SentTwice_IsOnceAndShowsNoCodeAgain(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        await desk.Web.GetAsync("/staff/desk/enrol");
        await desk.Web.PostAsync([.. Typed, ("Go", "check")]);
        var form = desk.Web.Form();
        form["Go"] = "do";
        await desk.Web.PostAsync("/staff/desk/enrol", form);
        var code = Code().Match(desk.Web.Html).Value;
        Assert.NotEqual("", code);
        var worker = await desk.ScalarAsync<long>("select id from worker where card_number = 'FC7770001'");
        var number = (await desk.ActsAsync(worker)).Single();

        await desk.Web.PostAsync("/staff/desk/enrol", form);
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);
        Assert.Contains("This form was sent already", desk.Web.Text);
        Assert.Contains($"/staff/desk/receipts/{number}", desk.Web.Html);
        Assert.DoesNotMatch(Code(), desk.Web.Text.Replace(number, "", StringComparison.Ordinal));
        form["Name"] = "Somebody Else";
        await desk.Web.PostAsync("/staff/desk/enrol", form);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, desk.Web.Status);
        Assert.Equal([number], await desk.ActsAsync(worker));
        Assert.Equal(1, await desk.ScalarAsync<long>("select count(*) from worker"));
        // The code that was printed still signs in.
        using var reader = new WebReader(desk.Service);
        await reader.SignInAsync(new TestWorker(worker, "FC7770001", Document, code));
    }

    [Theory, EachDatabase]
    public async Task Enrol_CardOrDocumentKnown_IsRefusedWithoutSayingWhose(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var known = await desk.Service.EnrolAsync();
        (string, string)[][] again = [[("Card", known.CardNumber)], [("State", known.Document.State), ("Number", known.Document.Number)]];
        foreach (var changes in again)
        {
            await desk.Web.GetAsync("/staff/desk/enrol");
            await desk.Web.PostAsync([.. Typed, .. changes, ("Go", "check")]);
            await desk.Web.PostAsync(("Go", "do"));
            Assert.Equal(HttpStatusCode.Conflict, desk.Web.Status);
            Assert.Contains("This card or this document is known already", desk.Web.Text);
            Assert.DoesNotContain("Aziz", desk.Web.Html);
            Assert.DoesNotContain((await desk.ActsAsync(known.Id)).Single(), desk.Web.Html);
            // Everything typed is still there.
            Assert.Equal("Нурлан Асанов", desk.Web.Form()["Name"]);
        }

        Assert.Equal(1, await desk.ScalarAsync<long>("select count(*) from worker"));
        Assert.Empty(await desk.LooksAsync(known.Id));
    }

    [Theory]
    [InlineData("State", "", "Enter the three letters of the state")]
    [InlineData("State", "УЗБ", "Latin letters")]
    [InlineData("Number", "АЖ1234567", "Use only digits and Latin letters")]
    [InlineData("Number", "", "Enter the number of the worker’s document")]
    [InlineData("Number", "123456789012345678901", "Enter the whole number")]
    [InlineData("Name", " ", "Enter the name as the document has it")]
    [InlineData("BirthDate.Year", "2027", "The year 2027 is not possible here")]
    [InlineData("BirthDate.Day", "31", "This month has no such day")]
    [InlineData("Card", "X", "Enter the whole number")]
    [InlineData("Phone", "8 999", "Enter a whole phone number")]
    [InlineData("Email", "nurlan@", "a whole e-mail address")]
    [InlineData("Spoken", "", "Choose the language")]
    [InlineData("Spoken", "de", "Choose the language")]
    public async Task Enrol_OneFieldWrong_SaysSoBesideItAndKeepsTheRest(string field, string typed, string words)
    {
        await using var desk = await ClerkDesk.NewAsync(DatabaseKind.Sqlite);
        foreach (var go in new[] { "check", "do" })
        {
            await desk.Web.GetAsync("/staff/desk/enrol");
            await desk.Web.PostAsync([.. Typed, (field, typed), ("Go", go)]);
            Assert.Equal(HttpStatusCode.BadRequest, desk.Web.Status);
            Assert.Contains(words, desk.Web.Text);
            Assert.Contains("govuk-error-summary", desk.Web.Html);
            var kept = desk.Web.Form();
            foreach (var (name, value) in Typed.Where(t => t.Item1 != field && t.Item1 != "Spoken")) Assert.Equal(value.Trim(), kept[name]);
        }

        Assert.Equal(0, await desk.ScalarAsync<long>("select count(*) from worker"));
    }

    [GeneratedRegex("<section class=\"manzil-slip\".*?</section>", RegexOptions.Singleline, 5000)]
    private static partial Regex SlipElement();

    [GeneratedRegex("(?<![0-9A-Z-])[0-9A-Z]{5}-[0-9A-Z]{5}(?![0-9A-Z-])", RegexOptions.None, 5000)]
    private static partial Regex Code();
}
