using System.Net;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Cases;
using Manzil.Cases.Desk;
using Manzil.Deadlines;
using Manzil.Notices;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Tests.Access;
using Manzil.Tests.Databases;
using Manzil.Tests.Register;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases;

/// <summary>
/// Every (stage, act, actor) as a browser would send it: the form of the act's page, posted with the cookie of everybody who could
/// try. What the table has is done; everything else is answered as it should be, and leaves nothing behind.
/// </summary>
public partial class CaseTriplesOverHttpTests
{
    // No page has a form for what only the service does; whoever makes up its address finds nothing.
    static readonly CaseAct[] OfTheService = [CaseAct.OpenAfterSilence, CaseAct.CloseForWorker, CaseAct.CloseUnfounded, CaseAct.UndoSteps];
    static readonly CaseAct[] OfTheWorker = [CaseAct.Answer, CaseAct.Appeal, CaseAct.Confirm];

    enum Outcome
    {
        Done,
        SignIn,
        Forbidden,
        NotPossible,
        NotThere,
    }

    /// <param name="IsSilence">The case is about silence, which the worker's word on where they live closes; it answers any other.</param>
    /// <param name="Moves">The table's one row for confirming and changing the address, done by the second.</param>
    sealed record Triple(CaseStage Stage, CaseAct Act, string Who, bool IsSilence = false, bool Moves = false)
    {
        public CaseStage? To => Act switch
        {
            // Whoever has no case just confirms.
            CaseAct.Confirm when !IsSilence || Stage == CaseStage.None => Who == "worker" && Stage != CaseStage.Removed ? Stage : null,
            _ when OfTheService.Contains(Act) => null,
            _ => CaseTable.Possible.TryGetValue((Stage, Act, Who), out var to) ? to : null,
        };

        public Outcome Expected
        {
            get
            {
                if (To is not null) return Outcome.Done;
                if (OfTheService.Contains(Act)) return Outcome.NotThere;
                if (OfTheWorker.Contains(Act))
                {
                    return Who switch
                    {
                        "worker" => Outcome.NotPossible,
                        // Where no case is open, nobody can have been let act in it.
                        "helper" when Act != CaseAct.Confirm => Stage == CaseStage.None ? Outcome.NotThere : Outcome.NotPossible,
                        _ => Outcome.SignIn,
                    };
                }

                return Who switch
                {
                    "worker" or "helper" or "nobody" => Outcome.SignIn,
                    "clerk" or "auditor" or "operator" => Outcome.Forbidden,
                    // Where there is no case, there is no address of one.
                    _ => Stage == CaseStage.None && Act != CaseAct.OpenWithReason ? Outcome.NotThere : Outcome.NotPossible,
                };
            }
        }
    }

    [Theory, EachDatabase]
    public async Task Post_EveryStageActAndActor_DoesOnlyWhatTheTableHas(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        List<Triple> triples = [.. Triples(isSilence: false, Enum.GetValues<CaseAct>())];
        Assert.Equal(6 * (17 + 1) * 13, triples.Count);
        await PostAsync(service, kind, triples);
    }

    // The rows that are other ones in a case about silence, and those of the clock alone: on a day when they could be done, nobody can
    // send them, and the timer's job does them.
    [Theory, EachDatabase]
    public async Task Post_WhatSilenceAndTheClockMove_IsTheWorkersAndTheTimersAlone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        List<Triple> triples = [.. Triples(isSilence: true, [CaseAct.Confirm, CaseAct.OpenAfterSilence, CaseAct.CloseForWorker])];
        Assert.Equal(6 * (3 + 1) * 13, triples.Count);
        var (sender, workers) = await PostAsync(service, kind, triples);
        // The walk writes reminders by hand, and so the mark that all have been written.
        await using (var connection = await service.Core.Database.OpenAsync())
            await connection.ExecuteAsync("update register_entry set reminded = @all where worker_id = @worker", new { all = Reminded.Alone(service.Core.Rules.Intervals.ReminderDaysBefore.Count), worker = workers[CaseStage.None][0] });
        await service.Services.GetRequiredService<OpenSilentCases>().RunAsync(service.Clock.GetCurrentInstant());
        Assert.Equal((CaseStage.Open, Standing.UnderReview), await sender.WhereAsync(workers[CaseStage.None][0]));

