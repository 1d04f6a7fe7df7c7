using System.Text.RegularExpressions;
using Dapper;
using Manzil.Deadlines;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Access;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Cases.Desk;

/// <summary>
/// privacy.md 11: no score and no ranking by person. What somebody has lived through moves nothing in what officers see of all: twelve
/// people of twelve histories get cases on the same days, and then live again with one another's histories.
/// </summary>
public sealed partial class SwappedHistoriesTests
{
    const int People = 12;
    static readonly Duration Each = Duration.FromDays(80);

    // What orders the lists is said in SwappedAttributesTests: dates of the case and whose it is to do. All of that is the same each time.
    [Theory, EachDatabase]
    public async Task Lists_WhatPeopleLivedThroughSwapped_AreByteIdentical(DatabaseKind kind)
    {
        var lives = new List<Life>();
        // With each of these, everybody who shares a day with others changes places with them in one way or another.
        foreach (var shift in (int[])[0, 1, 5]) lives.Add(await LiveAsync(kind, shift));
        foreach (var page in lives[0].Pages.Where(p => p.Path == "/staff/cases"))
            Assert.Equal(9, Case().Matches(page.Html).Select(m => m.Value).Distinct().Count());
        Assert.Contains(lives[0].Pages, p => p.Path == "/staff/desk/reach" && Case().Matches(p.Html).Select(m => m.Value).Distinct().Count() == 3);
        // They are different histories, and different people have them.
        Assert.True(lives[0].Histories.Distinct().Count() >= 10, string.Join("\n", lives[0].Histories));
        foreach (var other in lives.Skip(1))
        {
            Assert.NotEqual(lives[0].Histories, other.Histories);
            foreach (var (one, another) in lives[0].Pages.Zip(other.Pages)) Assert.Equal(one, another);
        }
    }

    sealed record Life(IReadOnlyList<string> Histories, IReadOnlyList<(string Path, string Role, string Html)> Pages);

