using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using Manzil.Tests.SignIn;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Typing;

/// <summary>What was found by trying it, each at the door where it was found and at another one.</summary>
public class TypedAtTheDoorsTests
{
    const string Turned = "Long Street\u202E 5";

    [Theory, EachDatabase]
    public async Task Address_ThatTurnsTheRestAround_IsNamedAndTheFreedOneIsTaken(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, web) = await RegisteredAsync(service);
        await ToAddressAsync(web);
        await web.PostAsync(("Locality", "Aul"), ("Street", Turned), ("Building", "5"), ("Go", "check"));
        Assert.Contains("cannot be seen and that turn words and digits around", web.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", web.Html, StringComparison.Ordinal);
        Assert.Contains("href=\"#street\"", web.Html, StringComparison.Ordinal);
        Assert.Equal("Long Street 5", web.Form()["Street"]);

        await web.PostAsync(("Go", "check"));
        await web.PostAsync(("Go", "give"));
        Assert.Equal("Long Street 5", (await RecordAsync(service, worker.Worker.Id)).Address?.Street);

        var refused = await worker.RefusedAsync($$$"""{"kind":"residence","from":"<today>","address":{"locality":"Aul","street":"{{{Turned}}}","building":"5"}}""");
        Assert.Equal(("400 malformed", ("street", "text-turns-around")), ($"{refused}", refused.Faults.Single()));
    }

