using System.IO.Compression;
using System.Net;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Tests.Databases;
using NodaTime;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Notices;

public class WorkerPagesTests
{
    static readonly (string, string)[] Home =
        [("Go", "check"), ("Locality", "Osmira"), ("Street", "Station Street"), ("Building", "14"), ("Unit", "2"), ("Postcode", "100200")];

    static (string, string)[] Date(string field, int day, int month, int year, params (string, string)[] more) =>
        [($"{field}.Day", $"{day}"), ($"{field}.Month", $"{month}"), ($"{field}.Year", $"{year}"), .. more];

    static async Task<Visitor> RegisteredAsync(TestService service, TestWorker worker, string lang = "en")
    {
        var visitor = await Visitor.SignInAsync(service, worker, lang);
        await visitor.GetAsync("/registration");
        return await visitor.PostAsync();
    }

    static async Task<Visitor> LivingThereAsync(TestService service, TestWorker worker, string lang = "en")
    {
        var visitor = await RegisteredAsync(service, worker, lang);
        await visitor.GetAsync("/residence");
        await visitor.PostAsync(Date("From", 1, 11, 2026, ("Go", "address")));
        await visitor.PostAsync(Home);
        return await visitor.PostAsync(("Go", "give"));
    }

    static string NumberIn(Visitor visitor) => visitor.Path.Split('?')[0].Split('/')[^1];

