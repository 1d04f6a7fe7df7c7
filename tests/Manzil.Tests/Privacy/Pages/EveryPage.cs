using System.Net;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Access;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Access;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Layout;
using Manzil.Tests.Notices;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Privacy.Pages;

/// <summary>One page as somebody was shown it.</summary>
/// <param name="Pattern">Of its route.</param>
/// <param name="Stage">How far the worker's case was.</param>
/// <param name="Who">The role, "worker" or "nobody".</param>
sealed record Seen(string Path, string Pattern, string Stage, string Who, string Lang, HttpStatusCode Status, string Html, string Csp, string Permissions)
{
    public IReadOnlyList<Element> Tags { get; } = [.. Element.Parse(Html).All];

    /// <summary>True where its address was given words for every field.</summary>
    public bool IsPlanted => Path.Contains("Planted", StringComparison.Ordinal);

    public override string ToString() => $"{Path} ({Stage}, {Who}, {Lang})";
}

/// <summary>
/// Walks every page with a real service: nobody, the worker and each role of officers, at each stage of a case. Pages are found in the
/// service's own list of routes and by following links, so a new one is looked at without being named here.
/// </summary>
public sealed partial class EveryPage : IAsyncLifetime
{
    readonly List<Seen> _seen = [];
    readonly HashSet<string> _missed = [];

    const string Somebodys = "Слова другого: письмо пришло назад, и хозяин дома никого не видел.";

    /// <summary>What somebody of the walk writes, in whatever language the page is.</summary>
    internal static readonly string[] Typed = [Somebodys, "Я живу там.", "Это неправда.", "Договор не тот.", "Дело ждёт.", "Пришёл сам.", "договор"];

    /// <summary>Routes of pages for officers or workers that nobody was shown.</summary>
    public IReadOnlyCollection<string> Missed => _missed;

    /// <summary>What was done on sending forms whose fields for an officer's words were left as they were first shown.</summary>
    public List<string> DoneWithoutWords { get; } = [];

    public int SentWithoutWords { get; private set; }

    internal IReadOnlyList<Seen> All => _seen;

    internal IEnumerable<Seen> Staff => _seen.Where(s => s.Path.StartsWith("/staff", StringComparison.Ordinal));

