using System.Net;
using System.Text.Json;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Tests.Databases;
using NodaTime;
using static Manzil.Tests.Notices.SignedInWorker;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Notices;

/// <summary>What replaces an earlier notice: corrections, and undoing a departure.</summary>
public class CorrectionAndDepartureTests
{
    const string Registration = """{"kind":"registration"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{HomeAddress}}}""";

    [Theory, EachDatabase]
    public async Task Correct_AgainAndAgain_LeavesEveryNoticeVisible(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        var first = await worker.GiveAsync(Residence);
        var second = await worker.GiveAsync("""{"kind":"correction","replaces":"<2>","from":"<today-10>"}""");
        var third = await worker.GiveAsync("""{"kind":"correction","replaces":"<3>","address":{"locality":"Aul 7","note":"The last house"}}""");

        var notices = (await worker.ReadAsync("/api/v1/notices")).GetProperty("notices").EnumerateArray().ToList();
        (string, string?, string?) Row(NoticeAnswer notice)
        {
            var row = notices.Single(n => n.GetProperty("number").GetString() == notice.Number);
            return (row.GetProperty("kind").GetString()!, row.GetProperty("replaces").GetString(), row.GetProperty("replacedBy").GetString());
        }

        Assert.Equal(("residence", null, second.Number), Row(first));
        Assert.Equal(("correction", first.Number, third.Number), Row(second));
        Assert.Equal(("correction", second.Number, null), Row(third));
        Assert.Equal(third.Number, notices[0].GetProperty("number").GetString());
        foreach (var notice in new[] { first, second, third })
        {
            using var again = await service.GetAsync(worker.Token, $"/api/v1/notices/{notice.Number}");
            Assert.Equal(notice.Body, await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }

        // What a correction leaves out stays as it was.
        var home = Record.Decode(first.Record).Address;
        Assert.Equal((Today(service).PlusDays(-10), home), (Record.Decode(second.Record).EffectiveFrom, Record.Decode(second.Record).Address));
        Assert.Equal(
            (Today(service).PlusDays(-10), new RecordAddress("Aul 7", null, null, null, null, "The last house")),
            (Record.Decode(third.Record).EffectiveFrom, Record.Decode(third.Record).Address));
        Assert.Equal("residence", Record.Decode(third.Record).Particulars["corrects"]);
        var me = await worker.ReadAsync("/api/v1/me");
        Assert.Equal((third.Number, "2026-11-13"), (me.GetProperty("residenceNumber").GetString(), me.GetProperty("residenceFrom").GetString()));
    }

    [Theory, EachDatabase]
    public async Task Correct_AnOlderResidence_DoesNotBringItBack(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        await worker.GiveAsync(Residence);
        var newer = await worker.GiveAsync(Residence);
        await worker.GiveAsync("""{"kind":"correction","replaces":"<2>","from":"<today-10>"}""");
        Assert.Equal(newer.Number, (await worker.ReadAsync("/api/v1/me")).GetProperty("residenceNumber").GetString());
    }

    [Theory, EachDatabase]
    public async Task Correct_SomebodyElsesOrNobodysNotice_IsNotFound(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, other) = (await NewAsync(service), await NewAsync(service));
        foreach (var person in new[] { worker, other }) await person.GiveAsync(Registration);
        var theirs = await other.GiveAsync(Residence);
        var leaving = await other.GiveAsync("""{"kind":"departure","on":"<today+30>"}""");
        var nobodys = ReceiptNumber.New(TestService.Start);
        foreach (var notice in new[]
        {
            $$"""{"kind":"correction","replaces":"{{theirs.Number}}","from":"<today>"}""",
            $$"""{"kind":"correction","replaces":"{{nobodys}}","from":"<today>"}""",
            $$"""{"kind":"withdrawal","replaces":"{{leaving.Number}}"}""",
            $$"""{"kind":"withdrawal","replaces":"{{nobodys}}"}""",
        })
        {
            Assert.Equal("404 notice-not-found", $"{await worker.RefusedAsync(notice)}");
        }

        Assert.Equal(leaving.Number, (await other.ReadAsync("/api/v1/me")).GetProperty("departureNumber").GetString());
    }

