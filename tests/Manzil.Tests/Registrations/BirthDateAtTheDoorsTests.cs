using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using Manzil.Tests.Messages;
using Manzil.Tests.Notices;
using Manzil.Tests.Receipts;
using Manzil.Tests.Registrations.Desk;
using Manzil.Tests.SignIn;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Registrations;

/// <summary>Documents that show no day of birth, no month or no date at all: from the desk to whoever checks the receipt, by every door (decision 59).</summary>
public partial class BirthDateAtTheDoorsTests
{
    static readonly BirthDate YearAlone = new(1990, null, null);

    static readonly (string, string)[] Form =
    [
        ("State", "AFG"), ("Number", "P0123456"), ("Name", "Rahim Gul"), ("BirthDate.Day", ""), ("BirthDate.Month", ""), ("BirthDate.Year", "1990"),
        ("Card", "FC7770059"), ("Phone", "+7 (000) 000-00-59"), ("Email", ""), ("Spoken", "en"),
    ];

    [Theory, EachDatabase]
    public async Task Enrol_DocumentWithAYearAlone_SignsInAndVerifiesByEveryDoor(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var service = desk.Service;
        await desk.Web.GetAsync("/staff/desk/enrol");
        await desk.Web.PostAsync([.. Form, ("BirthDate.NotShown", "yes"), ("Go", "check")]);
        Assert.Contains("1990, month and day not in the document", desk.Web.Text, StringComparison.Ordinal);
        await desk.Web.PostAsync(("Go", "do"));
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);
        var document = new IdentityDocument("AFG", "P0123456", YearAlone);
        var worker = new TestWorker(await desk.ScalarAsync<long>("select id from worker"), "FC7770059", document, SlipCode().Match(desk.Web.Html).Value);
        Assert.Equal("1990-XX-XX", await desk.ScalarAsync<string>("select birth_date from document"));
        Assert.Equal(document.Stretch(), await desk.ScalarAsync<byte[]>("select stretched from document"));

        // In: the slip's code; nobody guesses their way past a day, with or without one.
        foreach (var guess in new BirthDate[] { new LocalDate(1990, 1, 1), new(1990, 1, null), new(null, null, null) })
        {
            using var guesser = new WebReader(service);
            using var refused = await guesser.TrySignInAsync(worker.CardNumber, guess, worker.ActivationCode);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        service.Clock.AdvanceMinutes(5);
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);

        // The clerk's page of the person, and details that are changed with the day left as it is.
        var root = await desk.ServeAsync(worker);
        Assert.Contains("1990, month and day not in the document", desk.Web.Text, StringComparison.Ordinal);
        await desk.Web.GetAsync(root + "/details");
        Assert.Equal(("", "", "1990"), (desk.Web.Form()["BirthDate.Day"], desk.Web.Form()["BirthDate.Month"], desk.Web.Form()["BirthDate.Year"]));
        Assert.Matches("name=\"BirthDate.NotShown\" type=\"checkbox\" value=\"yes\" checked", desk.Web.Html);

        // By a code that is sent, by recovery code and by the document.
        var codes = await reader.MakeRecoveryCodesAsync();
        using var sent = new WebReader(service);
        using var entered = await sent.EnterSentAsync((await service.SentCodeAsync(sent, worker))!);
        Assert.True(entered.StatusCode == HttpStatusCode.Redirect && await sent.IsSignedInAsync());
        using var recovered = new WebReader(service);
        using var byCode = await recovered.RecoverAsync(document.Number, YearAlone, codes[0]);
        Assert.Equal(HttpStatusCode.Redirect, byCode.StatusCode);
        using var lost = new WebReader(service);
        using var byDocument = await lost.EnterAsync((await service.AskForCodeAsync(lost, document))!);
        Assert.Equal(HttpStatusCode.Redirect, byDocument.StatusCode);

