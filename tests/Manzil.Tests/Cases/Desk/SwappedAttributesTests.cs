using System.Text.RegularExpressions;
using Dapper;
using Manzil.Access;
using Manzil.Privacy;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Access;
using Manzil.Tests.Databases;
using Manzil.Tests.Gates;
using Manzil.Tests.Register;
using Microsoft.Extensions.DependencyInjection;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Cases.Desk;

/// <summary>
/// privacy.md 11: no score and no ranking by person. Every column that the inventory has about a worker, one by one: people of the same
/// dates exchange what stands there, and every page that officers have without asking for one person stays as it was to the byte.
/// </summary>
public partial class SwappedAttributesTests
{
    const string Told = "when the worker was told, from which their time counts: a date that the queue shows";

    const string Answered = "whether the case has an answer: the queue says so, and is not ordered by it (QueueTests)";

    /// <summary>What may move an officer's list, and why: dates of the case, and whose it is to do. Whatever else is known of a person may not.</summary>
    static readonly IReadOnlyDictionary<string, string> may = new Dictionary<string, string>
    {
        ["worker.id"] = "ties rows together; of those alike in every date, who was enrolled first",
        ["worker.office"] = "whose list it is to stand on",
        ["register_entry.worker_id"] = "whose entry it is, with every date of it",
        ["register_entry.office"] = "whose list it is to stand on",
        ["register_entry.standing"] = "whether a case is open",
        ["register_entry.next_deadline"] = "the date that orders those to be reached",
        ["register_entry.reminded"] = "whether they wait to be reached",
        ["register_entry.departure_number"] = "nobody waits any more for a confirmation of who leaves",
        ["case_file.id"] = "of cases of the same moment, which opened first",
        ["case_file.worker_id"] = "whose case it is, with every date of it",
        ["case_file.act_number"] = "the case's name, under which its dates are found; SwappedPeopleTests has another one each time",
        ["case_file.opened_at"] = "the date that orders the queue, and is shown",
        ["case_file.stage"] = "where the case is, whose turn it is",
        ["case_file.step_left"] = "until when the authority has time: the date that orders the queue",
        ["case_file.decision_act"] = "the decision whose delivery counts",
        ["act.kind"] = Answered,
        ["act.number"] = Answered,
        ["act.worker_id"] = Answered,
        ["told_until.act_number"] = Told,
        ["told_until.until_day"] = Told,
        ["message.act_number"] = Told,
        ["message.delivered_at"] = Told,
        ["message.bounced_at"] = Told,
        ["handed_over.act_number"] = Told,
        ["handed_over.day"] = Told,
        ["act_opened.act_number"] = Told,
        ["act_opened.opened_at"] = Told,
    };

    [Theory, EachDatabase]
    public async Task Pages_AnyColumnOfAnyPersonSwapped_AreByteIdentical(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var silent = await SilentPeople.SettleAsync(service, together: 3);
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            // Some wait to be reached, since the same day.
            await connection.ExecuteAsync("update register_entry set reminded = 100 where standing = 1 and next_deadline is not null and departure_number is null");
        }

        var pages = await OpenAsync(service);
        await using var rows = await TableRows.OpenAsync(service.Database);
        var before = await ReadAsync(service, pages);
        Assert.Equal(before, await ReadAsync(service, pages));
        Assert.True(Case().Matches(string.Concat(before)).Count >= 2 * 12);
        Assert.True(Entry().Matches(string.Concat(before)).Count >= 3);

        var moved = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var kept in SilentPeople.Lasting)
        {
            var table = await rows.ReadAsync(kept.Name);
            foreach (var column in kept.Columns.Where(c => c.IsPersonal && !may.ContainsKey($"{kept.Name}.{c.Name}")))
            {
                foreach (var swapped in table.Swapped(column.Name))
                {
                    await rows.WriteAsync(swapped);
                    var after = await ReadAsync(service, pages);
                    moved.UnionWith(pages.Zip(before.Zip(after)).Where(p => p.Second.First != p.Second.Second).Select(p => $"{kept.Name}.{column.Name} moves {p.First.Path} of a {p.First.Role}"));
                }

                await rows.WriteAsync(table);
            }
        }

        Assert.Equal(before, await ReadAsync(service, pages));
        Assert.True(moved.Count == 0, $"What is known of a person moves what officers see of all:\n{string.Join("\n", moved)}");
    }

    /// <summary>Every page of officers that nobody asks for one person on, for every role that may open it.</summary>
    static async Task<IReadOnlyList<(string Path, string Role, Visitor Officer)>> OpenAsync(TestService service)
    {
        var pages = new List<(string, string, Visitor)>();
        var officers = new Dictionary<StaffRole, Visitor>();
        foreach (var route in (await Routes.AllAsync(service)).Where(r => r.Method == "GET" && !r.HasParameter && r.Handler is null && r.Pattern.StartsWith("/staff", StringComparison.Ordinal)))
        {
            foreach (var role in route.Rule!.Roles)
            {
                if (!officers.TryGetValue(role, out var officer)) officers[role] = officer = Visitor.Officer(service, (await service.StaffAsync(role)).Cookie);
                pages.Add((route.Pattern, role.Name(), officer));
            }
        }

        Assert.Contains(pages, p => p.Item1 == "/staff/cases");
        Assert.Contains(pages, p => p.Item1 == "/staff/audit");
        return pages;
    }

    static async Task<IReadOnlyList<string>> ReadAsync(TestService service, IReadOnlyList<(string Path, string Role, Visitor Officer)> pages)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var names = (await connection.QueryAsync<(string Number, long Worker)>("select act_number, worker_id from case_file")).Select(c => (c.Number, Name: $"CASE{c.Worker:D4}")).ToList();
        var (entries, _) = await service.Services.GetRequiredService<ToBeReached>().ReadAsync(service.Core.Rules.DefaultOffice.Code.Value, 1);
        names.AddRange(entries.Select(e => (e.Number, $"ENTRY{e.WorkerId:D4}")));
        var read = new List<string>();
        foreach (var (path, role, officer) in pages)
        {
            await officer.GetAsync(path);
            // Numbers are random: each stands here as whose it is.
            read.Add(Token().Replace(names.Aggregate($"{path} of a {role}: {officer.Html}", (html, n) => html.Replace(n.Number, n.Name, StringComparison.Ordinal)), ""));
        }

        return read;
    }

    [GeneratedRegex("CASE[0-9]{4}", RegexOptions.None, 5000)]
    private static partial Regex Case();

    [GeneratedRegex("ENTRY[0-9]{4}", RegexOptions.None, 5000)]
    private static partial Regex Entry();

    [GeneratedRegex("(?<=name=\"(?:__RequestVerificationToken|Key)\"[^>]* value=\")[^\"]+", RegexOptions.None, 5000)]
    private static partial Regex Token();
}
