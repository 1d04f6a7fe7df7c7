using System.Text.RegularExpressions;
using Dapper;
using Manzil.Access;
using Manzil.Cases;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Access;
using Manzil.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Cases.Desk;

/// <summary>privacy.md 11: no score and no ranking by person. Who somebody is moves nothing in an officer's list.</summary>
public partial class SwappedPeopleTests
{
    static readonly IReadOnlyList<(string Card, string Name, string State, string Document, LocalDate Born, string Language)> People =
        [.. Person().Matches(Repository.Read("src/Manzil/Demo/DemoPeople.cs")).Select(m => m.Groups).Select(g =>
            (g[1].Value, g[2].Value, g[3].Value, g[4].Value, new LocalDate(int.Parse(g[5].Value), int.Parse(g[6].Value), int.Parse(g[7].Value)), g[8].Value))];

    // The demo's people live through the same days twice, the second time with one another's nationality, name, language and birth date.
    [Theory, EachDatabase]
    public async Task Queues_NationalityNameLanguageAndBirthDateSwapped_AreByteIdentical(DatabaseKind kind)
    {
        var (one, other) = (await LiveAsync(kind, 0), await LiveAsync(kind, 5));
        Assert.Equal(12, People.Count);
        Assert.Equal(one.People.Order(), other.People.Order());
        Assert.All(one.People.Zip(other.People), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.True(one.Pages.Count >= 3);
        foreach (var (page, otherPage) in one.Pages.Zip(other.Pages))
        {
            Assert.Equal(12, Case().Matches(page).Select(m => m.Value).Distinct().Count());
            Assert.All(People, p => Assert.DoesNotContain(p.Name, page, StringComparison.Ordinal));
            Assert.Equal(page, otherPage);
        }
    }

    // Not even in which language to speak: that shows with the name and the number to call, after the look.
    [Theory, EachDatabase]
    public async Task ToBeReached_NationalityNameLanguageAndBirthDateSwapped_IsByteIdentical(DatabaseKind kind)
    {
        var (one, other) = (await ReachAsync(kind, 0), await ReachAsync(kind, 5));
        Assert.Equal(12, Case().Matches(one).Select(m => m.Value).Distinct().Count());
        Assert.All(People, p => Assert.DoesNotContain(p.Name, one, StringComparison.Ordinal));
        Assert.Equal(one, other);
    }

    static async Task<string> ReachAsync(DatabaseKind kind, int shift)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var workers = new List<long>();
        for (var i = 0; i < People.Count; i++)
        {
            var (place, person) = (People[i], People[(i + shift) % People.Count]);
            if (i % 3 == 0) service.Clock.AdvanceDays(1);
            var document = new IdentityDocument(person.State, place.Document, person.Born);
            workers.Add(await walk.RegisteredAsync(new Enrolment(place.Card, person.Name, document, walk.Rules.DefaultOffice.Code.Value, person.Language, null, null)));
        }

        service.Clock.Reset(TestService.Start + Duration.FromDays(50));
        await using var connection = await service.Core.Database.OpenAsync();
        await connection.ExecuteAsync("update register_entry set reminded = @waits", new { waits = Reminded.ToBeReached });
        var (entries, _) = await service.Services.GetRequiredService<ToBeReached>().ReadAsync(walk.Rules.DefaultOffice.Code.Value, 1);
        var clerk = Visitor.Officer(service, (await service.StaffAsync(StaffRole.Clerk)).Cookie);
        await clerk.GetAsync("/staff/desk/reach");
        // An entry's number is random, so it stands here as whose it is.
        var page = entries.Aggregate(clerk.Html, (html, e) => html.Replace(e.Number, $"CASE{workers.IndexOf(e.WorkerId):D4}", StringComparison.Ordinal));
        return Token().Replace(page, "");
    }

    static async Task<(IReadOnlyList<string> People, IReadOnlyList<string> Pages)> LiveAsync(DatabaseKind kind, int shift)
    {
        await using var service = await TestService.StartAsync(kind);
        var walk = await CaseWalk.BeginAsync(service);
        var workers = new List<long>();
        for (var i = 0; i < People.Count; i++)
        {
            var (place, person) = (People[i], People[(i + shift) % People.Count]);
            var office = walk.Rules.Offices[i % walk.Rules.Offices.Count].Code.Value;
            var document = new IdentityDocument(person.State, place.Document, person.Born);
            workers.Add(await walk.RegisteredAsync(new Enrolment(place.Card, person.Name, document, office, person.Language, $"+7000000{i:D4}", null)));
        }

        // Some on the same day, and so at every stage at which a case waits for somebody.
        for (var i = 0; i < workers.Count; i++)
        {
            if (i % 3 == 0) service.Clock.AdvanceDays(1);
            service.Clock.AdvanceMinutes(1);
            await walk.DoneAsync(workers[i], CaseAct.OpenWithReason, "C");
        }

        service.Clock.AdvanceDays(16);
        await walk.OpenEverythingAsync();
        foreach (var worker in workers.Take(9)) await walk.DoneAsync(worker, CaseAct.ProposeRemoval, "P");
        foreach (var worker in workers.Take(6)) await walk.DoneAsync(worker, CaseAct.Agree, "A");
        foreach (var worker in workers.Take(3)) await walk.DoneAsync(worker, CaseAct.Appeal, "worker");

        await using var connection = await service.Core.Database.OpenAsync();
        var numbers = (await connection.QueryAsync<string>("select act_number from case_file order by id")).ToList();
        var routes = (await Routes.AllAsync(service)).Where(r => r.Method == "GET" && !r.HasParameter && PeopleInventory.All.GetValueOrDefault(r.Pattern) == Shows.Queue).ToList();
        // A further list is looked at here too, or has a test of its own.
        Assert.Equal(1, routes.RemoveAll(r => r.Pattern == "/staff/desk/reach"));
        var pages = new List<string>();
        foreach (var (route, role) in routes.SelectMany(r => r.Rule!.Roles.Select(role => (r, role))))
        {
            var officer = Visitor.Officer(service, (await service.StaffAsync(role)).Cookie);
            await officer.GetAsync(route.Pattern);
            // A case's number is random, so it stands here as which of the cases it is.
            var page = numbers.Select((number, i) => (number, i)).Aggregate(officer.Html, (html, n) => html.Replace(n.number, $"CASE{n.i:D4}", StringComparison.Ordinal));
            pages.Add(Token().Replace(page, ""));
        }

        Assert.Contains(routes, r => r.Pattern == "/staff/cases");
        var now = await connection.QueryAsync<string>("select w.name || ' ' || w.language || ' ' || d.state || ' ' || d.birth_date from worker w join document d on d.worker_id = w.id order by w.id");
        return (now.ToList(), pages);
    }

    [GeneratedRegex("\\(\"(FC[0-9]+)\", \"([^\"]+)\", \"([A-Z]{3})\", \"([^\"]+)\", new\\(([0-9]+), ([0-9]+), ([0-9]+)\\), \"([a-z]{2})\"", RegexOptions.None, 5000)]
    private static partial Regex Person();

    [GeneratedRegex("CASE[0-9]{4}", RegexOptions.None, 5000)]
    private static partial Regex Case();

    [GeneratedRegex("(?<=name=\"__RequestVerificationToken\" type=\"hidden\" value=\")[^\"]+", RegexOptions.None, 5000)]
    private static partial Regex Token();
}
