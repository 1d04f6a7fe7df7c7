using System.CommandLine;
using System.Net;
using Dapper;
using Manzil.Rules;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Access;

/// <summary>privacy.md 7: one exact number finds at most one person, and nothing else finds anybody; at the pages and on the command line.</summary>
public class ExactNumberTests
{
    [Theory, EachDatabase]
    public async Task Search_PartsWildcardsListsAndOtherTraitsOfSomebody_FindNobody(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var worker = story.Worker.Worker;
        var other = await SignedInWorker.NewAsync(story.Service);
        await other.GiveAsync("""{"kind":"registration"}""");
        // Found as they are, and so something would be found.
        var receipt = (await story.Worker.GiveAsync("""{"kind":"confirmation"}""")).Number;
        string[] numbers = [worker.CardNumber, worker.Document.Number, receipt];
        string[] traits = ["Aziz Rahimov 1", "Rahimov", "+70000000001", "70000000001", "Tverskoy", "Long Street", "1990-05-17", "17.05.1990", "UZB", "", "%", "*", "_", "?", "' or 1=1 --", "or 1=1", $"{worker.Id}", "000000", "1234567"];
        foreach (var (role, page) in ((StaffRole, string)[])[(StaffRole.Caseworker, "/staff/search"), (StaffRole.Clerk, "/staff/desk/serve")])
        {
            var officer = await story.OfficerAsync(role);
            await officer.Web.GetAsync(page);
            foreach (var search in new[] { "receipt", "card", "document" }.Where(k => officer.Web.Html.Contains($"value=\"{k}\"", StringComparison.Ordinal)).ToList())
            {
                var own = search switch { "receipt" => receipt, "card" => worker.CardNumber, _ => worker.Document.Number };
                var another = search switch { "receipt" => "0000-00000-00000", "card" => other.Worker.CardNumber, _ => other.Worker.Document.Number };
                IEnumerable<string> wrong =
                [
                    .. traits, .. numbers.Where(n => n != own),
                    .. Enumerable.Range(1, own.Length - 1).SelectMany(n => new[] { own[..n], own[n..] }),
                    .. Enumerable.Range(0, own.Length).SelectMany(n => new[] { own[..n] + "%" + own[(n + 1)..], own[..n] + "_" + own[(n + 1)..], own[..n] + "?" + own[(n + 1)..], own[..n] + "*" }),
                    $"{own},{another}", $"{own} {another}", $"{own};{another}", $"{own}\n{another}", $"{own}|{another}", $"{own}-{another}", $"{own} or {another}", own + "0", "0" + own,
                ];
                foreach (var typed in wrong.Distinct())
                {
                    Assert.True(await FindsAsync(story, officer, page, search, typed) is null, $"{page} {search} '{typed}' finds somebody");
                }

                Assert.True(await FindsAsync(story, officer, page, search, own) == worker.Id, $"{page} {search} {own} does not find whose it is: {officer.Web.Text}");
            }
        }
    }

    /// <returns>Who was found, by the one look that it left; null for nobody.</returns>
    static async Task<long?> FindsAsync(DeskStory story, Cases.Desk.Officer officer, string page, string kind, string typed)
    {
        await story.ExecuteAsync("delete from staff_search");
        await using var connection = await story.Service.Core.Database.OpenAsync();
        var newest = await connection.ExecuteScalarAsync<long>("select coalesce(max(id), 0) from look");
        await officer.Web.GetAsync(page);
        await officer.Web.PostAsync(("Kind", kind), ("Exact", typed), ("Reason", "Came in person."));
        var found = (await connection.QueryAsync<long>("select distinct worker_id from look where id > @newest", new { newest })).ToList();
        // What the page repeats of what was typed is no answer.
        var shown = typed.Length > 2 ? officer.Web.Html.Replace(WebUtility.HtmlEncode(typed), "", StringComparison.Ordinal) : officer.Web.Html;
        if (found.Count == 0) Assert.DoesNotContain("Aziz Rahimov", shown, StringComparison.Ordinal);
        return found.Count == 0 ? null : Assert.Single(found);
    }

    // Of another thing than a number nobody is asked for: a further field of these forms is looked at here.
    [Fact]
    public async Task Search_Forms_AskForOneNumberAndAReason()
    {
        await using var story = await DeskStory.NewAsync(DatabaseKind.Sqlite);
        foreach (var (role, page) in ((StaffRole, string)[])[(StaffRole.Caseworker, "/staff/search"), (StaffRole.Clerk, "/staff/desk/serve")])
        {
            var officer = await story.OfficerAsync(role);
            await officer.Web.GetAsync(page);
            Assert.Equal(["Exact", "Kind", "Reason"], officer.Web.Form().Keys.Where(k => k[0] != '_').Order(StringComparer.Ordinal));
        }
    }

    /// <summary>Each command with what it may be told, and of whom it says something. None lists, searches or exports people.</summary>
    static readonly Dictionary<string, string> commands = new(StringComparer.Ordinal)
    {
        ["serve --demo --urls --data --database --rules --public-url --instead-of --trusted-proxy --messages"] = "nobody",
        ["worker enrol --card --name --document --office --language --phone --email --data --database --rules --public-url"] = "whoever is enrolled: what was typed, and their code",
        ["worker code --card --document --new-card --end-sessions --office --data --database --rules --public-url"] = "one worker, by a whole number: their code",
        ["staff invite NAME --number --role --office --language --data --database --rules --public-url"] = "one officer",
        ["staff dismiss --number --last --data --database --rules --public-url"] = "one officer",
        ["staff role --number --role --data --database --rules --public-url"] = "one officer",
        ["staff list --data --database --rules --public-url"] = "officers",
        ["receipt verify FILE-OR-TEXT --proof --record --document --keys"] = "whoever holds the receipt, of what they handed in",
        ["log audit URL-OR-DIR --keys --state"] = "nobody",
        ["log reopen --data --database --rules --public-url"] = "nobody",
        ["database prepare --database --role --movable-clock"] = "nobody",
        ["privacy inventory --data --database --rules"] = "nobody: columns, and no rows",
        ["calendar add DATE WORKING-DAYS --rules --calendar"] = "nobody",
        ["calendar show YEAR --rules --calendar"] = "nobody",
        ["outage record FROM TO --reason --data --database --rules --public-url"] = "nobody",
        ["simulate --people --days --seed --silent --officers --rules --database --svg"] = "invented people, counted",
        ["help COMMAND"] = "nobody",
    };

    [Fact]
    public void Commands_Everyone_IsOnTheListOfWhatTheyShowOfPeople()
    {
        var (listed, there) = (commands.Keys.ToList(), Leaves(Program.Commands(), "").ToList());
        Assert.True(listed.ToHashSet().SetEquals(there), $"not on the list: {string.Join("; ", there.Except(listed))}\nonly on the list: {string.Join("; ", listed.Except(there))}");
    }

    static IEnumerable<string> Leaves(Command command, string path)
    {
        foreach (var sub in command.Subcommands)
        {
            foreach (var leaf in Leaves(sub, $"{path} {sub.Name}".Trim())) yield return leaf;
        }

        if (command.Subcommands.Count == 0)
            yield return string.Join(' ', [path, .. command.Arguments.Select(a => a.Name), .. command.Options.Where(o => o.Name is not ("--help" or "--version")).Select(o => o.Name)]);
    }
}