    static async Task<Life> LiveAsync(DatabaseKind kind, int shift)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var workers = new List<long>();
        for (var i = 0; i < People; i++)
        {
            var known = new Enrolment($"SH{i:D7}", $"Aziz Rahimov {i}", new IdentityDocument("UZB", $"SH{i:D7}", new LocalDate(1990, 5, 17)), walk.Rules.DefaultOffice.Code.Value, "en", "+70000000001", null);
            var enrol = new Enrol(known, walk.Rules, System.Security.Cryptography.RandomNumberGenerator.GetBytes(32), withCode: false) { ReceivedAt = walk.Now, Channel = RecordChannel.Operator };
            Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(enrol));
            workers.Add(enrol.WorkerId!.Value);
        }

        // Each history has its own time: who was registered first is another each time, in whatever order they are numbered.
        for (var history = 0; history < People; history++)
        {
            service.Clock.Reset(TestService.Start + (Each * history) + Duration.FromHours(1));
            await LiveThroughAsync(service, walk, workers[(history - shift + People) % People], history);
        }

        await using var connection = await service.Core.Database.OpenAsync();
        var histories = (await connection.QueryAsync<string>(
            $"""
            select (select min(e.registered_on) from register_entry e where e.worker_id = w.id) || ' acts ' || (select count(*) from act a where a.worker_id = w.id)
              || ' cases ' || (select count(*) from case_file c where c.worker_id = w.id) || ' removals ' || (select count(*) from removal m where m.worker_id = w.id)
              || ' looks ' || (select count(*) from look l where l.worker_id = w.id)
            from worker w order by w.id
            """)).ToList();

        // From here on everybody has the same days.
        service.Clock.Reset(TestService.Start + (Each * People));
        foreach (var worker in workers) await walk.DoneAsync(worker, CaseAct.Confirm, "worker");
        for (var i = 0; i < 9; i++)
        {
            // Three of one day, whom nothing but the minute tells apart.
            if (i % 3 == 0) service.Clock.AdvanceDays(1);
            service.Clock.AdvanceMinutes(1);
            await walk.DoneAsync(workers[i], CaseAct.OpenWithReason, "C", "Something else than ever before.");
        }

        service.Clock.AdvanceDays(16);
        await walk.OpenEverythingAsync();
        foreach (var worker in workers.Take(6)) await walk.DoneAsync(worker, CaseAct.ProposeRemoval, "P");
        foreach (var worker in workers.Take(4)) await walk.DoneAsync(worker, CaseAct.Agree, "A");
        foreach (var worker in workers.Take(2)) await walk.DoneAsync(worker, CaseAct.Appeal, "worker");
        await connection.ExecuteAsync(
            $"update register_entry set reminded = @waits where {Database.In(connection, "worker_id")}", new { waits = Reminded.ToBeReached, keys = workers.TakeLast(3).ToArray() });
        return new Life(histories, await ReadAsync(service, workers));
    }

    static async Task LiveThroughAsync(TestService service, CaseWalk walk, long worker, int history)
    {
        async Task GiveAsync(Notice notice)
        {
            service.Clock.AdvanceDays(1);
            var act = new GiveNotice(notice, null, walk.Rules, walk.Telling) { ReceivedAt = walk.Now, Channel = RecordChannel.Web, WorkerId = worker };
            Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act));
        }

        async Task KeptAsync(string why, bool answered = false)
        {
            service.Clock.AdvanceDays(1);
            await walk.DoneAsync(worker, CaseAct.OpenWithReason, "C", why);
            if (answered) await walk.DoneAsync(worker, CaseAct.Answer, "worker", "I was at work, and my landlord knows it.");
            service.Clock.AdvanceDays(1);
            await walk.OpenEverythingAsync(worker);
            await walk.DoneAsync(worker, CaseAct.Keep, "C");
        }

        Notice Lives(string district) => new Notice.Residence(walk.Rules.DateOf(walk.Now), new RecordAddress(district, "Another Street", "7"));
        await GiveAsync(new Notice.Registration());
        await GiveAsync(Lives("Tverskoy"));
        switch (history)
        {
            case 1:
                await GiveAsync(Lives("Altai"));
                break;
            case 2:
                for (var i = 0; i < 4; i++) await GiveAsync(Lives($"Zarechny {i}"));
                break;
            case 3:
                for (var i = 0; i < 6; i++) await GiveAsync(new Notice.Confirmation());
                break;
            case 4:
                await KeptAsync("A first case.");
                break;
            case 5:
                await KeptAsync("A first case.");
                await KeptAsync("A second one, about something else.");
                await KeptAsync("A third one.", answered: true);
                break;
            case 6:
                await KeptAsync("A first case.", answered: true);
                break;
            case 7:
                await walk.RemoveAsync(worker);
                service.Clock.AdvanceDays(1);
                await walk.DoneAsync(worker, CaseAct.Reinstate, "R");
                break;
            case 8:
                await GiveAsync(new Notice.Departure(walk.Rules.DateOf(walk.Now).PlusDays(20)));
                await using (var connection = await service.Core.Database.OpenAsync())
                {
                    var number = await connection.ExecuteScalarAsync<string>("select departure_number from register_entry where worker_id = @worker", new { worker });
                    await GiveAsync(new Notice.Withdrawal(ReceiptNumber.Parse(number!)));
                }

                break;
            case 9:
                service.Clock.AdvanceDays(1);
                await walk.OpenEverythingAsync(worker);
                break;
            case 10:
                service.Clock.AdvanceDays(1);
                Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(
                    new IssueCode(walk.Rules.DefaultOffice.Code.Value, null, false, walk.Rules, walk.Telling) { ReceivedAt = walk.Now, Channel = RecordChannel.Operator, WorkerId = worker }));
                break;
            case 11:
                await GiveAsync(Lives("Mokshan"));
                await KeptAsync("A case after a move.");
                await GiveAsync(new Notice.Confirmation());
                break;
        }
    }

    /// <summary>Every page that officers have without asking for one person, for every role that may open it, with numbers as whose they are.</summary>
    static async Task<IReadOnlyList<(string Path, string Role, string Html)>> ReadAsync(TestService service, IReadOnlyList<long> workers)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var names = (await connection.QueryAsync<(string Number, long Worker)>("select act_number, worker_id from case_file")).Select(c => (c.Number, Name: $"CASE{workers.ToList().IndexOf(c.Worker):D4}")).ToList();
        var (entries, _) = await service.Services.GetRequiredService<ToBeReached>().ReadAsync(service.Core.Rules.DefaultOffice.Code.Value, 1);
        names.AddRange(entries.Select(e => (e.Number, $"CASE{workers.ToList().IndexOf(e.WorkerId):D4}")));
        var read = new List<(string, string, string)>();
        var officers = new Dictionary<StaffRole, Visitor>();
        foreach (var route in (await Routes.AllAsync(service)).Where(r => r.Method == "GET" && !r.HasParameter && r.Handler is null && r.Pattern.StartsWith("/staff", StringComparison.Ordinal)))
        {
            foreach (var role in route.Rule!.Roles)
            {
                if (!officers.TryGetValue(role, out var officer)) officers[role] = officer = Visitor.Officer(service, (await service.StaffAsync(role, $"reads-{role.Name()}")).Cookie);
                await officer.GetAsync(route.Pattern);
                read.Add((route.Pattern, role.Name(), Token().Replace(names.Aggregate(officer.Html, (html, n) => html.Replace(n.Number, n.Name, StringComparison.Ordinal)), "")));
            }
        }

        return read;
    }

    [GeneratedRegex("CASE[0-9]{4}", RegexOptions.None, 5000)]
    private static partial Regex Case();

    [GeneratedRegex("(?<=name=\"(?:__RequestVerificationToken|Key)\"[^>]* value=\")[^\"]+", RegexOptions.None, 5000)]
    private static partial Regex Token();
}
