using System.Net;
using System.Text.Json;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Tests.Cases;
using Manzil.Tests.Databases;
using NodaTime;
using static Manzil.Tests.Notices.SignedInWorker;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Notices;

/// <summary>Every kind of notice and every refusal, over HTTP. Today is Monday 2026-11-23; 2026-12-01 is a holiday of the demo.</summary>
public class NoticeApiTests
{
    const string Registration = """{"kind":"registration"}""";
    const string Confirmation = """{"kind":"confirmation"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{HomeAddress}}}""";
    const string Departure = """{"kind":"departure","on":"<today+30>"}""";

    [Theory, EachDatabase]
    public async Task Post_EachKind_IsAcceptedAndItsReceiptVerifies(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var keys = KeySet.Parse(await service.Client.GetByteArrayAsync("/.well-known/manzil/keys.json"));
        var worker = await NewAsync(service);
        Assert.Equal("enrolled", await worker.StandingAsync());

        // what is sent, then: its kind, from when it counts, the next deadline, which notice it replaces, the standing after it
        (string Json, StatementKind Kind, string From, string? Deadline, int? Replaces, string Standing)[] cases =
        [
            (Registration, StatementKind.Registration, "2026-11-23", null, null, "registered"),
            (Residence, StatementKind.Residence, "2026-11-23", "2026-12-23", null, "registered"),
            (Confirmation, StatementKind.Confirmation, "2026-11-23", "2026-12-23", null, "registered"),
            ("""{"kind":"correction","replaces":"<2>","from":"2026-11-20"}""", StatementKind.Correction, "2026-11-20", "2026-12-23", 2, "registered"),
            (Departure, StatementKind.Departure, "2026-12-23", "2026-12-23", null, "registered"),
            ("""{"kind":"correction","replaces":"<5>","on":"<today>"}""", StatementKind.Correction, "2026-11-26", "2026-12-23", 5, "registered"),
            ("""{"kind":"withdrawal","replaces":"<6>"}""", StatementKind.Withdrawal, "2026-11-23", "2026-12-23", 6, "registered"),
        ];
        var given = new List<NoticeAnswer>();
        foreach (var expected in cases)
        {
            var answer = await worker.GiveAsync(expected.Json);
            given.Add(answer);
            var report = answer.Verify(keys, worker.Worker.Document, service.Clock.GetCurrentInstant());
            Assert.True(report.IsValid, $"{expected.Json}: {string.Join(", ", report.Problems)}");
            Assert.Equal(
                (RecordFinding.Matches, ProofFinding.Holds, DocumentFinding.Matches), (report.RecordFinding, report.Proof, report.Document));
            var statement = report.Statement!;
            Assert.Equal(
                (expected.Kind, expected.From, expected.Deadline, expected.Deadline, expected.Replaces is { } i ? given[i - 1].Number : null),
                (statement.Kind, IsoDate.Write(statement.EffectiveFrom), IsoDate.Write(statement.NextDeadline), answer.NextDeadline, statement.Replaces?.ToString()));
            Assert.Equal(
                ("http://localhost:8080", "NRV-01", answer.Number, TestService.Start),
                (statement.Issuer, statement.Office, statement.Number.ToString(), statement.IssuedAt));
            Assert.Equal(answer.Statement, QrText.ParseStatement(answer.Qr));
            Assert.Equal(RecordChannel.Api, report.Record!.Channel);
            Assert.Equal(given.Count + 1, report.Checkpoint!.Size);
            Assert.Equal(expected.Standing, await worker.StandingAsync());
        }

        var other = new IdentityDocument("UZB", "ZZ0000000", worker.Worker.Document.BirthDate);
        Assert.Equal(DocumentFinding.AnotherDocument, given[0].Verify(keys, other, service.Clock.GetCurrentInstant()).Document);
    }

