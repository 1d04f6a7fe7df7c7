using System.Net;
using Dapper;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Cases;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Notices;

/// <summary>
/// The rows of rules.md's table that are no acts of a case: registration, departure and undoing it, in each standing, sent by the worker
/// over HTTP. That nobody else gets in there is RouteMatrixTests' matter. Confirmations and changes of address, which close a case about
/// silence and answer another, are in CaseTriplesOverHttpTests, by everybody and at every stage of both kinds of case.
/// </summary>
public class NoticeTriplesOverHttpTests
{
    static readonly (Standing Standing, string Notice)[] Possible =
    [
        (Standing.Enrolled, "registration"), (Standing.Ended, "registration"), (Standing.Registered, "departure"), (Standing.UnderReview, "departure"), (Standing.Ended, "withdrawal"),
    ];

    [Theory, EachDatabase]
    public async Task Post_EveryStandingAndNotice_DoesOnlyWhatTheTableHas(DatabaseKind kind)
    {
        string[] notices = ["registration", "departure", "withdrawal"];
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var ripe = await walk.RipeAsync(s => s switch { CaseStage.None => 6, CaseStage.Open or CaseStage.RemovalPending or CaseStage.Removed => 3, _ => 0 });
        var workers = new Dictionary<Standing, List<long>>
        {
            [Standing.Enrolled] = [],
            [Standing.Registered] = ripe[CaseStage.None][..3],
            [Standing.UnderReview] = ripe[CaseStage.Open],
            [Standing.RemovalPending] = ripe[CaseStage.RemovalPending],
            [Standing.Removed] = ripe[CaseStage.Removed],
            [Standing.Ended] = ripe[CaseStage.None][3..],
        };
        foreach (var _ in notices) workers[Standing.Enrolled].Add((await service.EnrolAsync()).Id);
        var departures = new Dictionary<long, ReceiptNumber>();
        foreach (var worker in workers[Standing.Ended])
        {
            var act = new GiveNotice(new Notice.Departure(walk.Rules.DateOf(walk.Now)), null, walk.Rules, walk.Telling) { ReceivedAt = walk.Now, Channel = RecordChannel.Web, WorkerId = worker };
            departures[worker] = Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act)).Number;
        }

        service.Clock.AdvanceDays(30);
        await service.Services.GetRequiredService<NoteDepartures>().RunAsync(walk.Now);

        var (asked, done) = (0, new List<(Standing, string)>());
        await using var connection = await service.Core.Database.OpenAsync();
        foreach (var (standing, three) in workers)
        {
            foreach (var (notice, worker) in notices.Zip(three))
            {
                var token = (await service.Services.GetRequiredService<Sessions>().StartAsync(worker, Session.Api)).Token;
                var replaced = departures.TryGetValue(worker, out var departure) ? departure.ToString() : await connection.ExecuteScalarAsync<string?>("select max(number) from act where worker_id = @worker and kind = 2", new { worker }) ?? ReceiptNumber.New(TestService.Start).ToString();
                var json = notice switch
                {
                    "registration" => """{"kind":"registration"}""",
                    "departure" => $$"""{"kind":"departure","on":"{{IsoDate.Write(walk.Rules.DateOf(walk.Now).PlusDays(3))}}"}""",
                    _ => $$"""{"kind":"withdrawal","replaces":"{{replaced}}"}""",
                };
                var size = (await service.Core.Tiles.HeadAsync()).Size;
                using var answer = await service.PostNoticeAsync(token, json);
                var grown = (await service.Core.Tiles.HeadAsync()).Size - size;
                asked++;
                if (answer.StatusCode == HttpStatusCode.Created)
                {
                    done.Add((standing, notice));
                    Assert.Equal(1, grown);
                    var after = (await service.Core.Workers.FindAsync(worker))!.Entry.StandingOn(walk.Rules.DateOf(walk.Now), walk.Rules.WorkersCalendar, walk.Rules.Intervals);
                    // A departure ends nothing before every channel was told and some days have passed.
                    Assert.Equal(notice == "departure" ? standing : Standing.Registered, after);
                }
                else
                {
                    Assert.True((int)answer.StatusCode is 404 or 409 or 422, $"{standing} {notice}: {answer.StatusCode}");
                    Assert.Equal(0, grown);
                }
            }
        }

        Assert.Equal(Possible.Order(), done.Order());
        Assert.Equal(6 * 3, asked);
        TripleCounts.Say("5-notices", asked, "of notices over HTTP on", kind);
    }
}