    [Theory, EachDatabase]
    public async Task Journey_FromCardToUndoneDeparture_LeavesAReceiptAtEachStep(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var visitor = await Visitor.SignInAsync(service, worker);

        Assert.Equal("You are not registered yet", (await visitor.GetAsync("/")).Heading);
        await visitor.GetAsync("/registration");
        Assert.Contains(service.Core.Rules.DefaultOffice.Address.In("en"), visitor.Text);
        await visitor.PostAsync();
        Assert.Equal("We have received it", visitor.Heading);
        Assert.Contains("<svg", visitor.Html);

        Assert.Contains("Tell us where you live and since when", (await visitor.GetAsync("/")).Text);
        await visitor.GetAsync("/residence");
        await visitor.PostAsync(Date("From", 1, 11, 2026, ("Go", "address")));
        await visitor.PostAsync(Home);
        Assert.Contains("100200, Osmira, Station Street, 14, 2", visitor.Text);
        Assert.Contains("1 November 2026", visitor.Text);
        await visitor.PostAsync(("Go", "give"));
        Assert.Equal("We have received it", visitor.Heading);
        var residence = NumberIn(visitor);

        await visitor.GetAsync("/");
        Assert.Contains("There is nothing to do now. Next, confirm your address by 23 December 2026. 21 working days left.", visitor.Text);
        service.Clock.Advance(Duration.FromDays(31));
        visitor = await Visitor.SignInAsync(service, worker);
        Assert.Contains("you can still do it now", (await visitor.GetAsync("/")).Text);
        await visitor.PostAsync();
        Assert.Contains("Confirmation of the address", visitor.Text);
        // Whoever is shown it reads which address, on the page, on the sheet and in the file; and offline at least in which receipt it stands.
        var confirmation = NumberIn(visitor);
        const string Address = "100200, Osmira, Station Street, 14, 2";
        foreach (var path in new[] { "", "/print" })
        {
            await visitor.GetAsync($"/notices/{confirmation}{path}");
            Assert.Contains(Address, visitor.Text, StringComparison.Ordinal);
            Assert.Contains(residence, visitor.Text, StringComparison.Ordinal);
        }

        await visitor.GetAsync($"/notices/{confirmation}/receipt.zip");
        using (var zip = new ZipArchive(new MemoryStream(visitor.Bytes)))
        using (var page = new StreamReader(zip.Entries.Single(e => e.FullName.EndsWith(".html", StringComparison.Ordinal)).Open()))
            Assert.Contains(Address, await page.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(residence, Record.Decode(ReceiptFile.Read(visitor.Bytes).Record).Particulars[GiveNotice.Confirms]);

        await visitor.GetAsync($"/residence/{residence}");
        await visitor.PostAsync(("Go", "change-address"));
        await visitor.PostAsync(("Go", "check"), ("Unit", "3"));
        await visitor.PostAsync(("Go", "give"));
        Assert.Contains("14, 3", visitor.Text);
        await visitor.GetAsync($"/notices/{residence}");
        Assert.Contains("A newer notice replaced this one", visitor.Text);
        Assert.Contains("14, 2", visitor.Text);

        await visitor.GetAsync("/departure");
        await visitor.PostAsync(Date("On", 24, 12, 2026, ("Go", "check")));
        Assert.Equal("Check before you send", visitor.Heading);
        await visitor.PostAsync(("Go", "give"));
        Assert.Contains("Leaves on", visitor.Text);
        await visitor.GetAsync("/");
        Assert.Equal("You are registered, and you are leaving", visitor.Heading);
        Assert.Contains("at the end of 29 December 2026", visitor.Text);
        await visitor.PostAsync();
        Assert.Contains("Departure undone", visitor.Text);
        Assert.Equal("You are registered", (await visitor.GetAsync("/")).Heading);

        await visitor.GetAsync("/notices");
        string[] kinds = ["Departure undone", "Departure", "Correction", "Confirmation of the address", "Address", "Registration at the centre", "Enrolment at the centre"];
        var places = kinds.Select(k => visitor.Html.IndexOf($">{k}</a>", StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    [Theory, EachDatabase]
    public async Task Download_OwnReceipt_VerifiesAndCarriesThePage(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var visitor = await LivingThereAsync(service, worker);
        var number = NumberIn(visitor);
        await visitor.GetAsync($"/notices/{number}/receipt.zip");
        Assert.Equal("application/zip", visitor.Answer.Content.Headers.ContentType!.MediaType);
        var file = ReceiptFile.Read(visitor.Bytes);
        Assert.Equal(number, Manzil.Receipts.Record.Decode(file.Record!).Number.ToString());

        await visitor.GetAsync($"/notices/{number}/print");
        Assert.Equal(2, visitor.Html.Split("<svg").Length - 1);
        Assert.Contains("100200, Osmira, Station Street, 14, 2", visitor.Text);
        Assert.DoesNotContain("<style", visitor.Html);
    }

    [Theory, EachDatabase]
    public async Task Post_TwiceAndWithOtherContent_IsOneNotice(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var visitor = await RegisteredAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/residence");
        await visitor.PostAsync(Date("From", 1, 11, 2026, ("Go", "address")));
        await visitor.PostAsync(Home);
        var form = new Dictionary<string, string>(visitor.Form()) { ["Go"] = "give" };
        var numbers = new HashSet<string>();
        for (var i = 0; i < 2; i++) numbers.Add(NumberIn(await visitor.PostAsync("/residence", form)));
        var number = Assert.Single(numbers);

        await visitor.PostAsync("/residence", new(form) { ["Building"] = "15" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, visitor.Status);
        Assert.Contains($"href=\"/residence/{number}\"", visitor.Html);
        Assert.Contains(number, visitor.Text);
        Assert.Contains("Station Street, 15", visitor.Text);
    }

    [Fact]
    public async Task Get_NoticeOfAnotherWorker_IsNotFoundEverywhere()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var number = NumberIn(await LivingThereAsync(service, await service.EnrolAsync()));
        var other = await LivingThereAsync(service, await service.EnrolAsync());
        foreach (var path in (string[])[$"/notices/{number}", $"/notices/{number}/print", $"/notices/{number}/receipt.zip", $"/residence/{number}", $"/departure/{number}", "/notices/nonsense"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync(path)).Status);
            Assert.Equal("We could not find that", other.Heading);
        }

        await other.GetAsync("/residence");
        Assert.Equal(HttpStatusCode.NotFound, (await other.PostAsync($"/residence/{number}", other.Form())).Status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/notices")]
    [InlineData("/registration")]
    [InlineData("/residence")]
    [InlineData("/confirmation")]
    [InlineData("/departure")]
    [InlineData("/departure/undo")]
    public async Task Get_NotSignedIn_AsksToSignIn(string path)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        using var answer = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);
        if (path == "/")
        {
            var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            foreach (var link in (string[])["/sign-in", "/verify", "/help"]) Assert.Contains($"href=\"{link}\"", page);
        }
        else
        {
            Assert.StartsWith("/sign-in?return=", answer.Headers.Location!.OriginalString);
        }
    }

    [Theory]
    [InlineData("/residence", "You are not registered yet", "/registration")]
    [InlineData("/departure", "You are not registered yet", "/registration")]
    [InlineData("/confirmation", "You are not registered yet", "/registration")]
    [InlineData("/departure/undo", "There is no departure to undo", "/")]
    public async Task Get_WhatTheRulesRefuse_SaysWhatToDoInstead(string path, string heading, string link)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await Visitor.SignInAsync(service, await service.EnrolAsync());
        await visitor.GetAsync(path);
        Assert.Equal(HttpStatusCode.Conflict, visitor.Status);
        Assert.Equal(heading, visitor.Heading);
        Assert.Contains($"href=\"{link}\"", visitor.Html);
        Assert.DoesNotContain("<form", visitor.Html[visitor.Html.IndexOf("<main", StringComparison.Ordinal)..visitor.Html.IndexOf("</main>", StringComparison.Ordinal)]);
    }

    [Fact]
    public async Task Get_AfterDeparture_SaysUndoFirst()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await service.EnrolAsync();
        var visitor = await LivingThereAsync(service, worker);
        var residence = NumberIn(visitor);
        Assert.Equal("You are registered already", (await visitor.GetAsync("/registration")).Heading);
        await visitor.GetAsync("/departure");
        await visitor.PostAsync(Date("On", 1, 12, 2026));
        await visitor.PostAsync(("Go", "give"));
        var departure = NumberIn(visitor);
        foreach (var path in (string[])["/registration", "/residence", "/confirmation", "/departure"])
        {
            Assert.Equal("You told us that you are leaving", (await visitor.GetAsync(path)).Heading);
            Assert.Contains("href=\"/departure/undo\"", visitor.Html);
        }

        Assert.Equal("There is nothing to correct in that notice", (await visitor.GetAsync($"/residence/{departure}")).Heading);
        await visitor.GetAsync($"/departure/{departure}");
        await visitor.PostAsync(("On.Day", "3"));
        await visitor.PostAsync(("Go", "give"));
        Assert.Contains("3 December 2026", visitor.Text);
        Assert.Equal("That notice has been replaced already", (await visitor.GetAsync($"/departure/{departure}")).Heading);

        service.Clock.Advance(Duration.FromDays(20));
        visitor = await Visitor.SignInAsync(service, worker);
        Assert.Equal("Your registration has ended", (await visitor.GetAsync("/")).Heading);
        Assert.Equal("Your registration has ended because you left", (await visitor.GetAsync("/residence")).Heading);
        await (await visitor.GetAsync("/")).PostAsync();
        Assert.Equal("You are registered", (await visitor.GetAsync("/")).Heading);
        Assert.Contains("Correct this notice", (await visitor.GetAsync($"/notices/{residence}")).Text);
    }

    [Theory]
    [InlineData("", "", "", "Enter the day, the month and the year")]
    [InlineData("31", "2", "2026", "This month has no such day")]
    [InlineData("1", "1", "2010", "That date is too long ago")]
    [InlineData("1", "1", "2028", "That date is too far ahead")]
    [InlineData("1", "<b>", "2026", "The month is a number", "from-month")]
    public async Task Residence_DateThatCannotBe_IsRefusedBesideTheField(string day, string month, string year, string error, string at = "from")
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await RegisteredAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/residence");
        await visitor.PostAsync([.. Home, ("Go", "from")]);
        await visitor.PostAsync(("From.Day", day), ("From.Month", month), ("From.Year", year), ("Go", "check"));
        Assert.Contains($"<a href=\"#{at}\">{error}", visitor.Html);
        Assert.Contains("<title>Error: ", visitor.Html);
        var form = visitor.Form();
        Assert.Equal((day, month, year), (form["From.Day"], form["From.Month"], form["From.Year"]));
    }