    [Theory, EachDatabase]
    public async Task Post_WhatTheRulesRefuse_IsToldWithItsProblemAndWritesNothing(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        string[] home = [Registration, Residence], leaving = [Registration, Residence, Departure];
        // what was given before, the days that then pass, what is refused, and how
        (string[] Before, int Days, string Json, int Status, NoticeRefusal Refusal)[] cases =
        [
            ([Registration], 0, Registration, 409, NoticeRefusal.AlreadyRegistered),
            ([], 0, Residence, 409, NoticeRefusal.NotRegistered),
            ([], 0, Confirmation, 409, NoticeRefusal.NotRegistered),
            ([], 0, Departure, 409, NoticeRefusal.NotRegistered),
            ([Registration], 0, Confirmation, 409, NoticeRefusal.NoResidence),
            ([Registration], 0, Residence.Replace("<today>", "<today-3651>"), 422, NoticeRefusal.ResidenceTooEarly),
            ([Registration], 0, Residence.Replace("<today>", "<today+91>"), 422, NoticeRefusal.ResidenceTooLate),
            (home, 0, """{"kind":"correction","replaces":"<2>","from":"<today+91>"}""", 422, NoticeRefusal.ResidenceTooLate),
            ([Registration], 0, """{"kind":"departure","on":"<today-31>"}""", 422, NoticeRefusal.DepartureTooEarly),
            ([Registration], 0, """{"kind":"departure","on":"<today+366>"}""", 422, NoticeRefusal.DepartureTooLate),
            (leaving, 0, """{"kind":"correction","replaces":"<3>","on":"<today+366>"}""", 422, NoticeRefusal.DepartureTooLate),
            (leaving, 0, Registration, 409, NoticeRefusal.DepartureTold),
            (leaving, 0, Residence, 409, NoticeRefusal.DepartureTold),
            (leaving, 0, Confirmation, 409, NoticeRefusal.DepartureTold),
            (leaving, 0, Departure, 409, NoticeRefusal.DepartureTold),
            (leaving, 31, Residence, 409, NoticeRefusal.Ended),
            (leaving, 31, Confirmation, 409, NoticeRefusal.Ended),
            (leaving, 31, Departure, 409, NoticeRefusal.Ended),
            (home, 0, """{"kind":"correction","replaces":"<1>","from":"<today>"}""", 409, NoticeRefusal.NotCorrectable),
            ([.. home, Confirmation], 0, """{"kind":"correction","replaces":"<3>","from":"<today>"}""", 409, NoticeRefusal.NotCorrectable),
            (home, 0, """{"kind":"correction","replaces":"<2>","on":"<today>"}""", 409, NoticeRefusal.NotCorrectable),
            (leaving, 0, $$"""{"kind":"correction","replaces":"<3>","address":{{HomeAddress}}}""", 409, NoticeRefusal.NotCorrectable),
            ([.. leaving, """{"kind":"withdrawal","replaces":"<3>"}"""], 0, """{"kind":"correction","replaces":"<3>","on":"<today>"}""", 409, NoticeRefusal.AlreadyReplaced),
            ([.. home, """{"kind":"correction","replaces":"<2>","from":"<today-1>"}"""], 0, """{"kind":"correction","replaces":"<2>","from":"<today-2>"}""", 409, NoticeRefusal.AlreadyReplaced),
            (home, 0, """{"kind":"withdrawal","replaces":"<2>"}""", 409, NoticeRefusal.NothingToUndo),
            ([.. leaving, """{"kind":"withdrawal","replaces":"<3>"}"""], 0, """{"kind":"withdrawal","replaces":"<3>"}""", 409, NoticeRefusal.NothingToUndo),
        ];
        foreach (var (before, days, json, status, refusal) in cases)
        {
            var worker = await NewAsync(service);
            foreach (var notice in before) await worker.GiveAsync(notice);
            if (days > 0) await worker.PassDaysAsync(days);
            var size = (await service.Core.Tiles.HeadAsync()).Size;
            Assert.Equal($"{status} {Manzil.Notices.NoticeRefusals.Name(refusal)}", $"{await worker.RefusedAsync(json)}");
            Assert.Equal(size, (await service.Core.Tiles.HeadAsync()).Size);
        }

        Assert.Equal([NoticeRefusal.Removed, NoticeRefusal.RemovalPending], Enum.GetValues<NoticeRefusal>().Except(cases.Select(c => c.Refusal)));
    }

