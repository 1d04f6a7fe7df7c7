using Dapper;
using FsCheck;
using FsCheck.Fluent;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Cases;

/// <summary>Random histories through the acts and the service's jobs: what the statements say and what the register says is the same.</summary>
public class CaseReplayTests
{
    const int People = 16;
    static readonly StatementKind[] Rare = [StatementKind.Withdrawal, StatementKind.RemovalProposed, StatementKind.RemovalAgreed, StatementKind.Appeal, StatementKind.AppealDecided];

    [Theory, EachDatabase]
    public async Task Replay_OfRandomHistoriesThroughTheActs_GivesTheRegister(DatabaseKind database)
    {
        // PostgreSQL here takes four times as long.
        var steps = database == DatabaseKind.Sqlite ? 60 : 20;
        List<int[]> picks = [];
        Prop.ForAll(Gen.Choose(0, 999_983).ArrayOf(People * 3).ToArbitrary(), some =>
        {
            picks.Add(some);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(steps));

        var lines = new KeptLines();
        await using var service = await TestService.StartAsync(database, start: Instant.FromUtc(2026, 1, 12, 9, 0), logs: lines);
        var walk = await CaseWalk.BeginAsync(service);
        var workers = new List<long>();
        for (var i = 0; i < People; i++) workers.Add(await walk.RegisteredAsync());
        var accepted = 0;
        foreach (var some in picks)
        {
            service.Clock.AdvanceDays(some[0] % 10);
            await JobsAsync(service);
            if (some[1] % 4 > 0) await walk.OpenEverythingAsync();
            for (var i = 0; i < People; i++)
            {
                var (pick, chance, words) = (some[3 * i], some[(3 * i) + 1], some[(3 * i) + 2]);
                var stage = (await walk.WhereAsync(workers[i])).Stage;
                if (await GiveAsync(walk, workers[i], pick, words) is { } given)
                {
                    Assert.True(given is ActResult.Accepted or ActResult.Refused, $"{stage}: {given} {string.Join('\n', lines.Lines.TakeLast(3))}");
                    if (given is ActResult.Accepted) accepted++;
                    continue;
                }

                var rows = CaseTable.Possible.Keys.Where(k => k.From == stage && (chance % 3 == 0 || k.Act is not (CaseAct.Confirm or CaseAct.Keep or CaseAct.CloseForWorker))).ToList();
                var (_, act, who) = rows[pick % rows.Count];
                if (chance % 5 == 0) who = CaseTable.Actors.Keys.ElementAt(pick % CaseTable.Actors.Count);
                if (act is CaseAct.OpenAfterSilence or CaseAct.CloseForWorker or CaseAct.CloseUnfounded or CaseAct.UndoSteps) continue;
                // A reviewer with a caseworker's number is nobody: the database knows each number's one role.
                if (who is "RP" or "RA") continue;
                var result = await walk.DoAsync(workers[i], act, who, $"Reason {words % 5}");
                Assert.True(result is ActResult.Accepted or ActResult.Refused, $"{stage} {act} by {who}: {result} {string.Join('\n', lines.Lines.TakeLast(3))}");
                if (result is not ActResult.Accepted) continue;
                accepted++;
                if (act != CaseAct.Confirm) Assert.True(CaseTable.Has(stage, act, CaseTable.Actors[who]), $"{stage} {act} {who}");
            }
        }

        await using var connection = await service.Core.Database.OpenAsync();
        var kinds = new Dictionary<StatementKind, int>();
        foreach (var worker in workers)
        {
            var acts = (await connection.QueryAsync<StoredAct>($"select {StoredAct.Columns} from act where worker_id = @worker order by log, leaf", new { worker })).ToList();
            var replayed = RegisterEntry.JustEnrolled;
            foreach (var act in acts)
            {
                var record = Record.Decode(act.Record);
                kinds[record.Kind] = kinds.GetValueOrDefault(record.Kind) + 1;
                replayed = Replay(replayed, record, walk.Rules.DateOf(record.IssuedAt));
                if (record.Kind == StatementKind.RemovalInEffect) AssertRests(record, walk.Rules);
                // By itself the service opens cases and closes them, and no more.
                if (act.Channel == "operator") Assert.Contains(record.Kind, new[] { StatementKind.Enrolled, StatementKind.CaseOpened, StatementKind.CaseClosed });
            }

            // When every channel was told of a departure is no statement: that stands in the register alone.
            var entry = (await service.Core.Workers.FindAsync(worker))!.Entry;
            Assert.Equal(entry with { DepartureTold = null }, replayed);
            Assert.True(entry.DepartureNumber is not null || entry.DepartureTold is null);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{accepted} acts of people accepted; statements: {string.Join(", ", kinds.OrderBy(k => k.Key).Select(k => $"{k.Key} {k.Value}"))}");
        // That all of these come about by chance alone takes more histories than PostgreSQL's.
        foreach (var kind in (StatementKind[])[StatementKind.CaseOpened, StatementKind.CaseClosed, StatementKind.Departure, .. database == DatabaseKind.Sqlite ? Rare : []])
            Assert.True(kinds.GetValueOrDefault(kind) > 0, $"no history had {kind}");

        Assert.True(database != DatabaseKind.Sqlite || kinds[StatementKind.Registration] > People, "nobody came back after a departure");

        // No case on facts already decided: no reason twice, and no silence of a period that a case had closed.
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>(
            "select count(*) from case_file a join case_file b on a.worker_id = b.worker_id and a.id < b.id where a.reason = b.reason or b.due <= a.due"));
    }

    /// <summary>Now and then a worker leaves or moves; whoever told of a departure takes it back or, once it is in effect, registers anew.</summary>
    static async Task<ActResult?> GiveAsync(CaseWalk walk, long worker, int pick, int words)
    {
        var entry = (await walk.Service.Core.Workers.FindAsync(worker))!.Entry;
        var today = walk.Rules.DateOf(walk.Now);
        var address = new RecordAddress("Tverskoy", "Long Street", $"{pick % 90}");
        Notice? notice = (entry.DepartureNumber, words % 24) switch
        {
            // Without a home nothing is due, and there is nothing to be silent about.
            (null, _) when entry is { Standing: Standing.Registered, ResidenceNumber: null } => new Notice.Residence(today, address),
            (null, 0) => new Notice.Departure(today.PlusDays(pick % 12)),
            (null, 1) => new Notice.Residence(today, address),
            (null, 2) => new Notice.Registration(),
            ({ } number, < 6) => new Notice.Withdrawal(ReceiptNumber.Parse(number)),
            ({ }, < 14) => new Notice.Registration(),
            ({ }, 14) => new Notice.Departure(today),
            _ => null,
        };
        if (notice is null) return null;
        var act = new GiveNotice(notice, null, walk.Rules, walk.Telling) { ReceivedAt = walk.Now, Channel = RecordChannel.Web, WorkerId = worker };
        return await walk.Service.Core.Writer.SubmitAsync(act);
    }

    static async Task JobsAsync(TestService service)
    {
        var now = service.Clock.GetCurrentInstant();
        await service.Services.GetRequiredService<SendReminders>().RunAsync(now);
        await service.Services.GetRequiredService<NoteDepartures>().RunAsync(now);
        await service.Services.GetRequiredService<OpenSilentCases>().RunAsync(now);
        await service.Services.GetRequiredService<CloseOverdueCases>().RunAsync(now);
        await service.Services.GetRequiredService<Breaker>().RunAsync(now);
    }

    // The register from statements and records alone: nothing else is asked.
    static RegisterEntry Replay(RegisterEntry entry, Record record, LocalDate day)
    {
        RegisterEntry NewPeriod(RegisterEntry e) => e.ResidenceNumber is null ? e : e with { LastTold = day, NextDeadline = record.NextDeadline };
        var closes = record.Particulars.ContainsKey("closes");
        return record.Kind switch
        {
            StatementKind.Registration => RegisterEntry.JustEnrolled with { Standing = Standing.Registered, Office = record.Office, RegisteredOn = record.EffectiveFrom },
            StatementKind.Residence => NewPeriod(entry with { ResidenceNumber = record.Number.ToString(), ResidenceFrom = record.EffectiveFrom, Standing = closes ? Standing.Registered : entry.Standing }),
            StatementKind.Confirmation => NewPeriod(closes ? entry with { Standing = Standing.Registered } : entry),
            StatementKind.Departure => entry with { DepartureNumber = record.Number.ToString(), DepartureOn = IsoDate.Read(record.Particulars["on"]) },
            // The time to confirm begins anew, from what was told last.
            StatementKind.Withdrawal => entry with { DepartureNumber = null, DepartureOn = null, NextDeadline = entry.LastTold is null ? entry.NextDeadline : record.NextDeadline },
            StatementKind.CaseOpened => entry with { Standing = Standing.UnderReview },
            StatementKind.RemovalAgreed or StatementKind.Appeal => entry with { Standing = Standing.RemovalPending },
            StatementKind.RemovalInEffect => entry with { Standing = Standing.Removed },
            StatementKind.CaseClosed or StatementKind.Reinstated => NewPeriod(entry with { Standing = Standing.Registered }),
            StatementKind.AppealDecided when record.Particulars["outcome"] == "for-worker" => NewPeriod(entry with { Standing = Standing.Registered }),
            _ => entry,
        };
    }

    static void AssertRests(Record record, Jurisdiction rules)
    {
        Assert.NotEqual(record.Particulars["proposed-by"], record.Particulars["agreed-by"]);
        var told = IsoDate.Read(record.Particulars["told"])!.Value;
        Assert.True(rules.WorkersCalendar.WorkingDaysBetween(told, rules.DateOf(record.IssuedAt).PlusDays(-1)) >= 10);
    }

    // Two registers in which the same happens to people who differ in all that they are: every list and every job sees the same.
    [Theory, EachDatabase]
    public async Task Queues_NationalityNameLanguageAndBirthDateSwapped_AreTheSame(DatabaseKind kind)
    {
        var one = await ListsAsync(kind, swapped: false);
        var other = await ListsAsync(kind, swapped: true);
        Assert.Contains("reached", one, StringComparison.Ordinal);
        Assert.Contains("case", one, StringComparison.Ordinal);
        Assert.Equal(one, other);
    }

    static async Task<string> ListsAsync(DatabaseKind kind, bool swapped)
    {
        (string State, string Name, string Language, LocalDate Born)[] who =
        [
            ("UZB", "Aziz Rahimov", "en", new LocalDate(1990, 5, 17)), ("KGZ", "Zarina Abdyldaeva", "ru", new LocalDate(1961, 1, 2)),
            ("TJK", "Madina Yusupova", "kk", new LocalDate(2004, 11, 30)), ("IND", "Bhaskar Iyer", "en", new LocalDate(1984, 8, 8)),
        ];
        if (swapped) Array.Reverse(who);
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var workers = new List<long>();
        for (var i = 0; i < 8; i++)
        {
            var (state, name, language, born) = who[i % who.Length];
            var enrolment = new Enrolment($"FC{i:D7}", name, new IdentityDocument(state, $"AA{i:D7}", born), walk.Rules.DefaultOffice.Code.Value, language, i % 2 == 0 ? "+70000000001" : null, null);
            workers.Add(await walk.RegisteredAsync(enrolment));
            if (i % 3 == 2) service.Clock.AdvanceDays(1);
        }

        for (var day = 0; day < 45; day++)
        {
            service.Clock.AdvanceDays(1);
            await JobsAsync(service);
        }

        await walk.DoAsync(workers[0], CaseAct.Keep, "P");
        await walk.DoAsync(workers[0], CaseAct.OpenWithReason, "P");
        await using var connection = await service.Core.Database.OpenAsync();
        var cases = await connection.QueryAsync<(long, long, string, long)>("select worker_id, opened_at, ground, stage from case_file order by opened_at, id");
        // Two pages are written at once, so ids fall as they may.
        var reminders = await connection.QueryAsync<(long, long, string)>("select worker_id, created_at, reminds_of from message where reminds_of is not null order by created_at, reminds_of, worker_id");
        var reached = await connection.QueryAsync<(long, string)>(
            "select worker_id, next_deadline from register_entry where reminded = @ToBeReached order by next_deadline, worker_id", new { ToBeReached = Reminded.ToBeReached });
        var acts = await connection.QueryAsync<(long?, int, long)>("select worker_id, kind, given_at from act order by log, leaf");
        return string.Join('\n', [.. cases.Select(c => $"case {c}"), .. reminders.Select(r => $"reminder {r}"), .. reached.Select(r => $"reached {r}"), .. acts.Select(a => $"act {a}")]);
    }
}