        // A receipt, whose holder check is over what the document says.
        var number = (await desk.ActsAsync(worker.Id))[0];
        var report = await desk.VerifyAsync(worker, number);
        Assert.Equal(YearAlone, report.Record!.Holder!.Document.BirthDate);
    }

    [Theory, EachDatabase]
    public async Task Program_BirthDateWithoutADay_SignsInAndSaysWhatTheDocumentSays(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(born: new BirthDate(1990, 5, null));
        foreach (var birthDate in new[] { "1990-05-01", "1990-XX-XX", "1990-05", "1990" })
        {
            using var refused = await service.Client.PostAsJsonAsync("/api/v1/sessions", new { cardNumber = worker.CardNumber, birthDate, activationCode = worker.ActivationCode });
            Assert.Equal(birthDate.Length == 10 ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest, refused.StatusCode);
            service.Clock.AdvanceMinutes(30);
        }

        var (token, code) = await service.AskByProgramAsync(worker.CardNumber, worker.Document.BirthDate);
        using var bySent = await service.EnterByProgramAsync(token, code!);
        Assert.Equal(HttpStatusCode.Created, bySent.StatusCode);
        var signedIn = new SignedInWorker(service, worker, await service.SignInAsync(worker));
        Assert.Equal("1990-05-XX", (await signedIn.ReadAsync("/api/v1/me")).GetProperty("document").GetProperty("birthDate").GetString());

        var receipt = await VerifyPageTests.GiveAsync(service, worker, token: signedIn.Token);
        Assert.Equal("1990-05-XX", Record.Decode(receipt.Record!).Holder!.Document.BirthDate.ToString());
        using var keys = await service.Client.GetAsync("/.well-known/manzil/keys.json", TestContext.Current.CancellationToken);
        using var run = new CommandRun();
        var published = run.Save("keys.json", await keys.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        var zip = run.Save("receipt.zip", receipt.Write("<p>", [], Sample.IssuedAt));
        foreach (var (birth, exitCode) in new[] { ("1990-05-XX", 0), ("1990-05-xx", 0), ("1990-05-00", 0), ("1990-05-<<", 0), ("1990-05-01", 4), ("1990-XX-XX", 4), ("1990-05", 2) })
        {
            var (exit, output, error) = await run.RunWithKeysAsync(published, zip, "--document", $"{worker.Document.State}|{worker.Document.Number}|{birth}");
            Assert.True(exit == exitCode, $"{birth}: {exit} {output}{error}");
            if (exitCode == 2) Assert.Contains("1990-XX-XX where it shows no day or month", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Verify_DocumentWithoutADay_MatchesWhereItIsSaidAndNeverWhereItWasForgotten()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var without = await service.EnrolAsync(born: YearAlone);
        var whole = await service.EnrolAsync(born: new LocalDate(1990, 5, 17));
        var (first, second) = (Qr(await VerifyPageTests.GiveAsync(service, without)), Qr(await VerifyPageTests.GiveAsync(service, whole)));
        foreach (var lang in new[] { "en", "ru", "kk" })
        {
            foreach (var (day, month, tick) in new[] { ("", "", "yes"), ("XX", "XX", ""), ("00", "00", ""), ("<<", "<<", ""), ("х", "Х", ""), ("-", "-", "yes") })
            {
                VerifyPageTests.ExpectHeading(await AskAsync(first, without, day, month, tick, lang), ReceiptOutcome.ForThisDocument, lang, $"{day} {month} {tick}");
                VerifyPageTests.ExpectHeading(await AskAsync(second, whole, day, month, tick, lang), ReceiptOutcome.ForAnotherDocument, lang, $"{day} {month} {tick}");
            }

            // A day that was forgotten is no finding about anybody, and neither is a day that the tick says is not there.
            foreach (var receipt in new[] { (first, without), (second, whole) })
            {
                var forgotten = await AskAsync(receipt.Item1, receipt.Item2, "", "5", "", lang);
                Assert.Contains(Texts.For(lang)["date.birth-day-missing"], forgotten, StringComparison.Ordinal);
                Assert.DoesNotContain("manzil-outcome--", forgotten, StringComparison.Ordinal);
                var both = await AskAsync(receipt.Item1, receipt.Item2, "17", "5", "yes", lang);
                Assert.Contains(Texts.For(lang)["date.birth-day-and-none"], both, StringComparison.Ordinal);
                Assert.DoesNotContain("manzil-outcome--", both, StringComparison.Ordinal);
                Assert.Matches("name=\"BirthDate.NotShown\" type=\"checkbox\" value=\"yes\" checked", both);
            }
        }

        async Task<string> AskAsync(string text, TestWorker worker, string day, string month, string tick, string lang)
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent(text), "Text" }, { new StringContent(worker.Document.State), "State" }, { new StringContent(worker.Document.Number), "Number" },
                { new StringContent(day), "BirthDate.Day" }, { new StringContent(month), "BirthDate.Month" }, { new StringContent("1990"), "BirthDate.Year" },
            };
            if (tick.Length > 0) form.Add(new StringContent(tick), "BirthDate.NotShown");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/verify") { Content = form };
            request.Headers.Add("Cookie", "lang=" + lang);
            using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    // An empty day must be no weaker guess, at any door.
    [Theory, EachDatabase]
    public async Task EmptyDay_OfAWholeDate_OpensNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync(born: new LocalDate(1990, 5, 17));
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker);
        var codes = await reader.MakeRecoveryCodesAsync();
        foreach (var guess in new BirthDate[] { new(1990, 5, null), new(1990, null, null), new(null, null, null) })
        {
            using var stranger = new WebReader(service);
            using var recovered = await stranger.RecoverAsync(worker.CardNumber, guess, codes[1]);
            Assert.Equal(HttpStatusCode.Unauthorized, recovered.StatusCode);
            // What was left empty is named, whatever is right.
            Assert.Contains("You left the day of birth empty", WebUtility.HtmlDecode(await recovered.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), StringComparison.Ordinal);
            Assert.Null(await service.SentCodeAsync(stranger, worker with { Document = new("UZB", worker.Document.Number, guess) }));
            Assert.Null(await service.AskForCodeAsync(stranger, new("UZB", worker.Document.Number, guess)));
            service.Clock.AdvanceMinutes(30);
            Assert.Null((await service.AskByProgramAsync(worker.CardNumber, guess)).Code);
            service.Clock.AdvanceMinutes(30);
        }

        using var right = new WebReader(service);
        using var entered = await right.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, codes[1]);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
    }

    [Theory]
    [InlineData("", "", "1990", "", "birthdate", "date.birth-day-missing")]
    [InlineData("", "5", "1990", "", "birthdate", "date.birth-day-missing")]
    [InlineData("XX", "", "1990", "", "birthdate-month", "date.birth-month-missing")]
    [InlineData("17", "", "1990", "", "birthdate-month", "date.birth-month-missing")]
    [InlineData("17", "5", "1990", "yes", "birthdate", "date.birth-day-and-none")]
    [InlineData("", "", "", "yes", "birthdate", "date.missing")]
    [InlineData("", "5", "", "yes", "birthdate-year", "date.birth-year-missing")]
    [InlineData("", "5", "0000", "yes", "birthdate-year", "date.birth-year-missing")]
    [InlineData("", "13", "1990", "yes", "birthdate-month", "date.month-wrong")]
    [InlineData("", "", "26", "yes", "birthdate-year", "date.year-short")]
    public async Task Desk_WhatIsForgottenOrContradicts_IsAnErrorBesideTheField(string day, string month, string year, string tick, string field, string key)
    {
        await using var desk = await ClerkDesk.NewAsync(DatabaseKind.Sqlite);
        var worker = await desk.Service.EnrolAsync();
        (string, string)[] typed = [("BirthDate.Day", day), ("BirthDate.Month", month), ("BirthDate.Year", year), ("BirthDate.NotShown", tick)];
        await desk.Web.GetAsync("/staff/desk/enrol");
        await desk.Web.PostAsync([.. Form, .. typed, ("Go", "check")]);
        Said();
        await desk.Web.GetAsync($"{await desk.ServeAsync(worker)}/details");
        await desk.Web.PostAsync([.. typed, ("Go", "check")]);
        Said();
        Assert.Equal(1, await desk.ScalarAsync<long>("select count(*) from worker"));

        void Said()
        {
            Assert.Contains(Texts.For("en")[key], desk.Web.Text, StringComparison.Ordinal);
            Assert.Contains($"<a href=\"#{field}\">", desk.Web.Html, StringComparison.Ordinal);
        }
    }

    [Theory, EachDatabase]
    public async Task Details_RenewedDocumentWithoutADate_IsRecordedAndShownInThreeLanguages(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        await desk.Web.GetAsync($"{await desk.ServeAsync(worker)}/details");
        await desk.Web.PostAsync(("Number", "FA7654321"), ("BirthDate.Day", ""), ("BirthDate.Month", "May"), ("BirthDate.NotShown", "yes"), ("Go", "check"));
        Assert.Contains("17 May 1990", desk.Web.Text, StringComparison.Ordinal);
        Assert.Contains("May 1990, day not in the document", desk.Web.Text, StringComparison.Ordinal);
        await desk.Web.PostAsync(("Go", "edit"));
        Assert.Matches("name=\"BirthDate.NotShown\" type=\"checkbox\" value=\"yes\" checked", desk.Web.Html);
        await desk.Web.PostAsync(("BirthDate.Month", "00"), ("BirthDate.Year", "0000"), ("Go", "check"));
        await desk.Web.PostAsync(("Go", "do"));
        Assert.Contains("/notices/", desk.Web.Path, StringComparison.Ordinal);
        var now = worker with { Document = new("UZB", "FA7654321", new(null, null, null)) };
        var record = await desk.VerifiedAsync(now, (await desk.ActsAsync(worker.Id))[^1]);
        Assert.Equal(("UZB|FA7654321|XXXX-XX-XX", worker.Document.ToString()), (record.Holder!.Document.ToString(), record.Particulars["document-before"]));

        var (month, year, none) = (new BirthDate(1990, 5, null), YearAlone, new BirthDate(null, null, null));
        foreach (var (lang, words) in new[]
            {
                ("en", "May 1990, day not in the document | 1990, month and day not in the document | not in the document"),
                ("ru", "май 1990 г., день в документе не указан | 1990 г., месяц и день в документе не указаны | в документе не указана"),
                ("kk", "1990 жылғы мамыр, күні құжатта көрсетілмеген | 1990 жыл, айы мен күні құжатта көрсетілмеген | құжатта көрсетілмеген"),
            })
            Assert.Equal(words, string.Join(" | ", new[] { month, year, none }.Select(date => Dates.InWords(date, Texts.For(lang)))));
    }

    [Fact]
    public async Task EnrolCommand_DocumentWithoutADay_IsRecordedAndTheSlipSignsIn()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await (await Population.OpenCoreAsync(database.DataFolder, database.Argument)).DisposeAsync();
        string[] Enrol(string birth) =>
            ["worker", "enrol", "--card", "FC5900001", "--name", "Rahim Gul", "--document", $"AFG|P0123456|{birth}", .. ServerProcess.Where(database.DataFolder, database.Argument)];
        foreach (var wrong in new[] { "1990", "1990-05", "1990-XX-17", "XXXX-05-XX", "1990-5-XX" })
        {
            var refused = await ServerProcess.RunAsync(Enrol(wrong));
            Assert.True(refused.Code == 2 && refused.Errors.Contains("1990-XX-XX\" where it shows no day or month", StringComparison.Ordinal), $"{wrong}: {refused.Code} {refused.Errors}");
        }

        var done = await ServerProcess.RunAsync(Enrol("1990-<<-00"));
        Assert.Equal((0, ""), (done.Code, done.Errors));
        await using (var connection = await database.OpenAsync())
            Assert.Equal("1990-XX-XX", await connection.QuerySingleAsync<string>("select birth_date from document"));
        var again = await ServerProcess.RunAsync(["worker", "code", "--document", "AFG|P0123456|1990-XX-XX", .. ServerProcess.Where(database.DataFolder, database.Argument)]);
        Assert.Equal((0, ""), (again.Code, again.Errors));
        var other = await ServerProcess.RunAsync(["worker", "code", "--document", "AFG|P0123456|1990-01-01", .. ServerProcess.Where(database.DataFolder, database.Argument)]);
        Assert.Equal(1, other.Code);
    }

    // Decided for the worker: of an unknown day the first that it can be, and nothing of an unknown year.
    [Fact]
    public async Task Residence_FromBeforeAnUnknownBirthday_CountsFromTheFirstDayItCanBe()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var year = service.Core.Rules.DateOf(service.Clock.GetCurrentInstant()).Year;
        foreach (var (born, isRefused) in new[] { (new BirthDate(year, null, null), true), (new BirthDate(null, null, null), false) })
        {
            var enrolled = await service.EnrolAsync(born: born);
            var worker = new SignedInWorker(service, enrolled, await service.SignInAsync(enrolled));
            await worker.GiveAsync("""{"kind":"registration"}""");
            string From(LocalDate date) => $$"""{"kind":"residence","from":"{{Manzil.Register.IsoDate.Write((LocalDate?)date)}}","address":{{SignedInWorker.HomeAddress}}}""";
            if (isRefused) Assert.Equal("422 residence-too-early", $"{await worker.RefusedAsync(From(new LocalDate(year - 1, 12, 31)))}");
            else await worker.GiveAsync(From(new LocalDate(year - 1, 12, 31)));
            if (isRefused) await worker.GiveAsync(From(new LocalDate(year, 1, 1)));
        }
    }

    static string Qr(ReceiptFile receipt) => QrText.FormatStatement(receipt.Statement);

    [GeneratedRegex("(?<![0-9A-Z-])[0-9A-Z]{5}-[0-9A-Z]{5}(?![0-9A-Z-])", RegexOptions.None, 5000)]
    private static partial Regex SlipCode();
}