    [Theory, EachDatabase]
    public async Task Address_OfSignsThatAreNotSeen_IsNoAddress(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, web) = await RegisteredAsync(service);
        await ToAddressAsync(web);
        await web.PostAsync(("Locality", "\u200B\u2060"), ("Street", "Long Street"), ("Building", "5"), ("Go", "check"));
        Assert.Contains("There is nothing here that can be seen", web.Text, StringComparison.Ordinal);
        var refused = await worker.RefusedAsync("""{"kind":"residence","from":"<today>","address":{"locality":"\u200b","street":"Long Street","building":"5"}}""");
        Assert.Equal(("locality", "text-is-invisible"), refused.Faults.Single());
    }

    [Theory, EachDatabase]
    public async Task Address_InLettersOfTwoParts_IsOneInFormCAndCorrectingItToTheSameIsNoChange(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, web) = await RegisteredAsync(service);
        var given = await worker.GiveAsync("""{"kind":"residence","from":"<today>","address":{"locality":"Нагорный","street":"Новый\u00a0 проезд","building":"5"}}""");
        var address = Record.Decode(given.Record).Address!;
        Assert.Equal(("Нагорный", "Новый проезд"), (address.Locality, address.Street));

        var before = await CountAsync(service, worker.Worker.Id);
        // Nothing that anybody sees is another: by API and on the page.
        Assert.Equal("409 nothing-corrected", $"{await worker.RefusedAsync("""{"kind":"correction","replaces":"<2>","address":{"locality":"Нагорныи\u0306\u200b","street":"Новый проезд ","building":"5"}}""")}");
        await web.GetAsync($"/residence/{given.Number}");
        await web.PostAsync(("Go", "change-address"));
        await web.PostAsync(("Locality", "Нагорныи\u0306\u200B"), ("Go", "check"));
        Assert.Equal("Нагорный", web.Form()["Locality"]);
        await web.PostAsync(("Go", "give"));
        Assert.Contains("Say what is to be corrected", web.Text, StringComparison.Ordinal);
        Assert.Equal(before, await CountAsync(service, worker.Worker.Id));
    }

    // What was recorded before stays what it is: seen as the same, it is not filed again.
    [Theory, EachDatabase]
    public async Task Name_OfAnOlderRecordInTwoParts_IsNoChangeWhereNobodySeesOne(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        await using (var connection = await desk.Service.Database.OpenAsync()) await connection.ExecuteAsync("update worker set name = @name", new { name = "Андреи\u0306 \u200BОк" });
        await desk.Web.GetAsync($"{await desk.ServeAsync(worker)}/details");
        await desk.Web.PostAsync(("Name", "Андрей Ок"), ("Go", "check"));
        Assert.Contains("Nothing differs from what stands already", desk.Web.Text, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Card_WithACyrillicLetter_IsTheCardThatIsMeant(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (one, two) = (await service.EnrolAsync(), await service.EnrolAsync());
        Assert.StartsWith("FC", one.CardNumber, StringComparison.Ordinal);
        using var reader = new WebReader(service);
        using var entered = await reader.TrySignInAsync(one.CardNumber.Replace("FC", "FС", StringComparison.Ordinal), one.Document.BirthDate, InArabic(one.ActivationCode));
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        using var session = await service.Client.PostAsJsonAsync("/api/v1/sessions", new { cardNumber = two.CardNumber.Replace("C", "с", StringComparison.Ordinal), birthDate = InArabic(two.Document.BirthDate.ToString()), activationCode = two.ActivationCode });
        Assert.Equal(HttpStatusCode.Created, session.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Card_WithALetterThatIsNoLatinOne_IsNamedAndNoGuess(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        using var reader = new WebReader(service);
        for (var i = 0; i < 12; i++)
        {
            using var named = await reader.TrySignInAsync("FЖ0000001", worker.Document.BirthDate, "AAAAA-AAAAA");
            Assert.Equal(HttpStatusCode.BadRequest, named.StatusCode);
            Assert.Contains("Latin letters", WebUtility.HtmlDecode(await named.Content.ReadAsStringAsync()), StringComparison.Ordinal);
            using var coded = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, "ЖЖЖЖЖ-ЖЖЖЖЖ");
            Assert.Equal(HttpStatusCode.BadRequest, coded.StatusCode);
            using var session = await service.Client.PostAsJsonAsync("/api/v1/sessions", new { cardNumber = "FЖ0000001", birthDate = "1990-05-17", activationCode = "AAAAA-AAAAA" });
            Assert.Equal(("cardNumber", "letters-not-latin"), (await ProblemAnswer.ReadAsync(session)).Faults.Single());
        }

        // None of them counted: the first guess that could be one is answered as a first guess is.
        using var entered = await reader.TrySignInAsync(worker.CardNumber, worker.Document.BirthDate, worker.ActivationCode);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
    }

    [Fact]
    public async Task Enrol_OnTheCommandLine_RecordsTheCardThatIsMeantAndNamesWhatIsNone()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await (await Population.OpenCoreAsync(database.DataFolder, database.Argument)).DisposeAsync();
        string[] Enrol(string card, string name, string document, string phone) =>
            ["worker", "enrol", "--card", card, "--name", name, "--document", document, "--phone", phone, .. ServerProcess.Where(database.DataFolder, database.Argument)];
        var done = await ServerProcess.RunAsync(Enrol("FС2000015", "Андреи\u0306  Ок", "UZВ|АА۱۲۳۴۵۶۷|1990-05-17", "8\u00A0999\u20111234567"));
        Assert.Equal((0, ""), (done.Code, done.Errors));
        await using (var connection = await database.OpenAsync())
        {
            Assert.Equal(("FC2000015", "Андрей Ок"), await connection.QuerySingleAsync<(string, string)>("select card_number, name from worker"));
            Assert.Equal(("UZB", "AA1234567"), await connection.QuerySingleAsync<(string, string)>("select state, number from document"));
            Assert.Equal("+79991234567", await connection.QuerySingleAsync<string>("select address from channel"));
        }

        foreach (var (card, name, document, said) in new[]
            {
                ("FЖ2000016", "Ali Bek", "UZB|AA1234568|1990-05-17", "Latin letters"),
                ("FC2000016", "Ali\u202E Bek", "UZB|AA1234568|1990-05-17", "turn words and digits around"),
                ("FC2000016", "\u3164\u200B", "UZB|AA1234568|1990-05-17", "nothing here that can be seen"),
                ("FC2000016", "Ali Bek", "UZB|ЖЖ1234568|1990-05-17", "STATE|NUMBER|BIRTH-DATE"),
            })
        {
            var refused = await ServerProcess.RunAsync(Enrol(card, name, document, "+79991234568"));
            Assert.True(refused.Code == 2 && refused.Errors.Contains(said, StringComparison.Ordinal), $"{refused.Code}: {refused.Errors}");
        }
    }

    [Theory, EachDatabase]
    public async Task Enrol_AtTheDesk_RecordsWhatIsMeantAndNamesWhatIsNone(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        await desk.Web.GetAsync("/staff/desk/enrol");
        (string, string)[] typed =
        [
            ("State", "КGZ"), ("Number", "АN ١٢٣٤٥٦٧"), ("Name", "Нурлан\u202E Асанов"), ("BirthDate.Day", "٩"), ("BirthDate.Month", "2"), ("BirthDate.Year", "94"),
            ("Card", "fс 777 0001"), ("Phone", "8 (999) 123\u201145\u201167"), ("Email", "nurlan\u200B@example.com"), ("Spoken", "kk"),
        ];
        await desk.Web.PostAsync([.. typed, ("Go", "check")]);
        Assert.Contains("turn words and digits around", desk.Web.Text, StringComparison.Ordinal);
        await desk.Web.PostAsync(("Spoken", "kk"), ("Go", "check"));
        await desk.Web.PostAsync(("Go", "do"));
        await using var connection = await desk.Service.Database.OpenAsync();
        Assert.Equal(("FC7770001", "Нурлан Асанов"), await connection.QuerySingleAsync<(string, string)>("select card_number, name from worker"));
        Assert.Equal(("KGZ", "AN1234567", "1994-02-09"), await connection.QuerySingleAsync<(string, string, string)>("select state, number, birth_date from document"));
        Assert.Equal(["+79991234567", "nurlan@example.com"], (await connection.QueryAsync<string>("select address from channel")).Order(StringComparer.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Search_WithLookAlikesAndDigitsOfAnotherScript_FindsTheOneWhoIsMeant(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var officer = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(officer);
        var worker = story.Worker.Worker;
        (string, string)[] numbers = [("card", InArabic(worker.CardNumber.Replace("C", "С", StringComparison.Ordinal))), ("document", InArabic(worker.Document.Number)), ("receipt", InArabic(story.Case))];
        foreach (var (type, number) in numbers)
        {
            await officer.Web.GetAsync("/staff/search");
            await officer.Web.PostAsync(("Kind", type), ("Exact", number), ("Reason", "A letter\u200B came."));
            Assert.True(officer.Web.Text.Contains(worker.CardNumber, StringComparison.Ordinal), $"{type} {number}: {officer.Web.Text}");
        }

        await using var connection = await story.Service.Database.OpenAsync();
        Assert.Equal(["A letter came."], await connection.QueryAsync<string>("select distinct reason from look where what = 'search'"));
        await officer.Web.GetAsync("/staff/search");
        await officer.Web.PostAsync(("Kind", "card"), ("Exact", worker.CardNumber), ("Reason", "A letter\u202E came."));
        Assert.Contains("turn words and digits around", officer.Web.Text, StringComparison.Ordinal);
        Assert.Equal(numbers.Length, await connection.ExecuteScalarAsync<long>("select count(*) from look where what = 'search'"));
    }

    [Theory, EachDatabase]
    public async Task Date_ThatIsNone_NamesItsPartAndTheLinkLeadsThere(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (_, web) = await RegisteredAsync(service);
        await web.GetAsync("/residence");
        await web.PostAsync(("Locality", "Aul"), ("Street", "Long Street"), ("Building", "5"), ("Go", "from"));
        await web.PostAsync(("From.Day", "1"), ("From.Month", "1"), ("From.Year", "1890"), ("Go", "check"));
        Assert.Contains("The year 1890 is not possible here", web.Text, StringComparison.Ordinal);
        Assert.Contains("<a href=\"#from-year\">", web.Html, StringComparison.Ordinal);
        Assert.Matches("id=\"from-year\"[^>]* aria-invalid=\"true\"", web.Html);
        Assert.DoesNotMatch("id=\"from\"[^>]* aria-invalid", web.Html);
        await web.PostAsync(("From.Day", "31"), ("From.Month", "11"), ("From.Year", "26"), ("Go", "check"));
        Assert.Contains("its last day is 30", web.Text, StringComparison.Ordinal);
        Assert.Contains("<a href=\"#from\">", web.Html, StringComparison.Ordinal);

        using var reader = new WebReader(service);
        using var signIn = await reader.SendAsync("/sign-in", new Dictionary<string, string> { ["Card"] = "FC0000001", ["BirthDate.Day"] = "1", ["BirthDate.Month"] = "1", ["BirthDate.Year"] = "1890", ["Code"] = "AAAAA-AAAAA" });
        Assert.Equal(HttpStatusCode.BadRequest, signIn.StatusCode);
        Assert.Contains("<a href=\"#birthdate-year\">", await signIn.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Date_Today_IsOneTickAndStaysTheDayOnWhichItWasTicked(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, web) = await RegisteredAsync(service);
        await web.GetAsync("/residence");
        await web.PostAsync(("Locality", "Aul"), ("Street", "Long Street"), ("Building", "5"), ("Go", "from"));
        Assert.Contains("Today, 23 November 2026", web.Text, StringComparison.Ordinal);
        var form = web.Form();
        Assert.DoesNotContain("From.Today", form.Keys);
        await web.PostAsync(("From.Today", "2026-11-23"), ("Go", "check"));
        Assert.Contains("23 November 2026", web.Text, StringComparison.Ordinal);
        service.Clock.AdvanceDays(1);
        await worker.SignInAgainAsync();
        web.Use(await Visitor.SignInAsync(service, worker.Worker));
        await web.PostAsync(("Go", "give"));
        Assert.Equal(new LocalDate(2026, 11, 23), (await RecordAsync(service, worker.Worker.Id)).EffectiveFrom);
    }

    [Theory, EachDatabase]
    public async Task Answer_AtEachDoor_IsFreedOrNamed(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await Cases.Mine.CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var web = await setting.VisitAsync();
        await web.GetAsync("/case/answer");
        await web.PostAsync(("Text", "I live\u202E there."));
        Assert.Contains("turn words and digits around", web.Text, StringComparison.Ordinal);
        Assert.Equal("I live there.", web.Form()["Text"].Trim());
        await web.PostAsync(("Text", "Жаи\u0306\u200B\r\nзде\u0007сь"));
        await using var connection = await service.Database.OpenAsync();
        var record = Record.Decode(await connection.QuerySingleAsync<byte[]>("select record from act where kind = @kind", new { kind = (int)StatementKind.Answer }));
        Assert.Equal("Жай\nзде сь", record.Reason);
    }

    static string InArabic(string text) => string.Concat(text.Select(c => char.IsAsciiDigit(c) ? (char)('\u0660' + c - '0') : c));

    static async Task<(SignedInWorker Worker, Visitor Web)> RegisteredAsync(TestService service)
    {
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        return (worker, await Visitor.SignInAsync(service, worker.Worker));
    }

    static async Task ToAddressAsync(Visitor web)
    {
        await web.GetAsync("/residence");
        await web.PostAsync(("From.Day", "23"), ("From.Month", "11"), ("From.Year", "2026"), ("Go", "address"));
    }

    static async Task<Record> RecordAsync(TestService service, long worker)
    {
        await using var connection = await service.Database.OpenAsync();
        return Record.Decode(await connection.QuerySingleAsync<byte[]>("select record from act where worker_id = @worker order by leaf desc limit 1", new { worker }));
    }

    static async Task<long> CountAsync(TestService service, long worker)
    {
        await using var connection = await service.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from act where worker_id = @worker", new { worker });
    }
}
