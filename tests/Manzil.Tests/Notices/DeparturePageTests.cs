using System.Net;
using Manzil.Tests.Databases;
using Manzil.Tests.Registrations.Desk;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Notices;

/// <summary>"I am leaving" says what is left to do and what comes of it, and asks once more before it is filed.</summary>
public class DeparturePageTests
{
    static readonly (string, string)[] Day = [("On.Day", "24"), ("On.Month", "12"), ("On.Year", "2026")];

    static readonly string[] Then =
    [
        // The day, and three working days after it is told: from the rules file, as the years are.
        "not before 3 working days have passed", "you need not confirm your address", "also after your registration has ended", "If you come back, register again", "for 3 years after your registration has ended",
    ];

    [Theory, EachDatabase]
    public async Task Departure_OnTheWeb_SaysWhatIsLeftAndIsCheckedBeforeItIsFiled(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        var visitor = await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/departure");
        foreach (var said in Then.Concat(["What is left to do", "Save your receipts before you go"])) Assert.Contains(said, visitor.Text, StringComparison.Ordinal);

        await visitor.PostAsync([.. Day, ("Go", "check")]);
        Assert.Equal("Check before you send", visitor.Heading);
        foreach (var said in Then.Concat(["24 December 2026", "At the end of 24 December 2026 at the earliest"])) Assert.Contains(said, visitor.Text, StringComparison.Ordinal);
        Assert.Equal("registered", await worker.StandingAsync());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await worker.ReadAsync("/api/v1/me")).GetProperty("departureNumber").ValueKind);

        // Back to the day, which is still there; then the same form files one departure, however often it is sent.
        var check = visitor.Form();
        await visitor.PostAsync(("Go", "ask"));
        Assert.Equal("24", visitor.Form()["On.Day"]);
        await visitor.PostAsync(("Go", "check"));
        await visitor.PostAsync(("Go", "give"));
        Assert.StartsWith("/notices/", visitor.Path, StringComparison.Ordinal);
        var filed = visitor.Path;
        await visitor.PostAsync("/departure", new(check) { ["Go"] = "give" });
        Assert.Equal(filed, visitor.Path);
        Assert.Equal("2026-12-24", (await worker.ReadAsync("/api/v1/me")).GetProperty("departureOn").GetString());
    }

    [Theory, EachDatabase]
    public async Task Departure_AtTheDesk_IsCheckedBeforeItIsFiledToo(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await SignedInWorker.NewAsync(desk.Service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        var root = await desk.ServeAsync(worker.Worker);
        await desk.Web.GetAsync(root + "/departure");
        await desk.Web.PostAsync([.. Day, ("Go", "check")]);
        Assert.Equal("Check before you send", desk.Web.Heading);
        foreach (var said in Then) Assert.Contains(said, desk.Web.Text, StringComparison.Ordinal);
        Assert.Equal(2, (await desk.ActsAsync(worker.Worker.Id)).Count);
        await desk.Web.PostAsync(("Go", "give"));
        Assert.StartsWith(root + "/notices/", desk.Web.Path, StringComparison.Ordinal);
        Assert.Equal(3, (await desk.ActsAsync(worker.Worker.Id)).Count);
    }

    // What cannot be filed is said beside the day, before anything is checked.
    [Fact]
    public async Task Departure_OnADayTooFarAhead_IsAskedAgainBesideTheField()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync("""{"kind":"registration"}""");
        var visitor = await (await Visitor.SignInAsync(service, worker.Worker)).GetAsync("/departure");
        await visitor.PostAsync(("On.Day", "1"), ("On.Month", "1"), ("On.Year", "2029"), ("Go", "check"));
        Assert.Contains("<a href=\"#on\">That date is too far ahead", visitor.Html, StringComparison.Ordinal);
        Assert.Equal("2029", visitor.Form()["On.Year"]);
        Assert.NotEqual(HttpStatusCode.OK, visitor.Status);
    }
}