    [Theory, EachDatabase]
    public async Task Correct_TwiceAtTheSameMoment_OneReplacesAndTheOtherIsTold(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        for (var round = 0; round < 5; round++)
        {
            var residence = await worker.GiveAsync(Residence);
            var answers = await Task.WhenAll(Enumerable.Range(1, 4).Select(days =>
                worker.PostAsync($$"""{"kind":"correction","replaces":"{{residence.Number}}","from":"<today-{{days}}>"}""")));
            Assert.Equal([201, 409, 409, 409], answers.Select(a => (int)a.StatusCode).Order());
            foreach (var answer in answers.Where(a => a.StatusCode != HttpStatusCode.Created))
                Assert.Equal("409 already-replaced", $"{await ProblemAnswer.ReadAsync(answer)}");
            foreach (var answer in answers) answer.Dispose();
        }
    }

    // 3 working days from Monday 23 November; from Friday 27, over a weekend and the holiday on 1 December
    [Theory]
    [EachDatabase(0, "<today>", "2026-11-26")]
    [EachDatabase(0, "<today-30>", "2026-11-26")]
    [EachDatabase(0, "2026-11-26", "2026-11-26")]
    [EachDatabase(0, "2026-11-28", "2026-11-28")]
    [EachDatabase(4, "<today>", "2026-12-03")]
    public async Task Depart_OnADate_TakesEffectAtItsEndAndNotBefore3WorkingDays(DatabaseKind kind, int daysLater, string on, string effective)
    {
        await using var service = await TestService.StartAsync(kind);
        service.Clock.AdvanceDays(daysLater);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        var departure = await worker.GiveAsync($$"""{"kind":"departure","on":"{{on}}"}""");
        Assert.Equal(effective, IsoDate.Write(Statement.Decode(departure.Statement).Content.EffectiveFrom));
        Assert.Equal(effective, (await worker.ReadAsync("/api/v1/me")).GetProperty("endsOn").GetString());

        await worker.PassDaysAsync(Period.DaysBetween(Today(service), IsoDate.Read(effective)!.Value));
        Assert.Equal("registered", await worker.StandingAsync());
        await worker.PassDaysAsync(1);
        Assert.Equal("ended", await worker.StandingAsync());
    }

    [Theory]
    [EachDatabase(0)]
    [EachDatabase(5)]
    [EachDatabase(2000)]
    public async Task Depart_Undone_GivesBackWhatWasWithoutAGap(DatabaseKind kind, int days)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        await worker.GiveAsync(Residence);
        var before = await worker.ReadAsync("/api/v1/me");
        await worker.GiveAsync("""{"kind":"departure","on":"<today>"}""");
        await worker.PassDaysAsync(days);
        Assert.Equal(days == 0 ? "registered" : "ended", await worker.StandingAsync());
        await worker.GiveAsync("""{"kind":"withdrawal","replaces":"<3>"}""");
        var after = await worker.ReadAsync("/api/v1/me");
        foreach (var member in new[] { "standing", "office", "registeredOn", "residenceFrom", "residenceNumber", "departureOn", "departureNumber", "endsOn", "nextDeadline" })
            Assert.Equal(before.GetProperty(member).ToString(), after.GetProperty(member).ToString());
        await worker.GiveAsync("""{"kind":"confirmation"}""");
    }

    [Theory, EachDatabase]
    public async Task Depart_InEffect_RegistersAgainFromTheStart(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        await worker.GiveAsync(Residence);
        await worker.GiveAsync("""{"kind":"departure","on":"<today>"}""");
        await worker.PassDaysAsync(10);
        var again = await worker.GiveAsync(Registration);
        Assert.Null(again.NextDeadline);
        var me = await worker.ReadAsync("/api/v1/me");
        Assert.Equal(("registered", "2026-12-03"), (me.GetProperty("standing").GetString(), me.GetProperty("registeredOn").GetString()));
        Assert.Equal(JsonValueKind.Null, me.GetProperty("residenceNumber").ValueKind);
        Assert.Equal("409 no-residence", $"{await worker.RefusedAsync("""{"kind":"confirmation"}""")}");
        Assert.Equal("409 nothing-to-undo", $"{await worker.RefusedAsync("""{"kind":"withdrawal","replaces":"<3>"}""")}");
        await worker.GiveAsync(Residence);
    }
}
