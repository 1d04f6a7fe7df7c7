using System.Net;
using Dapper;
using Manzil.Access;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Browser = Manzil.Tests.Notices.Visitor;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using OfficersBrowser = Manzil.Tests.Cases.Desk.Officer;

namespace Manzil.Tests.Access;

/// <summary>
/// privacy.md 16, route by route: each page for officers, opened by each role that may. One that shows a person shows nothing before a
/// reason was given, and leaves exactly one entry for the whole opening; one that shows nobody leaves none. What those leave who are not let
/// in, helpers, and workers who read their own, <see cref="RouteMatrixTests"/> counts at every one of its requests.
/// </summary>
public class LooksByRouteTests
{
    const string Reason = "The one reason of this opening.", AnswerText = "I do live there, ask anybody.", Name = "Aziz Rahimov";

    // It says until when a delivery is waited for, and names nobody, yet stands behind the look at the file.
    const string NamesNobody = "/staff/cases/{number}/delivered";

    [Theory, EachDatabase]
    public async Task Read_EachPageByEachRoleThatMay_IsOneLookOfThatPersonOrNone(DatabaseKind kind)
    {
        await using var desk = await OpenedDesk.NewAsync(kind);
        var routes = (await Routes.AllAsync(desk.Service)).Where(r => r is { Method: "GET", Handler: null, Rule.Door: Door.Staff }).ToList();
        var (read, shown) = (0, new HashSet<string>());
        // The rows are the same on both databases: there one role for each page is enough.
        foreach (var (route, role) in routes.SelectMany(r => r.Rule!.Roles.Take(kind == DatabaseKind.Sqlite ? int.MaxValue : 1).Select(role => (r, role))))
        {
            foreach (var opening in await desk.OpeningsAsync(route, role))
            {
                var said = $"{opening.Path(0)} by {role}";
                var (officer, before) = (opening.By, await desk.LooksAsync());
                // By the address alone, also that of another's look, nothing of anybody.
                await officer.Web.GetAsync(opening.Path(desk.LookOfAnother));
                Assert.False(desk.Shows(officer.Web), said);
                Assert.Equal(before, await desk.LooksAsync());
                Assert.True(opening.Open is not null == (PeopleInventory.All[route.Pattern] == Shows.One), said);
                if (opening.Open is null)
                {
                    Assert.True(officer.Web.Status == HttpStatusCode.OK, $"{said}: {officer.Web.Status}");
                    continue;
                }

                var path = opening.Path(await opening.Open());
                for (var i = 0; i < 2; i++)
                {
                    await officer.Web.GetAsync(path);
                    Assert.True(officer.Web.Path == path && officer.Web.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{path} by {role}: {officer.Web.Path} {officer.Web.Status}");
                    if (desk.Shows(officer.Web)) shown.Add(route.Pattern);
                }

                // What is checked before it is done shows whom it is about.
                if (role == StaffRole.Caseworker && (path.EndsWith("/keep", StringComparison.Ordinal) || path.EndsWith("/open", StringComparison.Ordinal))
                    && desk.Shows(await officer.Web.PostAsync(("Reason", "Seen at home."), ("Go", "check")))) shown.Add(route.Pattern);
                var (staff, worker) = (officer.Staff, opening.Worker);
                var expected = opening.Whats.Select(what => $"{worker} {staff.Number} {role.Name()} {staff.Office} {what} {Reason}");
                Assert.Equal(expected, (await desk.LooksAsync()).Skip(before.Count));
                read++;
            }
        }

        Assert.Equal(routes.Select(r => r.Pattern).Where(p => PeopleInventory.All[p] == Shows.One && p != NamesNobody).Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {routes.Count} pages of officers, {read} openings of a person");
        Assert.True(routes.Count > 35, $"{routes.Count} pages");
    }

    /// <summary>One way to a page: who, where (with the look's id, where the address has one), and which looks it takes.</summary>
    /// <param name="Open">Gives the reason, and what else is asked before the page; the look's id, or 0. Null where there is nothing to open.</param>
    sealed record Opening(OfficersBrowser By, Func<long, string> Path, long Worker, IReadOnlyList<string> Whats, Func<Task<long>>? Open);

    /// <summary>A worker with a case, an answer and a document; another who waits to be reached; and what officers did.</summary>
    sealed class OpenedDesk(DeskStory story, OfficersBrowser opener, OfficersBrowser clerk, string enrolled, TestWorker other, string attachment, string answer, string home, string departure) : IAsyncDisposable
    {
        public TestService Service => story.Service;

        /// <summary>A look at the desk of a clerk who reads nothing here.</summary>
        public long LookOfAnother { get; private set; }

        long Owner => story.Worker.Worker.Id;

        public static async Task<OpenedDesk> NewAsync(DatabaseKind kind)
        {
            var story = await DeskStory.NewAsync(kind);
            var (service, worker) = (story.Service, story.Worker);
            var departure = (await worker.GiveAsync("""{"kind":"departure","on":"<today+40>"}""")).Number;
            var opener = await story.OfficerAsync(StaffRole.Caseworker);
            await story.OpenAsync(opener);
            await story.AnswerAsync(AnswerText, DeskStory.Picture());
            var clerk = await story.OfficerAsync(StaffRole.Clerk);
            var other = await SignedInWorker.NewAsync(service);
            await other.GiveAsync("""{"kind":"registration"}""");
            await other.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
            await story.ExecuteAsync("update register_entry set reminded = @waits where worker_id = @Id", new { waits = Reminded.ToBeReached, other.Worker.Id });
            await story.ExecuteAsync("insert into channel (worker_id, kind, address) values (@Id, 'email', 'new@example.org')", new { worker.Worker.Id });
            var rules = service.Core.CurrentRules.Now;
            var enrolment = new Enrolment("FC7777777", "Zarina Abdyldaeva", new IdentityDocument("KGZ", "AN7777777", new(1961, 1, 2)), rules.DefaultOffice.Code.Value, "ru", null, null);
            var act = new Enrol(enrolment, rules) { ReceivedAt = service.Clock.GetCurrentInstant(), Channel = RecordChannel.Desk, Officer = clerk.Staff.Actor };
            var enrolled = Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act)).Number.ToString();
            await using var connection = await service.Core.Database.OpenAsync();
            var (attachment, answer) = await connection.QuerySingleAsync<(long, string)>("select id, act_number from attachment");
            var home = await connection.QuerySingleAsync<string>("select number from act where kind = 2 and worker_id = @Id", new { worker.Worker.Id });
            var desk = new OpenedDesk(story, opener, clerk, enrolled, other.Worker, $"{attachment}", answer, home, departure);
            desk.LookOfAnother = await desk.ServeAsync(clerk);
            return desk;
        }

        public bool Shows(Browser web) =>
            web.Bytes.AsSpan().IndexOf(DeskStory.Picture().Content) >= 0
            || new[] { Name, AnswerText, "Tverskoy", story.Worker.Worker.CardNumber, story.Worker.Worker.Document.Number }.Any(s => web.Html.Contains(s, StringComparison.Ordinal));

        public async Task<IReadOnlyList<string>> LooksAsync()
        {
            await using var connection = await Service.Core.Database.OpenAsync();
            return [.. await connection.QueryAsync<string>("select worker_id || ' ' || staff_number || ' ' || role || ' ' || office || ' ' || what || ' ' || reason from look order by id")];
        }

        public async Task<IReadOnlyList<Opening>> OpeningsAsync(Asked route, StaffRole role)
        {
            Task<OfficersBrowser> NewAsync() => story.OfficerAsync(role);
            var file = $"/staff/cases/{story.Case}";
            var pattern = route.Pattern;
            // The receipt of what one officer did is there for that officer alone.
            if (pattern == "/staff/receipts/{number}") return role == StaffRole.Caseworker ? [new(opener, _ => $"/staff/receipts/{story.Case}", 0, [], null)] : [];
            if (pattern == "/staff/desk/receipts/{number}") return [new(clerk, _ => $"/staff/desk/receipts/{enrolled}", 0, [], null)];
            var by = await NewAsync();
            // Another's invitation, to agree to or not: no worker, and no look.
            if (pattern == "/staff/lead/staff/{id:long}") return [];
            if (pattern == "/staff/desk/reach/{entry}")
            {
                var entry = await ReachEntryAsync(by);
                return [new(by, _ => entry, other.Id, ["reach"], () => GiveReasonAsync(by, entry))];
            }

            if (pattern.StartsWith("/staff/cases/{number}/{slug", StringComparison.Ordinal))
            {
                var all = new List<Opening>();
                string[] slugs = role == StaffRole.Caseworker ? ["keep", "propose", "agree", "disagree", "put-in-effect"] : ["decide-for", "reinstate"];
                foreach (var slug in slugs)
                {
                    var one = await NewAsync();
                    all.Add(new(one, _ => $"{file}/{slug}", Owner, ["file"], () => GiveReasonAsync(one, file)));
                }

                return all;
            }

            Opening OfFile(string path, params string[] items) => new(by, _ => path, Owner, ["file", .. items], async () =>
            {
                await GiveReasonAsync(by, file);
                if (items.Length > 0) await by.PostAsync(path);
                return 0;
            });
            Opening At(Func<long, string> path, string what, Func<Task<long>> open) => new(by, path, Owner, [what], open);
            return pattern switch
            {
                "/staff/cases/{number}" => [OfFile(file)],
                "/staff/cases/{number}/delivered" => [OfFile($"{file}/delivered")],
                "/staff/cases/{number}/answers/{answer}" => [OfFile($"{file}/answers/{answer}", "answer")],
                "/staff/cases/{number}/documents/{document:long}" => [OfFile($"{file}/documents/{attachment}", "document")],
                "/staff/search/{look:long}" => [At(look => $"/staff/search/{look}", "search", () => SearchAsync(by, "/staff/search"))],
                // A case is opened about somebody who has none.
                "/staff/search/{look:long}/open" => [At(look => $"/staff/search/{look}/open", "search", () => SearchAsync(by, "/staff/search", other)) with { Worker = other.Id }],
                // Its form alone leads there, and there it is asked for a reason anew; see ServePageTests.
                "/staff/desk/{look:long}/again" => [new(by, look => $"/staff/desk/{look}/again", 0, [], null)],
                _ when pattern.StartsWith("/staff/desk/{look:long}", StringComparison.Ordinal) => [At(look => Filled(route, look), "desk", () => ServeAsync(by))],
                _ when !route.HasParameter => [new(by, _ => pattern, 0, [], null)],
                _ => throw new InvalidOperationException($"LooksByRouteTests does not know how an officer comes to {route}: say it here."),
            };
        }

        string Filled(Asked route, long look) => Routes.Fill(route, new Dictionary<string, string>
        {
            ["look"] = $"{look}",
            ["number"] = home,
            ["replaces"] = route.Pattern.Contains("departure", StringComparison.Ordinal) ? departure : home,
            ["id"] = $"{story.Service.Core.Workers.FindAsync(Owner).GetAwaiter().GetResult()!.Channels[0].Id}",
        });

        Task<long> ServeAsync(OfficersBrowser by) => SearchAsync(by, "/staff/desk/serve");

        /// <summary>By the one exact number; the look's id stands in the address of the page that follows.</summary>
        async Task<long> SearchAsync(OfficersBrowser by, string page, TestWorker? whom = null)
        {
            await by.Web.GetAsync(page);
            await by.Web.PostAsync(("Kind", "card"), ("Exact", (whom ?? story.Worker.Worker).CardNumber), ("Reason", Reason));
            return long.Parse(by.Web.Path.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
        }

        static async Task<long> GiveReasonAsync(OfficersBrowser by, string page)
        {
            await by.Web.GetAsync(page);
            await by.Web.PostAsync(("Reason", Reason));
            return 0;
        }

        static async Task<string> ReachEntryAsync(OfficersBrowser by)
        {
            await by.Web.GetAsync("/staff/desk/reach");
            return Assert.Single(System.Text.RegularExpressions.Regex.Matches(by.Web.Html, "href=\"(/staff/desk/reach/[^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Select(m => m.Groups[1].Value));
        }

        public ValueTask DisposeAsync() => story.DisposeAsync();
    }
}