    public async ValueTask InitializeAsync()
    {
        await using var story = await DeskStory.NewAsync(DatabaseKind.Sqlite);
        var walk = new Walk(story, _seen, this);
        await walk.PrepareAsync();
        var (one, two) = (await story.OfficerAsync(StaffRole.Caseworker), await story.OfficerAsync(StaffRole.Caseworker));
        await story.OpenAsync(one);
        await story.AnswerAsync("Я живу там.", DeskStory.Picture());
        await walk.EverybodyAsync("answered", "kk");
        story.Service.Clock.AdvanceDays(16);
        await one.SignInAgainAsync();
        await two.SignInAgainAsync();
        await story.OpenAllAsync(one);
        await walk.OfficersAsync("may be decided", "en", StaffRole.Caseworker, StaffRole.Clerk);
        await story.ProposeAsync(one);
        walk.Keep(one.Web, "proposed", StaffRole.Caseworker, "en");
        await walk.OfficersAsync("proposed", "en", StaffRole.Caseworker);
        await story.OpenAllAsync(two);
        await story.DoneAsync(two, "agree");
        await story.AppealAsync("Это неправда.");
        await walk.EverybodyAsync("appealed", "ru");
        var reviewer = await story.OfficerAsync(StaffRole.Reviewer);
        await story.OpenAllAsync(reviewer);
        await story.DoneAsync(reviewer, "decide-against", ("Reason", "Договор не тот."));
        await walk.OfficersAsync("removal pending", "en", StaffRole.Caseworker);
        story.Service.Clock.AdvanceDays(16);
        await one.SignInAgainAsync();
        await story.OpenFileAsync(one);
        await story.DoneAsync(one, "put-in-effect");
        await walk.OfficersAsync("removed", "kk", StaffRole.Reviewer, StaffRole.LeadReviewer, StaffRole.Clerk);
        _missed.UnionWith(walk.Missed);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    sealed partial class Walk(DeskStory story, List<Seen> seen, EveryPage into)
    {
        IReadOnlyList<Asked> _routes = [];
        string _home = "", _departure = "", _other = "";
        HashSet<string> _patterns = [];

        public IEnumerable<string> Missed => _patterns;

        TestService Service => story.Service;

        public async Task PrepareAsync()
        {
            _departure = (await story.Worker.GiveAsync("""{"kind":"departure","on":"<today+80>"}""")).Number;
            _routes = [.. (await Routes.AllAsync(Service)).Where(r => r is { Method: "GET", Handler: null } && r.Endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not null)];
            _patterns = [.. _routes.Select(r => r.Pattern)];
            // Somebody without a case, whom no message reached; and an officer to whom nobody has agreed.
            var other = await SignedInWorker.NewAsync(Service);
            await other.GiveAsync("""{"kind":"registration"}""");
            await other.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
            _other = other.Worker.CardNumber;
            await story.ExecuteAsync("update register_entry set reminded = @waits where worker_id = @Id", new { waits = Reminded.ToBeReached, other.Worker.Id });
            await Service.Services.GetRequiredService<Appointments>().InviteAsync("Officer S9", "S9", StaffRole.Clerk, "NRV-01", "en");
            await using var connection = await Service.Core.Database.OpenAsync();
            _home = await connection.QuerySingleAsync<string>("select number from act where kind = 2 and worker_id = @Id", new { story.Worker.Worker.Id });
        }

        public async Task EverybodyAsync(string stage, string lang)
        {
            await CrawlAsync(new Visitor(Service, "", lang), stage, "nobody", lang, _routes.Where(r => !r.HasParameter && r.Rule!.Door == Door.Everybody).Select(r => r.Pattern), p => !p.StartsWith("/staff/", StringComparison.Ordinal));
            var (back, document) = (new Visitor(Service, "", lang), story.Worker.Worker.Document);
            await back.GetAsync("/sign-in/document");
            await back.PostAsync(("State", document.State), ("Number", document.Number), ("BirthDate.Day", $"{document.BirthDate.Day}"), ("BirthDate.Month", $"{document.BirthDate.Month}"), ("BirthDate.Year", $"{document.BirthDate.Year}"));
            Keep(back, stage, "nobody", lang);
            var sent = await new Visitor(Service, "", lang).GetAsync("/sign-in");
            var fields = sent.Form(form => form.Contains("name=\"Card\"", StringComparison.Ordinal));
            (fields["Card"], fields["BirthDate.Day"], fields["BirthDate.Month"], fields["BirthDate.Year"]) = (story.Worker.Worker.CardNumber, $"{document.BirthDate.Day}", $"{document.BirthDate.Month}", $"{document.BirthDate.Year}");
            await sent.PostAsync("/sign-in?handler=Send", fields);
            Keep(sent, stage, "nobody", lang);
            var worker = await Visitor.SignInAsync(Service, story.Worker.Worker, lang);
            await CrawlAsync(worker, stage, "worker", lang, Filled(r => r.Rule!.Door == Door.Worker, "0"), p => !p.StartsWith("/staff", StringComparison.Ordinal));
            await worker.GetAsync("/account/channel");
            await worker.PostAsync(("Address", "+70000000077"));
            Keep(worker, stage, "worker", lang);
            var helper = await Visitors.HelperSessionAsync(Service, await Visitors.GrantAsync(Service, story.Worker.Worker.Id, acts: true));
            await CrawlAsync(Visitor.Officer(Service, helper.Cookie!, lang), stage, "helper", lang, Filled(r => r.Rule!.Door == Door.Helper, "0"), p => p.StartsWith("/helper", StringComparison.Ordinal));
            await OfficersAsync(stage, lang, Enum.GetValues<StaffRole>());
        }

        public async Task OfficersAsync(string stage, string lang, params StaffRole[] roles)
        {
            foreach (var role in roles) await OfficerAsync(stage, role, lang);
        }

        async Task OfficerAsync(string stage, StaffRole role, string lang)
        {
            var officer = await story.OfficerAsync(role, lang);
            bool Mine(Asked r) => r.Rule!.Door == Door.Staff && r.Rule.Roles.Contains(role);
            var file = $"/staff/cases/{story.Case}";
            if (story.Case.Length > 0 && _routes.Any(r => Mine(r) && r.Pattern == "/staff/cases/{number}"))
            {
                await officer.Web.GetAsync(file);
                Keep(officer.Web, stage, role, lang);
                if (officer.Web.Html.Contains("name=\"Reason\"", StringComparison.Ordinal)) await officer.Web.PostAsync(("Reason", "Дело ждёт."));
                Keep(officer.Web, stage, role, lang);
                foreach (var action in officer.Actions())
                {
                    await officer.PostAsync(action);
                    Keep(officer.Web, stage, role, lang);
                }
            }

            foreach (var (page, card) in from p in new[] { "/staff/search", "/staff/desk/serve" } from c in new[] { story.Worker.Worker.CardNumber, _other } where _routes.Any(r => Mine(r) && r.Pattern == p) select (p, c))
            {
                // Whoever has no case is the same at every stage.
                if (card == _other && stage != "answered") continue;
                await officer.Web.GetAsync(page);
                await officer.Web.PostAsync(("Kind", "card"), ("Exact", card), ("Reason", "Пришёл сам."));
                Keep(officer.Web, stage, role, lang);
                var look = officer.Web.Path.Split('/')[^1];
                if (stage == "proposed") continue;
                await CrawlAsync(officer.Web, stage, role.Name(), lang, [officer.Web.Path, .. Filled(r => Mine(r) && r.Pattern.StartsWith(page.Contains("desk", StringComparison.Ordinal) ? "/staff/desk/{look" : "/staff/search/{look", StringComparison.Ordinal), look)], p => p.StartsWith("/staff", StringComparison.Ordinal));
            }

            await CrawlAsync(officer.Web, stage, role.Name(), lang, Filled(Mine, "0"), p => p.StartsWith("/staff", StringComparison.Ordinal), tries: true);
        }

        /// <summary>Opens these and everything that they lead to.</summary>
        async Task CrawlAsync(Visitor web, string stage, string who, string lang, IEnumerable<string> from, Func<string, bool> isOurs, bool tries = false)
        {
            var (next, been) = (new Queue<string>(from), new HashSet<string>());
            while (next.TryDequeue(out var path))
            {
                if (!been.Add(path) || been.Count > 150 || path.Contains("sign-out", StringComparison.Ordinal)) continue;
                await web.GetAsync(path);
                if (Keep(web, stage, who, lang) is not { } page) continue;
                foreach (var link in page.Tags.Where(t => t.Name == "a").Select(t => t["href"]?.Split('#')[0]).OfType<string>())
                {
                    // A list's further pages and what only changes the language are the same page.
                    if (link.StartsWith('/') && !link.Contains("lang=", StringComparison.Ordinal) && isOurs(link)) next.Enqueue(link);
                }

                await TryWordsAsync(web, page);
                if (page.Status != HttpStatusCode.OK || !path.StartsWith("/staff", StringComparison.Ordinal)) continue;
                var names = page.Tags.Where(t => t.Name is "input" or "textarea" or "select" && t["type"] != "hidden").Select(t => t["name"]).OfType<string>().Where(n => n[0] != '_').Distinct().ToList();
                if (names.Count == 0) continue;
                // A link that somebody sends, or that a page offers, fills no field.
                await web.GetAsync(path.Split('?')[0] + "?" + string.Join('&', names.Concat(["copy", "from", "template", "suggest", "text", "words", "reason"]).Select(n => n + "=Planted+words")));
                Keep(web, stage, who, lang);
                if (tries) await SendWithoutWordsAsync(web, page);
            }
        }

        /// <summary>What an officer has to say themselves is not put in by the service where they leave it as it was shown.</summary>
        async Task SendWithoutWordsAsync(Visitor web, Seen page)
        {
            foreach (var form in page.Tags.Where(t => t.Name == "form" && string.Equals(t["method"], "post", StringComparison.OrdinalIgnoreCase)))
            {
                var inside = form.All.ToList();
                if (!inside.Any(t => t.Name == "textarea")) continue;
                // An agreement may go without a reason of its own (rules.md, A case), and putting in effect has none; they would move the case on.
                if (page.Path.Split('?')[0].EndsWith("/agree", StringComparison.Ordinal)) continue;
                foreach (var (words, all) in new[] { (Somebodys, new[] { "check" }), (" \u00A0 ", ["check", "do"]) })
                {
                    var before = await CountsAsync();
                    var fields = new Dictionary<string, string>();
                    foreach (var field in inside.Where(t => t["name"] is not null && t.Name is "input" or "textarea"))
                    {
                        if (field["type"] is "radio" or "checkbox" && field["checked"] is null) fields.TryAdd(field["name"]!, field["value"] ?? "on");
                        else fields[field["name"]!] = field.Name == "textarea" || field["type"] is null or "text" ? words : field["value"] ?? "";
                    }

                    foreach (var go in all)
                    {
                        fields["Go"] = go;
                        await web.PostAsync(form["action"] ?? page.Path.Split('?')[0], fields);
                        if (await CountsAsync() is var after && after != before) into.DoneWithoutWords.Add($"{page}: {go} with '{words}': {before} became {after}");
                    }

                    into.SentWithoutWords++;
                }

                // What was written and not done is nobody's first words.
                await web.GetAsync(page.Path.Split('?')[0]);
                Keep(web, page.Stage, page.Who, page.Lang);
            }
        }

        async Task<string> CountsAsync()
        {
            await using var connection = await Service.Core.Database.OpenAsync();
            return (await connection.QuerySingleAsync<string>("select (select count(*) from act) || ' acts, ' || (select count(*) from look) || ' looks'"))!;
        }

        public void Keep(Visitor web, string stage, StaffRole role, string lang) => Keep(web, stage, role.Name(), lang);

        Seen? Keep(Visitor web, string stage, string who, string lang)
        {
            var path = web.Path.Split('?')[0];
            var pattern = _routes.Where(r => Regex.IsMatch(path, AsRegex(r.Pattern), RegexOptions.None, TimeSpan.FromSeconds(5))).OrderBy(r => r.Pattern.Count(c => c == '/') - r.Pattern.Split('/').Count(p => p.StartsWith('{')) is var literal ? -literal : 0).FirstOrDefault()?.Pattern ?? "";
            if (web.Status == HttpStatusCode.OK || web.Status == HttpStatusCode.Conflict) _patterns.Remove(pattern);
            if (web.Answer.Content.Headers.ContentType?.MediaType != "text/html" || web.Html.Length == 0) return null;
            string Header(string name) => web.Answer.Headers.TryGetValues(name, out var values) ? string.Join(" || ", values) : "";
            var page = new Seen(web.Path, pattern, stage, who, lang, web.Status, web.Html, Header("Content-Security-Policy"), Header("Permissions-Policy"));
            seen.Add(page);
            return page;
        }

        static string AsRegex(string pattern) => "^" + Parameter().Replace(pattern, m => m.Value.EndsWith("?}", StringComparison.Ordinal) ? "[^/]*" : m.Value.Contains(":long", StringComparison.Ordinal) ? "[0-9]+" : "[^/]+").Replace("/[^/]*", "(/[^/]*)?", StringComparison.Ordinal) + "$";

        /// <summary>The routes' addresses, with whatever may stand for each parameter.</summary>
        IEnumerable<string> Filled(Func<Asked, bool> where, string look)
        {
            foreach (var route in _routes.Where(where))
            {
                var alternatives = Parameter().Match(route.Pattern[(route.Pattern.IndexOf("slug", StringComparison.Ordinal) is var i and > 0 ? i - 1 : 0)..]) is { Value: var said } && said.Contains("regex", StringComparison.Ordinal)
                    ? Slugs().Match(said).Groups[1].Value.Split('|') : [""];
                foreach (var slug in alternatives)
                {
                    yield return Parameter().Replace(route.Pattern, m => m.Groups[1].Value switch
                    {
                        "look" => look,
                        "slug" => slug,
                        "number" => route.Pattern.StartsWith("/staff/cases", StringComparison.Ordinal) || route.Pattern.StartsWith("/staff/receipts", StringComparison.Ordinal) ? story.Case : _home,
                        "replaces" => route.Pattern.Contains("departure", StringComparison.Ordinal) ? _departure : _home,
                        "id" or "document" => "1",
                        _ => "none",
                    });
                    if (route.Pattern.EndsWith("?}", StringComparison.Ordinal)) yield return route.Pattern[..route.Pattern.LastIndexOf('/')].Replace("{look:long}", look, StringComparison.Ordinal);
                }
            }
        }

        [GeneratedRegex(@"\{\*{0,2}(\w+)(?:[^{}]|\{\w*\})*\}", RegexOptions.None, 5000)]
        private static partial Regex Parameter();

        [GeneratedRegex(@"\(\^\((.*?)\)\$\)", RegexOptions.None, 5000)]
        private static partial Regex Slugs();
    }
}

/// <summary>Walked once for all tests that look at pages.</summary>
[CollectionDefinition(nameof(EveryPage))]
public sealed class EveryPageWalked : ICollectionFixture<EveryPage>;