    [Theory]
    [InlineData("Locality", "", "locality", "Enter the town or village")]
    [InlineData("Street", "", "street", "Enter the street and the building number")]
    [InlineData("Building", " ", "building", "Enter the street and the building number", "")]
    [InlineData("Postcode", "1234567890123", "postcode", "You wrote 13 characters")]
    // What cannot be seen comes back as a space, so that the reader sees where it stood.
    [InlineData("Unit", "a\u0001b", "unit", "This has characters that cannot be printed", "a b")]
    public async Task Residence_AddressWithAFault_KeepsEverythingTyped(string field, string value, string id, string error, string? kept = null)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await RegisteredAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/residence");
        await visitor.PostAsync(Date("From", 1, 11, 2026, ("Go", "address")));
        var typed = Home.ToDictionary(f => f.Item1, f => f.Item2);
        typed[field] = value;
        await visitor.PostAsync([.. typed.Select(t => (t.Key, t.Value))]);
        Assert.Contains($"<a href=\"#{id}\">{error}", visitor.Html);
        var form = visitor.Form();
        foreach (var (name, text) in typed.Where(t => t.Key != "Go")) Assert.Equal(name == field ? kept ?? text : text, form[name]);
        Assert.Equal("11", form["From.Month"]);
    }

    [Fact]
    public async Task Residence_WithoutStreetInWordsWithMarkup_IsEncodedEverywhere()
    {
        const string Words = "<script>alert(\"1\")</script> the \"blue\" house & 'yard'";
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await RegisteredAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/residence");
        await visitor.PostAsync(Date("From", 1, 11, 2026, ("Go", "address")));
        await visitor.PostAsync(("Go", "check"), ("Locality", "Tulvan"), ("Note", Words));
        Assert.Contains(Words, visitor.Text);
        Assert.DoesNotContain("<script", visitor.Html);
        await visitor.PostAsync(("Go", "give"));
        var number = NumberIn(visitor);
        foreach (var path in (string[])["/", "/notices", "/confirmation", $"/notices/{number}", $"/notices/{number}/print", $"/residence/{number}"])
        {
            Assert.Contains(Words, (await visitor.GetAsync(path)).Text);
            Assert.DoesNotContain("<script", visitor.Html);
        }
    }

    [Fact]
    public async Task Residence_CorrectionThatChangesNothing_SaysSo()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await LivingThereAsync(service, await service.EnrolAsync());
        await visitor.GetAsync($"/residence/{NumberIn(visitor)}");
        await visitor.PostAsync(("Go", "give"));
        Assert.Contains("Say what is to be corrected", visitor.Text);
    }

    [Fact]
    public async Task Departure_StaleSignIn_AsksForAFreshOneFirst()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await RegisteredAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/departure");
        var form = visitor.Form();
        service.Clock.Advance(Duration.FromMinutes(16));
        await visitor.GetAsync("/departure");
        Assert.StartsWith("/sign-in/fresh?return=", visitor.Path);
        await visitor.PostAsync("/departure", new(form) { ["On.Day"] = "1", ["On.Month"] = "12", ["On.Year"] = "2026" });
        Assert.StartsWith("/sign-in/fresh?return=", visitor.Path);
        Assert.Equal("You are registered", (await visitor.GetAsync("/")).Heading);
    }

    [Fact]
    public async Task Confirmation_AddressChangedMeanwhile_ShowsTheNewOneFirst()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await LivingThereAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/confirmation");
        var (action, form) = (visitor.FormAction, visitor.Form());
        await visitor.GetAsync("/residence");
        await visitor.PostAsync(Date("From", 20, 11, 2026, ("Go", "address")));
        await visitor.PostAsync([.. Home.Select(f => f.Item1 == "Building" ? (f.Item1, "99") : f)]);
        await visitor.PostAsync(("Go", "give"));

        await visitor.PostAsync(action, form);
        Assert.Equal("Do you still live here?", visitor.Heading);
        Assert.Contains("Station Street, 99", visitor.Text);
        await visitor.PostAsync();
        Assert.Contains("Confirmation of the address", visitor.Text);
    }

    [Fact]
    public async Task Post_NoPlaceInTheQueue_KeepsEverythingAndGoesThroughLater()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await RegisteredAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/residence");
        await visitor.PostAsync(Date("From", 1, 11, 2026, ("Go", "address")));
        await visitor.PostAsync(Home);
        await service.WhileFullAsync(() => visitor.PostAsync(("Go", "give")));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, visitor.Status);
        Assert.True(visitor.Answer.Headers.Contains("Retry-After"));
        Assert.Contains("We could not take it just now", visitor.Text);
        Assert.Contains("Station Street, 14", visitor.Text);
        await visitor.PostAsync(("Go", "give"));
        Assert.Equal("We have received it", visitor.Heading);
    }

    [Theory]
    [InlineData("Key", "")]
    [InlineData("Key", "x")]
    [InlineData("__RequestVerificationToken", "x")]
    public async Task Post_FormThatIsNotOurs_IsRefused(string field, string value)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await Visitor.SignInAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/registration");
        await visitor.PostAsync((field, value));
        Assert.Equal(HttpStatusCode.BadRequest, visitor.Status);
        Assert.Equal("You are not registered yet", (await visitor.GetAsync("/")).Heading);
    }

    [Theory]
    [InlineData("ru", "Сейчас ничего делать не нужно. В следующий раз подтвердите адрес не позже 23 декабря 2026 г. Остался 21 рабочий день.", "Мы это получили")]
    [InlineData("kk", "Қазір ештеңе істеудің қажеті жоқ. Мекенжайыңызды келесі растау мерзімі: 2026 жылғы 23 желтоқсан. 21 жұмыс күні қалды.", "Біз қабылдадық")]
    public async Task Journey_InOtherLanguages_IsInThatLanguage(string lang, string due, string received)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var visitor = await LivingThereAsync(service, await service.EnrolAsync(lang), lang);
        Assert.Equal(received, visitor.Heading);
        Assert.Contains(due, (await visitor.GetAsync("/")).Text);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.NotFound)]
    public async Task DemoMessages_OutsideTheDemo_DoNotExist(bool demo, HttpStatusCode status)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, demo);
        var visitor = await RegisteredAsync(service, await service.EnrolAsync());
        await visitor.GetAsync("/demo/messages");
        Assert.Equal(status, visitor.Status);
        if (demo) Assert.Contains("your registration has been received", visitor.Text);
    }
}
