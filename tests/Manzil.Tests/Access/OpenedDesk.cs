using Dapper;
using Manzil.Access;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Notices;
using Browser = Manzil.Tests.Notices.Visitor;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using OfficersBrowser = Manzil.Tests.Cases.Desk.Officer;

namespace Manzil.Tests.Access;

/// <summary>One way to a page: who, where (with the look's id, where the address has one), and which looks it takes.</summary>
/// <param name="Open">Gives the reason, and what else is asked before the page; the look's id, or 0. Null where there is nothing to open.</param>
sealed record Opening(OfficersBrowser By, Func<long, string> Path, long Worker, IReadOnlyList<string> Whats, Func<Task<long>>? Open);

/// <summary>A worker with a case, an answer and a document; another who waits to be reached; and what officers did.</summary>
sealed class OpenedDesk(DeskStory story, OfficersBrowser opener, OfficersBrowser clerk, string enrolled, TestWorker other, string attachment, string answer, string home, string departure) : IAsyncDisposable
{
    public const string Reason = "The one reason of this opening.", AnswerText = "I do live there, ask anybody.", Name = "Aziz Rahimov";

    public TestService Service => story.Service;

    /// <summary>A look at the desk of a clerk who reads nothing here.</summary>
    public long LookOfAnother { get; private set; }

    long Owner => story.Worker.Worker.Id;

    /// <param name="stateOf">Which state issued the document of each worker in turn.</param>
    public static async Task<OpenedDesk> NewAsync(DatabaseKind kind, Func<int, string>? stateOf = null)
    {
        var story = await DeskStory.NewAsync(kind, stateOf: stateOf);
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
        var enrolment = new Enrolment("FC7777777", "Zarina Abdyldaeva", new IdentityDocument(stateOf?.Invoke(7) ?? "KGZ", "AN7777777", new(1961, 1, 2)), rules.DefaultOffice.Code.Value, "ru", null, null);
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
            string[] slugs = role == StaffRole.Caseworker ? ["keep", "propose", "agree", "disagree", "withdraw", "put-in-effect"] : ["decide-for", "reinstate"];
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