    [Theory, EachDatabase]
    public async Task Post_ByARemovedWorker_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        await (await CaseWalk.BeginAsync(service)).RemoveAsync(worker.Worker.Id);
        await worker.SignInAgainAsync();
        foreach (var notice in new[] { Registration, Residence, Confirmation, Departure })
            Assert.Equal("409 removed", $"{await worker.RefusedAsync(notice)}");
    }

    [Theory, EachDatabase]
    public async Task Post_DepartureWhileARemovalIsPending_IsRefused(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        var walk = await CaseWalk.BeginAsync(service);
        service.Clock.AdvanceMinutes(1);
        await walk.DoneAsync(worker.Worker.Id, CaseAct.OpenWithReason, "C");
        service.Clock.AdvanceDays(16);
        await walk.DoneAsync(worker.Worker.Id, CaseAct.ProposeRemoval, "P");
        await walk.DoneAsync(worker.Worker.Id, CaseAct.Agree, "A");
        await worker.SignInAgainAsync();
        Assert.Equal("409 removal-pending", $"{await worker.RefusedAsync(Departure)}");
    }

    [Theory, EachDatabase]
    public async Task Post_DatesAtTheLimits_AreAccepted(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        foreach (var days in new[] { -3650, 90 }) await worker.GiveAsync(Residence.Replace("<today>", $"<today{days:+0;-0}>"));
        foreach (var days in new[] { -30, 365 })
        {
            var departure = await worker.GiveAsync($$"""{"kind":"departure","on":"<today{{days:+0;-0}}>"}""");
            await worker.GiveAsync($$"""{"kind":"withdrawal","replaces":"{{departure.Number}}"}""");
        }

        var born = Today(service).PlusYears(-1);
        var young = await NewAsync(service, born);
        await young.GiveAsync(Registration);
        await young.GiveAsync(Residence.Replace("<today>", IsoDate.Write(born)));
        Assert.Equal("422 residence-too-early", $"{await young.RefusedAsync(Residence.Replace("<today>", IsoDate.Write(born.PlusDays(-1))))}");
    }

    [Theory, EachDatabase]
    public async Task Post_Addresses_AreTakenWholeOrRefusedByTheMemberAtFault(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        var longest = new string('ж', 120);
        (string Address, string? Fault)[] cases =
        [
            ("""{"locality":"Aul 7","note":"The third yurt behind the well"}""", null),
            ("""{"locality":" Қарағанды ","street":"Бұқар жырау","building":"5/1","unit":"12","postcode":"100000","note":"двор"}""", null),
            ($$"""{"locality":"{{longest}}","street":"{{longest}}","building":"{{longest[..30]}}"}""", null),
            ("{}", "locality locality-missing"),
            ("""{"locality":"  ","note":"x"}""", "locality locality-missing"),
            ("""{"locality":"Aul 7"}""", "street address-needs-street-or-note"),
            ("""{"locality":"Aul 7","street":"Long"}""", "building address-needs-street-or-note"),
            ($$"""{"locality":"{{longest}}ж","note":"x"}""", "locality text-too-long"),
            ("""{"locality":"Aul","note":"a\u0000b"}""", "note text-has-control-characters"),
            ("""{"locality":"Aul","note":7}""", "note member-wrong-type"),
            ("""{"locality":"Aul","note":"x","lat":55.75}""", "lat member-unknown"),
            ("\"Aul 7\"", "address member-wrong-type"),
        ];
        foreach (var (address, fault) in cases)
        {
            var json = $$"""{"kind":"residence","from":"<today>","address":{{address}}}""";
            if (fault is null)
            {
                var sent = JsonSerializer.Deserialize<Dictionary<string, string>>(address)!;
                var kept = Record.Decode((await worker.GiveAsync(json)).Record).Address!;
                string? Sent(string name) => sent.GetValueOrDefault(name)?.Trim();
                Assert.Equal(new RecordAddress(Sent("locality")!, Sent("street"), Sent("building"), Sent("unit"), Sent("postcode"), Sent("note")), kept);
            }
            else
            {
                var problem = await worker.RefusedAsync(json);
                Assert.Equal("400 malformed", $"{problem}");
                Assert.Contains(fault, problem.Faults.Select(f => $"{f.Field} {f.Reason}"));
            }
        }
    }

    [Theory]
    [EachDatabase("2026-11-23", "2026-12-23")]
    [EachDatabase("2026-11-26", "2026-12-28")]
    [EachDatabase("2026-12-02", "2027-01-11")]
    public async Task Post_Confirmation_IsDueAfter30DaysOnAWorkingDay(DatabaseKind kind, string given, string due)
    {
        await using var service = await TestService.StartAsync(kind);
        service.Clock.AdvanceDays(Period.DaysBetween(new LocalDate(2026, 11, 23), IsoDate.Read(given)!.Value));
        var worker = await NewAsync(service);
        await worker.GiveAsync(Registration);
        Assert.Equal(due, (await worker.GiveAsync(Residence)).NextDeadline);
        Assert.Equal(due, (await worker.GiveAsync(Confirmation)).NextDeadline);
        Assert.Equal(due, (await worker.ReadAsync("/api/v1/me")).GetProperty("nextDeadline").GetString());
    }

    [Theory, EachDatabase]
    public async Task Post_InAYearWithoutACalendar_IsAcceptedWithoutADeadline(DatabaseKind kind)
    {
        var rules = System.Text.Json.Nodes.JsonNode.Parse(Repository.Read("rules/demo.json"))!;
        var calendar = rules["calendar"]!.AsObject();
        calendar["to"] = 2026;
        foreach (var year in calendar["years"]!.AsObject().Select(y => y.Key).Where(y => int.Parse(y) > 2026).ToList())
            calendar["years"]!.AsObject().Remove(year);
        var folder = Directory.CreateTempSubdirectory("manzil-rules-");
        try
        {
            var file = Path.Combine(folder.FullName, "short.json");
            await File.WriteAllTextAsync(file, rules.ToJsonString(), TestContext.Current.CancellationToken);
            await using var service = await TestService.StartAsync(kind, rules: file);
            var worker = await NewAsync(service);
            await worker.GiveAsync(Registration);
            Assert.Equal("2026-12-23", (await worker.GiveAsync(Residence)).NextDeadline);
            await worker.PassDaysAsync(36);
            var confirmed = await worker.GiveAsync(Confirmation);
            Assert.Null(confirmed.NextDeadline);
            Assert.Null(Statement.Decode(confirmed.Statement).Content.NextDeadline);
            // Nor does a departure end anything whose earliest end cannot be known.
            await worker.GiveAsync("""{"kind":"departure","on":"<today>"}""");
            await worker.PassDaysAsync(60);
            Assert.Equal("registered", await worker.StandingAsync());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