        service.Clock.AdvanceDays(60);
        CaseStage[] open = [.. Enum.GetValues<CaseStage>().Where(s => s is not (CaseStage.None or CaseStage.Removed))];
        var size = (await service.Core.Tiles.HeadAsync()).Size;
        foreach (var t in triples.Where(t => t.Act == CaseAct.CloseForWorker && open.Contains(t.Stage))) Assert.Equal(Outcome.NotThere, await sender.PostAsync(t, workers[t.Stage][0]));
        Assert.Equal(size, (await service.Core.Tiles.HeadAsync()).Size);
        await service.Services.GetRequiredService<CloseOverdueCases>().RunAsync(service.Clock.GetCurrentInstant());
        foreach (var stage in open) Assert.Equal((CaseStage.None, Standing.Registered), await sender.WhereAsync(workers[stage][0]));
    }

    static IEnumerable<Triple> Triples(bool isSilence, CaseAct[] acts)
    {
        string[] actors = [.. CaseTable.Actors.Keys.Where(a => a != "sys"), "nobody"];
        return from stage in Enum.GetValues<CaseStage>()
               from act in acts.Select(a => (Act: a, Moves: false)).Append((Act: CaseAct.Confirm, Moves: true))
               from who in actors
               select new Triple(stage, act.Act, who, isSilence, act.Moves);
    }

    static async Task<(Sender Sender, Dictionary<CaseStage, List<long>> Workers)> PostAsync(TestService service, DatabaseKind kind, List<Triple> triples)
    {
        var isSilence = triples[0].IsSilence;
        var walk = await CaseWalk.BeginAsync(service);
        // One worker for everything that is refused, and one for each triple that is not.
        var workers = await walk.RipeAsync(stage => 1 + triples.Count(t => t.Stage == stage && t.To is not null), isSilence);
        var sender = await Sender.BeginAsync(walk, service);
        // Opening the service is a delivery: here it comes before what is compared.
        foreach (var some in workers.Values) await sender.ReadAsync(some[0]);

        var wrong = new List<string>();
        var before = await DumpAsync(service);
        // P and A are reviewers in the second round: as the table's RP and RA.
        foreach (var round in new[] { false, true })
        {
            if (round) await sender.PromoteAsync();
            var size = (await service.Core.Tiles.HeadAsync()).Size;
            foreach (var t in triples.Where(t => t.To is null && Sender.IsOfRound(t.Who, round)))
            {
                var outcome = await sender.PostAsync(t, workers[t.Stage][0]);
                if (outcome != t.Expected) wrong.Add($"{t}: {outcome}, expected {t.Expected}");
                if ((await service.Core.Tiles.HeadAsync()).Size != size) wrong.Add($"{t} wrote something");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong, such as\n" + string.Join('\n', wrong.Take(50)));
        await sender.DemoteAsync();
        Assert.Equal(before, await DumpAsync(service));

        var next = workers.ToDictionary(w => w.Key, _ => 1);
        foreach (var round in new[] { false, true })
        {
            if (round) await sender.PromoteAsync();
            foreach (var t in triples.Where(t => t.To is not null && Sender.IsOfRound(t.Who, round)))
            {
                var worker = workers[t.Stage][next[t.Stage]++];
                var size = (await service.Core.Tiles.HeadAsync()).Size;
                var outcome = await sender.PostAsync(t, worker);
                var now = await walk.WhereAsync(worker);
                if (outcome != Outcome.Done || now.Stage != t.To) wrong.Add($"{t}: {outcome}, and then {now}");
                if ((await service.Core.Tiles.HeadAsync()).Size != size + 1) wrong.Add($"{t} was not one act");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong, such as\n" + string.Join('\n', wrong.Take(50)));
        var said = $"Case triples over HTTP on {kind}{(isSilence ? ", about silence" : "")}: {triples.Count} posted, {triples.Count(t => t.To is not null)} done, "
            + string.Join(", ", triples.Where(t => t.To is null).GroupBy(t => t.Expected).Select(g => $"{g.Count()} {g.Key}"));
        TestContext.Current.TestOutputHelper?.WriteLine(said);
        TripleCounts.Say(isSilence ? "4-silence" : "3-http", triples.Count, isSilence ? "about silence over HTTP on" : "over HTTP on", kind);
        return (sender, workers);
    }

    // Everything but what tells that somebody asked: sessions, and a helper's looks.
    static async Task<string> DumpAsync(TestService service) => string.Join('\n',
        (await TableDump.ReadAsync(service.Core.Database)).Split('\n')
            .Where(line => !line.StartsWith("session:", StringComparison.Ordinal) && !line.StartsWith("staff_session:", StringComparison.Ordinal)
                && !line.StartsWith("helper_session:", StringComparison.Ordinal) && !line.StartsWith("look:", StringComparison.Ordinal)
                // The rounds give two officers another role and their own again, each time agreed to.
                && !line.StartsWith("staff_change:", StringComparison.Ordinal))
            .Select(line => line.StartsWith("staff:", StringComparison.Ordinal) ? AgreedAt().Replace(line, "agreed_at") : line)
            .Order(StringComparer.Ordinal));

    [GeneratedRegex("agreed_at=[0-9]+", RegexOptions.None, 5000)]
    private static partial Regex AgreedAt();

    /// <summary>Posts forms as one actor or another.</summary>
    sealed partial class Sender(CaseWalk walk, TestService service, string form, string token)
    {
        const string Words = "Two neighbours say so.";

        readonly Dictionary<string, StaffMember> _staff = [];
        readonly Dictionary<string, string> _cookies = [];
        readonly Dictionary<(string Who, long Worker), long> _looks = [];

        public static bool IsOfRound(string who, bool promoted) => who is "RP" or "RA" == promoted;

        public static async Task<Sender> BeginAsync(CaseWalk walk, TestService service)
        {
            using var page = await service.Client.GetAsync("/language");
            var form = page.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("form=", StringComparison.Ordinal)).Split(';')[0];
            var sender = new Sender(walk, service, form, Token().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value);
            foreach (var (who, actor) in walk.Actors.Where(a => a.Value.Kind == ActorKind.Staff && a.Key is not ("RP" or "RA"))) await sender.SignInAsync(who, actor);
            return sender;
        }

        async Task SignInAsync(string who, Actor actor)
        {
            await using var connection = await service.Core.Database.OpenAsync();
            _staff[who] = (await StaffMember.FindAsync(connection, actor.StaffNumber!))!;
            _cookies[who] = $"{StaffSessions.Cookie}={await service.Services.GetRequiredService<StaffSessions>().StartAsync(_staff[who].Id)}";
        }

        public async Task PromoteAsync()
        {
            await service.ChangeRoleAsync(walk.Actors["P"].StaffNumber!, StaffRole.Reviewer);
            await service.ChangeRoleAsync(walk.Actors["A"].StaffNumber!, StaffRole.LeadReviewer);
            await SignInAsync("RP", walk.Actors["RP"]);
            await SignInAsync("RA", walk.Actors["RA"]);
        }

        public async Task DemoteAsync()
        {
            foreach (var who in (string[])["P", "A"])
            {
                await service.ChangeRoleAsync(walk.Actors[who].StaffNumber!, StaffRole.Caseworker);
                await SignInAsync(who, walk.Actors[who]);
            }
        }

        public Task<(CaseStage, Standing)> WhereAsync(long worker) => walk.WhereAsync(worker);

        public async Task ReadAsync(long worker)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/case");
            request.Headers.Add("Cookie", await CookieAsync("worker", worker));
            using var answer = await service.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await CookieAsync("helper", worker);
        }

        public async Task<Outcome> PostAsync(Triple t, long worker)
        {
            var (path, fields) = await FormAsync(t, worker);
            using var request = new HttpRequestMessage(HttpMethod.Post, path);
            request.Headers.Add("Cookie", $"{form}; {await CookieAsync(t.Who, worker)}");
            fields.Add(new("__RequestVerificationToken", token));
            fields.Add(new("Key", Guid.NewGuid().ToString("N")));
            if (path.EndsWith("/answer", StringComparison.Ordinal) || path.EndsWith("/appeal", StringComparison.Ordinal))
            {
                var parts = new MultipartFormDataContent();
                foreach (var (name, value) in fields) parts.Add(new StringContent(value), name);
                request.Content = parts;
            }
            else
            {
                request.Content = new FormUrlEncodedContent(fields);
            }

            using var answer = await service.Client.SendAsync(request);
            var location = answer.Headers.Location?.OriginalString ?? "";
            return answer.StatusCode switch
            {
                HttpStatusCode.Redirect when Done().IsMatch(location) => Outcome.Done,
                HttpStatusCode.Redirect when location.StartsWith("/sign-in?return=", StringComparison.Ordinal) || location.StartsWith("/staff/sign-in?return=", StringComparison.Ordinal) => Outcome.SignIn,
                // A form that would be lost with being sent to sign in comes back on a page that asks for it.
                HttpStatusCode.Unauthorized => Outcome.SignIn,
                HttpStatusCode.Forbidden => Outcome.Forbidden,
                HttpStatusCode.Conflict => Outcome.NotPossible,
                HttpStatusCode.NotFound => Outcome.NotThere,
                _ => throw new InvalidOperationException($"{t}: {(int)answer.StatusCode} {location} {await answer.Content.ReadAsStringAsync()}"),
            };
        }

        async Task<(string Path, List<KeyValuePair<string, string>> Fields)> FormAsync(Triple t, long worker)
        {
            await using var connection = await service.Core.Database.OpenAsync();
            var file = await CaseFile.NewestAsync(connection, null, worker);
            var helpers = t.Who == "helper" ? "/helper" : "/case";
            switch (t.Act)
            {
                case CaseAct.Answer:
                    return (helpers + "/answer", [new("Text", Words)]);
                case CaseAct.Appeal:
                    return (helpers + "/appeal", [new("Text", Words)]);
                case CaseAct.Confirm when t.Moves:
                    var today = walk.Rules.DateOf(walk.Now);
                    return ("/residence",
                    [
                        new("From.Day", $"{today.Day}"), new("From.Month", $"{today.Month}"), new("From.Year", $"{today.Year}"), new("Answered", "true"),
                        new("Locality", "Tverskoy"), new("Street", "Short Street"), new("Building", "7"), new("Go", ResidencePage.Give),
                    ]);
                case CaseAct.Confirm:
                    return ("/confirmation", [new("Shown", (await service.Core.Workers.FindAsync(worker))!.Entry.ResidenceNumber!)]);
                case CaseAct.OpenWithReason:
                    return ($"/staff/search/{await LookAsync(t.Who, worker, null)}/open", [new("Go", "do"), new("Reason", Words)]);
            }

            await LookAsync(t.Who, worker, file);
            // Where there is no case, its address would be that of some act.
            var number = file?.Number ?? await connection.ExecuteScalarAsync<string>("select number from act where worker_id = @worker order by log desc, leaf desc limit 1", new { worker });
            var slug = DeskAct.Of(t.Act)?.Slug ?? Regex.Replace($"{t.Act}", "(?<!^)([A-Z])", "-$1", RegexOptions.None, TimeSpan.FromSeconds(5)).ToLowerInvariant();
            return ($"/staff/cases/{number}/{slug}",
            [
                new("Seen", file?.Mark ?? "x"), new("Go", "do"), new("Reason", Words),
                new("Ground", CaseWalk.Whole.Ground!), new("Facts", CaseWalk.Whole.Facts!), new("Change", CaseWalk.Whole.Change!),
            ]);
        }

        /// <summary>Nobody fails only because they have not looked; whoever may not look is asked to act under another's look.</summary>
        async Task<long> LookAsync(string who, long worker, CaseFile? file)
        {
            if (!_staff.TryGetValue(who, out var staff)) staff = _staff["C"];
            if (_looks.TryGetValue((who, worker), out var look)) return look;
            var looks = service.Services.GetRequiredService<Looks>();
            if (file is not null) await looks.RecordAsync(staff, worker, Looks.File, file.Number, Words);
            return _looks[(who, worker)] = await looks.RecordAsync(staff, worker, Looks.Search, null, Words);
        }

        async Task<string> CookieAsync(string who, long worker)
        {
            if (_cookies.TryGetValue(who, out var cookie)) return cookie;
            if (who == "nobody") return "lang=en";
            if (_cookies.TryGetValue($"{who} {worker}", out cookie)) return cookie;
            cookie = who == "worker"
                ? "manzil=" + (await service.Services.GetRequiredService<Sessions>().StartAsync(worker, Session.Browser)).Token
                : await HelperAsync(worker);
            return _cookies[$"{who} {worker}"] = cookie;
        }

        async Task<string> HelperAsync(long worker)
        {
            await using var connection = await service.Core.Database.OpenAsync();
            var hasCase = await CaseFile.NewestAsync(connection, null, worker) is not null;
            return (await Visitors.HelperSessionAsync(service, await Visitors.GrantAsync(service, worker, acts: hasCase))).Cookie!;
        }

        [GeneratedRegex("^/(staff/receipts/[0-9A-Z-]+\\?done=1|notices/[0-9A-Z-]+\\?done=1|helper/file\\?done=[0-9A-Z-]+)$", RegexOptions.None, 5000)]
        private static partial Regex Done();

        [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"", RegexOptions.None, 5000)]
        private static partial Regex Token();
    }
}
